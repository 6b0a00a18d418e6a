"""Patterns: datasets, items and columns that are looked at are there."""

from __future__ import annotations

from tallymark.findings import Severity
from tallymark.programme.files import Path_
from tallymark.programme.linting.scope import Scope


def check_patterns(scope: Scope) -> None:
    """Finds what is wrong with the declared patterns."""
    one = scope.written.patterns
    if one is None:
        return
    top: Path_ = ("patterns",)
    if not one.standard and not one.kinds:
        scope.wrong("missing_key", top, "no pattern is looked for",
                    "write `standard: true`, or name some under `kinds:`", severity=Severity.WARNING)  # fmt: skip
    for at, name in enumerate(one.datasets):
        _dataset(scope, (*top, "datasets", at), name, "reports")
    every = [item for dataset in scope.written.datasets.values() for item in dataset.items]
    for at, name in enumerate(one.skip):
        scope.known(name, every, (*top, "skip", at), "item")
    for at, share in enumerate(one.shares):
        _items(scope, (*top, "shares", at), share.dataset, {"part": share.part, "of": share.of})
    for at, ledger in enumerate(one.ledgers):
        path = (*top, "ledgers", at)
        ends = {"opening": ledger.opening, "closing": ledger.closing}
        _items(scope, path, ledger.dataset, {key: name for key, name in ends.items() if name is not None})
        for key, names in (("into", ledger.into), ("out", ledger.out)):
            for place, name in enumerate(names):
                _items(scope, (*path, key), ledger.dataset, {place: name})
    for at, ratio in enumerate(one.ratios):
        _items(scope, (*top, "ratios", at), ratio.dataset, {"ratio": ratio.ratio, "of": ratio.of})
    for at, made in enumerate(one.evidence):
        path = (*top, "evidence", at)
        if _dataset(scope, path, made.dataset, "events") and made.made is not None:
            scope.known(
                made.made, list(scope.written.datasets[made.dataset].columns), (*path, "made"), "column"
            )


def _dataset(scope: Scope, path: Path_, name: str, kind: str) -> bool:
    if not scope.known(name, scope.names("datasets"), path, "dataset"):
        return False
    dataset = scope.written.datasets.get(name)
    if dataset is not None and dataset.kind != kind:
        scope.wrong("wrong_type", path, "'{name}' is no dataset of {kind}",
                    "patterns of figures need reports, evidence needs events", name=name, kind=kind)  # fmt: skip
        return False
    return dataset is not None


def _items(
    scope: Scope, path: Path_, dataset: str, items: dict[str | int, str] | dict[str, str] | dict[int, str]
) -> None:
    if _dataset(scope, path, dataset, "reports"):
        for key, name in items.items():
            scope.known(name, list(scope.written.datasets[dataset].items), (*path, key), "item")
