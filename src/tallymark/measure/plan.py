"""What there is to compute: which periods, which measures together, over which slots of time. Pure.

A *slot* is the shortest stretch of time in which a dataset's figures are kept: a month for events, the report's
own period for reports. A *strand* is a dataset's measures over slots of one frequency, computed in one pass.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tallymark.model.periods import Calendar, Period, month_number
from tallymark.programme.resolved import Dataset, Indicator, Measure, Programme

BY_DAYS = ("day", "week")
"""Frequencies whose periods are not whole months: events in them have a pass of their own."""

TOTAL = 0
"""Number of the breakdown “none”; declared ones count from 1."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot: its number (the integer month for months), code and days."""

    number: int
    code: str
    start: dt.date
    end: dt.date

    @property
    def month(self) -> int:
        """The month of its last day, whose tree its figures follow."""
        return month_number(self.end)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days + 1


@dataclass(frozen=True, slots=True)
class Timeline:
    """Every period to compute, ordered by code; a period's position is its number."""

    periods: tuple[Period, ...]
    asked: frozenset[int]
    """Those that are returned; the others are only compared with."""
    comparisons: Mapping[str, Mapping[int, tuple[int, ...]]]
    """previous, last_year or three_year_mean → period → the periods it is compared with."""
    pools: Mapping[int, Mapping[int, tuple[int, ...]]] = field(default_factory=dict)
    """Years put together → period → the same one in the years before, the latest first."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A measure with its number (its place among all measures by name)."""

    number: int
    measure: Measure

    @property
    def value(self) -> str:
        """Name of the column with its values."""
        return f"m{self.number}"

    @property
    def usable(self) -> str:
        """Name of the column that counts its usable reports."""
        return f"u{self.number}"


