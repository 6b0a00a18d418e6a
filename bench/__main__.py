"""`python -m bench [--events N]`: every benchmark, one after the other, written to bench/RESULTS.md; `incremental` and
`postgresql` alone their sections there, `growth` alone docs/growth.md."""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import (
    analytics_tables,
    growth,
    incremental,
    linkage,
    measuring,
    population,
    statistics,
    web_report,
)

RESULTS = Path(__file__).parent / "RESULTS.md"
ROOT = RESULTS.parent.parent
CORES = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=measuring.EVENTS)
    parser.add_argument("part", nargs="?", choices=["growth", "incremental", "postgresql"], help="only this")
    chosen = parser.parse_args()
    if chosen.part == "growth":
        growth.main()
        return
    if chosen.part == "incremental":
        incremental.main()
        return
    if chosen.part == "postgresql":
        analytics_tables.main()
        return
    lines = [
        "# Results", "",
        f"Written by `python -m bench` on {platform.machine()}, 2 cores, Python {platform.python_version()}, everything in one run. "
        "Compare rows with each other; seconds are of this machine.", "", loaded(), "",
        f"## Measuring: {chosen.events:,} events, 40 conditional counts, 44,321 units on 5 levels, 24 months, quarters, years, by sex", "",
        *measuring.table(measuring.run(chosen.events, times=3)), "",
        "Each way runs alone in a fresh process, three times, the one with the least CPU counting; CPU is user + system, imports left out of none. All but the scan and pandas "
        "compute every unit, month, quarter and year, in total and by sex, and their sums are compared.", "",
        *analytics_tables.section(), "",
        *incremental.section(), "",
        "## Scoring, contract equations, lint, start", "",
        "| what | seconds (CPU) | aim | met |", "|---|---:|---|---|",
        *small(), "",
        "## Statistics", "",
        *statistics.table(in_process("import json; from bench.statistics import run; print(json.dumps(run()))")), "",
        *population.section(), "",
        *linkage.kept(), "",
        *web_report.section(),
    ]  # fmt: skip
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(RESULTS.read_text(encoding="utf-8"))


def small() -> list[str]:
    """Rows of the quick benchmarks, each in a process of its own."""
    rows = []
    for module in ("scoring", "equations"):
        for row in in_process(f"import json; from bench.{module} import run; print(json.dumps(run()))"):
            seconds = row.get("seconds", row.get("cpu_seconds"))
            rows.append(
                f"| {row['what']} | {seconds} ({row.get('cpu_seconds')}) | {row['aim']} | {yes(row['met'])} |"
            )
    with tempfile.TemporaryDirectory() as folder:
        in_process(
            f"from pathlib import Path; from bench.lint import write_programme; write_programme(Path({folder!r})); print('[]')"
        )
        wall, cpu = timed(["lint", folder])
        rows.append(
            f"| `tallymark lint`, 500 indicators, whole process | {wall:.2f} ({cpu:.2f}) | under 1 s | {yes(met(wall, cpu, 1))} |"
        )
    wall, cpu = timed(["--help"])
    rows.append(
        f"| `tallymark --help`, whole process | {wall:.2f} ({cpu:.2f}) | under 0.3 s | {yes(met(wall, cpu, 0.3))} |"
    )
    return rows


def loaded() -> str:
    """What else the machine does, in a sentence."""
    load = os.getloadavg()[2]
    if load <= CORES:
        return f"Load before the run: {load:.1f} on {CORES} cores."
    return (
        f"Load before the run: {load:.1f} on {CORES} cores, from other work: wall seconds are several times those of an idle machine, "
        "caches are shared, and the aims of commands are judged by CPU seconds."
    )


def met(wall: float, cpu: float, aim: float) -> bool:
    """Whether a command was quick enough: by wall seconds, or by CPU seconds where other work has the machine."""
    return (wall if os.getloadavg()[2] <= CORES else cpu) < aim


def in_process(code: str) -> list[dict[str, Any]]:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return found


def timed(arguments: list[str], times: int = 5) -> tuple[float, float]:
    """Least wall and CPU seconds of a command over a few runs."""
    found = []
    for _ in range(times):
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(
            [str(Path(sys.executable).parent / "tallymark"), *arguments], capture_output=True, check=False
        )
        wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        found.append((wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
    return min(found)


def yes(met: bool) -> str:
    return "yes" if met else "**no**"


if __name__ == "__main__":
    main()
