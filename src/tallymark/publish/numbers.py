"""Figures as text in each language: numbers, shares, periods, days; and which kind of nothing a blank is."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from enum import StrEnum

from tallymark.model.periods import Calendar, Period
from tallymark.model.text import Text

MINUS = "\N{MINUS SIGN}"
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip


class Kind(StrEnum):
    """What a cell holds. The four kinds of nothing are never shown alike; `undefined` is a division by no cases."""

    VALUE = "value"
    ZERO = "zero"
    MISSING = "missing"
    NOT_EXPECTED = "unexpected"
    SUPPRESSED = "suppressed"
    UNDEFINED = "undefined"


SIGNS = {Kind.MISSING: "—", Kind.NOT_EXPECTED: "·", Kind.SUPPRESSED: "✱", Kind.UNDEFINED: "÷0"}
"""What stands in a cell for each kind that has no number."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure as a cell shows it."""

    kind: Kind
    text: str


def absent(number: float | None) -> bool:
    """Whether there is no number: None or NaN."""
    return number is None or math.isnan(number)


def kind_of(
    value: float | None, *, basis: str | None, expected: float | None, denominator: float | None = None
) -> Kind:
    """The kind of a figure.

    Suppressed wins over everything. Without a value: nothing was due (`expected` 0 or unknown) is not expected;
    a denominator of 0 is undefined; the rest is missing.
    """
    if basis == "suppressed":
        return Kind.SUPPRESSED
    if value is not None and not math.isnan(value):
        return Kind.ZERO if value == 0 else Kind.VALUE
    if denominator is not None and denominator == 0:
        return Kind.UNDEFINED
    if basis == "missing" and absent(expected):
        return Kind.MISSING
    return Kind.NOT_EXPECTED if absent(expected) or expected == 0 else Kind.MISSING


def decimal(value: float, decimals: int = 0) -> str:
    """A number with a comma each three digits and a true minus; −0 is 0."""
    text = f"{value:,.{decimals}f}"
    if text.startswith("-"):
        text = text[1:] if not text.strip("-0.,") else MINUS + text[1:]
    return text


def plain(value: float | None, most: int = 2) -> str:
    """A number with as many decimals as it needs, at most `most`; empty when there is none."""
    if value is None or math.isnan(value):
        return ""
    rounded = round(value, most)
    if rounded == int(rounded):
        return decimal(rounded)
    return decimal(rounded, most).rstrip("0")


def signed(value: float, decimals: int = 0) -> str:
    """A change with its sign; no sign when it rounds to nothing."""
    text = decimal(value, decimals)
    return text if text.startswith(MINUS) or not text.strip("0.,") else f"+{text}"


def share(part: float, whole: float, decimals: int = 1) -> str:
    """A percentage; 100 % and 0 % are only said when they are exact (99.97 → 99.9 %, 0.01 → <0.1 %)."""
    if whole == 0:
        return SIGNS[Kind.UNDEFINED]
    value, step = 100 * part / whole, 10.0**-decimals
    if 0 < value < step / 2:
        return f"<{decimal(step, decimals)}%"
    if 100 - step / 2 <= value < 100:
        value = 100 - step
    text = decimal(value, decimals)
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"


def spread(low: float | None, high: float | None, decimals: int, language: str) -> str:
    """An interval, empty when there is none."""
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return ""
    dash = "～" if language == "zh" else "–" if low >= 0 else " to "
    return f"{decimal(low, decimals)}{dash}{decimal(high, decimals)}"


def with_unit(text: str, unit: str, language: str) -> str:
    """A number followed by what it is in: `83.4%`, `12.1 per 1 000`, `12.1‰`."""
    if not unit:
        return text
    close = unit in ("%", "‰") or (language == "zh" and not unit[0].isascii())
    return f"{text}{unit}" if close else f"{text} {unit}"


def day_text(day: dt.date, language: str) -> str:
    """A date in words."""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def month_text(year: int, month: int, language: str) -> str:
    """A month in words."""
    return f"{year}年{month}月" if language == "zh" else f"{_MONTHS[month - 1]} {year}"


def period_text(period: Period, calendar: Calendar, language: str) -> str:
    """A period in words, the declared title of a declared year among them."""
    year = period.start.year
    if period.frequency == "month":
        return month_text(year, period.start.month, language)
    if period.frequency == "quarter":
        quarter = (period.start.month + 2) // 3
        return f"{year}年第{'一二三四'[quarter - 1]}季度" if language == "zh" else f"Q{quarter} {year}"
    if period.frequency == "half":
        first = period.start.month == 1
        if language == "zh":
            return f"{year}年{'上' if first else '下'}半年"
        return f"{'first' if first else 'second'} half of {year}"
    if period.frequency == "year":
        return f"{year}年" if language == "zh" else str(year)
    if period.frequency == "week":
        week = int(period.code[-2:])
        return f"{period.code[:4]}年第{week}周" if language == "zh" else f"week {week} of {period.code[:4]}"
    if period.frequency == "day":
        return day_text(period.start, language)
    return _declared_year(period, calendar.years[period.frequency].title, language)


def _declared_year(period: Period, title: Text, language: str) -> str:
    """`Statistical year (October to September)` of SY2025 → `statistical year 2025`; `2025统计年度`."""
    name = period.code[len(period.frequency) :]
    said = title[language].replace("（", "(").split("(")[0].strip()
    if not said:
        return period.code
    return f"{name}{said}" if language == "zh" else f"{said[:1].lower()}{said[1:]} {name}"


def stretch(period: Period, language: str) -> str:
    """First and last day of a period in words."""
    dash = "至" if language == "zh" else " – "
    return f"{day_text(period.start, language)}{dash}{day_text(period.end, language)}"


_SHORT = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def short_period(code: str, language: str) -> str:
    """A period code as a narrow table or an axis shows it: `2025-03` → `Mar 2025`; others stay codes."""
    if len(code) == 7 and code[4] == "-" and code[5:].isdigit() and language == "en":
        return f"{_SHORT[int(code[5:]) - 1]} {code[:4]}"
    return code
