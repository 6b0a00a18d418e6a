"""When figures are of: period columns made into numbered periods, date columns into days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.model.periods import Period, month_number
from tallymark.sources.cells import Cleaned, Verdicts, by_spelling, days
from tallymark.sources.dates import parse_day, parse_month, parse_period, parse_year
from tallymark.sources.grid import Chunk, Column, Ints
from tallymark.sources.plan import Plan
from tallymark.sources.reading import Reading
from tallymark.sources.verdicts import Verdict

SPLIT = "␟"
"""Between the texts of two cells that are read as one."""


def span_numbers(chunk: Chunk, plan: Plan, reading: Reading) -> Cleaned:
    """The number (in `reading.spans`) of each row's period, which must be of the dataset's frequency."""
    assert plan.time is not None
    frequency = plan.dataset.frequency or "month"
    calendar = reading.programme.calendar

    def whole(text: str) -> tuple[Period | None, Verdict]:
        return parse_period(
            text,
            frequency=frequency,
            calendar=calendar,
            order=plan.table.date_order,
            latest_year=reading.received.year,
        )

    def year_and_month(text: str) -> tuple[Period | None, Verdict]:
        year_text, _, month_text = text.partition(SPLIT)
        year, month = parse_year(year_text), parse_month(month_text)
        if year is None or month is None:
            return None, Verdict.NOT_A_PERIOD
        return whole(f"{year}-{month:02d}")

    read_one = year_and_month if plan.time.kind == "year_month" else whole
    return by_spelling(_joined(chunk, plan), _numbered(read_one, reading), pa.int32())


def stock_days(chunk: Chunk, plan: Plan, reading: Reading) -> Cleaned:
    """The day each row's level stands for: the date itself, or the declared day of its year or month."""
    assert plan.time is not None
    latest = reading.received.year
    if plan.time.kind == "date":
        return days(chunk.columns[plan.time.columns[0]], order=plan.table.date_order, latest_year=latest)
    month, day = (int(part) for part in (plan.table.day or "01-01").split("-"))

    def of_year(text: str) -> tuple[dt.date | None, Verdict]:
        year_text, _, month_text = text.partition(SPLIT)
        year = parse_year(year_text)
        at = parse_month(month_text) if SPLIT in text else month
        if year is None or at is None:
            return None, Verdict.NOT_A_DATE
        return parse_day(f"{year}-{at:02d}-{day:02d}", order="ymd", latest_year=latest)

    def of_period(text: str) -> tuple[dt.date | None, Verdict]:
        calendar = reading.programme.calendar
        for frequency in ("month", "quarter", "half", "year", *calendar.years, "week", "day"):
            found, _ = parse_period(
                text, frequency=frequency, calendar=calendar, order="ymd", latest_year=latest
            )
            if found:
                return found.start, Verdict.OK
        return None, Verdict.NOT_A_DATE

    read_one = of_period if plan.time.kind == "period_start" else of_year

    def read(spellings: pa.Array) -> tuple[pa.Array, Verdicts]:
        parsed = [read_one(text) for text in spellings.to_pylist()]
        return pa.array([day for day, _ in parsed], pa.date32()), _verdicts(parsed)

    return by_spelling(_joined(chunk, plan), read, pa.date32())


def months_of_days(values: pa.Array) -> pa.Array:
    """The integer month of each day, NULL where there is none."""
    return pc.add(pc.multiply(pc.year(values), 12), pc.subtract(pc.month(values), 1)).cast(pa.int32())


def day_numbers(values: pa.Array) -> Ints:
    """Days since 1970-01-01; 0 where there is none."""
    numbers: Ints = values.cast(pa.int32()).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers


def month_of(period: Period) -> int:
    """The first month of a period."""
    return month_number(period.start)


def _joined(chunk: Chunk, plan: Plan) -> pa.Array:
    """The text of the time's cells; two cells are joined, blank when both are."""
    assert plan.time is not None
    texts = [_text(chunk.columns[at]) for at in plan.time.columns]
    if len(texts) == 1:
        return texts[0]
    joined = pc.binary_join_element_wise(*[text.fill_null("") for text in texts], SPLIT)
    return pc.if_else(pc.equal(joined, SPLIT), pa.scalar(None, pa.string()), joined)


def _text(column: Column) -> pa.Array:
    text = column.text
    return text.dictionary_decode() if pa.types.is_dictionary(text.type) else text


def _numbered(
    read_one: Callable[[str], tuple[Period | None, Verdict]], reading: Reading
) -> Callable[[pa.Array], tuple[pa.Array, Verdicts]]:
    def read(spellings: pa.Array) -> tuple[pa.Array, Verdicts]:
        parsed = [read_one(text) for text in spellings.to_pylist()]
        numbers = [None if period is None else reading.spans.number(period) for period, _ in parsed]
        return pa.array(numbers, pa.int32()), _verdicts(parsed)

    return read


def _verdicts(parsed: list[tuple[Period | None, Verdict]] | list[tuple[dt.date | None, Verdict]]) -> Verdicts:
    return np.array([verdict for _, verdict in parsed], np.uint8)
