"""What `bench.web_load` found, as a page (docs/web/load.md) and as a section of bench/RESULTS.md; both write nothing else."""

from __future__ import annotations

import json
import platform
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS, PAGE, KEPT = ROOT / "bench/RESULTS.md", ROOT / "docs/web/load.md", ROOT / "bench/web_load.json"
HEADING = "## Web app: clerks and readers at once"


def write(found: dict[str, Any]) -> None:
    """Keeps the result beside that of the other database, and writes both places from what is kept."""
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.is_file() else {}
    kept[found["database"]] = found
    KEPT.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    PAGE.write_text("\n".join(page(kept)) + "\n", encoding="utf-8")
    text = RESULTS.read_text(encoding="utf-8")
    others = re.sub(rf"{re.escape(HEADING)}.*?(?=^## |\Z)", "", text, flags=re.DOTALL | re.MULTILINE).rstrip()
    RESULTS.write_text("\n".join([others, "", *section()]) + "\n", encoding="utf-8")


def section() -> list[str]:
    """The section of bench/RESULTS.md, from the last runs that were kept; empty before the first."""
    if not KEPT.is_file():
        return []
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    lines = [
        HEADING,
        "",
        "By `python -m bench.web_load`; every kind of request and how it was done: docs/web/load.md.",
        "",
    ]
    lines += [
        "| database | clerks, readers | requests a second | reports sent a second | p50, p95, p99 of all, ms | errors | lost, doubled or changed |",
        "|---|---|---:|---:|---|---:|---:|",
    ]
    for name in sorted(kept):
        found = kept[name]
        every = found["all"]
        lines.append(
            f"| {name} | {found['clerks']}, {found['readers']} | {every['n'] / found['seconds']:.1f} | "
            f"{found['found']['acknowledged'] / found['seconds']:.1f} | {milliseconds(every)} | {found['errors']} | {wrong(found)} |"
        )
    return lines


def page(kept: dict[str, Any]) -> list[str]:
    """The page."""
    lines = [
        "# Clerks and readers at once", "",
        f"Written by `python -m bench.web_load` on {platform.machine()}, 2 cores, Python {platform.python_version()}. Server, worker, database and the load itself share the two cores.", "",
        "Everybody has an account and signs in by the form. Then each **clerk** opens the monthly sheet of a village of the demo county, saves three drafts (each checked by the programme's rules), sends the "
        "report, and goes on with another month; one report in ten is sent twice with its key, as after a lost connection. Each **reader** opens first page, scorecard, a unit, calendar, findings, trends and an explained "
        "figure in a shuffled order. Between two requests everybody waits 2 to 6 seconds. Real HTTP on the loopback address with sessions and CSRF; the app as `deploy/tallymark.service` starts it (Granian, 2 processes, "
        "worker beside); PostgreSQL with its own settings, every commit on disk. Static files, which browsers keep, are not asked for.", "",
        "Afterwards a reviewer accepts everything, the worker delivers it, and each acknowledged report is looked for: there once, with the values, person and number that were answered, one step, one entry in the audit log, the chain whole, and the "
        "last version of each report in the store.", "",
    ]  # fmt: skip
    for name in sorted(kept):
        lines += one(name, kept[name])
    return lines


def one(name: str, found: dict[str, Any]) -> list[str]:
    """A database's part."""
    there = found["found"]
    kinds = [kind for kind in found["kinds"] if kind != "sign in"]
    signing = found["kinds"]["sign in"]
    return [
        f"## {name}: {found['clerks']} clerks, {found['readers']} readers, {found['seconds']:.0f} s", "",
        "| request | number | p50 ms | p95 ms | p99 ms |", "|---|---:|---:|---:|---:|",
        *(f"| {kind} | {found['kinds'][kind]['n']:,} | {milliseconds(found['kinds'][kind], ' | ')} |" for kind in kinds),
        f"| **all** | {found['all']['n']:,} | {milliseconds(found['all'], ' | ')} |", "",
        f"{found['all']['n'] / found['seconds']:.1f} requests and {there['acknowledged'] / found['seconds']:.1f} reports a second; {found['errors']} errors. "
        f"{crowded(found)}The app used {found['server']:.2f} cores, the load {found['own']:.2f}. The load average of the machine was {found['load']:.1f} at the end.", "",
        f"Before that, {signing['n']} people signed in, eight at a time, in {found['signing']:.0f} s (p50 {signing['p50'] * 1000:,.0f} ms, p95 {signing['p95'] * 1000:,.0f} ms): scrypt takes a fifth of a second of a core by intent.", "",
        f"Reports acknowledged: {there['acknowledged']:,}; unanswered: {there['unanswered']}; versions in the database: {there['versions']:,}; lost: {there['lost']}; "
        f"with other values: {there['other values']}; nobody's: {there[NOBODY]}; numbered with gaps: {there['numbers with gaps']}; steps missing or too many: {there['without one step']}, {there['steps too many']}; "
        f"not exactly once in the audit log: {there['not once in the log']}; audit log of {there['entries']:,} entries: {'broken' if there['log'] else 'whole'}; last versions that are not in the store: {there['not in the store']}.", "",
    ]  # fmt: skip


NOBODY = "nobody's"
COUNTS = (
    "lost",
    "other values",
    NOBODY,
    "numbers with gaps",
    "without one step",
    "steps too many",
    "not once in the log",
    "not in the store",
)


def crowded(found: dict[str, Any]) -> str:
    """A warning where people waited although the app did not even have one of the two cores."""
    if found["server"] > 1 or found["all"]["p95"] < 1:
        return ""
    return "**Other work had the machine**: these times are not those of an idle one; that nothing was lost holds all the same. "


def wrong(found: dict[str, Any]) -> int:
    """How much was found wrong afterwards."""
    return sum(abs(found["found"][name]) for name in COUNTS) + len(found["found"]["log"])


def milliseconds(times: dict[str, float], apart: str = ", ") -> str:
    """The percentiles."""
    return apart.join(f"{times[name] * 1000:,.0f}" for name in ("p50", "p95", "p99"))
