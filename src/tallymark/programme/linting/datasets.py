"""Datasets: what events, reports and stocks need, and what has no effect on them."""

from __future__ import annotations

from tallymark.findings import Severity
from tallymark.model.expressions.tokens import KEYWORDS
from tallymark.programme.files import Path_
from tallymark.programme.linting.scope import Scope
from tallymark.programme.written.data import WrittenDataset

EFFECTLESS = {
    "events": ("frequency", "items"),
    "reports": ("date", "key", "absence", "opened_for"),
    "stocks": ("date", "key", "absence", "opened_for", "frequency", "due"),
}
"""Keys that do nothing for a kind of dataset."""
STORED = frozenset({"unit", "period", "item", "value", "date"})
"""Columns that stored reports and stocks have of their own."""


def check_datasets(scope: Scope) -> None:
    """Finds what is wrong with each dataset."""
    _check_spelling(scope, "datasets", scope.names("datasets"))
    for name, dataset in scope.written.datasets.items():
        path: Path_ = ("datasets", name)
        for key in EFFECTLESS[dataset.kind]:
            if key in dataset.model_fields_set:
                scope.wrong("no_effect", (*path, key), "`{key}` means nothing for {kind}", "leave it out",
                            severity=Severity.WARNING, key=key, kind=dataset.kind)  # fmt: skip
        if dataset.level is not None:
            scope.known(dataset.level, scope.levels, (*path, "level"), "level")
        if dataset.kind == "events":
            _check_events(scope, path, dataset)
        else:
            _check_reported(scope, path, dataset)
        _check_parts(scope, path, dataset)
        _check_purpose(scope, path, dataset)
        if dataset.reporters is not None:
            scope.expression((*path, "reporters"), dataset.reporters, scope.attributes, "boolean")


def column_kinds(dataset: WrittenDataset) -> dict[str, str]:
    """Column → kind of value in expressions; the unit and date columns of events are there without being declared."""
    kinds = {name: _KINDS[column.type] for name, column in dataset.columns.items()}
    if dataset.kind == "events":
        kinds.setdefault(dataset.unit, "text")
        if dataset.date:
            kinds.setdefault(dataset.date, "date")
    return kinds


_KINDS = {
    "text": "text",
    "category": "text",
    "unit": "text",
    "period": "text",
    "integer": "number",
    "number": "number",
    "date": "date",
    "boolean": "boolean",
}


def _check_events(scope: Scope, path: Path_, dataset: WrittenDataset) -> None:
    kinds = column_kinds(dataset)
    if dataset.date is None:
        scope.wrong("missing_key", path, "events need `date:`, the column with the event's date")
    elif kinds[dataset.date] != "date":
        scope.wrong("wrong_type", (*path, "date"), "column '{name}' is of type {type}, not date",
                    name=dataset.date, type=dataset.columns[dataset.date].type)  # fmt: skip
    unit = dataset.columns.get(dataset.unit)
    if unit is not None and unit.type not in ("unit", "text"):
        scope.wrong("wrong_type", (*path, "unit"), "column '{name}' is of type {type}, not unit",
                    name=dataset.unit, type=unit.type)  # fmt: skip
    for at, name in enumerate(dataset.key):
        scope.known(name, kinds, (*path, "key", at), "column")
    if dataset.absence not in ("missing", "zero"):
        _check_absence(scope, path, dataset)


def _check_absence(scope: Scope, path: Path_, dataset: WrittenDataset) -> None:
    said = scope.written.datasets.get(dataset.absence)
    reports = [name for name, other in scope.written.datasets.items() if other.kind == "reports"]
    if said is None and dataset.absence not in scope.names("datasets"):
        scope.known(dataset.absence, ["missing", "zero", *reports], (*path, "absence"), "dataset")
    elif said is not None and said.kind != "reports":
        scope.wrong("wrong_type", (*path, "absence"), "'{name}' holds {kind}; only reports say who reported",
                    "write missing, zero, or a reports dataset", name=dataset.absence, kind=said.kind)  # fmt: skip
    elif said is not None and said.level != dataset.level:
        scope.wrong("level", (*path, "absence"), "'{name}' is reported by level '{other}', not '{level}'",
                    "name a report of the same level", severity=Severity.WARNING,
                    name=dataset.absence, other=said.level, level=dataset.level)  # fmt: skip


