"""Order: what takes long starts first, so that no worker is left alone with it (`make test` keeps this order)."""

from __future__ import annotations

import pytest

LONG = (
    "test_postgresql", "test_killed", "test_days", "test_every_page", "test_engines", "test_spark", "test_link_spark",
    "test_line", "test_linked_births", "test_partials_twin", "test_releases_apart", "test_demo_small",
)  # fmt: skip
"""Modules that take more than half a minute, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {name: at for at, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path.stem, len(LONG)))
