"""Figures as text, checked by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallymark.model.periods import Calendar, DeclaredYear
from tallymark.model.text import Text
from tallymark.publish.numbers import (
    Kind,
    decimal,
    kind_of,
    period_text,
    plain,
    share,
    short_period,
    signed,
    spread,
    stretch,
    with_unit,
)

CALENDAR = Calendar(
    years={"SY": DeclaredYear(10, "end", Text("Statistical year (October on)", "统计年度（10月起）"))}
)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(1234.5, 1, "1,234.5"), (-3.2, 1, "−3.2"), (-0.04, 1, "0.0"), (0, 0, "0"), (1e9, 0, "1,000,000,000")],
)
def test_decimal(value: float, decimals: int, text: str) -> None:
    assert decimal(value, decimals) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(4.0, "4"), (3.88, "3.88"), (3.5, "3.5"), (2.999, "3"), (math.nan, ""), (1200, "1,200")],
)
def test_plain_has_no_more_decimals_than_it_needs(value: float, text: str) -> None:
    assert plain(value) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (1, 1, "100%"),
        (9999, 10000, "99.9%"),
        (1, 100_000, "<0.1%"),
        (0, 5, "0%"),
        (1, 3, "33.3%"),
        (0, 0, "÷0"),
    ],
)
def test_share_says_all_and_none_only_when_exact(part: float, whole: float, text: str) -> None:
    assert share(part, whole) == text


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_share_never_rounds_to_all_or_none(counts: tuple[int, int]) -> None:
    part, whole = counts
    assert (share(part, whole) == "100%") == (part == whole)
    assert (share(part, whole) == "0%") == (part == 0)


def test_signed() -> None:
    assert [signed(1.25, 1), signed(-1.2, 1), signed(0.01, 1)] == ["+1.2", "−1.2", "0.0"]


def test_spread_in_each_language() -> None:
    assert spread(81.24, 85.1, 1, "en") == "81.2–85.1"
    assert spread(81.24, 85.1, 1, "zh") == "81.2～85.1"
    assert spread(-2, 1, 0, "en") == "−2 to 1"
    assert spread(math.nan, 1, 0, "en") == ""


def test_units_stand_where_each_language_puts_them() -> None:
    assert with_unit("12", "%", "en") == "12%"
    assert with_unit("12", "per 1 000", "en") == "12 per 1 000"
    assert with_unit("12", "件", "zh") == "12件"


@pytest.mark.parametrize(
    ("code", "en", "zh"),
    [
        ("2025-03", "March 2025", "2025年3月"),
        ("2025-Q1", "Q1 2025", "2025年第一季度"),
        ("2025-H2", "second half of 2025", "2025年下半年"),
        ("2025", "2025", "2025年"),
        ("2025-W10", "week 10 of 2025", "2025年第10周"),
        ("2025-03-14", "14 March 2025", "2025年3月14日"),
        ("SY2025", "statistical year 2025", "2025统计年度"),
    ],
)
def test_periods_in_words(code: str, en: str, zh: str) -> None:
    period = CALENDAR.parse(code)
    assert (period_text(period, CALENDAR, "en"), period_text(period, CALENDAR, "zh")) == (en, zh)


def test_stretch_and_short_period() -> None:
    assert stretch(CALENDAR.parse("SY2025"), "en") == "1 October 2024 – 30 September 2025"
    assert stretch(CALENDAR.parse("SY2025"), "zh") == "2024年10月1日至2025年9月30日"
    assert short_period("2025-03", "en") == "Mar 2025"
    assert short_period("2025-03", "zh") == "2025-03"


@pytest.mark.parametrize(
    ("value", "basis", "expected", "denominator", "kind"),
    [
        (5.0, "reported", 12, 10, Kind.VALUE),
        (0.0, "reported", 12, 10, Kind.ZERO),
        (math.nan, "missing", 12, math.nan, Kind.MISSING),
        (math.nan, "missing", math.nan, math.nan, Kind.MISSING),
        (math.nan, "", 0, math.nan, Kind.NOT_EXPECTED),
        (math.nan, "", math.nan, math.nan, Kind.NOT_EXPECTED),
        (math.nan, "reported", 12, 0.0, Kind.UNDEFINED),
        (5.0, "suppressed", 12, 10, Kind.SUPPRESSED),
        (0.0, "suppressed", 12, 10, Kind.SUPPRESSED),
    ],
)
def test_the_kinds_of_nothing(
    value: float, basis: str, expected: float, denominator: float, kind: Kind
) -> None:
    assert kind_of(value, basis=basis, expected=expected, denominator=denominator) is kind
