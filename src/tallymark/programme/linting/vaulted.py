"""What the vault holds cannot be counted by: only whether it is there, and how many different ones there are."""

from __future__ import annotations

from tallymark.model.expressions import Expression
from tallymark.model.expressions.tree import Call, Name, Node
from tallymark.programme.files import Path_
from tallymark.programme.linting.scope import Scope
from tallymark.programme.resolved import is_vaulted
from tallymark.programme.written.data import WrittenDataset

READ = "'{name}' is in the vault: it is read in the clear for declared purposes, and never to count by"
HINT = (
    "`{name} IS NULL` and `aggregate: distinct` work. To count by it, declare what is counted (an age group, a yes or "
    "no) as a column of its own, which is not personal"
)


def check_vaulted(scope: Scope) -> None:
    """Finds what reads columns that the store has digests of only."""
    for name, measure in scope.written.measures.items():
        dataset = scope.written.datasets.get(measure.dataset)
        if dataset is None:
            continue
        hidden = vaulted_columns(dataset)
        for key in ("where", "of"):
            path: Path_ = ("measures", name, key)
            if path in scope.expressions and not (key == "of" and measure.aggregate == "distinct"):
                _check_read(scope, path, scope.expressions[path], hidden)
    for name, dataset in scope.written.datasets.items():
        for at, column in enumerate(dataset.breakdowns):
            if column in vaulted_columns(dataset):
                scope.wrong("vaulted", ("datasets", name, "breakdowns", at), READ, HINT, name=column)
    for at, made in enumerate(scope.written.patterns.evidence if scope.written.patterns else ()):
        of = scope.written.datasets.get(made.dataset)
        if of is not None and made.made in vaulted_columns(of):
            scope.wrong("vaulted", ("patterns", "evidence", at, "made"), READ, HINT, name=made.made)
    _check_sheets(scope)


def vaulted_columns(dataset: WrittenDataset) -> frozenset[str]:
    """Columns that the vault holds."""
    return frozenset(name for name, column in dataset.columns.items() if is_vaulted(dataset, name, column))


def _check_read(scope: Scope, path: Path_, expression: Expression, hidden: frozenset[str]) -> None:
    for name in sorted(_read(expression.tree) & hidden):
        scope.wrong("vaulted", path, READ, HINT, name=name)


def _read(node: Node) -> frozenset[str]:
    """Names whose values matter, not only whether there is one."""
    if isinstance(node, Name):
        return frozenset({node.name})
    if not isinstance(node, Call) or (node.op == "is null" and isinstance(node.args[0], Name)):
        return frozenset()
    return frozenset[str]().union(*(_read(part) for part in node.args))


def _check_sheets(scope: Scope) -> None:
    """Two tables of one sheet that feed one such dataset: rows of the vault could not be told apart."""
    for name, source in scope.written.sources.items():
        seen: set[tuple[str, str | None]] = set()
        for at, table in enumerate(source.tables):
            dataset = scope.written.datasets.get(table.dataset)
            if dataset is None or not vaulted_columns(dataset):
                continue
            if (table.dataset, table.sheet) in seen:
                scope.wrong(
                    "vaulted", ("sources", name, "tables", at),
                    "two tables of one sheet feed '{dataset}', which has columns in the vault",
                    "declare two sources", dataset=table.dataset,
                )  # fmt: skip
            seen.add((table.dataset, table.sheet))
