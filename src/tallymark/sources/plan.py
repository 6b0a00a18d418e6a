"""A table of a source bound to the columns of a sheet: which column feeds what, decided once for each file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from tallymark.errors import ReceiveError
from tallymark.findings import Finding, Severity, Where, did_you_mean
from tallymark.programme.resolved import Column, Dataset, Item
from tallymark.programme.written.data import WrittenTable
from tallymark.sources.grid import Heading, Sheet, shown
from tallymark.sources.quoting import Secrecy
from tallymark.sources.spellings import fold, fold_heading
from tallymark.texts import Message

EVERY_OTHER = "*"
"""In `ignore`: whatever is not mapped is left out on purpose."""

USUAL: Mapping[str, tuple[str, ...]] = {
    "unit": ("unit", "unit_code", "单位", "单位代码"),
    "period": ("period", "时期", "月份", "报告期"),
    "year": ("year", "年", "年份", "年度"),
    "month": ("month", "月"),
    "date": ("date", "日期"),
    "item": ("item", "指标", "指标项"),
    "value": ("value", "数值", "值"),
}
"""Headings by which a part is found when the source does not name its column."""


@dataclass(frozen=True, slots=True)
class Time:
    """The columns that say when; `kind` is period, year_month, year, date or year_day."""

    kind: str
    columns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What each column of a sheet feeds, for one dataset. Columns are places, from 0."""

    dataset: Dataset
    table: WrittenTable
    layout: str
    match: tuple[str, ...]
    number: int
    """Which of the source's tables it is."""
    sheet: str
    labels: tuple[str, ...]
    unit: int
    time: Time | None
    columns: tuple[tuple[int, Column], ...]
    """Declared columns found in the file: an event's columns, or the breakdowns of reports and stocks."""
    items: tuple[tuple[int, Item], ...] = ()
    item: int = -1
    value: int = -1
    combination: int = -1
    """DHIS2: the category option combination; the attribute option combination is next to it."""
    deleted: int = -1
    lettered: bool = True
    first: bool = True
    """Whether it is the first of the source's tables on its sheet: that one reports what none of them reads."""
    elsewhere: frozenset[str] = frozenset()
    """Items (folded) that other tables on the sheet read."""
    lenient: bool = False
    """DHIS2: an export holds much that a programme does not declare; that is a warning, not an error."""

    @property
    def used(self) -> tuple[int, ...]:
        """Every column that is read."""
        fixed = (self.unit, self.item, self.value, self.combination, self.deleted)
        several = (*(self.time.columns if self.time else ()), *(at for at, _ in (*self.columns, *self.items)))
        return tuple(sorted({at for at in (*fixed, *several) if at >= 0}))

    def secrecy(self, at: int) -> Secrecy:
        """What findings may quote of a column's cells; -1: of whole rows."""
        vaulted = self.dataset.vaulted
        if not vaulted:
            return "open"
        feeds = {column: declared.name for column, declared in self.columns}
        return "hidden" if at < 0 or feeds.get(at) in vaulted else "guarded"


