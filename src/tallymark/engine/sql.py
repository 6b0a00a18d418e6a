"""Pieces of SQL as SQLGlot nodes: user text enters only as identifiers, literals and parsed expressions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import TypeAlias

from sqlglot import condition, exp

from tallymark.model.expressions import Expression

Node: TypeAlias = exp.Expression

DECIMAL = "DECIMAL(38, 9)"
"""Type in which figures are added: exact, so that neither the order of rows nor threads change a sum."""

LIMIT = "1e25"
"""Greatest number that is added; beyond it (and infinite) a value is not usable."""


def quoted(name: str) -> str:
    """An identifier in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def column(name: str, table: str | None = None) -> exp.Column:
    """A column, quoted, whatever its name."""
    return exp.column(name, table=table, quoted=True)


def text(value: str) -> exp.Literal:
    """A text literal."""
    return exp.Literal.string(value)


def number(value: int) -> Node:
    """A whole number."""
    return exp.convert(value)


def cast(node: Node | str, kind: str) -> Node:
    """CAST(node AS kind)."""
    return exp.cast(exp.maybe_parse(node, dialect="duckdb"), kind, dialect="duckdb")


def formula(expression: Expression, names: Mapping[str, str] | None = None) -> Node:
    """A declared expression over the SQL that stands for each name (columns of the same names by default)."""
    mapping = names or {name: quoted(name) for name in expression.names}
    return condition(expression.sql(mapping), dialect="duckdb")


def when(test: Node | str, value: Node | str, default: Node | str | None = None) -> exp.Case:
    """CASE WHEN test THEN value ELSE default END."""
    case = exp.Case().when(exp.maybe_parse(test, dialect="duckdb"), exp.maybe_parse(value, dialect="duckdb"))
    return case if default is None else case.else_(exp.maybe_parse(default, dialect="duckdb"))


def exact(node: Node) -> Node:
    """A number as decimal with nine places; NULL where it is missing, infinite or beyond `LIMIT`."""
    double = cast(node, "DOUBLE")
    return when(
        exp.LT(this=exp.Abs(this=double.copy()), expression=exp.Literal.number(LIMIT)), cast(double, DECIMAL)
    )


def total(node: Node | str, kind: str) -> Node:
    """SUM(node) in the type that sums of its kind are kept in."""
    return cast(exp.Sum(this=exp.maybe_parse(node, dialect="duckdb")), kind)


def named(node: Node | str, name: str) -> Node:
    """node AS name."""
    return exp.alias_(exp.maybe_parse(node, dialect="duckdb"), name)


def stacked(queries: Sequence[exp.Query]) -> exp.Query:
    """All rows of queries with the same columns, one under the other."""
    return reduce(lambda above, below: exp.union(above, below, distinct=False, copy=False), queries)


def listed(values: Iterable[int]) -> list[Node]:
    """Whole numbers as literals."""
    return [number(value) for value in values]
