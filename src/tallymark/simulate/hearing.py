"""The hearing of the last year: what inspectors recount, what villages say to it, what they put right, what is ruled.

Inspectors draw villages in every town each quarter, go where a report was all zeros or a copy, and recount one town's
villages from the start of the year once its answers look better than they are. Recounts are the truth. Villages accept,
and put an honest error right in time; one contests; the last quarter's are not heard yet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from tallymark.model.periods import month_code, month_end
from tallymark.simulate.faults import Fault, Plan
from tallymark.simulate.files import Outbox, monthly_table
from tallymark.simulate.reports import Wide
from tallymark.simulate.world import World, quarter_code, statistical_year

RECOUNTED = ("queries_answered", "requests_answered", "folic_given", "households_reached")
DRAWN, WHOLE_YEAR = 2, 6
"""Villages drawn in each town and quarter; villages of the inflating town recounted from the start of the year."""
POINTED_AT = ("zeros", "copied")
"""Faults of which inspectors look at one in each quarter."""
FULL_ROUND = 2
"""The round (0 is the year's first quarter) in which they are."""
RECEIVED, ANSWERED, PUT_RIGHT, RULED = 25, 39, 41, 75
"""Days after the quarter: recounts come in, villages answer, send a report again, rulings are made."""
EVIDENT = 3
"""Periods of an item that must differ for a ruling of falsification, as the demo programme declares."""
TOTALS = 0.1
"""And by how much of what was recounted, together."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A month's reports as they are true and as they were written; whose never came, whose were put right at once."""

    true: Wide
    written: Wide
    missing: frozenset[int]
    right: frozenset[int]

    def differs(self, unit: int, item: str) -> bool:
        """Whether what stands is not what the village's records hold."""
        return unit not in self.right and self.of(self.true, unit, item) != self.of(self.written, unit, item)

    def of(self, reports: Wide, unit: int, item: str) -> float:
        """A unit's figure."""
        return float(reports.items[item][np.flatnonzero(reports.units == unit)[0]])

    def has(self, unit: int) -> bool:
        """Whether the unit stood in the month and its report came."""
        return unit not in self.missing and bool((self.true.units == unit).any())


@dataclass(slots=True)
class Hearing:
    """What is known of the year so far, and what was said; filled month by month."""

    world: World
    plan: Plan
    year: int
    months: dict[int, Sent] = field(default_factory=dict)
    said: dict[dt.date, list[dict[str, str]]] = field(default_factory=dict)

    def month(self, month: int, true: Wide, written: Wide) -> None:
        """Remembers a month of the year that is looked at."""
        if statistical_year(month) == self.year:
            missing, right = (
                frozenset(self.plan.units(kind, month)) for kind in ("missing", "slipped_corrected")
            )
            self.months[month] = Sent(true, written, missing, right)

    def say(self, day: dt.date, unit: int, **words: str) -> None:
        """One row of the replies of a day."""
        row = dict.fromkeys(("code", "period", "item", "answer", "ruling"), "")
        self.said.setdefault(day, []).append(row | {"unit": self.world.units[unit], **words})


Key = tuple[int, int, str]


def hearing(world: World, plan: Plan) -> Hearing:
    """An empty hearing of the last declared year."""
    return Hearing(world, plan, statistical_year(int(world.months[-1])))


def hold(it: Hearing, outbox: Outbox, faults: list[Fault]) -> list[Fault]:
    """Writes recounts, corrections and replies; the faults, those that were put right marked as such."""
    put_right: set[tuple[str, str]] = set()
    rounds = sorted({month - month % 3 for month in it.months})
    for at, first in enumerate(rounds):
        keys = _visited(it, first, at)
        _send_recounts(it, outbox, first, keys)
        differing = [key for key in keys if it.months[key[1]].differs(key[0], key[2])]
        if at < len(rounds) - 1:
            put_right |= _answer(it, outbox, first, differing)
    _reply_to_findings(it, faults, put_right)
    for at, (day, rows) in enumerate(sorted(it.said.items()), 1):
        numbered = [
            {"reply": f"H{at}-{row:03}", "said_on": day.isoformat(), **said}
            for row, said in enumerate(rows, 1)
        ]
        outbox.table(pa.Table.from_pylist(numbered), f"replies/{day}.csv", "replies", after=day, days=0)
    return [
        replace(one, kind="zeros_corrected") if one.kind == "zeros" and (one.unit, one.period) in put_right else one
        for one in faults
    ]  # fmt: skip


def _visited(it: Hearing, first: int, at: int) -> list[Key]:
    """Unit, month, item of the round of a quarter, in order."""
    months = [month for month in range(first, first + 3) if month in it.months]
    rng, keys = it.world.rng("recounts", first), set[Key]()
    towns, units = it.world.place.towns_in(months[-1]), it.world.open_units(months[-1])
    for town in range(len(it.world.place.towns)):
        there = units[towns[units] == town]
        drawn = rng.choice(there, size=min(DRAWN, len(there)), replace=False)
        keys |= set(_keys(it, drawn.tolist(), months))
        if town == it.plan.inflating_town and at == FULL_ROUND:
            keys |= set(
                _keys(it, _most_differing(it, there.tolist()), [m for m in it.months if m <= months[-1]])
            )
    for kind in POINTED_AT:
        odd = [(unit, month) for month in months for unit in it.plan.units(kind, month)][:1]
        keys |= {key for unit, month in odd for key in _keys(it, [unit], [month])}
    return sorted(keys)


def _keys(it: Hearing, units: Iterable[int], months: Iterable[int]) -> Iterator[Key]:
    for month in months:
        for unit in units:
            if it.months[month].has(unit):
                yield from ((unit, month, item) for item in RECOUNTED)


def _most_differing(it: Hearing, units: list[int]) -> list[int]:
    """The villages whose figures fit the shared platform's own least."""

    def off(unit: int) -> int:
        return sum(
            sent.has(unit) and sent.differs(unit, item) for sent in it.months.values() for item in RECOUNTED
        )

    return sorted(units, key=lambda unit: (-off(unit), unit))[:WHOLE_YEAR]


def _send_recounts(it: Hearing, outbox: Outbox, first: int, keys: list[Key]) -> None:
    rows: dict[tuple[int, int], dict[str, int]] = {}
    for unit, month, item in keys:
        sent = it.months[month]
        rows.setdefault((unit, month), {})[item] = int(sent.of(sent.true, unit, item))
    table = pa.Table.from_pylist(
        [
            {"unit": it.world.units[unit], "period": month_code(month), **items}
            for (unit, month), items in sorted(rows.items())
        ]
    )
    quarter = quarter_code(first)
    outbox.table(table, f"recounts/{quarter}.csv", "recounts", after=month_end(first + 2), days=RECEIVED)


def _answer(it: Hearing, outbox: Outbox, first: int, differing: list[Key]) -> set[tuple[str, str]]:
    """What the villages of a round say to differences; unit and period of the reports that were put right."""
    end = month_end(first + 2)
    answered, ruled = end + dt.timedelta(days=ANSWERED), end + dt.timedelta(days=RULED)
    honest: set[tuple[int, int]] = set()
    found: dict[tuple[int, str], list[int]] = {}
    for unit, month, item in differing:
        if it.world.place.towns_in(month)[unit] == it.plan.inflating_town:
            found.setdefault((unit, item), []).append(month)
            continue
        it.say(answered, unit, period=month_code(month), item=item, answer="accepts")
        if unit in it.plan.units("zeros", month):
            honest.add((unit, month))
    for at, ((unit, item), months) in enumerate(
        sorted(found.items(), key=lambda row: (-len(row[1]), row[0]))
    ):
        if not _evident(it, unit, months, item):
            continue
        for month in months:
            words = {"period": month_code(month), "item": item}
            if at == 0:
                it.say(answered, unit, **words, answer="contests")
            it.say(ruled, unit, **words, ruling="falsification")
    for unit, month in sorted(honest):
        again = it.months[month].true.where(it.months[month].true.units == unit)
        name = f"heard/{month_code(month)}-{it.world.units[unit]}.csv"
        outbox.table(monthly_table(it.world, month, again), name, "monthly_csv", after=end, days=PUT_RIGHT)
    return {(it.world.units[unit], month_code(month)) for unit, month in honest}


def _evident(it: Hearing, unit: int, months: list[int], item: str) -> bool:
    """Whether the differences meet what the programme declares: size, direction (always upwards here), repetition."""
    first, last = min(months), max(months)
    whole = [sent for month, sent in it.months.items() if first <= month <= last and sent.has(unit)]
    true = sum(sent.of(sent.true, unit, item) for sent in whole)
    written = sum(sent.of(sent.written, unit, item) for sent in whole)
    return len(months) >= EVIDENT and written >= (1 + TOTALS) * true


def _reply_to_findings(it: Hearing, faults: list[Fault], put_right: set[tuple[str, str]]) -> None:
    """A village explains a child that was registered twice, and the office agrees; others answer and wait for a word."""
    at = {month_code(month): month for month in it.months}
    codes: Mapping[str, str] = {"registered_twice": "check.births_two_sources", "copied": "verify.copied"}
    place = {code: position for position, code in enumerate(it.world.units)}
    agreed = False
    for fault in faults:
        month = at.get(fault.period)
        if (
            month is None
            or fault.kind not in codes
            or (fault.unit, fault.period) in put_right
            or month + 3 > max(at.values())
        ):
            continue
        day = month_end(month - month % 3 + 2) + dt.timedelta(days=ANSWERED)
        words = {"code": codes[fault.kind], "period": fault.period}
        it.say(day, place[fault.unit], **words, answer="explain")
        if fault.kind == "registered_twice" and not agreed:
            it.say(day + dt.timedelta(days=7), place[fault.unit], **words, ruling="explained")
            agreed = True
