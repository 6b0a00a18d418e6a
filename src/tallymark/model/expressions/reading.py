"""Text → tree: SQLGlot parses, a whitelist of nodes decides what is let through."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import SqlglotError
from sqlglot.tokens import TokenType

from tallymark.model.expressions.errors import ExpressionError
from tallymark.model.expressions.tree import FUNCTIONS, Call, Name, Node, Number, Value

MOST_CHARACTERS = 20_000
MOST_NESTING = 30
MOST_DEPTH = 200
DIALECT = DuckDB()
ALLOWED = "allowed are + - * / %, comparisons, and, or, not, in, between, is null, case and {functions}"
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?\Z")
_NUMBER = re.compile(r"(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z")
_KEYWORDS = DuckDB.Tokenizer.KEYWORDS


def read(text: str) -> Node:
    """The tree of an expression; ExpressionError says what is not understood or not allowed."""
    if _is_plain_name(text):
        return Name(text)
    try:
        return _convert(_parse(text))
    except RecursionError:
        raise _too_deep() from None


def _is_plain_name(text: str) -> bool:
    # Most numerators are one name: no need to wake the parser for it.
    return bool(_BARE.match(text)) and all(part.upper() not in _KEYWORDS for part in text.split("."))


def _parse(text: str) -> exp.Expr:
    if not text.strip():
        raise ExpressionError("the expression is empty")
    if len(text) > MOST_CHARACTERS:
        raise ExpressionError(
            "the expression has {count} characters; at most {most} are read",
            {"count": len(text), "most": MOST_CHARACTERS},
            "split it into measures or indicators",
        )
    try:
        tokens = DIALECT.tokenize(text)
        _check_tokens(tokens)
        found = DIALECT.parser().parse_into(exp.Condition, tokens, text)
    except SqlglotError as error:
        raise _unreadable(text, error) from None
    if len(found) != 1 or found[0] is None:
        raise ExpressionError("'{text}' is not one expression", {"text": _short(text)})
    return found[0]


def _check_tokens(tokens: list[Any]) -> None:
    depth = 0
    for token in tokens:
        kind = token.token_type
        if token.comments or kind is TokenType.HINT:
            raise ExpressionError(
                "comments (-- or /* */) are not allowed in an expression",
                hint="for a double negative write - (-x); put remarks behind # in the file",
            )
        if kind is TokenType.SEMICOLON:
            raise ExpressionError("';' is not allowed: an expression is one formula")
        if kind is TokenType.L_PAREN or kind is TokenType.CASE:
            depth += 1
            if depth > MOST_NESTING:
                raise _too_deep()
        elif kind is TokenType.R_PAREN or kind is TokenType.END:
            depth -= 1


def _too_deep() -> ExpressionError:
    return ExpressionError("the expression is nested too deeply", hint="split it into measures or indicators")


def _unreadable(text: str, error: SqlglotError) -> ExpressionError:
    first: dict[str, Any] = (getattr(error, "errors", None) or [{}])[0]
    near = first.get("highlight") or ""
    if "&&" in text or "||" in text:
        return ExpressionError("'{text}' cannot be read", {"text": _short(text)}, "write `and`, `or`")
    if "=>" in text or "=<" in text:
        return ExpressionError("'{text}' cannot be read", {"text": _short(text)}, "write >= or <=")
    if not near:
        return ExpressionError(
            "'{text}' cannot be read",
            {"text": _short(text)},
            "look for an operator or bracket without its partner",
        )
    return ExpressionError(
        "'{text}' cannot be read near '{near}' (character {column})",
        {"text": _short(text), "near": near, "column": max(1, int(first.get("col") or 1) - len(near) + 1)},
        "look for an operator or bracket without its partner",
    )


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 80 else text[:77] + "…"


def _refuse(node: exp.Expr) -> ExpressionError:
    if isinstance(node, exp.Anonymous):
        what = f"{node.this}()"
    elif isinstance(node, exp.AggFunc):
        return ExpressionError(
            "{what}() is not allowed: expressions work within one row or figure",
            {"what": node.sql_name().lower()},
            "counting and adding up is what measures do; for the larger of two values use greatest(a, b)",
        )
    elif isinstance(node, exp.Func):
        what = f"{node.sql_name().lower()}()"
    elif isinstance(node, exp.Query | exp.Exists):
        return ExpressionError("a query (select …) is not allowed in an expression")
    else:
        what = _short(node.sql("duckdb"))
    return ExpressionError(
        "'{what}' is not allowed in an expression", {"what": what, "functions": ", ".join(FUNCTIONS)}, ALLOWED
    )


def _convert(node: exp.Expr, depth: int = 0) -> Node:
    if depth > MOST_DEPTH:
        raise _too_deep()
    build = _BUILDERS.get(type(node))
    if build is None:
        raise _refuse(node)
    return build(node, depth + 1)


def _plain(node: exp.Expr, *known: str) -> None:
    """Refuses a node that carries anything beyond the parts that are understood."""
    for key, value in node.args.items():
        if key not in known and value not in (None, False, []):
            raise _refuse(node)


def _column(node: exp.Column, depth: int) -> Node:
    _plain(node, "this", "table")
    parts = [node.args.get("table"), node.this]
    if not all(part is None or isinstance(part, exp.Identifier) for part in parts):
        raise _refuse(node)
    return Name(".".join(part.this for part in parts if part is not None))


def _literal(node: exp.Literal, depth: int) -> Node:
    if node.is_string:
        return Value(str(node.this))
    if not _NUMBER.match(str(node.this)):
        raise _refuse(node)
    return Number(str(node.this))


def _cast(node: exp.Cast, depth: int) -> Node:
    text = node.this
    if not (node.to.this is exp.DType.DATE and isinstance(text, exp.Literal) and text.is_string):
        raise ExpressionError(
            "types cannot be changed in an expression ('{what}')",
            {"what": _short(node.sql("duckdb"))},
            "declare the column with the type it has; a day is written date '2025-03-14'",
        )
    try:
        return Value(dt.date.fromisoformat(str(text.this)))
    except ValueError:
        raise ExpressionError(
            "'{day}' is not a day", {"day": str(text.this)}, "write it as date '2025-03-14'"
        ) from None


def _chain(op: str) -> Callable[[Any, int], Node]:
    def build(node: exp.Binary, depth: int) -> Node:
        # The parser nests a + b + c to the left; a flat list keeps long sums shallow.
        spine: list[exp.Expr] = []
        kind = type(node)
        while isinstance(node, kind):
            _plain(node, "this", "expression")
            spine.append(node.expression)
            node = node.this
        return Call(op, tuple(_convert(part, depth) for part in (node, *reversed(spine))))

    return build


def _call(op: str, *keys: str, ignore: tuple[str, ...] = ()) -> Callable[[Any, int], Node]:
    def build(node: exp.Expr, depth: int) -> Node:
        _plain(node, *keys, *ignore)
        found: list[Node] = []
        for key in keys:
            value = node.args.get(key)
            for part in value if isinstance(value, list) else [value]:
                if part is None:
                    raise ExpressionError("{op}() lacks an argument", {"op": op})
                found.append(_convert(part, depth))
        if op in ("greatest", "least", "coalesce") and len(found) < 2:
            raise ExpressionError("{op}() needs at least two arguments", {"op": op})
        return Call(op, tuple(found))

    return build


def _paren(node: exp.Paren, depth: int) -> Node:
    return _convert(node.this, depth)


def _negative(node: exp.Neg, depth: int) -> Node:
    return Call("neg", (_convert(node.this, depth),))


def _is(node: exp.Is, depth: int) -> Node:
    if not isinstance(node.expression, exp.Null):
        raise _refuse(node)
    return Call("is null", (_convert(node.this, depth),))


def _in(node: exp.In, depth: int) -> Node:
    _plain(node, "this", "expressions")
    if not node.expressions:
        raise _refuse(node)
    return Call("in", tuple(_convert(part, depth) for part in (node.this, *node.expressions)))


def _case(node: exp.Case, depth: int) -> Node:
    _plain(node, "this", "ifs", "default")
    subject = _convert(node.this, depth) if node.this is not None else None
    parts: list[Node] = []
    for branch in node.args["ifs"]:
        when = _convert(branch.this, depth)
        parts += [
            when if subject is None else Call("=", (subject, when)),
            _convert(branch.args["true"], depth),
        ]
    default = node.args.get("default")
    return Call("case", (*parts, Value(None) if default is None else _convert(default, depth)))


def _if(node: exp.If, depth: int) -> Node:
    _plain(node, "this", "true", "false")
    otherwise = node.args.get("false")
    return Call(
        "case",
        (
            _convert(node.this, depth),
            _convert(node.args["true"], depth),
            Value(None) if otherwise is None else _convert(otherwise, depth),
        ),
    )


def _date_diff(node: exp.DateDiff, depth: int) -> Node:
    unit = node.args.get("unit")
    if unit is None or unit.name.upper() != "DAY":
        raise ExpressionError(
            "date_diff counts days here, nothing else",
            hint="write date_diff('day', earlier, later); engines disagree on months and years",
        )
    _plain(node, "this", "expression", "unit", "date_part_boundary")
    return Call("date_diff", (_convert(node.expression, depth), _convert(node.this, depth)))


_BUILDERS: dict[type[exp.Expr], Callable[[Any, int], Node]] = {
    exp.Column: _column,
    exp.Literal: _literal,
    exp.Boolean: lambda node, depth: Value(bool(node.this)),
    exp.Null: lambda node, depth: Value(None),
    exp.Cast: _cast,
    exp.Paren: _paren,
    exp.Neg: _negative,
    exp.Add: _chain("+"),
    exp.Mul: _chain("*"),
    exp.And: _chain("and"),
    exp.Or: _chain("or"),
    exp.Sub: _call("-", "this", "expression"),
    exp.Div: _call("/", "this", "expression", ignore=("typed", "safe")),
    exp.Mod: _call("%", "this", "expression"),
    exp.Not: _call("not", "this"),
    exp.EQ: _call("=", "this", "expression"),
    exp.NEQ: _call("<>", "this", "expression"),
    exp.LT: _call("<", "this", "expression"),
    exp.LTE: _call("<=", "this", "expression"),
    exp.GT: _call(">", "this", "expression"),
    exp.GTE: _call(">=", "this", "expression"),
    exp.Between: _call("between", "this", "low", "high"),
    exp.Is: _is,
    exp.In: _in,
    exp.Case: _case,
    exp.If: _if,
    exp.Abs: _call("abs", "this"),
    exp.Coalesce: _call("coalesce", "this", "expressions"),
    exp.Nullif: _call("nullif", "this", "expression"),
    exp.Greatest: _call("greatest", "this", "expressions", ignore=("ignore_nulls",)),
    exp.Least: _call("least", "this", "expressions", ignore=("ignore_nulls",)),
    exp.Lower: _call("lower", "this"),
    exp.Upper: _call("upper", "this"),
    exp.Length: _call("length", "this"),
    exp.StartsWith: _call("starts_with", "this", "expression"),
    exp.Year: _call("year", "this"),
    exp.Quarter: _call("quarter", "this"),
    exp.Month: _call("month", "this"),
    exp.Day: _call("day", "this"),
    exp.DateDiff: _date_diff,
}
