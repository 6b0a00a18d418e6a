"""Numbers as people write them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallymark.sources.numbers import decimal_mark, from_numerals, parse_number
from tallymark.sources.verdicts import REFUSES, Verdict

V = Verdict
READ = [
    ("12", 12, V.OK), ("-3", -3, V.OK), ("+3", 3, V.OK), ("1e3", 1000, V.OK), ("1.2E+05", 120000, V.OK), ("0", 0, V.OK),
    ("1.5", 1.5, V.OK), ("0.123", 0.123, V.OK), (".5", 0.5, V.OK), ("007", 7, V.OK),
    ("1\u00a0796", 1796, V.CLEANED), ("1\u202f796", 1796, V.CLEANED), ("1\u2009796", 1796, V.CLEANED),
    ("1 796", 1796, V.CLEANED), ("12 345 678", 12345678, V.CLEANED), ("１２３４", 1234, V.CLEANED),
    ("１，２３４．５", 1234.5, V.CLEANED), ("1,234", 1234, V.CLEANED), ("1,234,567.8", 1234567.8, V.CLEANED),
    ("1.234.567", 1234567, V.CLEANED), ("1.234,5", 1234.5, V.CLEANED), ("1'234", 1234, V.CLEANED),
    ("1’234", 1234, V.CLEANED), ("12,34,567", 1234567, V.CLEANED), ("'123", 123, V.CLEANED),
    ("12,5", 12.5, V.CLEANED), ("−5", -5, V.CLEANED), ("(5)", -5, V.CLEANED), ("¥1,200", 1200, V.CLEANED),
    ("\u200b12\ufeff", 12, V.CLEANED), ('"12"', 12, V.CLEANED),
    ("85.7%", 85.7, V.PERCENT), ("85,7 %", 85.7, V.PERCENT), ("８５％", 85, V.PERCENT),
    ("12人", 12, V.WITH_UNIT), ("35kg", 35, V.WITH_UNIT), ("20 doses", 20, V.WITH_UNIT), ("1,200 元", 1200, V.WITH_UNIT),
    ("120万元", 1200000, V.WITH_UNIT), ("三例", 3, V.WITH_UNIT),
    ("1.2万", 12000, V.NUMERAL), ("三百二十", 320, V.NUMERAL), ("一万二", 12000, V.NUMERAL), ("零", 0, V.NUMERAL),
    ("zero", 0, V.NUMERAL), ("3千", 3000, V.NUMERAL),
]  # fmt: skip
NOTHING = [
    ("", V.BLANK), ("  ", V.BLANK), ("N/A", V.MISSING), ("n/a", V.MISSING), ("#N/A", V.MISSING), ("缺", V.MISSING),
    ("未报", V.MISSING), ("NaN", V.MISSING), ("null", V.MISSING), ("not reported", V.MISSING), ("…", V.MISSING),
    ("-", V.UNCLEAR_NONE), ("—", V.UNCLEAR_NONE), ("nil", V.UNCLEAR_NONE), ("无", V.UNCLEAR_NONE),
    ("none", V.UNCLEAR_NONE), ("néant", V.UNCLEAR_NONE), (".", V.UNCLEAR_NONE),
]  # fmt: skip
REFUSED = [
    ("My excel file", V.NOT_A_NUMBER), ("12 34", V.NOT_A_NUMBER), ("1,2,3", V.NOT_A_NUMBER),
    ("12 apples", V.NOT_A_NUMBER),
    ("1O", V.LETTER_FOR_DIGIT), ("l2", V.LETTER_FOR_DIGIT), ("O", V.NOT_A_NUMBER), ("9" * 400, V.NOT_A_NUMBER),
    (">5", V.NOT_EXACT), ("~5", V.NOT_EXACT), ("约20", V.NOT_EXACT), ("10-11", V.NOT_EXACT), ("10 or 11", V.NOT_EXACT),
    ("3/14", V.NOT_EXACT), ("12?", V.NOT_EXACT), ("10以上", V.NOT_EXACT),
    ("#DIV/0!", V.SHEET_ERROR), ("#REF!", V.SHEET_ERROR), ("2025-03-14", V.DATE_FOR_NUMBER),
    ("1e999", V.NOT_A_NUMBER), ("inf", V.NOT_A_NUMBER), ("TRUE", V.NOT_A_NUMBER),
    ("()", V.NOT_A_NUMBER), ("%", V.NOT_A_NUMBER),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value", "verdict"), READ)
def test_read(text: str, value: float, verdict: Verdict) -> None:
    assert parse_number(text, decimal=".", whole=False) == (pytest.approx(value), verdict)


@pytest.mark.parametrize(("text", "verdict"), [*NOTHING, *REFUSED])
def test_without_value(text: str, verdict: Verdict) -> None:
    value, found = parse_number(text, decimal=".", whole=False)
    assert math.isnan(value)
    assert found is verdict


def test_a_point_before_three_digits_is_not_guessed_in_a_count() -> None:
    assert parse_number("1.234", decimal=".", whole=False) == (1.234, V.OK)
    assert parse_number("1.234", decimal=".", whole=True)[1] is V.UNCLEAR_NUMBER
    assert parse_number("1.234", decimal=",", whole=True) == (1234, V.CLEANED)
    assert parse_number("1,234", decimal=",", whole=True)[1] is V.UNCLEAR_NUMBER
    assert parse_number("1,234", decimal=",", whole=False) == (1.234, V.CLEANED)
    assert parse_number("1,234", decimal=".", whole=True) == (1234, V.CLEANED)


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (["1,234", "5"], None), (["12,5"], ","), (["1.234,5"], ","), (["1.234.567"], ","), (["12.5"], "."),
        (["1,234.5"], "."), (["1,234,567"], "."), (["0,125"], ","), (["12.5", "12,5"], None),
        ([], None), (["1.234"], None),
    ],
)  # fmt: skip
def test_decimal_mark_of_a_column(texts: list[str], mark: str | None) -> None:
    assert decimal_mark(texts) == mark


@pytest.mark.parametrize(
    ("text", "value"),
    [("十", 10), ("十二", 12), ("二十", 20), ("一百零五", 105), ("一千二", 1200), ("二〇二五", 2025),
     ("三亿五千万", 350_000_000),
     ("一万二千亿", 1.2e12), ("万", None), ("零", 0), ("两万", 20000), ("abc", None), ("", None)],
)  # fmt: skip
def test_numerals(text: str, value: float | None) -> None:
    assert from_numerals(text) == value


@given(st.text(max_size=30), st.sampled_from(".,"), st.booleans())
def test_any_text_is_a_number_or_has_a_reason(text: str, decimal: str, whole: bool) -> None:
    value, verdict = parse_number(text, decimal=decimal, whole=whole)
    has_none = verdict >= REFUSES or verdict in (V.BLANK, V.MISSING, V.UNCLEAR_NONE)
    assert math.isnan(value) == has_none
    assert not math.isinf(value)


@given(st.integers(-(10**12), 10**12))
def test_grouped_integers_come_back(number: int) -> None:
    for mark in (",", " ", "\u00a0", "'"):
        grouped = f"{number:,}".replace(",", mark)
        assert parse_number(grouped, decimal=".", whole=True)[0] == number
    assert parse_number(f"{number:,}".replace(",", "."), decimal=",", whole=True)[0] == number


@given(st.floats(-1e9, 1e9).map(lambda value: round(value, 2)))
def test_decimals_of_both_styles_come_back(number: float) -> None:
    assert parse_number(f"{number:,.2f}", decimal=".", whole=False)[0] == number
    continental = f"{number:,.2f}".translate(str.maketrans(",.", ".,"))
    assert parse_number(continental, decimal=",", whole=False)[0] == number
