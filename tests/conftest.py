"""Order: what takes long starts first, so that no worker is left with it at the end (run with --no-loadscope-reorder)."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
