"""A sheet to type into: one dataset, one period, the units below one unit; gathered from database and store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tallymark.measure.presence import reporters
from tallymark.model.periods import PeriodError, month_number
from tallymark.model.text import Text
from tallymark.programme.resolved import Dataset, Item, Programme
from tallymark_web.reporting.cells import EPOCH, Cell, State, read_cell
from tallymark_web.reporting.due import Deadline, datasets_entered, deadline, is_open, standing
from tallymark_web.reporting.models import Closing, Report
from tallymark_web.reporting.stored import values
from tallymark_web.workplace import Tree, programme, store


@dataclass(frozen=True, slots=True)
class Line:
    """One unit's report on the sheet."""

    unit: str
    name: Text
    typed: Mapping[str, str]
    before: Mapping[str, str]
    """The period before, item → text."""
    standing: str
    number: int
    """Of the draft, to notice that somebody else saved meanwhile."""
    note: str
    returned: str
    """Why it was sent back; empty when it was not."""
    closed: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is typed into."""

    dataset: Dataset
    deadline: Deadline
    before: str
    """Code of the period before."""
    unit: str
    lines: tuple[Line, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(self.dataset.items.values())


def find(dataset: str, period: str, today: dt.date) -> tuple[Dataset, Deadline] | None:
    """A dataset with forms and one of its periods that can be reported; None for anything else."""
    declared = programme()
    known = declared.datasets.get(dataset)
    if known is None or known not in datasets_entered(declared):
        return None
    try:
        parsed = declared.calendar.parse(period)
    except PeriodError:
        return None
    return (known, deadline(known, parsed)) if is_open(known, parsed, today) else None


def owing(declared: Programme, dataset: Dataset, due: Deadline, among: Collection[str]) -> list[str]:
    """The units among these that owe the report, in the order declared."""
    first, last = month_number(due.period.start), month_number(due.period.end)
    months = declared.units.open_months(first, last)
    standing_units = set(months.column("unit").to_pylist())
    return [unit for unit in reporters(dataset, declared.units) if unit in standing_units and unit in among]


def sheet(dataset: Dataset, due: Deadline, unit: str, tree: Tree) -> Sheet:
    """The sheet of everything below `unit`."""
    declared = programme()
    before = declared.calendar.back(due.period).code
    units = owing(declared, dataset, due, tree.below([unit]))
    stored = values(store(), dataset, (due.period.code, before))
    reports = {
        report.unit: report
        for report in Report.objects.filter(
            dataset=dataset.name, period=due.period.code, unit__in=units
        ).prefetch_related("versions__steps")
    }
    shut = closed_units(dataset.name, due.period.code, tree)
    lines = tuple(
        Line(
            unit=code,
            name=declared.units.names[declared.units.index[code]] or Text(code, code),
            typed=_typed(reports.get(code), stored.get((code, due.period.code), {}), dataset),
            before=texts(stored.get((code, before), {}), dataset),
            standing=standing(
                reports[code].state if code in reports else None,
                in_store=(code, due.period.code) in stored,
            ),
            number=reports[code].draft_number if code in reports else 0,
            note=reports[code].note if code in reports else "",
            returned=_returned(reports.get(code)),
            closed=code in shut,
        )
        for code in units
    )
    return Sheet(dataset, due, before, unit, lines)


def _typed(report: Report | None, stored: Mapping[str, float], dataset: Dataset) -> Mapping[str, str]:
    """What stands in the cells: the draft, else what was sent last, else what a file brought."""
    if report is not None and report.draft:
        return dict(report.draft)
    if report is not None and report.version:
        last = list(report.versions.all())[-1]
        return dict(last.values)
    return texts(stored, dataset)


def _returned(report: Report | None) -> str:
    if report is None or report.state != "returned":
        return ""
    steps = [
        step for version in report.versions.all() for step in version.steps.all() if step.act == "return"
    ]
    return steps[-1].comment if steps else ""


def texts(numbers: Mapping[str, float], dataset: Dataset) -> dict[str, str]:
    """Stored numbers as one would type them."""
    return {
        name: as_typed(value, dataset.items[name]) for name, value in numbers.items() if name in dataset.items
    }


def as_typed(value: float, item: Item) -> str:
    """A stored number as one would type it."""
    if item.type == "date":
        return (EPOCH + dt.timedelta(days=int(value))).isoformat()
    if item.type == "boolean":
        return "yes" if value else "no"
    return f"{value:.0f}" if value == int(value) else repr(value)


def read_row(typed: Mapping[str, object], dataset: Dataset, today: dt.date) -> dict[str, Cell]:
    """Every item's cell; what is not text, or no item of the dataset, is not there."""
    return {
        name: read_cell(text if isinstance(text := typed.get(name, ""), str) else "", item, today=today)
        for name, item in dataset.items.items()
    }


def complete(cells: Mapping[str, Cell]) -> bool:
    """Whether every cell has an answer, and at least one of them a value."""
    states = {cell.state for cell in cells.values()}
    return not states & {State.BLANK, State.WRONG} and bool(states & {State.VALUE, State.ZERO})


def closed_units(dataset: str, period: str, tree: Tree) -> frozenset[str]:
    """The units for which the period is closed: the last decision about a unit or above it counts."""
    shut: frozenset[str] = frozenset()
    for closing in Closing.objects.filter(dataset=dataset, period=period):
        below = tree.below([closing.unit])
        shut = shut | below if closing.closed else shut - below
    return shut
