"""Expressions: what they may consist of, with examples that are computed when this page is written."""

from __future__ import annotations

from typing import Any

import numpy as np
from docs.pages.markdown import code, page, table

from tallymark.model.expressions import FUNCTIONS, parse_expression
from tallymark.model.expressions.reading import AGGREGATES, INSTEAD, MOST_CHARACTERS, MOST_DEPTH
from tallymark.model.expressions.tokens import KEYWORDS

INTRO = """Conditions, numerators, denominators, checks, gates and `when:` are expressions: SQL scalar expressions over
declared names and nothing else. They mean the same on every engine. A result that cannot be known is missing,
never 0: a missing value in arithmetic or a comparison gives missing, `x / 0` gives missing, and a condition
that is missing neither holds nor fails.

Names are those of measures and indicators (figures), columns (of a dataset, in `where:`) or unit attributes
(`when:`, `reporters:`). In indicators, `<dataset>.expected`, `.received` and `.on_time` are reports due,
received, and received in time. Texts go in single quotes, days are written `date '2025-03-14'`."""
VALUES: dict[str, Any] = {
    "a": 7.0, "b": 2.0, "zero": 0.0, "gone": np.nan, "kind": "check",
    "day_of": np.datetime64("2025-03-14"), "later": np.datetime64("2025-04-02"),
}  # fmt: skip
OPERATORS = (
    ("`+ - * /`", "arithmetic", ("a / b", "a / zero", "a + gone")),
    ("`%`", "remainder, with the sign of the left side", ("a % b", "-a % b")),
    ("`= <> < <= > >=`", "comparison", ("a >= b", "gone = gone", "kind = 'check'")),
    ("`and or not`", "logic in three values", ("a > b and gone > 1", "a > b or gone > 1", "not gone > 1")),
    ("`in (…)`", "one of several values", ("a in (1, 7)", "kind not in ('check', 'visit')")),
    ("`between … and …`", "ends included", ("a between 7 and 9",)),
    ("`is null`", "whether it is missing", ("gone is null", "a is not null")),
    ("`case when … then … else … end`", "the first that holds", ("case when a > b then 1 else 0 end",)),
)  # fmt: skip
MEANINGS = {
    "abs": ("number → number", "without its sign", ("abs(b - a)",)),
    "coalesce": ("values → value", "the first that is not missing", ("coalesce(gone, 0)",)),
    "date_diff": ("'day', date, date → number", "days between", ("date_diff('day', day_of, later)",)),
    "day": ("date → number", "day of the month", ("day(day_of)",)),
    "greatest": ("values → value", "the largest that is not missing", ("greatest(a, b, gone)",)),
    "least": ("values → value", "the smallest that is not missing", ("least(a, b, gone)",)),
    "length": ("text → number", "characters", ("length(kind)",)),
    "lower": ("text → text", "small letters", ("lower('ABC')",)),
    "month": ("date → number", "1 to 12", ("month(day_of)",)),
    "nullif": ("value, value → value", "missing when both are equal", ("nullif(a, 7)", "nullif(a, 8)")),
    "quarter": ("date → number", "1 to 4", ("quarter(day_of)",)),
    "starts_with": ("text, text → condition", "whether it begins so", ("starts_with(kind, 'ch')",)),
    "upper": ("text → text", "capital letters", ("upper(kind)",)),
    "year": ("date → number", "calendar year", ("year(day_of)",)),
}  # fmt: skip


def expressions_page() -> str:
    """docs/reference/expressions.md."""
    assert set(MEANINGS) == set(FUNCTIONS), "a function is not explained"
    operators = [(sign, meaning, _examples(examples)) for sign, meaning, examples in OPERATORS]
    functions = [
        (code(name), signature, meaning, _examples(examples))
        for name, (signature, meaning, examples) in sorted(MEANINGS.items())
    ]
    given = ", ".join(f"`{name}` = {_shown(value)}" for name, value in VALUES.items())
    return page(
        "Expressions",
        INTRO,
        f"In the examples {given}.",
        "## Operators",
        table(("", "meaning", "examples"), operators),
        "## Functions",
        table(("function", "takes → gives", "meaning", "examples"), functions),
        "## Not allowed",
        "Everything else: statements, queries, tables, casts, windows, parameters, comments. Of what people try:",
        table(("", "instead"), [(code(name), words) for name, words in sorted(INSTEAD.items())]),
        f"Aggregates ({', '.join(code(name) for name in sorted(AGGREGATES))}) are declared as measures. "
        f"Words that cannot be names: {', '.join(code(word) for word in sorted(KEYWORDS))}. "
        f"An expression has at most {MOST_CHARACTERS:,} "
        f"characters and is nested at most {MOST_DEPTH} deep.",
    )


def _examples(examples: tuple[str, ...]) -> str:
    return "; ".join(f"{code(text)} = {_shown(value_of(text))}" for text in examples)


def value_of(text: str) -> Any:
    """The value of an expression over VALUES."""
    arrays = {
        name: np.array([value], dtype=object if value is None or isinstance(value, str) else None)
        for name, value in VALUES.items()
    }
    return np.atleast_1d(parse_expression(text, VALUES.keys()).evaluate(arrays))[0]


def _shown(value: Any) -> str:
    if value is None or value != value:
        return "missing"
    if isinstance(value, np.datetime64):
        return code(f"date '{value}'")
    return code(repr(str(value))) if isinstance(value, str) else f"{float(value):g}"
