"""Waivers: what they name exists."""

from __future__ import annotations

from tallymark.programme.files import Path_
from tallymark.programme.linting.scope import Scope


def check_waivers(scope: Scope) -> None:
    """Finds what is wrong with each waiver."""
    items = {item for dataset in scope.written.datasets.values() for item in dataset.items}
    for at, one in enumerate(scope.written.waivers):
        path: Path_ = ("waivers", at)
        if one.check is not None:
            scope.known(one.check, scope.names("checks"), (*path, "check"), "check")
        if one.dataset is not None:
            scope.known(one.dataset, scope.names("datasets"), (*path, "dataset"), "dataset")
        if one.item is not None:
            scope.known(one.item, items, (*path, "item"), "item")
        if one.unit is not None and scope.units is not None:
            scope.known(one.unit, scope.units.index, (*path, "unit"), "unit")
        if one.period is not None:
            scope.period(one.period, (*path, "period"))