def _check_reported(scope: Scope, path: Path_, dataset: WrittenDataset) -> None:
    if not dataset.items and scope.sound(path):
        scope.wrong(
            "missing_key", path, "{kind} need `items:`", "declare what is reported", kind=dataset.kind
        )
    if dataset.kind == "reports":
        if dataset.frequency is None:
            scope.wrong("missing_key", path, "reports need `frequency:`", "month, quarter, year…")
        else:
            scope.frequency(dataset.frequency, (*path, "frequency"))
    for name in dataset.columns:
        if name.lower() in STORED:
            scope.wrong("reserved_name", (*path, "columns", name), "a breakdown cannot be called '{name}'",
                        "unit, period, item, value and date are columns of every report", name=name)  # fmt: skip


def _check_parts(scope: Scope, path: Path_, dataset: WrittenDataset) -> None:
    _check_spelling(scope, "columns", dataset.columns, path)
    _check_spelling(scope, "items", dataset.items, path)
    for at, name in enumerate(dataset.breakdowns):
        if scope.known(name, dataset.columns, (*path, "breakdowns", at), "column"):
            column = dataset.columns[name]
            if column.type not in ("category", "text", "boolean"):
                scope.wrong(
                    "wrong_type",
                    (*path, "breakdowns", at),
                    "column '{name}' is of type {type}, not category",
                    "figures are split by columns of type category",
                    name=name,
                    type=column.type,
                )
    for name, column in dataset.columns.items():
        place = (*path, "columns", name)
        if column.values is not None and column.type not in ("category", "text"):
            scope.wrong("no_effect", (*place, "values"), "`{key}` means nothing for columns of type {type}",
                        severity=Severity.WARNING, key="values", type=column.type)  # fmt: skip
        _check_bounds(scope, place, column.min, column.max)
        if column.min is not None and column.type not in ("integer", "number"):
            scope.wrong("no_effect", (*place, "min"), "`{key}` means nothing for columns of type {type}",
                        severity=Severity.WARNING, key="min", type=column.type)  # fmt: skip
    for name, item in dataset.items.items():
        _check_bounds(scope, (*path, "items", name), item.min, item.max)


def _check_bounds(scope: Scope, path: Path_, low: float | None, high: float | None) -> None:
    if low is not None and high is not None and low > high:
        scope.wrong("wrong_value", (*path, "max"), "`max` ({high}) is below `min` ({low})",
                    low=f"{low:g}", high=f"{high:g}")  # fmt: skip


def _check_purpose(scope: Scope, path: Path_, dataset: WrittenDataset) -> None:
    kept = {name: column.sensitivity for name, column in dataset.columns.items()}
    kept |= {name: item.sensitivity for name, item in dataset.items.items()}
    personal = [name for name, sensitivity in kept.items() if sensitivity in ("personal", "sensitive")]
    if personal and not (dataset.purpose or "").strip():
        scope.wrong(
            "purpose", path, "personal columns ({names}) are declared without saying what for",
            "say under `purpose:` what the people whose data these are were told", names=", ".join(personal),
        )  # fmt: skip


def _check_spelling(scope: Scope, key: str, names: object, path: Path_ = ()) -> None:
    """Names that only differ in capitals, and names that expressions would read as SQL."""
    seen: dict[str, str] = {}
    for name in names:  # type: ignore[attr-defined]
        first = seen.setdefault(name.lower(), name)
        place = (*path, key, name)
        if first != name:
            scope.wrong("duplicate", place, "'{name}' and '{first}' differ only in capitals",
                        "databases take them for one; rename one", name=name, first=first)  # fmt: skip
        elif reserved(name):
            scope.wrong("reserved_name", place, "'{name}' cannot be used as a name: it is a word of SQL",
                        "rename it, e.g. {name}_", name=name)  # fmt: skip


def reserved(name: str) -> bool:
    """Whether an expression could not use a name because it reads it as a word of its own."""
    return name.lower() in KEYWORDS
