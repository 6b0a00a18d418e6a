"""The faults of the simulated county's files, end to end: files are received and assessed, and findings looked up.

Run: python -m bench.verification_county [SEED …] — a minute and a half a seed; prints the table of docs/verification.md.
A fault counts as found when a finding of the receipt or of the run names its unit (or a list that holds it) and its period.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import tallymark as tm
from tallymark.simulate import simulate_county
from tallymark.simulate.faults import Fault

ROOT = Path(__file__).parent.parent
CONTRACT, FIRST, LAST = "demo-2025", "2024-10", "2025-09"
RECEIPT = ("typo", "words_for_number", "duplicate", "slipped_corrected", "zeros_corrected", "late")
"""Kinds that are met when files are received: they leave a finding of the receipt, a correction, or a date; not counted."""
Told = tuple[str, set[str], set[str], str]
"""Code, units, periods, item."""


def told_of(seed: int, *, faults: bool) -> tuple[list[Fault], list[Told]]:
    """The year's faults, and what was told of it."""
    with tempfile.TemporaryDirectory() as folder:
        truth = simulate_county(Path(folder) / "sent", seed=seed, faults=faults)
        programme, store = tm.load(ROOT / "programmes" / "demo"), tm.open_store(Path(folder) / "store")
        for delivery in truth.deliveries:
            at = delivery.received_at.replace(tzinfo=dt.UTC)
            tm.receive(programme, store, delivery.source, truth.out / delivery.file, received_at=at)
        run = tm.assess(programme, store, contract=CONTRACT, made_at=dt.datetime(2025, 12, 1, tzinfo=dt.UTC))
        rows = run.table("findings").to_pylist()
        found = [_told(row) for row in rows if not row["waived"]]
        year = [
            fault for fault in truth.faults if FIRST <= fault.period <= LAST and fault.kind not in RECEIPT
        ]
        return year, found


def _told(row: dict[str, object]) -> Told:
    evidence = json.loads(str(row["evidence"] or "{}"))
    evidence = evidence if isinstance(evidence, dict) else {}
    units = {str(row["unit"])} | set(evidence.get("units", ()))
    periods = {str(row["period"])} | set(evidence.get("periods", ()))
    return str(row["code"]), units, periods, str(row["item"] or "")


def found(fault: Fault, told: list[Told]) -> bool:
    """Whether something told points at it."""
    return any(
        (fault.unit in units and (fault.period in periods or code.startswith("receive."))
        and item in ("", fault.item)) or (fault.kind == "inflation" and code == "verify.above_target" and fault.unit in units)
        for code, units, periods, item in told
    )  # fmt: skip


def lines(seeds: list[int]) -> Iterator[str]:
    """The table."""
    tallies: dict[str, list[bool]] = defaultdict(list)
    alarms: dict[str, int] = defaultdict(int)
    for seed in seeds:
        faults, told = told_of(seed, faults=True)
        for fault in faults:
            tallies[fault.kind].append(found(fault, told))
        _, quiet = told_of(seed, faults=False)
        for code, *_ in quiet:
            alarms[code] += 1
    yield "| fault in files | planted | found |"
    yield "|---|---:|---:|"
    for kind, hit in sorted(tallies.items()):
        yield f"| {kind.replace('_', ' ')} | {len(hit)} | {sum(hit) / len(hit):.0%} |"
    yield ""
    yield "Findings about an honest county: " + ", ".join(f"{code} {n}" for code, n in sorted(alarms.items()))


if __name__ == "__main__":
    print("\n".join(lines([int(word) for word in sys.argv[1:]] or [201, 202])))
