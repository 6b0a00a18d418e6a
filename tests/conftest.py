"""Order: what takes long starts first, so that no worker is left alone with it (`make test` keeps this order); and what
starts Spark runs in one worker, so that one Java runtime is started and grows warm instead of three."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import pytest

SPARK = ("test_engines", "test_spark", "test_link_spark")
LONG = (
    "test_postgresql", *SPARK, "test_demo_small", "test_killed", "test_days", "test_every_page", "test_line",
    "test_countdown", "test_linked_births", "test_partials_twin", "test_releases_apart", "test_site", "test_incremental_run",
    "test_by_period_twin", "test_many", "test_people", "test_receive_killed", "test_measure_twin", "test_histogram_twin",
    "test_measure_laws", "test_tutorial", "test_forms", "test_crash", "test_access", "test_score_twin", "test_again",
)  # fmt: skip
"""Modules that take more than half a minute, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {name: at for at, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path.stem, len(LONG)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Where a file's tests stay together, so do the files that start Spark."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return "spark" if PurePath(file).stem in SPARK else file

    return Together(config, log)
