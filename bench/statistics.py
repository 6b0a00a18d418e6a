"""Statistical kernels timed beside their aims. Run: python -m bench.statistics

To add rows: write a module beside this one (bench/statistics_<what>.py) with functions marked `@case(…)`, and name the
module in MODULES. A case prepares its data and returns a function without arguments, which alone is timed:

    from bench.statistics import Case, case

    @case("rank sets of 7,000 units", under=1.0)
    def rank_sets_of_many() -> Case:
        estimate, se = ...
        return lambda: rank_sets(estimate, se)
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

MODULES = ("bench.statistics_intervals", "bench.statistics_quality", "bench.statistics_ranks")
"""Modules whose cases are run, in this order."""
RUNS = 5
Case = Callable[[], object]
CASES: list[tuple[str, float, str, Callable[[], Case]]] = []


def case(what: str, *, under: float, beside: str = "") -> Callable[[Callable[[], Case]], Callable[[], Case]]:
    """Registers a case: what is done, the most seconds it may take, and a peer's figure to show beside."""

    def register(prepare: Callable[[], Case]) -> Callable[[], Case]:
        CASES.append((what, under, beside, prepare))
        return prepare

    return register


def run() -> list[dict[str, Any]]:
    """Rows of the results table: least wall and CPU seconds of a few runs."""
    for module in MODULES:
        import_module(module)
    return [_row(*registered) for registered in CASES]


def _row(what: str, under: float, beside: str, prepare: Callable[[], Case]) -> dict[str, Any]:
    work = prepare()
    walls, cpus = [], []
    for _ in range(RUNS):
        started, used = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - started)
        cpus.append(time.process_time() - used)
    wall = min(walls)
    aim = f"under {under:g} s" + (f" ({beside})" if beside else "")
    return {
        "what": what,
        "seconds": float(f"{wall:.3g}"),
        "cpu_seconds": float(f"{min(cpus):.3g}"),
        "aim": aim,
        "met": wall < under,
    }


def table(rows: list[dict[str, Any]]) -> list[str]:
    """The results as Markdown."""
    lines = ["| what | seconds (CPU) | aim | met |", "|---|---:|---|---|"]
    for row in rows:
        met = "yes" if row["met"] else "**no**"
        lines.append(f"| {row['what']} | {row['seconds']} ({row['cpu_seconds']}) | {row['aim']} | {met} |")
    return lines


if __name__ == "__main__":
    # Cases register in the module under its own name, which is not this one when it is run as a script.
    print("\n".join(table(import_module("bench.statistics").run())))
