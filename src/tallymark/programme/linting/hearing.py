"""Hearing: the dataset of answers says to which finding each belongs."""

from __future__ import annotations

from tallymark.programme.linting.scope import Scope

COLUMNS = ("code", "period", "answer", "ruling")


def check_hearing(scope: Scope) -> None:
    """Finds what is wrong with how units are heard."""
    one = scope.written.hearing
    if one is None or one.answers is None:
        return
    path = ("hearing", "answers")
    if not scope.known(one.answers, scope.names("datasets"), path, "dataset"):
        return
    dataset = scope.written.datasets.get(one.answers)
    if dataset is None:
        return
    if dataset.kind != "events":
        scope.wrong("wrong_type", path, "'{name}' is not a dataset of events", "each answer is a row of its own",
                    name=one.answers)  # fmt: skip
        return
    for column in COLUMNS:
        if column not in dataset.columns:
            scope.wrong(
                "missing_key",
                path,
                "'{name}' has no column '{column}'",
                "answers to findings have the columns code (as `check.name`), period, answer, and ruling "
                "(`explained` where the office agrees; empty while open)",
                name=one.answers,
                column=column,
            )
