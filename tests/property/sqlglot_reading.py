"""A twin of the reader of expressions: SQLGlot parses all of SQL, a whitelist of its nodes decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import sqlglot
from sqlglot import exp

from tallymark.model.expressions.tree import Call, Name, Node, Number, Value


def read(text: str, dialect: str = "duckdb") -> Node:
    """The tree of an expression; ValueError for everything that the whitelist does not have."""
    tokens = sqlglot.tokenize(text, read=dialect)
    if any(token.comments for token in tokens) or ";" in [token.text for token in tokens]:
        raise ValueError(text)
    return _convert(sqlglot.parse_one(text, read=dialect, into=exp.Condition))


def _convert(node: exp.Expr) -> Node:
    if type(node) not in _BUILDERS:
        raise ValueError(repr(node))
    return _BUILDERS[type(node)](node)


def _column(node: exp.Column) -> Node:
    return Name(".".join(part.name for part in (node.args.get("table"), node.this) if part is not None))


def _literal(node: exp.Literal) -> Node:
    text = str(node.this)
    return Value(text) if node.is_string else Number(f"0{text}" if text.startswith(".") else text.rstrip("."))


def _cast(node: exp.Cast) -> Node:
    if node.to.this is not exp.DType.DATE or not node.this.is_string:
        raise ValueError(repr(node))
    return Value(dt.date.fromisoformat(node.this.name))


def _chain(op: str) -> Callable[[Any], Node]:
    def build(node: exp.Binary) -> Node:
        spine: list[exp.Expr] = []
        kind = type(node)
        while isinstance(node, kind):
            spine.append(node.expression)
            node = node.this
        return Call(op, tuple(_convert(part) for part in (node, *reversed(spine))))

    return build


def _call(op: str, *keys: str) -> Callable[[Any], Node]:
    def build(node: exp.Expr) -> Node:
        found: list[Node] = []
        for key in keys:
            value = node.args.get(key)
            found += [_convert(part) for part in (value if isinstance(value, list) else [value])]
        return Call(op, tuple(found))

    return build


def _is(node: exp.Is) -> Node:
    if not isinstance(node.expression, exp.Null):
        raise ValueError(repr(node))
    return Call("is null", (_convert(node.this),))


def _case(node: exp.Case) -> Node:
    subject = None if node.this is None else _convert(node.this)
    parts: list[Node] = []
    for branch in node.args["ifs"]:
        when = _convert(branch.this)
        parts += [when if subject is None else Call("=", (subject, when)), _convert(branch.args["true"])]
    default = node.args.get("default")
    return Call("case", (*parts, Value(None) if default is None else _convert(default)))


def _date_diff(node: exp.DateDiff) -> Node:
    if node.args["unit"].name.upper() != "DAY":
        raise ValueError(repr(node))
    return Call("date_diff", (_convert(node.expression), _convert(node.this)))


_BINARY = {
    exp.Sub: "-", exp.Div: "/", exp.Mod: "%", exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">",
    exp.GTE: ">=", exp.Nullif: "nullif", exp.StartsWith: "starts_with",
}  # fmt: skip
_UNARY = {
    exp.Neg: "neg", exp.Not: "not", exp.Abs: "abs", exp.Lower: "lower", exp.Upper: "upper", exp.Length: "length",
    exp.Year: "year", exp.Quarter: "quarter", exp.Month: "month", exp.Day: "day",
}  # fmt: skip
_CHAINS = {exp.Add: "+", exp.Mul: "*", exp.And: "and", exp.Or: "or"}
_LISTS = {exp.Coalesce: "coalesce", exp.Greatest: "greatest", exp.Least: "least", exp.In: "in"}
_BUILDERS: dict[type[exp.Expr], Callable[[Any], Node]] = {
    **{kind: _call(op, "this", "expression") for kind, op in _BINARY.items()},
    **{kind: _call(op, "this") for kind, op in _UNARY.items()},
    **{kind: _chain(op) for kind, op in _CHAINS.items()},
    **{kind: _call(op, "this", "expressions") for kind, op in _LISTS.items()},
    exp.Between: _call("between", "this", "low", "high"),
    exp.Column: _column,
    exp.Literal: _literal,
    exp.Boolean: lambda node: Value(bool(node.this)),
    exp.Null: lambda node: Value(None),
    exp.Paren: lambda node: _convert(node.this),
    exp.TsOrDsToDate: lambda node: _convert(node.this),  # how SQLGlot reads Spark's year(x)
    exp.Cast: _cast,
    exp.TryCast: _cast,  # and its casts
    exp.Is: _is,
    exp.Case: _case,
    exp.DateDiff: _date_diff,
}
