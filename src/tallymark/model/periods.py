"""Periods and the calendar: days, ISO weeks, months, quarters, halves, years and declared years.

Months are also integers, `year * 12 + month - 1`, so that engines compare them without date functions.
"""

from __future__ import annotations

import calendar as gregorian
import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import total_ordering

import pyarrow as pa

from tallymark.findings import did_you_mean
from tallymark.model.text import Text

SPANS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
"""Frequencies made of whole months → months in one."""

FREQUENCIES = ("day", "week", *SPANS)
"""Every frequency that needs no declaration, shortest first."""

DAYS_A_YEAR = 365.2425
"""Mean length of a Gregorian year."""

PERIOD_TABLE = pa.schema(
    [
        ("period", pa.string()),
        ("frequency", pa.string()),
        ("first_month", pa.int32()),
        ("last_month", pa.int32()),
    ]
)


class PeriodError(ValueError):
    """A period, frequency or DHIS2 code that cannot be read; `template` and `values` as in a Finding."""

    def __init__(self, template: str, values: Mapping[str, object]) -> None:
        super().__init__(template.format_map(values))
        self.template = template
        self.values = dict(values)


@total_ordering
@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of days with a code, ordered by (start, end); `end` is its last day."""

    code: str
    frequency: str
    """day, week, month, quarter, half, year, or a declared year's prefix."""
    start: dt.date
    end: dt.date

    @property
    def days(self) -> int:
        """Days in it, both ends counted."""
        return (self.end - self.start).days + 1

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Period):
            return NotImplemented
        return (self.start, self.end, self.code) < (other.start, other.end, other.code)

    def __str__(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True)
class DeclaredYear:
    """A year that starts in `start_month`, named by the calendar year in which it ends or starts."""

    start_month: int
    named_by: str = "end"
    title: Text = field(default_factory=Text)

    @property
    def shift(self) -> int:
        """What is added to the calendar year of its first month to give its name."""
        return 1 if self.named_by == "end" and self.start_month > 1 else 0


def month_number(day: dt.date) -> int:
    """The integer month in which a day falls: `year * 12 + month - 1`."""
    return day.year * 12 + day.month - 1


