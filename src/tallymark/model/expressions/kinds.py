"""What kind of value an expression gives: number, text, boolean, date, or any where nobody said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from tallymark.model.expressions.errors import ExpressionError
from tallymark.model.expressions.tree import ARITHMETIC, COMPARISONS, Call, Name, Node, Number, Value

KINDS = ("number", "text", "boolean", "date", "any")


def kind_of(node: Node, names: Mapping[str, str], label: Callable[[Node], str]) -> str:
    """The kind of value a tree gives; ExpressionError where an operator gets what it cannot take.

    names: name → kind; `label` writes a part of the tree for the message.
    """
    if isinstance(node, Name):
        return names.get(node.name, "any")
    if isinstance(node, Number):
        return "number"
    if isinstance(node, Value):
        return _kind_of_value(node)
    return _Check(names, label).call(node)


def _kind_of_value(node: Value) -> str:
    if node.value is None:
        return "any"
    if isinstance(node.value, bool):
        return "boolean"
    return "date" if isinstance(node.value, dt.date) else "text"


class _Check:
    def __init__(self, names: Mapping[str, str], label: Callable[[Node], str]) -> None:
        self.names = names
        self.label = label

    def call(self, node: Call) -> str:
        op, args = node.op, node.args
        if op in ARITHMETIC or op == "abs":
            return self.all_of(args, "number", op)
        if op in COMPARISONS or op in ("in", "between"):
            self.alike(args, op)
            return "boolean"
        if op in ("and", "or", "not"):
            return self.all_of(args, "boolean", op)
        if op == "is null":
            self.kind(args[0])
            return "boolean"
        if op == "case":
            self.all_of(args[:-1:2], "boolean", "case when")
            return self.alike((*args[1::2], args[-1]), "case")
        if op in ("coalesce", "nullif", "greatest", "least"):
            return self.alike(args, op)
        wanted, gives = _SIGNATURES[op]
        self.all_of(args, wanted, op)
        return gives

    def kind(self, node: Node) -> str:
        return kind_of(node, self.names, self.label)

    def all_of(self, args: tuple[Node, ...], wanted: str, op: str) -> str:
        for arg in args:
            kind = self.kind(arg)
            if kind not in (wanted, "any"):
                raise ExpressionError(
                    "'{op}' needs {wanted} values, but {part} is a {kind} value",
                    {"op": op, "wanted": wanted, "part": self.label(arg), "kind": kind},
                    _hint(wanted, kind),
                )
        return wanted

    def alike(self, args: tuple[Node, ...], op: str) -> str:
        first: tuple[Node, str] | None = None
        for arg in args:
            kind = self.kind(arg)
            if kind == "any":
                continue
            if first is None:
                first = (arg, kind)
            elif kind != first[1]:
                raise ExpressionError(
                    "'{op}' puts a {kind} value ({part}) beside a {other} value ({other_part})",
                    {
                        "op": op,
                        "kind": first[1],
                        "part": self.label(first[0]),
                        "other": kind,
                        "other_part": self.label(arg),
                    },
                    _hint(first[1], kind),
                )
        return first[1] if first else "any"


def _hint(wanted: str, kind: str) -> str:
    pair = {wanted, kind}
    if pair == {"date", "text"}:
        return "a day is written date '2025-03-14'"
    if pair == {"boolean", "number"}:
        return "write case when … then 1 else 0 end for a number, x > 0 for a condition"
    if pair == {"date", "number"}:
        return "days between two dates are date_diff('day', earlier, later)"
    if pair == {"boolean", "text"}:
        return "a true/false value is a condition by itself: write x, or not x"
    if pair == {"number", "text"}:
        return "text goes in single quotes, numbers without; codes such as 01 are text"
    return ""


_SIGNATURES = {
    "year": ("date", "number"),
    "quarter": ("date", "number"),
    "month": ("date", "number"),
    "day": ("date", "number"),
    "date_diff": ("date", "number"),
    "lower": ("text", "text"),
    "upper": ("text", "text"),
    "length": ("text", "number"),
    "starts_with": ("text", "boolean"),
}
