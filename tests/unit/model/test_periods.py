"""Periods by hand: every kind written, dated, stepped, and refused."""

from __future__ import annotations

import datetime as dt

import pytest

from tallymark.model.dhis2_periods import from_dhis2, to_dhis2
from tallymark.model.periods import (
    Calendar,
    DeclaredYear,
    Period,
    PeriodError,
    month_code,
    month_end,
    month_number,
    month_start,
)

CALENDAR = Calendar(
    {"SY": DeclaredYear(10), "FY": DeclaredYear(4, "start"), "CY": DeclaredYear(1), "MY": DeclaredYear(2)}
)


@pytest.mark.parametrize(
    ("code", "frequency", "start", "end"),
    [
        ("2025-03-14", "day", "2025-03-14", "2025-03-14"),
        ("2024-02-29", "day", "2024-02-29", "2024-02-29"),
        ("2025-W10", "week", "2025-03-03", "2025-03-09"),
        ("2025-W01", "week", "2024-12-30", "2025-01-05"),
        ("2020-W53", "week", "2020-12-28", "2021-01-03"),
        ("2025-03", "month", "2025-03-01", "2025-03-31"),
        ("2024-02", "month", "2024-02-01", "2024-02-29"),
        ("2025-Q1", "quarter", "2025-01-01", "2025-03-31"),
        ("2025-Q4", "quarter", "2025-10-01", "2025-12-31"),
        ("2025-H1", "half", "2025-01-01", "2025-06-30"),
        ("2025-H2", "half", "2025-07-01", "2025-12-31"),
        ("2025", "year", "2025-01-01", "2025-12-31"),
        ("SY2025", "SY", "2024-10-01", "2025-09-30"),
        ("FY2025", "FY", "2025-04-01", "2026-03-31"),
        ("CY2025", "CY", "2025-01-01", "2025-12-31"),
        ("MY2024", "MY", "2023-02-01", "2024-01-31"),
    ],
)
def test_parse(code: str, frequency: str, start: str, end: str) -> None:
    period = CALENDAR.parse(f" {code} ")
    assert period == Period(code, frequency, dt.date.fromisoformat(start), dt.date.fromisoformat(end))
    assert str(period) == code
    assert (
        CALENDAR.containing(period.start, frequency) == CALENDAR.containing(period.end, frequency) == period
    )


@pytest.mark.parametrize(
    "code",
    [
        "", "25", "2025-13", "2025-00", "2025-3", "2025-Q0", "2025-Q5", "2025-H3", "2025-W00", "2025-W53", "2025-W1",
        "2025-02-29", "2025-04-31", "2025/03", "202503", "XY2025", "SY25", "0000", "SY0001", "２０２５", "2025-q1",
    ],
)  # fmt: skip
def test_what_is_no_period_is_refused_with_what_is_accepted(code: str) -> None:
    with pytest.raises(ValueError) as refused:
        CALENDAR.parse(code)
    error = refused.value
    assert isinstance(error, PeriodError)
    assert str(error) == error.template.format_map(error.values)
    if "there is none" not in str(error) and "years 1 to 9999" not in str(error):
        assert "2025-Q1" in str(error)
        assert "SY2025" in str(error)


@pytest.mark.parametrize(
    ("code", "before", "last_year"),
    [
        ("2024-02-29", "2024-02-28", "2023-02-28"),
        ("2025-03-01", "2025-02-28", "2024-03-01"),
        ("2020-W53", "2020-W52", "2019-W52"),
        ("2021-W01", "2020-W53", "2020-W01"),
        ("2025-W10", "2025-W09", "2024-W10"),
        ("2025-01", "2024-12", "2024-01"),
        ("2025-Q1", "2024-Q4", "2024-Q1"),
        ("2025-H1", "2024-H2", "2024-H1"),
        ("2025", "2024", "2024"),
        ("SY2025", "SY2024", "SY2024"),
    ],
)
def test_before(code: str, before: str, last_year: str) -> None:
    period = CALENDAR.parse(code)
    assert CALENDAR.back(period, 1).code == before
    assert CALENDAR.back(CALENDAR.back(period, 1), -1) == period
    assert CALENDAR.last_year(period).code == last_year


