"""Names in the expressions of programme files, as far as the gate needs them: what is counted, what it is divided by."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tallymark.model.expressions.errors import ExpressionError
from tallymark.model.expressions.reading import read
from tallymark.model.expressions.tree import Call, Name, Node

_TEXT = re.compile(r"'(?:[^']|'')*'")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_KEYWORDS = frozenset(
    [
        "and",
        "or",
        "not",
        "in",
        "is",
        "null",
        "between",
        "like",
        "case",
        "when",
        "then",
        "else",
        "end",
        "true",
        "false",
        "cast",
        "as",
        "abs",
        "least",
        "greatest",
        "coalesce",
        "nullif",
        "if",
        "round",
        "floor",
        "ceil",
        "sum",
        "count",
        "min",
        "max",
        "date",
        "interval",
        "distinct",
        "ilike",
    ]
)
_COMPARED = re.compile(r"<=|>=|<>|!=|==|=|<|>")
_JOINED = re.compile(r"\band\b|\bor\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![A-Za-z_])\d+(?:\.\d+)?")


def names(text: object) -> tuple[str, ...]:
    """The names an expression uses, in order, each once; none when it is not a text."""
    if not isinstance(text, str):
        return ()
    found = (m.group() for m in _NAME.finditer(_TEXT.sub(" ", text)))
    return tuple(dict.fromkeys(name for name in found if name.lower() not in _KEYWORDS))


def counted(text: object) -> tuple[str, ...]:
    """The names that an expression counts: those it only divides by left out."""
    if not isinstance(text, str) or "/" not in text:
        return names(text)
    try:
        tree = read(text)
    except ExpressionError:
        return names(text)
    return tuple(dict.fromkeys(_above(tree)))


def divided_by(text: object) -> tuple[str, ...]:
    """The names that an expression only divides by."""
    inner = set(counted(text))
    return tuple(name for name in names(text) if name not in inner)


def comparisons(text: object) -> list[tuple[tuple[str, ...], bool]]:
    """The comparisons of a condition, each as its sides and whether a number other than zero stands in it."""
    if not isinstance(text, str):
        return []
    plain = re.sub(r"\bbetween\b|\bnot\s+in\b|\bin\b", "<", _TEXT.sub(" ", text), flags=re.IGNORECASE)
    found = []
    for part in _JOINED.split(plain):
        sides = tuple(side.strip(" ()") for side in _COMPARED.split(part))
        if len(sides) > 1:
            found.append((sides, any(float(number) for number in _NUMBER.findall(part))))
    return found


def _above(tree: Node) -> Iterator[str]:
    """The names of a tree that stand in no divisor."""
    if isinstance(tree, Name):
        yield tree.name
    elif isinstance(tree, Call):
        for part in tree.args[:1] if tree.op == "/" else tree.args:
            yield from _above(part)
