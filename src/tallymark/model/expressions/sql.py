"""Tree → SQL text; only what is written here can come out, whatever was read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from tallymark.model.expressions.tree import COMPARISONS, Call, Name, Node, Number, Value

LOOSE, OR, AND, NOT, COMPARE, SUM, PRODUCT, SIGN, TIGHT = range(9)
STRENGTH = {
    "or": OR, "and": AND, "not": NOT, "in": COMPARE, "between": COMPARE, "is null": COMPARE,
    "+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "%": PRODUCT, "neg": SIGN,
    **dict.fromkeys(COMPARISONS, COMPARE),
}  # fmt: skip
"""How strongly operators bind; functions and CASE need no brackets."""
_ATOM = re.compile(r'([A-Za-z_][\w.]*(\([^()]*\))?|"[^"]*"(\."[^"]*")?)\Z')
_BIGINT = 2**63


def to_sql(node: Node, name: Callable[[str], str]) -> str:
    """The expression in DuckDB's dialect; `name` gives the SQL text that stands for a name."""
    return _Writer(name).write(node, LOOSE)


class _Writer:
    def __init__(self, name: Callable[[str], str]) -> None:
        self.name = name

    def write(self, node: Node, strength: int, *, comparing: bool = False) -> str:
        if isinstance(node, Call):
            text = self.call(node)
            return f"({text})" if STRENGTH.get(node.op, TIGHT) < strength else text
        if isinstance(node, Name):
            text = self.name(node.name)
            return text if _ATOM.match(text) else f"({text})"
        if isinstance(node, Number):
            return number(node, exact=comparing)
        return value(node)

    def call(self, node: Call) -> str:
        op, args = node.op, node.args
        if op in ("+", "*", "and", "or"):
            mine = STRENGTH[op]
            return f" {op.upper()} ".join(
                self.write(arg, mine if i == 0 else mine + 1) for i, arg in enumerate(args)
            )
        if op == "-":
            return f"{self.write(args[0], SUM)} - {self.write(args[1], PRODUCT)}"
        if op in ("/", "%"):
            return f"{self.write(args[0], PRODUCT)} {op} {self.divisor(args[1])}"
        if op == "neg":
            return f"-{self.write(args[0], TIGHT)}"
        if op == "not":
            return f"NOT {self.write(args[0], COMPARE)}"
        if op == "case":
            return self.case(args)
        if op in COMPARISONS:
            left, right = (self.write(arg, SUM, comparing=True) for arg in args)
            return f"{left} {op} {right}"
        if op == "between":
            one, low, high = (self.write(arg, SUM, comparing=True) for arg in args)
            return f"{one} BETWEEN {low} AND {high}"
        if op == "in":
            one, *others = (self.write(arg, SUM, comparing=True) for arg in args)
            return f"{one} IN ({', '.join(others)})"
        if op == "is null":
            return f"{self.write(args[0], SUM)} IS NULL"
        parts = [self.write(arg, LOOSE, comparing=op == "nullif") for arg in args]
        if op == "date_diff":
            parts.insert(0, "'day'")
        return f"{op.upper()}({', '.join(parts)})"

    def divisor(self, node: Node) -> str:
        safe = isinstance(node, Call) and node.op == "nullif" and node.args[1] == Number("0")
        return self.write(node, TIGHT) if safe else f"NULLIF({self.write(node, LOOSE)}, 0)"

    def case(self, args: tuple[Node, ...]) -> str:
        branches = (
            f"WHEN {self.write(when, LOOSE)} THEN {self.write(then, LOOSE)}"
            for when, then in zip(args[:-1:2], args[1::2], strict=True)
        )
        return f"CASE {' '.join(branches)} ELSE {self.write(args[-1], LOOSE)} END"


def number(node: Number, *, exact: bool = False) -> str:
    """A literal as double (`1000e0`), so that nothing is computed in 32-bit integers or decimals.

    `exact`: whole numbers beside a comparison stay whole, so that integer columns are compared as such.
    """
    text = node.text.lower()
    if exact and text.isdigit() and int(text) < _BIGINT:
        return text
    return text if "e" in text else f"{text}e0"


def value(node: Value) -> str:
    """A text, day, truth value or NULL as a SQL literal."""
    if node.value is None:
        return "NULL"
    if isinstance(node.value, bool):
        return "TRUE" if node.value else "FALSE"
    if isinstance(node.value, dt.date):
        return f"DATE '{node.value.isoformat()}'"
    return "'" + node.value.replace("'", "''") + "'"