class Headings:
    """The headings of a sheet, by which columns are found; says what was missed."""

    def __init__(self, file: str, sheet: Sheet) -> None:
        self.file, self.sheet = file, sheet
        self.missed: list[Message] = []
        self._taken: set[int] = set()

    def find(self, names: Sequence[str]) -> int:
        """The column called one of these names, -1 when none is; exact spelling first, then folded."""
        for fold_it in (str, fold_heading):
            for name in names:
                found = self._called(fold_it(name), fold_it)
                if found:
                    self._taken.add(found[0])
                    return found[0]
        return -1

    def need(self, names: Sequence[str], what: object) -> int:
        """The column called one of these names; missing ones are gathered for one message."""
        at = self.find(names)
        if at < 0:
            near = ", ".join(f"“{name}”" for name in did_you_mean(names[0], self.known))
            template = "no column “{name}” for {what}"
            if near:
                template = "no column “{name}” for {what} (did you mean {near}?)"
            self.missed.append(Message(template, name=names[0], what=what, near=near))
        return at

    @property
    def known(self) -> list[str]:
        """Every name by which a column goes."""
        return [name for heading in self.sheet.headings for name in heading.names]

    def left(self) -> list[Heading]:
        """Headings of columns that nothing was read from."""
        return [
            heading
            for at, heading in enumerate(self.sheet.headings)
            if at not in self._taken and heading.names
        ]

    def stop_if_missed(self) -> None:
        """ReceiveError with everything that was missed."""
        if self.missed:
            file: object = self.file
            if self.sheet.name:
                file = Message("{file}, sheet “{sheet}”", file=self.file, sheet=self.sheet.name)
            have = ", ".join(f"“{shown(heading.label)}”" for heading in self.sheet.headings if heading.names)
            missed = reduce(lambda one, other: Message("{one}; {other}", one=one, other=other), self.missed)
            raise ReceiveError(
                "{file}: {missed}. The headings are: {have}.", file=file, missed=missed, have=have or "—"
            )

    def _called(self, wanted: str, fold_it: type[str] | object) -> list[int]:
        folding = fold_it if callable(fold_it) else str
        own, other = [], []
        for at, heading in enumerate(self.sheet.headings):
            names = [folding(name) for name in heading.names]
            if names and names[0] == wanted:
                own.append(at)
            elif wanted in names:
                other.append(at)
        found = own or other
        if len(found) > 1:
            self.missed.append(
                Message(
                    "{count} columns are called “{name}”; give each its own heading",
                    count=len(found),
                    name=wanted,
                )
            )
        return found[:1]


def plan_table(
    dataset: Dataset,
    table: WrittenTable,
    sheet: Sheet,
    *,
    file: str,
    number: int = 0,
    match: tuple[str, ...] = ("code",),
    siblings: Sequence[tuple[int, WrittenTable]] = (),
    lenient: bool = False,
) -> tuple[Plan, list[Finding]]:
    """The plan of a table and notes about headings. `siblings` are the other tables of the source on the
    same sheet, with their numbers.

    Errors: ReceiveError naming every column that must be there and is not, with did-you-mean.
    """
    headings = Headings(file, sheet)
    unit = headings.need(_names(table.unit, _usual(dataset)), Message("the unit"))
    time = _time(dataset, table, headings)
    columns, absent = _columns(dataset, table, headings)
    layout: str = table.layout or ("events" if dataset.kind == "events" else "")
    items: tuple[tuple[int, Item], ...] = ()
    item = value = -1
    if dataset.kind != "events":
        layout = layout or _layout(table, headings)
        if layout == "long":
            item = headings.need(_names(table.item, USUAL["item"]), Message("the item"))
            value = headings.need(_names(table.value, USUAL["value"]), Message("the value"))
        else:
            items, missing = _items(dataset, table, headings)
            absent += missing
            if not items:
                headings.missed.append(Message("no column of any item"))
    headings.stop_if_missed()
    combination = headings.find(["categoryOptionCombo"]) if lenient else -1
    headings.find(["attributeOptionCombo"])
    plan = Plan(
        dataset=dataset,
        table=table,
        layout=layout,
        match=match,
        number=number,
        sheet=sheet.name,
        labels=tuple(heading.label for heading in sheet.headings),
        unit=unit,
        time=time,
        columns=columns,
        items=items,
        item=item,
        value=value,
        combination=combination,
        deleted=headings.find(["deleted"]) if combination >= 0 else -1,
        lettered=sheet.lettered,
        first=all(other > number for other, _ in siblings),
        elsewhere=frozenset(fold(text) for _, other in siblings for text in other.items),
        lenient=lenient,
    )
    return plan, _notes(plan, headings, absent, [other for _, other in siblings])


def _names(declared: str | None, usual: Sequence[str]) -> Sequence[str]:
    return (declared,) if declared else usual


def _usual(dataset: Dataset) -> tuple[str, ...]:
    own = (dataset.unit,) if dataset.kind == "events" else ()
    return tuple(dict.fromkeys((*own, *USUAL["unit"])))


