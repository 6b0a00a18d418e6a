"""Dates and periods as people write them: one text → a day or period and a verdict, once for every spelling."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import unicodedata

from tallymark.model.dhis2_periods import from_dhis2
from tallymark.model.periods import Calendar, Period, PeriodError
from tallymark.sources.spellings import fold
from tallymark.sources.verdicts import Verdict
from tallymark.sources.words import MISSING, MONTHS, UNCLEAR

ParsedDay = tuple[dt.date | None, Verdict]

EXCEL_EPOCH = dt.date(1899, 12, 30)
SERIALS = (20_000, 80_000)
"""Excel serial numbers that are read as days: 1954-10-03 to 2119-01-10."""
YEARS = (1900, 2100)
CHINESE_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")

TIME = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[ap]m)?(Z|[+-]\d{2}:?\d{2})?$", re.IGNORECASE)
ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
CHINESE = re.compile(r"(\d{2}|\d{4})年(\d{1,2})月(\d{1,2})[日号]?")
NUMERIC = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})")
DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er)?[-/. ]*([^\W\d]{3,}\.?)[-/., ]*(\d{4}|\d{2})")
MONTH_DAY = re.compile(r"([^\W\d]{3,}\.?)[-/. ]*(\d{1,2})(?:st|nd|rd|th)?[-/., ]+(\d{4}|\d{2})")
YEAR_NAME = re.compile(r"(\d{4})[-/. ]*([^\W\d]{3,}\.?)[-/. ]*(\d{1,2})")


def parse_day(text: str, *, order: str, latest_year: int) -> ParsedDay:
    """The day a text means, None where it means none.

    `order` (ymd, dmy, mdy) decides `03/04/2025`; with ymd only what cannot be two days is read. A year of two digits
    is the last such year up to `latest_year`.
    """
    if len(text) == 10 and text[4] == "-" == text[7]:
        with contextlib.suppress(ValueError):
            return _within(dt.date.fromisoformat(text))
    plain = unicodedata.normalize("NFKC", text)
    plain = TIME.sub("", " ".join(plain.replace("'", " ").split()))
    if not plain:
        return None, Verdict.BLANK
    word = fold(plain)
    if word in MISSING or word in UNCLEAR:
        return None, Verdict.MISSING
    if word.replace(".0", "").isdecimal() and len(word.replace(".0", "")) == 5:
        serial = int(word.replace(".0", ""))
        if SERIALS[0] <= serial <= SERIALS[1]:
            return EXCEL_EPOCH + dt.timedelta(days=serial), Verdict.OK
    return _written(word, order, latest_year)


def _written(word: str, order: str, latest_year: int) -> ParsedDay:
    spelt = _numerals_to_digits(word) if "年" in word else word
    if match := ISO.fullmatch(spelt):
        return _day(match[1], match[3], match[4], latest_year)
    if match := COMPACT.fullmatch(spelt) or CHINESE.fullmatch(spelt):
        return _day(match[1], match[2], match[3], latest_year)
    if match := NUMERIC.fullmatch(spelt):
        return _ordered(int(match[1]), int(match[3]), match[4], order, latest_year)
    for pattern, places in ((DAY_MONTH, (3, 2, 1)), (MONTH_DAY, (3, 1, 2)), (YEAR_NAME, (1, 2, 3))):
        if match := pattern.fullmatch(spelt):
            month = MONTHS.get(match[places[1]].rstrip("."))
            if month:
                return _day(match[places[0]], str(month), match[places[2]], latest_year)
    return None, Verdict.NOT_A_DATE


def _ordered(first: int, second: int, year: str, order: str, latest_year: int) -> ParsedDay:
    """A date of three numbers with the year last."""
    if order == "dmy" or (order != "mdy" and first > 12):
        day, month = first, second
    elif order == "mdy" or second > 12 or first == second:
        day, month = second, first
    else:
        return None, Verdict.UNCLEAR_DATE
    return _day(year, str(month), str(day), latest_year)


def _day(year: str, month: str, day: str, latest_year: int) -> ParsedDay:
    try:
        return _within(dt.date(_full_year(year, latest_year), int(month), int(day)))
    except ValueError:
        return None, Verdict.NO_SUCH_DAY


def _within(day: dt.date) -> ParsedDay:
    return (day, Verdict.OK) if YEARS[0] <= day.year <= YEARS[1] else (None, Verdict.NO_SUCH_DAY)


def _full_year(year: str, latest_year: int) -> int:
    if len(year) == 4:
        return int(year)
    century = latest_year // 100 * 100
    return century + int(year) if century + int(year) <= latest_year else century - 100 + int(year)


def _numerals_to_digits(word: str) -> str:
    """二〇二五年三月十四日 → 2025年3月14日."""

    def number(match: re.Match[str]) -> str:
        signs = match[0]
        if "十" not in signs:
            return signs.translate(CHINESE_DIGITS)
        tens, units = signs.split("十", 1)
        return (tens.translate(CHINESE_DIGITS) or "1") + (units.translate(CHINESE_DIGITS) or "0")

    return re.sub("[〇零一二三四五六七八九十]+", number, word)


def parse_month(text: str) -> int | None:
    """The month a text means, 1 to 12: a number or a name in English, French or Chinese; None when it is none."""
    word = fold(text).rstrip(".").removesuffix(".0")
    if word.isdecimal() and len(word) <= 2:
        return int(word) if 1 <= int(word) <= 12 else None
    return MONTHS.get(word)


def parse_year(text: str) -> int | None:
    """The year a text means (2025, 2025.0, 2025年); None when it is none between 1900 and 2100."""
    word = _numerals_to_digits(fold(text)).removesuffix("年").removesuffix("年度").removesuffix(".0")
    if re.fullmatch(r"\d{4}", word) and YEARS[0] <= int(word) <= YEARS[1]:
        return int(word)
    return None


_SEPARATOR = r"[-/. 年]*"
_PERIODS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"(?P<y>\d{{4}}){_SEPARATOR}(?:m|第)?(?P<m>\d{{2}}|(?<!\d)\d)(?:月|月份)?"), "month"),
    (re.compile(r"(?P<m>\d{1,2})[-/. ](?P<y>\d{4})"), "month"),
    (re.compile(rf"(?P<y>\d{{4}}){_SEPARATOR}(?P<name>[^\W\d]{{3,}}|[一二三四五六七八九十]+月)\.?"), "month"),
    (re.compile(r"(?P<name>[^\W\d]{3,})\.?[-/., ]*(?P<y>\d{4})"), "month"),
    (re.compile(rf"(?P<y>\d{{4}}){_SEPARATOR}(?:q|第)?(?P<q>[1-4一二三四])(?:季度|季)"), "quarter"),
    (re.compile(rf"(?P<y>\d{{4}}){_SEPARATOR}[qt](?P<q>[1-4])"), "quarter"),
    (re.compile(r"[qt](?P<q>[1-4])[-/ ]*(?P<y>\d{4})"), "quarter"),
    (re.compile(rf"(?P<y>\d{{4}}){_SEPARATOR}[hs](?P<h>[12])"), "half"),
    (re.compile(rf"(?P<y>\d{{4}}){_SEPARATOR}(?P<h>[上下])半年"), "half"),
    (re.compile(rf"(?P<y>\d{{4}}){_SEPARATOR}(?:w|week|第) ?(?P<w>\d{{1,2}})周?"), "week"),
    (re.compile(r"(?P<y>\d{4})(?:年|年度)?"), "year"),
)
"""Spellings of periods beside the codes of the calendar, folded."""


def parse_period(
    text: str, *, frequency: str, calendar: Calendar, order: str, latest_year: int
) -> tuple[Period | None, Verdict]:
    """The period a text means, which must be of the dataset's frequency.

    A day inside a longer period stands for it only when it is its first or last day. A bare year stands for the
    declared year when that is the frequency.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    if not plain:
        return None, Verdict.BLANK
    found = _by_code(plain, calendar) or _by_words(fold(plain).removesuffix(".0"), calendar)
    if found is None:
        day, _ = parse_day(plain, order=order, latest_year=latest_year)
        if day is None:
            return None, Verdict.NOT_A_PERIOD
        found = calendar.containing(day, "day")
    return _of_frequency(found, frequency, calendar)