@pytest.mark.parametrize(
    ("code", "frequency", "inside"),
    [
        ("2025", "quarter", ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"]),
        ("2025-H2", "month", [f"2025-{month:02d}" for month in range(7, 13)]),
        ("SY2025", "quarter", ["2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3"]),
        ("MY2024", "quarter", ["2023-Q2", "2023-Q3", "2023-Q4"]),
        ("SY2025", "half", ["2025-H1"]),
        ("SY2025", "year", []),
        ("2025", "SY", []),
        ("2025-03", "month", ["2025-03"]),
        ("2025-03", "year", []),
        ("2025-03", "week", ["2025-W10", "2025-W11", "2025-W12", "2025-W13"]),
        ("2025-W10", "day", [f"2025-03-{day:02d}" for day in range(3, 10)]),
        ("9999", "quarter", ["9999-Q1", "9999-Q2", "9999-Q3", "9999-Q4"]),
        ("9999-12", "day", [f"9999-12-{day:02d}" for day in range(1, 32)]),
    ],
)
def test_within(code: str, frequency: str, inside: list[str]) -> None:
    assert [period.code for period in CALENDAR.within(CALENDAR.parse(code), frequency)] == inside


def test_months() -> None:
    march = 2025 * 12 + 2
    assert month_number(dt.date(2025, 3, 14)) == march
    assert month_code(march) == CALENDAR.month_code(march) == "2025-03"
    assert (month_start(march), month_end(march)) == (dt.date(2025, 3, 1), dt.date(2025, 3, 31))
    assert CALENDAR.months(CALENDAR.parse("2025-03")) == range(march, march + 1)
    assert CALENDAR.months(CALENDAR.parse("SY2025")) == range(march - 5, march + 7)
    for code in ("2025-W10", "2025-03-14"):
        with pytest.raises(ValueError, match="whole months"):
            CALENDAR.months(CALENDAR.parse(code))


def test_per_year() -> None:
    lengths = [CALENDAR.per_year(name) for name in ("month", "quarter", "half", "year", "SY")]
    assert lengths == [12, 4, 2, 1, 1]
    assert CALENDAR.per_year("day") == pytest.approx(365.2425)
    assert CALENDAR.per_year("week") == pytest.approx(52.1775)


def test_order_is_by_start_then_end() -> None:
    codes = ["2024-12", "2025-01-01", "2025-01", "2025-Q1", "2025", "2025-01-02", "2025-02"]
    periods = [CALENDAR.parse(code) for code in codes]
    assert sorted([*periods[3:], *periods[:3]]) == periods
    assert max(periods).code == "2025-02"
    assert periods[0] <= periods[1] < periods[2]
    assert periods[2].days == 31


def test_period_table() -> None:
    first = 2024 * 12
    table = CALENDAR.period_table("SY", first, first + 35)
    assert table.to_pylist() == [
        {"period": "SY2025", "frequency": "SY", "first_month": first + 9, "last_month": first + 20},
        {"period": "SY2026", "frequency": "SY", "first_month": first + 21, "last_month": first + 32},
    ]
    assert [str(kind) for kind in table.schema.types] == ["string", "string", "int32", "int32"]
    partial = CALENDAR.period_table("SY", first, first + 35, partial=True)["period"].to_pylist()
    assert partial == ["SY2024", "SY2025", "SY2026", "SY2027"]
    assert CALENDAR.period_table("quarter", first + 1, first + 2).num_rows == 0
    with pytest.raises(ValueError, match="week is not made of whole months"):
        CALENDAR.period_table("week", first, first)


def test_an_unknown_frequency_is_refused_with_a_near_one() -> None:
    for ask in (
        lambda: CALENDAR.containing(dt.date(2025, 1, 1), "quartr"),
        lambda: CALENDAR.per_year("quartr"),
        lambda: CALENDAR.within(CALENDAR.parse("2025"), "quartr"),
    ):
        with pytest.raises(ValueError, match="“quartr” is not a frequency: write one of quarter"):
            ask()


@pytest.mark.parametrize(
    ("dhis2", "code"),
    [
        ("20250314", "2025-03-14"),
        ("2025W10", "2025-W10"),
        ("2025W1", "2025-W01"),
        ("202503", "2025-03"),
        ("2025Q1", "2025-Q1"),
        ("2025S1", "2025-H1"),
        ("2025", "2025"),
        ("2024Oct", "SY2025"),
        ("2025April", "FY2025"),
    ],
)
def test_dhis2(dhis2: str, code: str) -> None:
    assert from_dhis2(dhis2, CALENDAR).code == code
    assert to_dhis2(CALENDAR.parse(code), CALENDAR) == dhis2


def test_dhis2_week_with_a_leading_zero() -> None:
    assert from_dhis2("2025W01", CALENDAR).code == "2025-W01"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("202401B", "2024Oct"),
        ("2024WedW5", "2024Oct"),
        ("2024AprilS1", "2024Oct"),
        ("202513", "none of that number"),
        ("2024July", "start_month: 7"),
        ("", "2024Oct"),
    ],
)
def test_dhis2_codes_that_are_refused(code: str, says: str) -> None:
    with pytest.raises(PeriodError, match=says):
        from_dhis2(code, CALENDAR)


def test_a_year_that_dhis2_does_not_have() -> None:
    calendar = Calendar({"HY": DeclaredYear(3), "CY": DeclaredYear(1)})
    with pytest.raises(PeriodError, match="month 3"):
        to_dhis2(calendar.parse("HY2025"), calendar)
    assert to_dhis2(calendar.parse("CY2025"), calendar) == "2025"
