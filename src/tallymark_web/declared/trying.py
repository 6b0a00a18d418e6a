"""What a changed contract would have made of figures that are known, as one types: the engine's scoring, nothing else."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from django.conf import settings

from tallymark.model.periods import Period
from tallymark.programme.resolved import Programme
from tallymark.programme.rewriting import Edit
from tallymark.rehearsing import Figures, Moved, Standing, figures_of, moved, standings
from tallymark.store.runs import Run, open_run
from tallymark_web.declared.fields import CONTRACTS
from tallymark_web.words import language
from tallymark_web.workplace import newest_run

SAID_ONLY = frozenset(
    {"title", "description", "benchmark", "source", "legal_reference", "decimals", "unit", "direction"}
)
"""What of an indicator can change while its figures stay the same."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A unit under the old and the new contract, as the page shows it."""

    unit: str
    name: str
    before: Standing
    after: Standing

    @property
    def by(self) -> float | None:
        """Points more, or less."""
        if self.before.total is None or self.after.total is None:
            return None
        return self.after.total - self.before.total

    @property
    def places(self) -> int | None:
        """Places up (more than 0) or down."""
        if self.before.rank is None or self.after.rank is None:
            return None
        return round(self.before.rank - self.after.rank)

    @property
    def far(self) -> int:
        """By how many places it moves, either way."""
        return abs(self.places or 0)


@dataclass(frozen=True, slots=True)
class Trial:
    """The outcome of trying: on which period's figures of which run."""

    period: str
    run: str
    shifts: tuple[Shift, ...]

    @property
    def moving(self) -> int:
        """How many units have another total."""
        return sum(shift.by is None or abs(shift.by) > 5e-7 for shift in self.shifts)


def same_figures(edits: list[Edit]) -> bool:
    """Whether the edits leave every figure as it is, so that only scoring has to be done again."""
    return all(
        edit.path[0] == CONTRACTS or (len(edit.path) > 2 and edit.path[2] in SAID_ONLY) for edit in edits
    )


def periods_of(programme: Programme, contract: str) -> list[Period]:
    """Last year, then the contract's own period."""
    own = programme.contracts[contract].period
    return [programme.calendar.last_year(own), own]


def periods_known(programme: Programme, contract: str) -> list[str]:
    """Of those the ones for which the newest run knows figures."""
    run = newest_run()
    if run is None:
        return []
    return [span.code for span in periods_of(programme, contract) if kept_figures(run, span).known]


def try_contract(before: Programme, after: Programme, contract: str, period: str = "") -> Trial | None:
    """Both contracts on last year's figures (or this period's); None where nothing was measured.

    The figures are the newest run's: both contracts are put on the same.
    """
    run = newest_run()
    if run is None or contract not in before.contracts or contract not in after.contracts:
        return None
    for span in periods_of(before, contract):
        if period and span.code != period:
            continue
        figures = kept_figures(run, span)
        if figures.known:
            old = standings(before, before.contracts[contract], figures)
            new = standings(after, after.contracts[contract], figures)
            return Trial(span.code, run.id, tuple(shifts(before, moved(old, new))))
    return None


def shifts(programme: Programme, rows: Sequence[Moved]) -> list[Shift]:
    """Rows with the units' names, in the reader's language."""
    units = programme.units
    found = []
    for row in rows:
        at = units.index.get(row.unit)
        name = units.names[at][language()] if at is not None else row.unit
        found.append(Shift(row.unit, name, row.before, row.after))
    return found


def kept_figures(run: Run, period: Period) -> Figures:
    """A run's figures for a period, kept beside the database because the run's tables are large."""
    return _kept(run.path, str(run.manifest["made_at"]), period)


@lru_cache(maxsize=2)
def _kept(path: Path, made_at: str, period: Period) -> Figures:
    run = open_run(path)
    folder: Path = settings.INSTALLATION.web / "runs"
    places: dict[str, Path] = {}
    for table in ("indicators", "measures"):
        digest = str(run.manifest["tables"][table]["sha256"])[:24]
        places[table] = folder / f"trying-{table}-{digest}-{period.code}.parquet"
    if not all(place.is_file() for place in places.values()):
        found = figures_of(run, period)
        folder.mkdir(parents=True, exist_ok=True)
        for table, place in places.items():
            fresh = place.with_suffix(f".{os.getpid()}")
            pq.write_table(getattr(found, table), fresh)
            fresh.replace(place)
        return found
    return Figures(period, pq.read_table(places["indicators"]), pq.read_table(places["measures"]))


def from_rows(programme: Programme, period: str, run: str, rows: list[dict[str, Any]]) -> Trial:
    """A trial that was kept."""
    old = {row["unit"]: Standing(*row["before"]) for row in rows}
    new = {row["unit"]: Standing(*row["after"]) for row in rows}
    return Trial(period, run, tuple(shifts(programme, moved(old, new))))
