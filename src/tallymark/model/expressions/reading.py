"""Text → tree: a reader of exactly the SQL that expressions may be, so that nothing else can get through.

It knows no statement, query, table, cast, window, lambda or parameter. Tests hold it against SQLGlot, which reads
all of SQL: whatever is accepted here means the same there. (SQLGlot itself takes 0.4 s to import and 0.3 ms an
expression; `tallymark lint` has a second for 500 indicators.)
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from functools import partial

from tallymark.model.expressions.cursor import Cursor, too_deep
from tallymark.model.expressions.errors import ExpressionError
from tallymark.model.expressions.tokens import KEYWORDS, Token, tokens_of
from tallymark.model.expressions.tree import COMPARISONS, FUNCTIONS, Call, Name, Node, Number, Value

MOST_CHARACTERS = 20_000
MOST_DEPTH = 150
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?\Z")
_ARGUMENTS = {
    "coalesce": (2, 99), "greatest": (2, 99), "least": (2, 99), "nullif": (2, 2), "starts_with": (2, 2),
    "date_diff": (3, 3),
}  # fmt: skip
"""Fewest and most arguments; one for the other functions."""
AGGREGATES = frozenset(
    {
        "sum",
        "count",
        "avg",
        "mean",
        "min",
        "max",
        "median",
        "mode",
        "stddev",
        "variance",
        "any_value",
        "first",
        "last",
    }
)
INSTEAD = {
    "round": "figures are rounded when they are shown: `decimals:`",
    "floor": "figures are rounded when they are shown: `decimals:`",
    "ceil": "figures are rounded when they are shown: `decimals:`",
    "if": "write case when condition then value else other end",
    "iif": "write case when condition then value else other end",
    "ifnull": "write coalesce(x, 0)",
    "isnull": "write x is null",
    "nvl": "write coalesce(x, 0)",
    "datediff": "write date_diff('day', earlier, later)",
    "len": "write length(x)",
    "mod": "write x % y",
    "pow": "multiply: x * x",
    "power": "multiply: x * x",
    "cast": "declare the column with the type it has",
}
"""What to write for functions that people try."""


def read(text: str) -> Node:
    """The tree of an expression; ExpressionError says what is not understood or not allowed."""
    if _PLAIN_NAME.match(text) and text.lower() not in KEYWORDS:
        return Name(text)
    if len(text) > MOST_CHARACTERS:
        raise ExpressionError(
            "the expression has {count} characters; at most {most} are read",
            {"count": len(text), "most": MOST_CHARACTERS},
            "split it into measures or indicators",
        )
    tokens = tokens_of(text)
    if len(tokens) == 1:
        raise ExpressionError("the expression is empty")
    cursor = Cursor(tokens)
    tree = _condition(cursor)
    if cursor.next.kind != "end":
        raise cursor.unexpected()
    if _depth(tree) > MOST_DEPTH:
        raise too_deep()
    return tree


def _depth(tree: Node) -> int:
    deepest, pending = 0, [(tree, 1)]
    while pending:
        node, depth = pending.pop()
        deepest = max(deepest, depth)
        if isinstance(node, Call):
            pending += [(arg, depth + 1) for arg in node.args]
    return deepest


def _condition(cursor: Cursor) -> Node:
    return _chain(cursor, "or", partial(_chain, cursor, "and", partial(_negation, cursor)))


def _chain(cursor: Cursor, word: str, part: Callable[[], Node]) -> Node:
    parts = [part()]
    while cursor.takes("keyword", word):
        parts.append(part())
    return parts[0] if len(parts) == 1 else Call(word, tuple(parts))


def _negation(cursor: Cursor) -> Node:
    if cursor.takes("keyword", "not"):
        return Call("not", (cursor.inside(partial(_negation, cursor)),))
    return _comparison(cursor)


def _comparison(cursor: Cursor) -> Node:
    left = _sum(cursor)
    sign = cursor.takes("sign", *COMPARISONS)
    if sign:
        return Call(sign.text, (left, _sum(cursor)))
    while True:
        if cursor.takes("keyword", "is"):
            inverse = cursor.takes("keyword", "not")
            cursor.needs("keyword", "null")
            left = Call("is null", (left,))
        else:
            inverse = cursor.takes("keyword", "not")
            if cursor.takes("keyword", "in"):
                left = Call("in", (left, *_arguments(cursor)))
            elif cursor.takes("keyword", "between"):
                low = _sum(cursor)
                cursor.needs("keyword", "and")
                left = Call("between", (left, low, _sum(cursor)))
            elif inverse:
                raise cursor.unexpected("in")
            else:
                return left
        if inverse:
            left = Call("not", (left,))


def _sum(cursor: Cursor) -> Node:
    return _joined(cursor, ("+", "-"), partial(_product, cursor))


def _product(cursor: Cursor) -> Node:
    return _joined(cursor, ("*", "/", "%"), partial(_signed, cursor))


def _joined(cursor: Cursor, signs: tuple[str, ...], part: Callable[[], Node]) -> Node:
    found = part()
    flat = False  # whether `found` is a chain written here, not one in brackets
    while sign := cursor.takes("sign", *signs):
        other = part()
        if flat and sign.text in ("+", "*") and isinstance(found, Call) and found.op == sign.text:
            found = Call(sign.text, (*found.args, other))
        else:
            found = Call(sign.text, (found, other))
        flat = True
    return found


def _signed(cursor: Cursor) -> Node:
    if cursor.takes("sign", "-"):
        return Call("neg", (cursor.inside(partial(_signed, cursor)),))
    if cursor.takes("sign", "+"):
        return cursor.inside(partial(_signed, cursor))
    return _operand(cursor)


def _operand(cursor: Cursor) -> Node:
    token = cursor.next
    if token.kind == "number":
        text = cursor.advance().text
        return Number(f"0{text}" if text.startswith(".") else text.rstrip("."))
    if token.kind == "text":
        return Value(cursor.advance().text)
    if token.kind in ("word", "quoted"):
        return _word(cursor)
    if cursor.takes("sign", "("):
        found = cursor.inside(partial(_condition, cursor))
        if cursor.next.text == "," and cursor.next.kind == "sign":
            raise cursor.unexpected(")")
        cursor.needs("sign", ")")
        return found
    if cursor.takes("keyword", "case"):
        return cursor.inside(partial(_case, cursor))
    if literal := cursor.takes("keyword", "null", "true", "false"):
        return Value({"null": None, "true": True, "false": False}[literal.text])
    raise cursor.unexpected()


def _word(cursor: Cursor) -> Node:
    token = cursor.advance()
    if token.kind == "word" and cursor.next.text == "(" and cursor.next.kind == "sign":
        return cursor.inside(partial(_call, cursor, token))
    if token.kind == "word" and token.text.lower() == "date" and cursor.next.kind == "text":
        return _day(cursor.advance().text)
    name = token.text
    if cursor.takes("sign", "."):
        if cursor.next.kind not in ("word", "quoted"):
            raise cursor.unexpected()
        name = f"{name}.{cursor.advance().text}"
    return Name(name)


def _arguments(cursor: Cursor) -> tuple[Node, ...]:
    cursor.needs("sign", "(")
    found = [cursor.inside(partial(_condition, cursor))]
    while cursor.takes("sign", ","):
        found.append(cursor.inside(partial(_condition, cursor)))
    cursor.needs("sign", ")")
    return tuple(found)


def _call(cursor: Cursor, token: Token) -> Node:
    function = token.text.lower()
    if function not in FUNCTIONS:
        raise _no_function(function)
    args = _arguments(cursor)
    fewest, most = _ARGUMENTS.get(function, (1, 1))
    if not fewest <= len(args) <= most:
        values = {"function": function, "count": len(args), "fewest": fewest}
        exactly = "{function}() takes {fewest} arguments, not {count}"
        raise ExpressionError(
            exactly if fewest == most else "{function}() needs at least {fewest} arguments", values
        )
    return _date_diff(args) if function == "date_diff" else Call(function, args)


def _case(cursor: Cursor) -> Node:
    starts = cursor.next.kind == "keyword" and cursor.next.text == "when"
    subject = None if starts else _condition(cursor)
    parts: list[Node] = []
    while cursor.takes("keyword", "when"):
        when = _condition(cursor)
        cursor.needs("keyword", "then")
        parts += [when if subject is None else Call("=", (subject, when)), _condition(cursor)]
    if not parts:
        raise cursor.unexpected("when")
    otherwise = _condition(cursor) if cursor.takes("keyword", "else") else Value(None)
    cursor.needs("keyword", "end")
    return Call("case", (*parts, otherwise))


def _day(text: str) -> Node:
    try:
        return Value(dt.datetime.strptime(text, "%Y-%m-%d").date())
    except ValueError:
        raise ExpressionError(
            "'{day}' is not a day", {"day": text}, "write it as date '2025-03-14'"
        ) from None


def _date_diff(args: tuple[Node, ...]) -> Node:
    unit = args[0].value if isinstance(args[0], Value) else None
    if not isinstance(unit, str) or unit.lower() != "day":
        raise ExpressionError(
            "date_diff counts days here, nothing else",
            hint="write date_diff('day', earlier, later); engines disagree on months and years",
        )
    return Call("date_diff", args[1:])


def _no_function(name: str) -> ExpressionError:
    if name in AGGREGATES:
        return ExpressionError(
            "{function}() is not allowed: expressions work within one row or figure",
            {"function": name},
            "counting and adding up is what measures do; for the larger of two values use greatest(a, b)",
        )
    hint = INSTEAD.get(name, "functions are {functions}")
    return ExpressionError(
        "{function}() is not allowed in an expression",
        {"function": name, "functions": ", ".join(FUNCTIONS)},
        hint,
    )
