"""The programme's own tests: do they name what exists."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from tallymark.programme.files import Path_
from tallymark.programme.linting.datasets import column_kinds
from tallymark.programme.linting.scope import Scope
from tallymark.programme.written.data import WrittenDataset
from tallymark.programme.written.figures import WrittenExample

EXPECTED_KEYS = (
    "indicator",
    "measure",
    "unit",
    "period",
    "value",
    "missing",
    "tolerance",
    "breakdown",
    "category",
)


def check_examples(scope: Scope) -> None:
    """Finds references in tests that lead nowhere."""
    for at, example in enumerate(scope.written.tests):
        path: Path_ = ("tests", at)
        units = _units(scope, example)
        for name, rows in example.given.items():
            if not scope.known(name, scope.names("datasets"), (*path, "given", name), "dataset"):
                continue
            dataset = scope.written.datasets.get(name)
            for order, row in enumerate(rows) if dataset else ():
                _check_given(scope, (*path, "given", name, order), row, dataset, units)
        for order, row in enumerate(example.expect):
            _check_expected(scope, (*path, "expect", order), row, units)


def _units(scope: Scope, example: WrittenExample) -> Collection[str]:
    if example.units is not None:
        return {str(row.get("unit")) for row in example.units}
    return scope.units.index if scope.units else ()


def _check_given(
    scope: Scope, path: Path_, row: Mapping[str, Any], dataset: WrittenDataset | None, units: Collection[str]
) -> None:
    if dataset is None:
        return
    if dataset.kind == "events":
        known = set(column_kinds(dataset))
    else:
        known = {"unit", "item", "value", *dataset.columns, "period" if dataset.kind == "reports" else "date"}
        if "item" in row:
            scope.known(str(row["item"]), dataset.items, (*path, "item"), "item")
    for key in row:
        scope.known(key, known, (*path, key), "column")
    unit = row.get(dataset.unit if dataset.kind == "events" else "unit")
    if units and unit is not None:
        scope.known(str(unit), units, (*path, "unit"), "unit")
    if isinstance(row.get("period"), str):
        scope.period(row["period"], (*path, "period"))


def _check_expected(scope: Scope, path: Path_, row: Mapping[str, Any], units: Collection[str]) -> None:
    for key in row:
        if key not in EXPECTED_KEYS:
            scope.wrong("unknown_key", (*path, key), "there is no key '{key}' here", "keys are {known}",
                        key=key, known=", ".join(EXPECTED_KEYS))  # fmt: skip
    for key in ("measure", "indicator"):
        if key in row and scope.known(str(row[key]), scope.names(f"{key}s"), (*path, key), key):
            scope.used.add(str(row[key]))
    for key in ("unit", "period"):
        if key not in row:
            scope.wrong("missing_key", path, "an expected figure needs `{key}:`", key=key)
    if "unit" in row and units:
        scope.known(str(row["unit"]), units, (*path, "unit"), "unit")
    if "period" in row:
        scope.period(str(row["period"]), (*path, "period"))
    value = row.get("value")
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        scope.wrong(
            "wrong_value",
            (*path, "value"),
            "'{key}' is a number; '{value}' is none",
            key="value",
            value=value,
        )
