"""Sources: does each table say enough, and only things that exist."""

from __future__ import annotations

import re

from tallymark.findings import Severity
from tallymark.programme.files import Path_
from tallymark.programme.linting.datasets import column_kinds
from tallymark.programme.linting.scope import Scope
from tallymark.programme.written.data import WrittenDataset, WrittenTable

_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")


def check_sources(scope: Scope) -> None:
    """Finds what is wrong with each source."""
    for name, source in scope.written.sources.items():
        for at, table in enumerate(source.tables):
            path: Path_ = ("sources", name, "tables", at)
            if table.sheet is not None and source.format != "excel":
                scope.wrong(
                    "no_effect", (*path, "sheet"), "only workbooks have sheets", severity=Severity.WARNING
                )
            if table.first_row is not None and table.first_row <= table.header_row:
                scope.wrong(
                    "source",
                    (*path, "first_row"),
                    "data begin in row {first}, not below the header ({header})",
                    first=table.first_row,
                    header=table.header_row,
                )
            _check_aliases(scope, path, table)
            if not scope.known(table.dataset, scope.names("datasets"), (*path, "dataset"), "dataset"):
                continue
            dataset = scope.written.datasets.get(table.dataset)
            if dataset is not None:
                _check_names(scope, path, table, dataset)
                _check_categories(scope, path, table, dataset, combinations=source.format == "dhis2")
                if source.format != "dhis2":
                    _check_layout(scope, path, table, dataset)


def _check_aliases(scope: Scope, path: Path_, table: WrittenTable) -> None:
    for alias, unit in table.aliases.items():
        if scope.units is not None:
            scope.known(unit, scope.units.index, (*path, "aliases", alias), "unit")


def _check_names(scope: Scope, path: Path_, table: WrittenTable, dataset: WrittenDataset) -> None:
    kinds = column_kinds(dataset)
    taken: dict[str, str] = {}
    for key, known, what in (("items", dataset.items, "item"), ("columns", kinds, "column")):
        for column, name in getattr(table, key).items():
            scope.known(name, known, (*path, key, column), what)
            first = taken.setdefault(name, column)
            if first != column and (table.layout or "wide") != "long":
                scope.wrong(
                    "source",
                    (*path, key, column),
                    "'{column}' and '{first}' are both read as '{name}'",
                    "one of the columns would be lost",
                    column=column,
                    first=first,
                    name=name,
                )


def _check_categories(
    scope: Scope, path: Path_, table: WrittenTable, dataset: WrittenDataset, *, combinations: bool
) -> None:
    """DHIS2: option combination → column → value; other files: column → spelling → value."""
    for outer, values in table.categories.items():
        for inner, value in values.items():
            place = (*path, "categories", outer, inner)
            column = inner if combinations else outer
            if scope.known(column, dataset.columns, place, "column") and dataset.columns[column].values:
                scope.known(value, dataset.columns[column].values or (), place, "category")


def _check_layout(scope: Scope, path: Path_, table: WrittenTable, dataset: WrittenDataset) -> None:
    layout = table.layout or ("events" if dataset.kind == "events" else "long" if table.item else "wide")
    if (layout == "events") != (dataset.kind == "events"):
        scope.wrong(
            "source",
            (*path, "layout"),
            "a table of layout '{layout}' cannot hold {kind}",
            "events: a row an event; wide and long: reports and stocks",
            layout=layout,
            kind=dataset.kind,
        )
        return
    if layout == "long":
        for key in ("item", "value"):
            if getattr(table, key) is None:
                scope.wrong("source", path, "a long table needs `{key}:`, the column with the {key}", key=key)
    if layout == "wide" and not table.items:
        scope.wrong("source", path, "a wide table needs `items:`, a column for each item")
    if layout == "events":
        return
    if table.unit is None:
        scope.wrong("source", path, "the table does not say which column names the unit", "add `unit:`")
    if dataset.kind == "reports" and table.period is None and table.year is None:
        scope.wrong("source", path, "the table does not say which column holds the period",
                    "add `period:`, or `year:` and `month:`")  # fmt: skip
    if dataset.kind == "stocks" and table.date is None and not (table.year or table.period):
        scope.wrong("source", path, "the table does not say which column holds the date",
                    "add `date:`, or `year:` and the `day:` it stands for")  # fmt: skip
    if table.month is not None and table.year is None:
        scope.wrong("source", (*path, "month"), "`month:` needs `year:` beside it")
    if table.day is not None and not _DAY.fullmatch(table.day):
        scope.wrong(
            "source", (*path, "day"), "'{day}' is not a day of the year", 'write it as "07-01"', day=table.day
        )