@dataclass(frozen=True, slots=True)
class Strand:
    """Measures of a dataset over slots of one frequency, and the periods made of those slots."""

    prefix: str
    dataset: Dataset
    frequency: str
    """Of the slots; empty for stocks, whose figures stand at dates."""
    measures: tuple[Planned, ...]
    breakdowns: tuple[tuple[int, str], ...]
    """Number and column of each declared breakdown."""
    periods: tuple[int, ...]
    slots: tuple[Slot, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()
    """(period, slot inside it)."""
    before: tuple[tuple[int, int], ...] = ()
    """(period, the slot just before it)."""
    untidy: frozenset[int] = frozenset()
    """Breakdowns whose stored rows write one category in two ways (empty and missing)."""

    @property
    def flows(self) -> tuple[Planned, ...]:
        """Measures that add up over slots."""
        return tuple(
            p for p in self.measures if not is_level(p.measure) and p.measure.aggregate != "distinct"
        )

    @property
    def levels(self) -> tuple[Planned, ...]:
        """Measures that do not add up over slots: stocks, and figures taken as last, first or average."""
        return tuple(p for p in self.measures if is_level(p.measure))

    @property
    def distinct(self) -> tuple[Planned, ...]:
        """Measures that count different values."""
        return tuple(p for p in self.measures if p.measure.aggregate == "distinct")

    @property
    def counted(self) -> tuple[Planned, ...]:
        """Measures that the leaf pass has a column for."""
        return tuple(p for p in self.measures if p.measure.aggregate != "distinct")

    def own_usable(self, planned: Planned) -> bool:
        """Whether a report can be there without a usable value of this measure (always for reports)."""
        return self.dataset.kind != "events" or planned.measure.aggregate == "sum"


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything to compute."""

    programme: Programme
    timeline: Timeline
    strands: tuple[Strand, ...]
    breakdowns: tuple[str, ...]
    """Names by number; the first is empty (the total)."""
    numbers: Mapping[str, int] = field(default_factory=dict)
    """Measure → number."""

    def strands_of(self, dataset: str) -> tuple[Strand, ...]:
        """A dataset's strands."""
        return tuple(strand for strand in self.strands if strand.dataset.name == dataset)


def is_level(measure: Measure) -> bool:
    """Whether a measure's longer periods are not the sum of shorter ones."""
    if measure.aggregate == "distinct":
        return False
    return measure.dataset.kind == "stocks" or measure.over_time != "sum"


def plan(programme: Programme, periods: Sequence[Period], given: Collection[str] = ()) -> Plan:
    """The plan for these periods, and for those that declared comparisons need beside them.

    given: codes of periods whose figures are at hand; comparisons with them alone are left out.
    """
    calendar = programme.calendar
    compare = {word for indicator in programme.indicators.values() for word in indicator.compare}
    pooled = {indicator.pooled for indicator in programme.indicators.values() if indicator.pooled > 1}
    timeline = _timeline(calendar, periods, compare, pooled, {*given})
    names = sorted(programme.measures)
    numbers = {name: number for number, name in enumerate(names)}
    used = _datasets(programme)
    breakdowns = ("", *sorted({column for dataset in used for column in dataset.breakdowns}))
    strands: list[Strand] = []
    for dataset in used:
        planned = tuple(
            Planned(numbers[name], programme.measures[name])
            for name in names
            if programme.measures[name].dataset.name == dataset.name
        )
        columns = tuple((breakdowns.index(column), column) for column in dataset.breakdowns)
        for frequency, members in _frequencies(dataset, timeline.periods).items():
            strand = Strand(
                f"tm_s{len(strands)}",
                dataset,
                frequency,
                measures=planned,
                breakdowns=columns,
                periods=members,
            )
            strands.append(_with_slots(strand, calendar, timeline.periods) if frequency else strand)
    return Plan(programme, timeline, tuple(strands), breakdowns, numbers)


def narrowed(programme: Programme, names: Collection[str]) -> Programme:
    """The programme with these measures and indicators and what they are made of, and no dataset besides."""
    indicators = {name: one for name, one in programme.indicators.items() if name in names}
    used = set(names).union(*(one.names for one in indicators.values()))
    standards = [one.standardise.measure for one in indicators.values() if one.standardise]
    used |= {measure.name for measure in standards if measure}
    measures = {name: one for name, one in programme.measures.items() if name in used}
    datasets = {one.dataset.name for one in measures.values()} | {
        n.rpartition(".")[0] for n in used if "." in n
    }
    datasets |= {programme.datasets[name].absence for name in datasets}
    kept = {name: one for name, one in programme.datasets.items() if name in datasets}
    return replace(programme, measures=measures, indicators=indicators, datasets=kept)


def dotted(indicator: Indicator) -> dict[str, tuple[str, str]]:
    """The names in an indicator that speak of a dataset's reports: name → (dataset, column)."""
    return {name: _split(name) for name in indicator.names if "." in name}


def _split(name: str) -> tuple[str, str]:
    dataset, _, word = name.rpartition(".")
    return dataset, word


def _datasets(programme: Programme) -> list[Dataset]:
    """Datasets that anything is computed from, by name; every reports dataset, for the table of reports."""
    names = {measure.dataset.name for measure in programme.measures.values()}
    names |= {name for name, dataset in programme.datasets.items() if dataset.kind == "reports"}
    for indicator in programme.indicators.values():
        names |= {dataset for dataset, _ in dotted(indicator).values()}
    return [programme.datasets[name] for name in sorted(names)]


def _timeline(
    calendar: Calendar, periods: Iterable[Period], compare: set[str], pooled: set[int], given: set[str]
) -> Timeline:
    asked = {period.code: period for period in periods}
    wanted = {
        word: {code: _besides(compared_with(calendar, period, word), given) for code, period in asked.items()}
        for word in sorted(compare)
    }
    known = dict(asked)
    for table in wanted.values():
        known.update({other.code: other for others in table.values() for other in others})
    # What a figure is compared with is put together over years, too.
    before = {
        years: {code: _years_before(calendar, period, years - 1) for code, period in known.items()}
        for years in sorted(pooled)
    }
    for pool in before.values():
        known = {other.code: other for others in pool.values() for other in others} | known
    ordered = tuple(known[code] for code in sorted(known))
    number = {period.code: at for at, period in enumerate(ordered)}

    def numbered(table: Mapping[str, tuple[Period, ...]]) -> dict[int, tuple[int, ...]]:
        return {number[code]: tuple(number[other.code] for other in others) for code, others in table.items()}

    comparisons = {word: numbered(table) for word, table in wanted.items()}
    pools = {years: numbered(table) for years, table in before.items()}
    return Timeline(ordered, frozenset(number[code] for code in asked), comparisons, pools)


def _besides(others: tuple[Period, ...], given: set[str]) -> tuple[Period, ...]:
    return () if given.issuperset(other.code for other in others) else others


def compared_with(calendar: Calendar, period: Period, word: str) -> tuple[Period, ...]:
    """The periods that a comparison reaches back to; none before the first year that can be dated."""
    try:
        if word == "previous":
            return (calendar.back(period),)
    except ValueError:
        return ()
    many = 3 if word == "three_year_mean" else 1
    found = _years_before(calendar, period, many)
    return found if len(found) == many else ()


def _years_before(calendar: Calendar, period: Period, many: int) -> tuple[Period, ...]:
    """The same period in the years before, the latest first, as far as they can be dated."""
    found: list[Period] = []
    try:
        while len(found) < many:
            found.append(calendar.last_year(found[-1] if found else period))
    except ValueError:
        pass
    return tuple(found)


def _frequencies(dataset: Dataset, periods: Sequence[Period]) -> dict[str, tuple[int, ...]]:
    """Frequency of slots → periods made of them, for the strands that a dataset needs."""
    every = tuple(range(len(periods)))
    if dataset.kind == "stocks":
        return {"": every}
    if dataset.kind == "reports":
        return {str(dataset.frequency): every}
    found: dict[str, list[int]] = {}
    for at, period in enumerate(periods):
        slots = period.frequency if period.frequency in BY_DAYS else "month"
        found.setdefault(slots, []).append(at)
    return {frequency: tuple(members) for frequency, members in sorted(found.items())}


def _with_slots(strand: Strand, calendar: Calendar, periods: Sequence[Period]) -> Strand:
    """The strand with its slots: those inside its periods, and where levels need it the one before."""
    inside = {at: calendar.within(periods[at], strand.frequency) for at in strand.periods}
    earlier = {
        at: calendar.back(parts[0])
        for at, parts in inside.items()
        if parts and any(planned.measure.over_time == "mid_period" for planned in strand.levels)
    }
    found = {part.code: part for parts in inside.values() for part in parts}
    found.update({part.code: part for part in earlier.values()})
    slots = tuple(
        Slot(_slot_number(strand.frequency, part, at), part.code, part.start, part.end)
        for at, part in enumerate(sorted(found.values()))
    )
    number = {slot.code: slot.number for slot in slots}
    return replace(
        strand,
        slots=slots,
        spans=tuple((at, number[part.code]) for at, parts in inside.items() for part in parts),
        before=tuple((at, number[part.code]) for at, part in earlier.items()),
    )


def _slot_number(frequency: str, part: Period, at: int) -> int:
    return month_number(part.start) if frequency == "month" else at
