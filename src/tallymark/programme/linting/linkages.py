"""Linkages: lists that share enough to be set against each other."""

from __future__ import annotations

from tallymark.findings import Severity
from tallymark.programme.files import Path_
from tallymark.programme.linting.datasets import column_kinds
from tallymark.programme.linting.scope import Scope
from tallymark.programme.written.linkage import WrittenLinkage, WrittenLinkedList


def check_linkages(scope: Scope) -> None:
    """Finds what is wrong with each linkage."""
    for name, linkage in scope.written.linkages.items():
        path: Path_ = ("linkages", name)
        for one, held in linkage.lists.items():
            for field in held.columns:
                scope.known(field, linkage.fields, (*path, "lists", one, "columns", field), "linked")
            _check_dataset(scope, (*path, "lists", one), linkage, held)
        _check_shared(scope, path, linkage)


def _check_dataset(scope: Scope, path: Path_, linkage: WrittenLinkage, held: WrittenLinkedList) -> None:
    if held.dataset is None or not scope.known(
        held.dataset, scope.names("datasets"), (*path, "dataset"), "dataset"
    ):
        return
    dataset = scope.written.datasets.get(held.dataset)
    if dataset is None:
        return
    kinds = column_kinds(dataset)
    for field, column in held.columns.items():
        scope.known(column, kinds, (*path, "columns", field), "column")
    scope.known(held.record, kinds, (*path, "record"), "column")
    if linkage.purpose not in dataset.opened_for:
        scope.wrong(
            "linkage", (*path, "dataset"), "'{dataset}' is not opened for {purpose}",
            "people were told what for: add it under `opened_for` of the dataset only where they were",
            dataset=held.dataset, purpose=linkage.purpose,
        )  # fmt: skip


def _check_shared(scope: Scope, path: Path_, linkage: WrittenLinkage) -> None:
    if len(linkage.lists) == 1 and all(one.unique for one in linkage.lists.values()):
        scope.wrong(
            "linkage", (*path, "lists"), "one list that holds each event once has nothing to be linked with",
            "add another office's list, or write `unique: false` to look for records of the same event",
        )  # fmt: skip
    if len(linkage.lists) < 2:
        return
    for field in linkage.fields:
        holding = [one for one, held in linkage.lists.items() if field in held.columns]
        if len(holding) < 2:
            scope.wrong(
                "linkage", (*path, "fields", field),
                "'{field}' is on {many} of {lists} lists, so it is compared with nothing",
                "name its column on another list, or leave the field out",
                severity=Severity.WARNING, field=field, many=len(holding), lists=len(linkage.lists),
            )  # fmt: skip
