"""The few kinds of node that an expression may consist of; everything else was refused when it was read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Name:
    """A declared name, dotted or not."""

    name: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written (so that 0.10 stays 0.10 in words)."""

    text: str

    @property
    def value(self) -> float:
        return float(self.text)


@dataclass(frozen=True, slots=True)
class Value:
    """A text, a day, TRUE, FALSE or NULL."""

    value: str | dt.date | bool | None


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or function with its arguments; chains of `+ * and or` have as many as were written.

    `case` holds condition, value, condition, value, …, else (NULL when none was written).
    """

    op: str
    args: tuple[Node, ...]


Node = Name | Number | Value | Call

ARITHMETIC = frozenset({"+", "-", "*", "/", "%", "neg"})
COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
FUNCTIONS = (
    "abs", "coalesce", "date_diff", "day", "greatest", "least", "length", "lower", "month", "nullif",
    "quarter", "starts_with", "upper", "year",
)  # fmt: skip
"""Functions that an expression may call; each means the same in DuckDB, Spark and NumPy."""


def walk(node: Node) -> Iterator[Node]:
    """Every node, from the top, left to right."""
    pending: list[Node] = [node]
    while pending:
        one = pending.pop()
        yield one
        if isinstance(one, Call):
            pending.extend(reversed(one.args))
