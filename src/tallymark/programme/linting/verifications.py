"""Verifications: what is recounted is there to be compared."""

from __future__ import annotations

from tallymark.programme.files import Path_
from tallymark.programme.linting.scope import Scope
from tallymark.programme.written.verification import WrittenVerification

ANSWER_COLUMNS = ("period", "item", "answer", "ruling")


def check_verifications(scope: Scope) -> None:
    """Finds what is wrong with each verification."""
    for name, one in scope.written.verifications.items():
        path: Path_ = ("verifications", name)
        for key, dataset in (("of", one.of), ("by", one.by)):
            _check_reports(scope, (*path, key), dataset)
        if one.stratum is not None:
            scope.known(one.stratum, scope.levels, (*path, "stratum"), "level")
        _check_items(scope, path, one)
        if one.answers is not None and scope.known(
            one.answers, scope.names("datasets"), (*path, "answers"), "dataset"
        ):
            _check_answers(scope, (*path, "answers"), one.answers)


def _check_reports(scope: Scope, path: Path_, name: str) -> None:
    if not scope.known(name, scope.names("datasets"), path, "dataset"):
        return
    dataset = scope.written.datasets.get(name)
    if dataset is not None and dataset.kind != "reports":
        scope.wrong(
            "wrong_type",
            path,
            "'{name}' is not a dataset of reports",
            "reports (unit × period × item) can be recounted; events can be listed again and linked",
            name=name,
        )


def _check_items(scope: Scope, path: Path_, one: WrittenVerification) -> None:
    of, by = scope.written.datasets.get(one.of), scope.written.datasets.get(one.by)
    if of is None or by is None or of.kind != "reports" or by.kind != "reports":
        return
    both = [item for item in of.items if item in by.items]
    if not both:
        scope.wrong(
            "unknown_name",
            (*path, "by"),
            "'{by}' has no item of '{of}'",
            "give recounts the names of the items that they recount",
            by=one.by,
            of=one.of,
        )
        return
    for at, item in enumerate(one.items):
        scope.known(item, both, (*path, "items", at), "item")
    for item in one.helps:
        scope.known(item, one.items or both, (*path, "helps", item), "item")
    if one.weight is not None:
        scope.known(one.weight, list(by.items), (*path, "weight"), "item")


def _check_answers(scope: Scope, path: Path_, name: str) -> None:
    dataset = scope.written.datasets.get(name)
    if dataset is None:
        return
    if dataset.kind != "events":
        scope.wrong(
            "wrong_type",
            path,
            "'{name}' is not a dataset of events",
            "each answer is a row of its own",
            name=name,
        )
        return
    for column in ANSWER_COLUMNS:
        if column not in dataset.columns:
            scope.wrong(
                "missing_key",
                path,
                "'{name}' has no column '{column}'",
                "answers have the columns period, item, answer (accepts, explains, contests) and ruling "
                "(upheld, explained, error, falsification; empty while open)",
                name=name,
                column=column,
            )
