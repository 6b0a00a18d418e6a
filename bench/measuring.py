"""Counting the same events in different ways, each alone in a process, their answers compared."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from typing import Any

EVENTS, PANDAS_EVENTS = 50_000_000, 5_000_000
WHAT = {
    "scan": "bare scan of the same columns",
    "tallymark": "**Tallymark** (the compiled plan)",
    "hand_case": "DuckDB by hand, one pass, `COUNT(CASE …)`",
    "hand_filter": "DuckDB by hand, one pass, `FILTER`",
    "closure": "closure join on DuckDB: every event to every ancestor, as DHIS2 asks for it",
    "closure_pushed": "the same query, which DuckDB 2 turns into a count at the leaves by itself",
    "polars": "Polars",
    "pandas": f"pandas (on {PANDAS_EVENTS // 1_000_000} million, × {EVENTS // PANDAS_EVENTS})",
}


def run(events: int = EVENTS, ways: list[str] | None = None) -> list[dict[str, Any]]:
    """Rows of the results table: CPU and wall seconds, peak memory, CPU as a ratio to Tallymark's, same answers or not."""
    rows, found = [], {}
    with tempfile.TemporaryDirectory() as folder:
        for way in ways or list(WHAT):
            number = min(events, PANDAS_EVENTS) if way == "pandas" else events
            command = [sys.executable, "-m", "bench.contestants", way, folder, str(number)]
            subprocess.run(
                [*command[:3], "scan", folder, str(number)], capture_output=True, check=False
            )  # makes the data
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                rows.append(
                    {"way": way, "failed": (done.stderr.strip().splitlines() or ["killed"])[-1][:120]}
                )
                continue
            told = json.loads(done.stdout.splitlines()[-1])
            scale = events / number
            rows.append(
                {
                    "way": way,
                    "cpu": told["cpu"] * scale,
                    "wall": told["wall"] * scale,
                    "peak_mb": told["peak_mb"],
                }
            )
            if way not in ("scan", "pandas"):
                found[way] = told["found"]
            print(rows[-1], file=sys.stderr, flush=True)
    ours = next((row["cpu"] for row in rows if row["way"] == "tallymark" and "cpu" in row), None)
    for row in rows:
        if "cpu" in row and ours:
            row["ratio"] = row["cpu"] / ours
        row["same"] = found.get(row["way"]) == found.get("tallymark") if row["way"] in found else None
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
        same = {True: "yes", False: "**no**", None: "–"}[row["same"]]
        lines.append(
            f"| {WHAT[row['way']]} | {row['cpu']:.1f} | {row.get('ratio', 0):.2f} | {row['wall']:.1f} "
            f"| {row['peak_mb']:,.0f} | {same} |"
        )
    return lines
