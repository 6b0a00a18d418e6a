"""Allocations: totals that can be given out as declared."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from tallymark.findings import Severity
from tallymark.programme.files import Path_
from tallymark.programme.linting.scope import Scope
from tallymark.programme.written.contract import WrittenAllocation

NEEDED = {"measure": "measure", "attribute": "attribute", "classes": "attribute"}


def check_allocations(scope: Scope) -> None:
    """Finds what is wrong with each allocation."""
    for code, allocation in scope.written.allocations.items():
        path: Path_ = ("allocations", code)
        scope.known(allocation.level, scope.levels, (*path, "level"), "level")
        if allocation.period is not None:
            period = scope.period(allocation.period, (*path, "period"))
            if period is not None:
                scope.frequency(period.frequency, (*path, "period"), computed=True)
        _check_basis(scope, path, allocation)
        _check_amounts(scope, path, allocation)


def _check_basis(scope: Scope, path: Path_, allocation: WrittenAllocation) -> None:
    needed = NEEDED.get(allocation.by)
    if needed is not None and getattr(allocation, needed) is None:
        scope.wrong("missing_key", path, "`by: {by}` needs `{key}:`", by=allocation.by, key=needed)
    if allocation.by == "measure" and allocation.period is None:
        scope.wrong("missing_key", path, "`by: measure` needs `period:`, the period whose figures count")
    if allocation.measure is not None and scope.known(
        allocation.measure, scope.names("measures"), (*path, "measure"), "measure"
    ):
        scope.used.add(allocation.measure)
    if allocation.attribute is None:
        return
    if not scope.known(allocation.attribute, scope.attributes, (*path, "attribute"), "attribute"):
        return
    if allocation.by == "classes":
        _check_classes(scope, path, allocation)
    elif allocation.by == "attribute" and scope.attributes[allocation.attribute] == "text":
        scope.wrong("wrong_type", (*path, "attribute"), "'{name}' is not a number for every unit",
                    "write `by: classes` and a weight for each value", name=allocation.attribute)  # fmt: skip


def _values(scope: Scope, allocation: WrittenAllocation) -> dict[str | None, str]:
    """Value of the attribute among the level's units → one unit that has it."""
    if scope.units is None:
        return {}
    column = scope.units.attributes[str(allocation.attribute)]
    found: dict[str | None, str] = {}
    for code, level, value in zip(scope.units.codes, scope.units.levels, column, strict=True):
        if level == allocation.level:
            found.setdefault(value, code)
    return found


def _check_classes(scope: Scope, path: Path_, allocation: WrittenAllocation) -> None:
    values = _values(scope, allocation)
    if not allocation.classes:
        scope.wrong(
            "missing_key", path, "`by: classes` needs `classes:`, a weight for each value of the attribute"
        )
        return
    for name, weight in allocation.classes.items():
        if values:
            known = [value for value in values if value is not None]
            scope.known(name, known, (*path, "classes", name), "class")
        if weight < 0:
            scope.wrong("allocation", (*path, "classes", name), "a weight cannot be negative")
    for value, unit in values.items():
        if value not in allocation.classes:
            scope.wrong(
                "allocation",
                (*path, "classes"),
                "unit '{unit}' has {attribute} '{value}', which has no weight",
                "add it under `classes:`",
                severity=Severity.WARNING,
                unit=unit,
                attribute=allocation.attribute,
                value=value or "",
            )


def _check_amounts(scope: Scope, path: Path_, allocation: WrittenAllocation) -> None:
    steps = allocation.total / allocation.step
    if abs(steps - round(steps)) > 1e-6:
        values: dict[str, Any] = {"total": f"{allocation.total:g}", "step": f"{allocation.step:g}"}
        message = "{total} is not a whole number of steps of {step}"
        scope.wrong("allocation", (*path, "total"), message, "correct `total:` or `step:`", **values)
    if allocation.least < 0 or not math.isfinite(allocation.least):
        scope.wrong("allocation", (*path, "least"), "`least` cannot be negative")
    if scope.units is None or allocation.level not in scope.levels:
        return
    day = _day(scope, allocation)
    count = len(scope.units.at_level(allocation.level, day)) if day else 0
    if count * allocation.least > allocation.total:
        scope.wrong(
            "allocation",
            (*path, "least"),
            "{count} units at {least} each need more than the total of {total}",
            "lower `least:` or raise `total:`",
            count=count,
            least=f"{allocation.least:g}",
            total=f"{allocation.total:g}",
        )


def _day(scope: Scope, allocation: WrittenAllocation) -> dt.date | None:
    if allocation.period is None:
        return None
    try:
        return scope.calendar.parse(allocation.period).end
    except ValueError:
        return None
