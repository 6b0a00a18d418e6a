"""Expressions in programme files: SQL scalar expressions over declared names, nothing else.

A reader that knows nothing else makes a tree of them, and three writers make SQL, NumPy and words of that.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from tallymark.findings import did_you_mean
from tallymark.model.expressions.arrays import evaluate
from tallymark.model.expressions.errors import ExpressionError
from tallymark.model.expressions.kinds import kind_of
from tallymark.model.expressions.reading import read
from tallymark.model.expressions.sql import to_sql
from tallymark.model.expressions.tree import FUNCTIONS, Name, Node, walk
from tallymark.model.expressions.words import to_words
from tallymark.model.text import Text

__all__ = ["FUNCTIONS", "Expression", "ExpressionError", "parse_expression"]


@dataclass(frozen=True, slots=True)
class Expression:
    """A formula over declared names, read and found harmless."""

    text: str
    tree: Node
    names: frozenset[str]
    kind: str
    """What it gives: number, text, boolean, date, or any where the names' kinds were not said."""

    def sql(self, mapping: Mapping[str, str], dialect: str = "duckdb") -> str:
        """The expression as SQL text of a dialect; `mapping` has the SQL (DuckDB's) standing for each name.

        Division is `x / NULLIF(d, 0)`; numbers are doubles except beside comparisons.
        """
        text = to_sql(self.tree, mapping.__getitem__)
        if dialect == "duckdb":
            return text
        import sqlglot  # 0.4 s to import, and only other engines need it

        return str(sqlglot.parse_one(text, read="duckdb", into=sqlglot.exp.Condition).sql(dialect))

    def evaluate(self, values: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        """The value for every element: float64 (numbers, truth), object (texts) or datetime64[D] (days).

        Truth is 1, 0 or NaN. Missing is NaN (None in texts, NaT in days), in and out; x/0 is NaN.
        """
        return evaluate(self.tree, {name: values[name] for name in self.names})

    def in_words(self, titles: Mapping[str, Text], language: str) -> str:
        """The formula in symbols, with titles instead of codes (the code where there is no title)."""
        return to_words(self.tree, lambda name: (titles.get(name) or Text(name))[language], language)

    def __str__(self) -> str:
        return self.text


def parse_expression(text: str, names: Collection[str] | Mapping[str, str]) -> Expression:
    """The expression written in `text` over the given names (dotted names such as `monthly.expected` too).

    names: what may be used; a mapping name → kind (number, text, boolean, date, any) has kinds checked too.
    Errors: ExpressionError for anything but a scalar expression of the allowed kind, or an unknown name.
    """
    tree = read(text)
    used = frozenset(node.name for node in walk(tree) if isinstance(node, Name))
    for name in sorted(used):
        if name not in names:
            raise _unknown(name, names)
    kinds = names if isinstance(names, Mapping) else {}
    return Expression(text, tree, used, kind_of(tree, kinds, _label))


def _label(node: Node) -> str:
    return to_words(node, lambda name: name, "en")


def _unknown(name: str, names: Collection[str]) -> ExpressionError:
    near = did_you_mean(name, names)
    shown = ", ".join(sorted(names)[:8]) + (", …" if len(names) > 8 else "")
    return ExpressionError(
        "'{name}' is not known here",
        {"name": name, "near": ", ".join(near), "known": shown},
        "did you mean {near}?"
        if near
        else "known are {known}"
        if names
        else "nothing is declared that could be meant",
        unknown=name,
    )
