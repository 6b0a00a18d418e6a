"""Random expressions, random rows, and fragments from which no harmless formula should come."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import strategies as st

NAMES = {
    "a": "number", "b": "number", "d.expected": "number", "yes": "boolean",
    "sex": "text", "place": "text", "born": "date", "seen": "date",
}  # fmt: skip
COLUMNS = {name: f't."{name}"' for name in NAMES}
TYPES = {"number": "DOUBLE", "boolean": "BOOLEAN", "text": "VARCHAR", "date": "DATE"}

numbers = st.one_of(st.integers(-20, 20).map(float), st.sampled_from([0.0, 0.5, -2.25, 1000.0]), st.none())
texts = st.one_of(st.sampled_from(["f", "m", "Mill Lane", "", "it's", "北坡"]), st.none())
days = st.one_of(st.dates(dt.date(2019, 1, 1), dt.date(2030, 12, 31)), st.none())
VALUES = {"number": numbers, "boolean": st.one_of(st.booleans(), st.none()), "text": texts, "date": days}

number_literals = st.sampled_from(["0", "1", "2.5", "100", "1e2", ".5", "7"])
text_literals = st.sampled_from(["'f'", "'m'", "''", "'it''s'", "'北坡'"])
day_literals = st.sampled_from(["date '2024-02-29'", "date '2025-01-01'"])


def _names(kind: str) -> list[str]:
    return [name for name, own in NAMES.items() if own == kind]


@st.composite
def trees(draw: Any, kind: str = "number", depth: int = 3) -> str:
    """A random expression of a kind."""
    leaves = {"number": number_literals, "text": text_literals, "date": day_literals}
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        if kind in leaves and draw(st.booleans()):
            return draw(leaves[kind])
        return draw(st.sampled_from(_names(kind)))
    sub = lambda wanted: draw(trees(wanted, depth - 1))  # noqa: E731
    shape = draw(st.sampled_from(SHAPES[kind]))
    return shape(sub, kind)


def _either(kind: str) -> Any:
    return lambda sub, _: f"({sub(kind)} = {sub(kind)})"


ANY = [
    lambda sub, kind: f"coalesce({sub(kind)}, {sub(kind)})",
    lambda sub, kind: f"nullif({sub(kind)}, {sub(kind)})",
    lambda sub, kind: (
        f"case when {sub('boolean')} then {sub(kind)} when {sub('boolean')} then {sub(kind)} end"
    ),
    lambda sub, kind: f"case when {sub('boolean')} then {sub(kind)} else {sub(kind)} end",
    lambda sub, kind: f"({sub(kind)})",
]
ORDERED = [
    lambda sub, kind: f"greatest({sub(kind)}, {sub(kind)})",
    lambda sub, kind: f"least({sub(kind)}, {sub(kind)}, {sub(kind)})",
]
SHAPES: dict[str, list[Any]] = {
    "number": [
        *(lambda sub, _, op=op: f"{sub('number')} {op} {sub('number')}" for op in "+-*/%"),
        lambda sub, _: f"({sub('number')} - {sub('number')}) / ({sub('number')} * {sub('number')})",
        lambda sub, _: f"abs({sub('number')})",
        lambda sub, _: f"- {sub('number')}",
        *(lambda sub, _, part=part: f"{part}({sub('date')})" for part in ("year", "quarter", "month", "day")),
        lambda sub, _: f"date_diff('day', {sub('date')}, {sub('date')})",
        lambda sub, _: f"length({sub('text')})",
        *ANY,
        *ORDERED,
    ],
    "boolean": [
        *(lambda sub, _, op=op: f"{sub('number')} {op} {sub('number')}" for op in ("=", "<>", "<", "<=", ">", ">=")),
        *(lambda sub, _, op=op: f"{sub('date')} {op} {sub('date')}" for op in ("=", "<>", "<", ">=")),
        lambda sub, _: f"{sub('text')} = {sub('text')}",
        lambda sub, _: f"{sub('text')} <> {sub('text')}",
        lambda sub, _: f"({sub('boolean')} and {sub('boolean')} and {sub('boolean')})",
        lambda sub, _: f"({sub('boolean')} or {sub('boolean')})",
        lambda sub, _: f"not ({sub('boolean')})",
        lambda sub, _: f"({sub('number')}) is null",
        lambda sub, _: f"({sub('text')}) is not null",
        lambda sub, _: f"({sub('number')}) between {sub('number')} and {sub('number')}",
        lambda sub, _: f"({sub('number')}) not between ({sub('number')}) and ({sub('number')})",
        lambda sub, _: f"({sub('text')}) in ('f', {sub('text')})",
        lambda sub, _: f"({sub('number')}) not in (1, {sub('number')})",
        lambda sub, _: f"starts_with({sub('text')}, {sub('text')})",
        *ANY,
    ],
    "text": [lambda sub, _: f"lower({sub('text')})", lambda sub, _: f"upper({sub('text')})", *ANY],
    "date": [*ANY, *ORDERED],
}  # fmt: skip

rows = st.lists(st.tuples(*(VALUES[kind] for kind in NAMES.values())), min_size=1, max_size=6)
FRAGMENTS = st.sampled_from(
    [
        "a", "b", "sex", "select", "from", "where", "(", ")", ",", ";", "--", "/*", "*/", "'", '"', "$$", "*", "+",
        "-", "/", "%", "||", "::", "int", "cast", "as", "case", "when", "then", "else", "end", "in", "is", "null",
        "not", "exists", "union", "drop", "table", "t", "1", "0x1F", "->", "x", "[", "]", "{", "}", ":a", "?", "$1",
        "over", "filter", "sum", "count", "read_csv", "getenv", "current_user", "like", "between", "and", "or",
        "interval", "date", "'2025-01-01'", "\n", "\t", "\x00", "；", "＊", "a.b", "t.*", "=", "<", "@", "#1", "lambda",
        "try", "columns", "with", "values", "pragma", "attach", "e'\\x41'", "coalesce", "abs", "year", "\\",
    ]
)  # fmt: skip
