"""Counting the same events in different ways, each alone in a process, their answers compared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

EVENTS, PANDAS_EVENTS = 50_000_000, 5_000_000
FEWER = ("pandas", "spark")
"""Ways that are given fewer events: the one has not the memory, the other not the time."""
WHAT = {
    "scan": "bare scan of the same columns",
    "tallymark": "**Tallymark** (the compiled plan)",
    "hand_case": "DuckDB by hand, one pass, `COUNT(CASE …)`",
    "hand_filter": "DuckDB by hand, one pass, `FILTER`",
    "closure": "closure join on DuckDB: every event to every ancestor, in one query",
    "closure_pushed": "the same query, which DuckDB 2 turns into a count at the leaves by itself",
    "polars": "Polars",
    "spark": f"Tallymark's plan on Spark, local mode (on {PANDAS_EVENTS // 1_000_000} million, as measured: most of it is not the events)",
    "pandas": f"pandas (on {PANDAS_EVENTS // 1_000_000} million, × {EVENTS // PANDAS_EVENTS})",
}

SMALLER = {
    "ancestors": "DHIS2's way on DuckDB: ancestors and periods in every row, then 15 queries of 40 counts",
    "ancestors_each": "the same with a query a count, of which one count was asked",
}
"""Ways that are only compared at fewer events (`bench.engines`)."""

SMALL = 600_000
"""Events of the run before, which leaves compiled what an installation has compiled."""


def run(events: int = EVENTS, ways: list[str] | None = None, *, times: int = 1) -> list[dict[str, Any]]:
    """Rows of the results table: CPU and wall seconds, peak memory, CPU as a ratio to Tallymark's, same answers or not.

    Of several times the one with the least CPU seconds counts, for every way.
    """
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for way in ways or list(WHAT):
            number = min(events, PANDAS_EVENTS) if way in FEWER else events
            told = once(folder, way, SMALL)
            for _ in range(1 if way in FEWER else times):
                found = once(folder, way, number)
                if "cpu" in found:
                    told = found if told["events"] == SMALL else min(told, found, key=lambda one: one["cpu"])
            rows.append(_row(way, told, events))
            print(
                {key: value for key, value in rows[-1].items() if key != "found"}, file=sys.stderr, flush=True
            )
    return _compared(rows)


def once(folder: str, way: str, number: int) -> dict[str, Any]:
    """One way alone in a process, with modules and loops compiled by an earlier one."""
    own = {"PYTHONPYCACHEPREFIX": f"{folder}/compiled"}
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | own
    if not Path(folder, f"events-{number}.json").exists():
        command = [sys.executable, "-m", "bench.events", folder, str(number)]
        subprocess.run(command, check=True, env=env)
    command = [sys.executable, "-m", "bench.contestants", way, folder, str(number)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    if done.returncode:
        return {"events": number, "failed": (done.stderr.strip().splitlines() or ["killed"])[-1][:120]}
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told | {"events": number}


def _row(way: str, told: dict[str, Any], events: int) -> dict[str, Any]:
    if "failed" in told:
        return {"way": way, "failed": told["failed"]}
    scale = 1 if way == "spark" else events / told["events"]
    return {"way": way, "cpu": told["cpu"] * scale, "wall": told["wall"] * scale, "peak_mb": told["peak_mb"],
            "found": None if way in ("scan", *FEWER) else told["found"]}  # fmt: skip


def _compared(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with their ratio to Tallymark's, and whether they found the same."""
    ours = next((row for row in rows if row["way"] == "tallymark" and "cpu" in row), None)
    for row in rows:
        if "cpu" in row and ours:
            row["ratio"] = row["cpu"] / ours["cpu"]
            row["same"] = None if row["found"] is None else row["found"] == ours["found"]
    return rows


def table(rows: list[dict[str, Any]]) -> list[str]:
    """The results as Markdown."""
    lines = [
        "| way | CPU s | × Tallymark | wall s | peak MB | same counts |",
        "|---|---:|---:|---:|---:|---|",
    ]
    for row in rows:
        if "failed" in row:
            lines.append(f"| {WHAT[row['way']]} | failed: {row['failed']} | | | | |")
            continue
        same = {True: "yes", False: "**no**", None: "–"}[row.get("same")]
        lines.append(
            f"| {WHAT[row['way']]} | {row['cpu']:.1f} | {row.get('ratio', 0):.2f} | {row['wall']:.1f} "
            f"| {row['peak_mb']:,.0f} | {same} |"
        )
    return lines