def month_code(month: int) -> str:
    """The code of an integer month: 24302 → `2025-03`."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def month_start(month: int) -> dt.date:
    """The first day of an integer month."""
    return dt.date(month // 12, month % 12 + 1, 1)


def month_end(month: int) -> dt.date:
    """The last day of an integer month."""
    year, at = divmod(month, 12)
    return dt.date(year, at + 1, gregorian.monthrange(year, at + 1)[1])


def _week(year: int, week: int) -> int:
    return (dt.date.fromisocalendar(year, week, 1).toordinal() - 1) // 7


def _part(most: int) -> Callable[[int, int], int]:
    def number(year: int, part: int) -> int:
        if not 1 <= part <= most:
            raise ValueError(part)
        return year * most + part - 1

    return number


_WRITTEN: tuple[tuple[str, re.Pattern[str], Callable[..., int]], ...] = (
    ("day", re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})"), lambda y, m, d: dt.date(y, m, d).toordinal()),
    ("week", re.compile(r"([0-9]{4})-W([0-9]{2})"), _week),
    ("month", re.compile(r"([0-9]{4})-([0-9]{2})"), _part(12)),
    ("quarter", re.compile(r"([0-9]{4})-Q([0-9])"), _part(4)),
    ("half", re.compile(r"([0-9]{4})-H([0-9])"), _part(2)),
    ("year", re.compile(r"([0-9]{4})"), lambda y: y),
)
"""Frequency, how it is written, and its number counted from year 0 (days and weeks: from 0001-01-01)."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The periods a programme knows: the usual ones and its declared years (prefix → year)."""

    years: Mapping[str, DeclaredYear] = field(default_factory=dict)
    frequencies: tuple[str, ...] = ("month", "quarter", "year")
    """Those that runs compute."""

    def parse(self, code: str) -> Period:
        """The period that a code names.

        Errors: PeriodError (a ValueError) says what is accepted.
        """
        text = code.strip()
        for frequency, pattern, number in _WRITTEN:
            if match := pattern.fullmatch(text):
                try:
                    return self._period(frequency, number(*map(int, match.groups())))
                except (ValueError, OverflowError) as error:
                    raise PeriodError(
                        "“{period}” is written as a {frequency}, but there is none of that number",
                        {"period": code, "frequency": frequency},
                    ) from error
        prefix, year = text[:-4], text[-4:]
        if prefix in self.years and re.fullmatch("[0-9]{4}", year):
            return self._period(prefix, int(year) - self.years[prefix].shift)
        raise PeriodError(
            "“{period}” is not a period: write {accepted}", {"period": code, "accepted": self._accepted()}
        )

    def containing(self, day: dt.date, frequency: str) -> Period:
        """The period of a frequency in which a day falls."""
        return self._period(frequency, self._number(day, frequency))

    def within(self, period: Period, frequency: str) -> tuple[Period, ...]:
        """The periods of a frequency that lie wholly inside a period, in order; none when none fits.

        A week across New Year lies in neither year; a calendar quarter across a declared year's end likewise.
        """
        numbers = range(self._number(period.start, frequency), self._number(period.end, frequency) + 1)
        touching = (self._period(frequency, number) for number in numbers)
        return tuple(part for part in touching if period.start <= part.start and part.end <= period.end)

    def back(self, period: Period, n: int = 1) -> Period:
        """The period of the same frequency n earlier (later when n is negative)."""
        return self._period(period.frequency, self._number(period.start, period.frequency) - n)

    def last_year(self, period: Period) -> Period:
        """The same period a year earlier: the same ISO week number (W53 → W52), 29 February → 28 February."""
        if period.frequency == "week":
            year, week, _ = period.start.isocalendar()
            return self._period("week", _week(year - 1, min(week, 52)))
        if period.frequency == "day":
            day = period.start
            leap = (day.month, day.day) == (2, 29)
            return self.containing(day.replace(year=day.year - 1, day=28 if leap else day.day), "day")
        return self.back(period, 12 // self._grid(period.frequency)[0])

    def per_year(self, frequency: str) -> float:
        """How many periods of a frequency make a year: 12, 4, 2, 1; weeks and days of a mean year."""
        if frequency in ("day", "week"):
            return DAYS_A_YEAR / (7 if frequency == "week" else 1)
        return 12 / self._grid(frequency)[0]

    def months(self, period: Period) -> range:
        """The integer months of a period.

        Errors: PeriodError when it is not made of whole months.
        """
        first, last = month_number(period.start), month_number(period.end)
        if period.start != month_start(first) or period.end != month_end(last):
            raise PeriodError("“{period}” is not made of whole months", {"period": period.code})
        return range(first, last + 1)

    def month_code(self, month: int) -> str:
        """The code of an integer month: 24302 → `2025-03`."""
        return month_code(month)

    def period_table(
        self, frequency: str, first_month: int, last_month: int, *, partial: bool = False
    ) -> pa.Table:
        """Table(period, frequency, first_month, last_month) of a whole-month frequency in a range of months.

        Only periods wholly inside the range, unless `partial` asks for those that reach out of it, too.
        Errors: PeriodError for days and weeks.
        """
        span, offset = self._grid(frequency)
        low, high = first_month - offset, last_month - offset + 1
        numbers = range(low // span, -(-high // span)) if partial else range(-(-low // span), high // span)
        firsts = [number * span + offset for number in numbers]
        columns = (
            [self._code(frequency, number) for number in numbers],
            [frequency] * len(firsts),
            firsts,
            [first + span - 1 for first in firsts],
        )
        arrays = [pa.array(column, kind.type) for column, kind in zip(columns, PERIOD_TABLE, strict=True)]
        return pa.Table.from_arrays(arrays, schema=PERIOD_TABLE)

    def _grid(self, frequency: str) -> tuple[int, int]:
        """Months in a period of a frequency, and by how many months its grid is shifted from January."""
        if frequency in self.years:
            return 12, self.years[frequency].start_month - 1
        if frequency in SPANS:
            return SPANS[frequency], 0
        if frequency in FREQUENCIES:
            raise PeriodError("a {frequency} is not made of whole months", {"frequency": frequency})
        known = [*FREQUENCIES, *self.years]
        near = did_you_mean(frequency, known)
        raise PeriodError(
            "“{frequency}” is not a frequency: write one of {known}",
            {"frequency": frequency, "known": ", ".join(near or known)},
        )

    def _number(self, day: dt.date, frequency: str) -> int:
        if frequency == "day":
            return day.toordinal()
        if frequency == "week":
            return (day.toordinal() - 1) // 7
        span, offset = self._grid(frequency)
        return (month_number(day) - offset) // span

    def _code(self, frequency: str, number: int) -> str:
        if frequency == "day":
            return dt.date.fromordinal(number).isoformat()
        if frequency == "week":
            year, week, _ = dt.date.fromordinal(number * 7 + 1).isocalendar()
            return f"{year:04d}-W{week:02d}"
        if frequency in self.years:
            return f"{frequency}{number + self.years[frequency].shift:04d}"
        return _CODES[frequency](number)

    def _period(self, frequency: str, number: int) -> Period:
        try:
            if frequency in ("day", "week"):
                length = 7 if frequency == "week" else 1
                start = dt.date.fromordinal((number * 7 + 1) if length == 7 else number)
                end = start + dt.timedelta(days=length - 1)
            else:
                span, offset = self._grid(frequency)
                start, end = month_start(number * span + offset), month_end(number * span + offset + span - 1)
        except PeriodError:
            raise
        except (ValueError, OverflowError) as error:
            raise PeriodError(
                "a {frequency} outside the years 1 to 9999 cannot be dated", {"frequency": frequency}
            ) from error
        return Period(self._code(frequency, number), frequency, start, end)

    def _accepted(self) -> str:
        own = "".join(f", {prefix}2025" for prefix in self.years)
        return f"2025, 2025-H1, 2025-Q1, 2025-03, 2025-W10, 2025-03-14{own}"


_CODES: Mapping[str, Callable[[int], str]] = {
    "month": month_code,
    "quarter": lambda number: f"{number // 4:04d}-Q{number % 4 + 1}",
    "half": lambda number: f"{number // 2:04d}-H{number % 2 + 1}",
    "year": lambda number: f"{number:04d}",
}
