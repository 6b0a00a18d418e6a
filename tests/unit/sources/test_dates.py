"""Dates, months and periods as people write them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallymark.model.periods import Calendar, DeclaredYear
from tallymark.sources.dates import parse_day, parse_month, parse_period, parse_year
from tallymark.sources.verdicts import Verdict

DAY = dt.date(2025, 3, 14)
CALENDAR = Calendar(years={"SY": DeclaredYear(10)})


@pytest.mark.parametrize(
    "text",
    ["2025-03-14", "2025/3/14", "2025.3.14", "14/03/2025", "14-03-2025", "14.3.2025", "2025年3月14日", "2025年03月14号",
     "14 Mar 2025", "14-Mar-25", "14 March 2025", "March 14, 2025", "Mar 14 2025", "14 mars 2025", "20250314",
     "45730", "45730.0",
     "2025-03-14 10:22:01", "2025-03-14T10:22:01Z", "2025-03-14 00:00", "２０２５－０３－１４", "二〇二五年三月十四日",
     "14th March 2025", " 2025-03-14 ", "25年3月14日", "2025 March 14"],
)  # fmt: skip
def test_the_same_day(text: str) -> None:
    assert parse_day(text, order="ymd", latest_year=2026) == (DAY, Verdict.OK)


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [("3/4/2025", "dmy", dt.date(2025, 4, 3)), ("3/4/2025", "mdy", dt.date(2025, 3, 4)),
     ("5/5/2025", "ymd", dt.date(2025, 5, 5)),
     ("3/4/99", "dmy", dt.date(1999, 4, 3)), ("1er février 2024", "ymd", dt.date(2024, 2, 1)),
     ("29/2/2024", "ymd", dt.date(2024, 2, 29))],
)  # fmt: skip
def test_order_and_century(text: str, order: str, day: dt.date) -> None:
    assert parse_day(text, order=order, latest_year=2026) == (day, Verdict.OK)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [("3/4/2025", Verdict.UNCLEAR_DATE), ("31/2/2025", Verdict.NO_SUCH_DAY), ("2025-02-30", Verdict.NO_SUCH_DAY),
     ("2025-13-01", Verdict.NO_SUCH_DAY), ("1066-10-14", Verdict.NO_SUCH_DAY),
     ("soon", Verdict.NOT_A_DATE), ("12", Verdict.NOT_A_DATE),
     ("", Verdict.BLANK), ("N/A", Verdict.MISSING), ("-", Verdict.MISSING), ("March 2025", Verdict.NOT_A_DATE)],
)  # fmt: skip
def test_no_day(text: str, verdict: Verdict) -> None:
    assert parse_day(text, order="ymd", latest_year=2026) == (None, verdict)


@pytest.mark.parametrize(
    ("text", "month"),
    [("3", 3), ("03", 3), ("3.0", 3), ("March", 3), ("mar", 3), ("Mar.", 3), ("mars", 3), ("Février", 2), ("fevrier", 2),
     ("Août", 8), ("三月", 3), ("3月", 3), ("12月份", 12), ("０３", 3), ("13", None), ("0", None), ("Mber", None)],
)  # fmt: skip
def test_months(text: str, month: int | None) -> None:
    assert parse_month(text) == month


@pytest.mark.parametrize(
    ("text", "year"),
    [("2025", 2025), ("2025.0", 2025), ("2025年", 2025), ("二〇二五年", 2025), ("25", None), ("3025", None)]
)  # fmt: skip
def test_years(text: str, year: int | None) -> None:
    assert parse_year(text) == year


@pytest.mark.parametrize(
    ("frequency", "code", "texts"),
    [
        ("month", "2025-03", ["2025-03", "202503", "2025/3", "2025年3月", "2025年3月份", "Mar 2025", "March-2025",
                              "3/2025",
                              "03.2025",
                              "2025年三月", "mars 2025", "2025M03", "2025-03-01", "2025-03-31", "45717"]),
        ("quarter", "2025-Q1", ["2025-Q1", "2025Q1", "Q1 2025", "2025年第一季度", "2025年1季度", "T1 2025",
                                "2025-01-01"]),
        ("half", "2025-H2", ["2025-H2", "2025S2", "2025年下半年"]),
        ("year", "2025", ["2025", "2025年", "2025.0", "2025年度"]),
        ("SY", "SY2025", ["SY2025", "2025", "2025年", "2024Oct"]),
        ("week", "2025-W10", ["2025-W10", "2025W10", "2025年第10周", "2025 week 10"]),
        ("day", "2025-03-14", ["2025-03-14", "14/03/2025", "20250314"]),
    ],
)  # fmt: skip
def test_periods(frequency: str, code: str, texts: list[str]) -> None:
    for text in texts:
        found, verdict = parse_period(
            text, frequency=frequency, calendar=CALENDAR, order="ymd", latest_year=2026
        )
        assert (found and found.code, verdict) == (code, Verdict.OK), text


@pytest.mark.parametrize(
    ("text", "verdict"),
    [("2025-Q1", Verdict.OTHER_FREQUENCY), ("2025", Verdict.OTHER_FREQUENCY), ("2025-03-14", Verdict.OTHER_FREQUENCY),
     ("2025-13", Verdict.NOT_A_PERIOD),
     ("last month", Verdict.NOT_A_PERIOD), ("", Verdict.BLANK)],
)  # fmt: skip
def test_no_month(text: str, verdict: Verdict) -> None:
    found = parse_period(text, frequency="month", calendar=CALENDAR, order="ymd", latest_year=2026)
    assert found == (None, verdict)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)))
def test_any_day_comes_back_from_any_clear_style(day: dt.date) -> None:
    for style in ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日", "%d %b %Y", "%B %d, %Y"):
        assert parse_day(day.strftime(style), order="ymd", latest_year=2026)[0] == day, style
    for order, style in (("dmy", "%d/%m/%Y"), ("mdy", "%m/%d/%Y")):
        assert parse_day(day.strftime(style), order=order, latest_year=2026)[0] == day


@given(st.text(max_size=25), st.sampled_from(["ymd", "dmy", "mdy"]))
def test_any_text_is_a_day_or_has_a_reason(text: str, order: str) -> None:
    day, verdict = parse_day(text, order=order, latest_year=2026)
    assert (day is None) == (verdict is not Verdict.OK)
    for frequency in ("month", "quarter", "week", "SY"):
        period, why = parse_period(
            text, frequency=frequency, calendar=CALENDAR, order=order, latest_year=2026
        )
        assert (period is None) == (why is not Verdict.OK)