def _of_frequency(found: Period, frequency: str, calendar: Calendar) -> tuple[Period | None, Verdict]:
    if found.frequency == frequency:
        return found, Verdict.OK
    if found.frequency == "day":
        around = calendar.containing(found.start, frequency)
        if found.start in (around.start, around.end):
            return around, Verdict.OK
    if found.frequency == "year" and frequency in calendar.years:
        return calendar.parse(f"{frequency}{found.code}"), Verdict.OK
    return None, Verdict.OTHER_FREQUENCY


def _by_code(plain: str, calendar: Calendar) -> Period | None:
    for parse in (calendar.parse, lambda code: from_dhis2(code, calendar)):
        try:
            found = parse(plain)
        except PeriodError:
            continue
        if YEARS[0] <= found.start.year <= YEARS[1]:
            return found
    return None


def _by_words(word: str, calendar: Calendar) -> Period | None:
    for pattern, frequency in _PERIODS:
        if match := pattern.fullmatch(word):
            parts = match.groupdict()
            code = _code(frequency, parts)
            found = _by_code(code, calendar) if code else None
            if found:
                return found
    return None


def _code(frequency: str, parts: dict[str, str | None]) -> str | None:
    year = parts["y"]
    if frequency == "month":
        month = parse_month(parts.get("m") or parts.get("name") or "")
        return f"{year}-{month:02d}" if month else None
    if frequency == "quarter":
        return f"{year}-Q{(parts['q'] or '').translate(CHINESE_DIGITS)}"
    if frequency == "half":
        return f"{year}-H{'12'['上下'.index(parts['h'])] if parts['h'] in ('上', '下') else parts['h']}"
    if frequency == "week":
        return f"{year}-W{int(parts['w'] or 0):02d}"
    return year
