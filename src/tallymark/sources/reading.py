"""What is gathered while one delivery is read: problems, refused rows, counts, and the periods met."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from tallymark.model.periods import Period, month_number
from tallymark.programme.resolved import Programme
from tallymark.sources.cells import Verdicts
from tallymark.sources.grid import Bools, Chunk, Ints, letters
from tallymark.sources.plan import Plan
from tallymark.sources.problems import Problems, Spot
from tallymark.sources.verdicts import PROBLEMS, REFUSES, Verdict
from tallymark.sources.whose import Names, names_of

if TYPE_CHECKING:
    from tallymark.sources.apart import Apart


@dataclass(slots=True)
class Tally:
    """Counts of one dataset while a file is read: rows of events, values of reports and stocks."""

    read: int = 0
    refused: int = 0
    blank: int = 0
    missing: int = 0
    ignored: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """Rows or cells that were not taken: where, why, as delivered, and how many values they stand for."""

    dataset: str
    place: pa.Array
    code: pa.Array
    raw: pa.StructArray
    values: Ints


class Spans:
    """The periods met in a file, by number, so that columns of them are integers."""

    def __init__(self) -> None:
        self.periods: list[Period] = []
        self._numbers: dict[str, int] = {}

    def number(self, period: Period) -> int:
        """The period's number, a new one when it is met first."""
        at = self._numbers.setdefault(period.code, len(self.periods))
        if at == len(self.periods):
            self.periods.append(period)
        return at

    def codes(self) -> pa.Array:
        """Codes by number."""
        return pa.array([period.code for period in self.periods], pa.string())

    def starts(self) -> Ints:
        """First days (since 1970-01-01) by number."""
        return _days([period.start for period in self.periods])

    def ends(self) -> Ints:
        """Last days by number."""
        return _days([period.end for period in self.periods])

    def months(self) -> Ints:
        """First months by number."""
        return np.array([month_number(period.start) for period in self.periods], np.int64)