def _time(dataset: Dataset, table: WrittenTable, headings: Headings) -> Time | None:
    if dataset.kind == "events":
        return None
    if table.year:
        year = headings.need([table.year], Message("the year"))
        if table.month:
            return Time("year_month", (year, headings.need([table.month], Message("the month"))))
        return Time("year_day" if dataset.kind == "stocks" else "year", (year,))
    if dataset.kind == "stocks" and table.period:
        return Time("period_start", (headings.need([table.period], Message("the period")),))
    if dataset.kind == "stocks":
        return Time("date", (headings.need(_names(table.date, USUAL["date"]), Message("the date")),))
    if table.period:
        return Time("period", (headings.need([table.period], Message("the period")),))
    at = headings.find(USUAL["period"])
    if at >= 0:
        return Time("period", (at,))
    year, month = headings.find(USUAL["year"]), headings.find(USUAL["month"])
    if year >= 0:
        return Time("year_month", (year, month)) if month >= 0 else Time("year", (year,))
    return Time("period", (headings.need(USUAL["period"], Message("the period")),))


def _columns(
    dataset: Dataset, table: WrittenTable, headings: Headings
) -> tuple[tuple[tuple[int, Column], ...], list[str]]:
    declared = {own: heading for heading, own in table.columns.items()}
    found, absent = [], []
    for name, column in dataset.columns.items():
        is_unit = dataset.kind == "events" and name == dataset.unit  # found or missed before
        names = [declared[name]] if name in declared else _of(name, column)
        if is_unit:
            names = [*_names(table.unit, ()), *names, *USUAL["unit"]]
        if name == dataset.date and table.date:
            names = [table.date]
        needed = (column.required and not is_unit) or (dataset.kind == "events" and name == dataset.date)
        mapped = bool(table.categories) and dataset.kind != "events" and _is_part(table, name)
        at = -1 if mapped else headings.need(names, name) if needed else headings.find(names)
        if at >= 0:
            found.append((at, column))
        elif not needed and not mapped and not is_unit:
            absent.append(names[0])
    return tuple(found), absent


def _is_part(table: WrittenTable, name: str) -> bool:
    """Whether option combinations say the values of a breakdown."""
    return any(name in values for values in table.categories.values())


def _of(name: str, thing: Column | Item) -> list[str]:
    return list(dict.fromkeys(text for text in (name, thing.title.en, thing.title.zh) if text))


def _layout(table: WrittenTable, headings: Headings) -> str:
    if table.item or (headings.find(USUAL["item"]) >= 0 and headings.find(USUAL["value"]) >= 0):
        return "long"
    return "wide"


def _items(
    dataset: Dataset, table: WrittenTable, headings: Headings
) -> tuple[tuple[tuple[int, Item], ...], list[str]]:
    found, absent = [], []
    wanted = (
        [([heading], name) for heading, name in table.items.items()]
        if table.items
        else [(_of(name, item), name) for name, item in dataset.items.items()]
    )
    for names, item in wanted:
        at = headings.find(names)
        if at >= 0:
            found.append((at, dataset.items[item]))
        else:
            absent.append(names[0])
    return tuple(found), absent


def _notes(
    plan: Plan, headings: Headings, absent: list[str], siblings: Iterable[WrittenTable]
) -> list[Finding]:
    where = Where(file=headings.file, sheet=plan.sheet or None, dataset=plan.dataset.name)
    found = []
    left = _left_out(plan, headings, siblings)
    if left:
        found.append(
            Finding(
                "receive.columns_left_out",
                Severity.NOTE,
                "nothing was read from {count} columns: {columns}",
                "Map them in the source, or list them under `ignore` when they are left out on purpose.",
                {"count": len(left), "columns": ", ".join(f"“{name}”" for name in left)},
                where,
            )
        )
    for name in absent:
        near = did_you_mean(name, left)
        found.append(
            Finding(
                "receive.column_absent",
                Severity.WARNING,
                "the file has no column “{column}”",
                "did you mean {suggestion}?" if near else "",
                {"column": name, "suggestion": ", ".join(near)},
                where,
            )
        )
    return found


def _left_out(plan: Plan, headings: Headings, siblings: Iterable[WrittenTable]) -> list[str]:
    if EVERY_OTHER in plan.table.ignore:
        return []
    meant = {fold_heading(name) for name in plan.table.ignore}
    for table in siblings:
        named = (table.unit, table.period, table.year, table.month, table.date, table.item, table.value)
        meant |= {
            fold_heading(name) for name in (*named, *table.items, *table.columns, *table.ignore) if name
        }
    return [
        heading.label
        for heading in headings.left()
        if not any(fold_heading(name) in meant for name in heading.names)
    ]
