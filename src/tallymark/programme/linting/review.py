"""Data quality review: what it looks at exists."""

from __future__ import annotations

from tallymark.programme.linting.scope import Scope


def check_review(scope: Scope) -> None:
    """Finds what is wrong with the declared review."""
    one = scope.written.review
    if one is None:
        return
    scope.known(one.level, scope.levels, ("review", "level"), "level")
    for at, name in enumerate(one.datasets):
        path = ("review", "datasets", at)
        if scope.known(name, scope.names("datasets"), path, "dataset"):
            dataset = scope.written.datasets.get(name)
            if dataset is not None and dataset.kind != "reports":
                scope.wrong("wrong_type", path, "'{name}' is not a dataset of reports",
                            "only reports are due, and can be complete and in time", name=name)  # fmt: skip
    for at, name in enumerate(one.values):
        if scope.known(name, scope.names("measures"), ("review", "values", at), "measure"):
            scope.used.add(name)
    figures = [*scope.names("measures"), *scope.names("indicators")]
    for key in ("related", "equal", "dropout", "external"):
        for at, pair in enumerate(getattr(one, key)):
            for side in ("first", "second"):
                name = getattr(pair, side)
                if scope.known(name, figures, ("review", key, at, side), "figure"):
                    scope.used.add(name)