@dataclass(slots=True)
class Reading:
    """One delivery being read."""

    programme: Programme
    received: dt.date
    problems: Problems
    spans: Spans = field(default_factory=Spans)
    tallies: dict[str, Tally] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    decimals: dict[tuple[int, int], str] = field(default_factory=dict)
    """Decimal mark of a table's column, once its texts have proved one."""
    apart: Apart | None = None
    """Where what identifies people goes; None when the source has nothing of the kind."""
    sheets: list[str] = field(default_factory=list)
    """Sheet of each of the source's tables."""
    _names: dict[tuple[str | None, tuple[str, ...], int], Names] = field(default_factory=dict)

    @property
    def key_made(self) -> Path | None:
        """Where a key was made for the vault in this delivery."""
        return None if self.apart is None else self.apart.vault.made_key

    def tally(self, dataset: str) -> Tally:
        """The dataset's counts."""
        return self.tallies.setdefault(dataset, Tally())

    def last_day(self, plan: Plan) -> int:
        """The day of receipt (days since 1970-01-01), as the table declares it or as it was."""
        return (plan.table.received or self.received).toordinal() - dt.date(1970, 1, 1).toordinal()

    def names(self, plan: Plan, level: str | None) -> Names:
        """The spellings of units at a level, made once."""
        key = (level, plan.match, plan.number)
        if key not in self._names:
            self._names[key] = names_of(
                self.programme.units, level=level, match=plan.match, aliases=plan.table.aliases
            )
        return self._names[key]

    def report(
        self, plan: Plan, at: int, chunk: Chunk, verdicts: Verdicts, *, among: Bools, item: str | None = None
    ) -> None:
        """Files every verdict of a column that has a finding, for the rows `among`."""
        if not verdicts.any():
            return
        counts = np.bincount(verdicts[among], minlength=1)
        for number in np.flatnonzero(counts).tolist():
            verdict = Verdict(number)
            if verdict in PROBLEMS:
                rows = np.flatnonzero(among & (verdicts == number))
                self.file(verdict, plan, at, chunk, rows, item=item)

    def file(
        self,
        verdict: Verdict,
        plan: Plan,
        at: int,
        chunk: Chunk,
        rows: np.ndarray,
        *,
        item: str | None = None,
        values: dict[str, object] | None = None,
    ) -> None:
        """Files a problem at some rows of a chunk, in column `at`."""
        spot = Spot(plan.sheet, at, plan.labels[at], plan.dataset.name, item, plan.lettered, plan.secrecy(at))
        texts = chunk.columns[at].text.take(pa.array(rows))
        if verdict in (Verdict.NOT_A_PERIOD, Verdict.OTHER_FREQUENCY):
            values = {"accepted": self._period_now(plan)}
        self.problems.add(verdict, spot, rows=chunk.rows[rows], texts=texts, values=values)

    def _period_now(self, plan: Plan) -> str:
        """The code of the period of receipt, as an example of how to write one."""
        calendar = self.programme.calendar
        return calendar.containing(self.received, plan.dataset.frequency or "month").code

    def refuse(self, plan: Plan, chunk: Chunk, codes: Verdicts, rows: np.ndarray, *, values: Ints) -> None:
        """Keeps whole rows as delivered, with the verdict that refused each and the values it stands for."""
        if not len(rows):
            return
        part = chunk.take(rows)
        place = pa.array([f"{plan.sheet}!{row}" if plan.sheet else str(row) for row in part.rows.tolist()])
        texts = [column.text.cast(pa.string()) for column in part.columns]
        labels = [*plan.labels, *(letters(at) for at in range(len(plan.labels), len(texts)))]
        self._keep(plan, place, codes[rows], texts, _unlike(labels[: len(texts)]), values=values)

    def refuse_cells(
        self, plan: Plan, chunk: Chunk, codes: Verdicts, rows: np.ndarray, *, place: pa.Array, at: int
    ) -> None:
        """Keeps single cells as delivered, with the cells that say whose and when they are."""
        if not len(rows):
            return
        keys = [plan.unit, *(plan.time.columns if plan.time else ()), *(c for c, _ in plan.columns), at]
        keys = list(dict.fromkeys(keys))
        texts = [chunk.columns[key].text.take(pa.array(rows)).cast(pa.string()) for key in keys]
        labels = _unlike([plan.labels[key] for key in keys])
        self._keep(plan, place, codes[rows], texts, labels, values=np.ones(len(rows), np.int64))

    def _keep(
        self,
        plan: Plan,
        place: pa.Array,
        codes: Verdicts,
        texts: list[pa.Array],
        labels: list[str],
        *,
        values: Ints,
    ) -> None:
        names = np.array(
            [PROBLEMS[Verdict(n)].code if Verdict(n) in PROBLEMS else "" for n in range(256) if _is(n)]
        )
        numbers = np.array([n for n in range(256) if _is(n)])
        code = pa.array(names[np.searchsorted(numbers, codes)])
        raw = pa.StructArray.from_arrays(texts, names=labels)
        self.refused.append(Refused(plan.dataset.name, place, code, raw, values))


def worst(current: Verdicts, verdicts: Verdicts) -> Verdicts:
    """For every row the first verdict that refused it."""
    refusing = (verdicts >= REFUSES) & (verdicts < Verdict.BELOW_MIN)
    return np.where((current == Verdict.OK) & refusing, verdicts, current)


def _is(number: int) -> bool:
    return number in Verdict._value2member_map_


def _unlike(labels: tuple[str, ...] | list[str]) -> list[str]:
    """Labels made unlike each other, so that they can be keys."""
    seen: dict[str, int] = {}
    out = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        out.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return out


def _days(days: list[dt.date]) -> Ints:
    return np.array([day.toordinal() for day in days], np.int64) - dt.date(1970, 1, 1).toordinal()
