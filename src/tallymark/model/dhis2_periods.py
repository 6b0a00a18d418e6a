"""DHIS2 period codes ↔ periods: `202503`, `2025Q1`, `2025S1`, `2025`, `2025W10`, `20250314`, `2024Oct`."""

from __future__ import annotations

import re

from tallymark.model.periods import Calendar, Period, PeriodError

FINANCIAL = {"Feb": 2, "April": 4, "July": 7, "Aug": 8, "Sep": 9, "Oct": 10, "Nov": 11}
"""Month in which a DHIS2 financial year starts; its code has the calendar year of that month."""

_SAME = (
    (re.compile("([0-9]{4})([0-9]{2})([0-9]{2})"), "{0}-{1}-{2}"),
    (re.compile("([0-9]{4})W([0-9]{1,2})"), "{0}-W{1:0>2}"),
    (re.compile("([0-9]{4})([0-9]{2})"), "{0}-{1}"),
    (re.compile("([0-9]{4})Q([1-4])"), "{0}-Q{1}"),
    (re.compile("([0-9]{4})S([12])"), "{0}-H{1}"),
    (re.compile("([0-9]{4})"), "{0}"),
)
_YEAR = re.compile(f"([0-9]{{4}})({'|'.join(FINANCIAL)})")


def from_dhis2(code: str, calendar: Calendar) -> Period:
    """The period of a DHIS2 code; a financial year is the declared year that starts in its month.

    Errors: PeriodError (a ValueError) for codes of other kinds (two-month, bi-weekly, weeks not from Monday
    …), and for a financial year when the calendar declares none from that month.
    """
    text = code.strip()
    for pattern, written in _SAME:
        if match := pattern.fullmatch(text):
            return calendar.parse(written.format(*match.groups()))
    if not (match := _YEAR.fullmatch(text)):
        raise PeriodError(
            "“{period}” is not a DHIS2 period that is read: those are 20250314, 2025W10, 202503, 2025Q1, "
            "2025S1, 2025 and financial years such as 2024Oct",
            {"period": code},
        )
    year, month = int(match[1]), FINANCIAL[match[2]]
    for prefix, declared in sorted(calendar.years.items()):
        if declared.start_month == month:
            return calendar.parse(f"{prefix}{year + declared.shift:04d}")
    raise PeriodError(
        "“{period}” is a year from month {month}; declare such a year in the calendar "
        "(`years: {{FY: {{start_month: {month}}}}}`)",
        {"period": code, "month": month},
    )


def to_dhis2(period: Period, calendar: Calendar) -> str:
    """The DHIS2 code of a period.

    Errors: PeriodError for a declared year from a month that DHIS2 has no financial year for.
    """
    if period.frequency not in calendar.years:
        code = period.code
        if period.frequency == "week":
            year, week = code.split("-W")
            return f"{year}W{int(week)}"
        return code.replace("-H", "S").replace("-", "")
    if period.start.month == 1:
        return f"{period.start.year:04d}"
    for name, month in FINANCIAL.items():
        if period.start.month == month:
            return f"{period.start.year:04d}{name}"
    raise PeriodError(
        "DHIS2 has no year from month {month} as in “{period}”",
        {"period": period.code, "month": period.start.month},
    )
