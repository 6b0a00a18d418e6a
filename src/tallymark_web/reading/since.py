"""What changed: totals since the assessment before, figures over a year; as the engine's tables have it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from pathlib import Path

from tallymark.model.text import Text
from tallymark.publish.changes import changes
from tallymark.publish.numbers import absent
from tallymark.rehearsing import Moved, moved, stored
from tallymark.store.runs import Run, open_run
from tallymark_web.declared.trying import Shift, shifts
from tallymark_web.reading.runs import Reading
from tallymark_web.workplace import runs

LEAST = 0.05
"""Points below which a change does not show at one decimal."""
SAME = ("contract", "mode")
"""What two assessments have in common that are compared."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A figure a year ago and now, as pages write it. `chance`: it has an interval, and the year before lies within."""

    indicator: str
    title: Text
    before: str
    now: str
    better: bool
    chance: bool


def run_before(run: Run) -> Run | None:
    """The run of the same contract and mode that was made before a run; None when there is none."""
    earlier = takewhile(lambda other: other.id != run.id, runs())
    same = [other for other in earlier if all(other.manifest[key] == run.manifest[key] for key in SAME)]
    return same[-1] if same else None


def changed_totals(reading: Reading, units: Collection[str]) -> list[Shift]:
    """The units whose totals are others than in the assessment before, those that moved most first."""
    before = run_before(reading.run)
    if before is None or reading.facts.contract is None:
        return []
    rows = shifts(reading.facts.programme, _moved(before.path, reading.run.path, reading.facts.contract.code))
    return [row for row in rows if row.unit in units and (row.by is None or abs(row.by) >= LEAST)]


@lru_cache(maxsize=4)
def _moved(before: Path, now: Path, contract: str) -> tuple[Moved, ...]:
    return tuple(moved(stored(open_run(before), contract), stored(open_run(now), contract)))


def changed_figures(reading: Reading, unit: str) -> list[Changed]:
    """The figures of a unit that are others than a year before, the largest relative change first."""
    edition = reading.edition()
    return [
        Changed(
            one.indicator.name,
            one.indicator.title,
            edition.value(one.indicator, one.figure.last_year),
            edition.value(one.indicator, one.figure.value),
            one.better,
            not absent(one.figure.low) and not one.sure,
        )
        for one in changes(edition, unit)
    ]
