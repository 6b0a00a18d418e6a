"""Cells of a declared column or item made into its type."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.programme.resolved import Column as DeclaredColumn
from tallymark.programme.resolved import Item
from tallymark.sources import cells
from tallymark.sources.cells import Cleaned, Verdicts, by_spelling
from tallymark.sources.dates import parse_period
from tallymark.sources.grid import Bools, Chunk, Column
from tallymark.sources.plan import Plan
from tallymark.sources.reading import Reading
from tallymark.sources.verdicts import Verdict
from tallymark.sources.whose import unit_places

EPOCH = dt.date(1970, 1, 1)


def column_values(
    declared: DeclaredColumn, at: int, chunk: Chunk, *, plan: Plan, reading: Reading
) -> Cleaned:
    """A declared column's cells in its stored type."""
    column = chunk.columns[at]
    if declared.type == "number":
        return cells.numbers(column, whole=False, decimal=_decimal(column, at, plan, reading))
    if declared.type == "integer":
        return cells.whole_numbers(column, decimal=_decimal(column, at, plan, reading))
    if declared.type == "category":
        return cells.categories(column, declared.values or (), plan.table.categories.get(declared.name, {}))
    return _OTHERS[declared.type](column, plan, reading)


def item_values(item: Item, at: int, column: Column, *, plan: Plan, reading: Reading) -> Cleaned:
    """An item's cells as float64: days since 1970-01-01 for dates, 1 and 0 for booleans."""
    if item.type == "boolean":
        cleaned = cells.booleans(column)
    elif item.type == "date":
        cleaned = cells.days(column, order=plan.table.date_order, latest_year=reading.received.year)
        cleaned = Cleaned(cleaned.values.cast(pa.int32()), cleaned.verdicts)
    else:
        decimal = _decimal(column, at, plan, reading)
        return cells.numbers(column, whole=item.type == "integer", decimal=decimal, most=item.max)
    return Cleaned(cleaned.values.cast(pa.float64()), cleaned.verdicts)


def outside(values: pa.Array, least: float | None, most: float | None) -> list[tuple[Verdict, Bools, float]]:
    """Where values lie below the least or above the most that is declared."""
    found = []
    for verdict, limit, beyond in (
        (Verdict.BELOW_MIN, least, pc.less),
        (Verdict.ABOVE_MAX, most, pc.greater),
    ):
        if limit is not None:
            mask = beyond(values, limit).fill_null(False).to_numpy(zero_copy_only=False)
            if mask.any():
                found.append((verdict, mask, limit))
    return found


def _decimal(column: Column, at: int, plan: Plan, reading: Reading) -> str:
    """The column's decimal mark: the first that its texts prove, a point until then."""
    key = (plan.number, at)
    if key not in reading.decimals:
        proved = cells.decimal_of(column)
        if proved is None:
            return "."
        reading.decimals[key] = proved
    return reading.decimals[key]


def _dates(column: Column, plan: Plan, reading: Reading) -> Cleaned:
    return cells.days(column, order=plan.table.date_order, latest_year=reading.received.year)


def _units(column: Column, plan: Plan, reading: Reading) -> Cleaned:
    found = unit_places(column, reading.names(plan, None))
    codes = pa.array(reading.programme.units.codes, pa.string())
    return Cleaned(codes.take(found.values), found.verdicts)


def _periods(column: Column, plan: Plan, reading: Reading) -> Cleaned:
    calendar = reading.programme.calendar
    frequencies = (*calendar.frequencies, "month", "quarter", "half", "year", "week", "day", *calendar.years)

    def code(text: str) -> str | None:
        for frequency in dict.fromkeys(frequencies):
            found, _ = parse_period(
                text,
                frequency=frequency,
                calendar=calendar,
                order=plan.table.date_order,
                latest_year=reading.received.year,
            )
            if found:
                return found.code
        return None

    def read(spellings: pa.Array) -> tuple[pa.Array, Verdicts]:
        codes = [code(text) for text in spellings.to_pylist()]
        verdicts = [Verdict.OK if text else Verdict.NOT_A_PERIOD for text in codes]
        return pa.array(codes, pa.string()), np.array(verdicts, np.uint8)

    return by_spelling(column.text, read, pa.string())


_OTHERS: dict[str, Callable[[Column, Plan, Reading], Cleaned]] = {
    "text": lambda column, plan, reading: cells.texts(column),
    "boolean": lambda column, plan, reading: cells.booleans(column),
    "date": _dates,
    "unit": _units,
    "period": _periods,
}
