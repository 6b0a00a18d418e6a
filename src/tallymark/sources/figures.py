"""Cells of a file made into figures of reports and stocks: unit, time, item, breakdowns, value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.programme.resolved import Item
from tallymark.sources.cells import Cleaned, Verdicts, booleans, by_spelling
from tallymark.sources.declared import column_values, item_values, outside
from tallymark.sources.events import rows_present
from tallymark.sources.grid import Bools, Chunk, letters
from tallymark.sources.plan import Plan
from tallymark.sources.reading import Reading, worst
from tallymark.sources.spellings import fold
from tallymark.sources.verdicts import NOTHING, Verdict
from tallymark.sources.when import day_numbers, months_of_days, span_numbers, stock_days
from tallymark.sources.whose import place_numbers, standing, unit_places
from tallymark.store.schemas import COLUMN_TYPES

VALUE, EMPTY, GONE = 0, 1, 2
"""What a figure row is: a value; an empty cell (kept only to be compared); a value that the sender deleted."""


@dataclass(slots=True)
class Keys:
    """What is common to all values of a row: unit, time, breakdowns; and why the row is refused, if it is."""

    present: Bools
    row: Verdicts
    columns: dict[str, pa.Array]


def read_figures(chunk: Chunk, plan: Plan, reading: Reading, *, empties: bool) -> pa.Table:
    """The figures of a chunk, one row a value; with `empties`, also the keys of empty cells."""
    present = rows_present(chunk, plan)
    if plan.layout == "long":
        return _long(chunk, plan, reading, present, empties=empties)
    keys = _keys(chunk, plan, reading, present)
    parts = [_wide(item, at, chunk, plan, reading, keys, empties=empties) for at, item in plan.items]
    _refuse_rows(chunk, plan, reading, keys)
    return pa.concat_tables(parts)


def _keys(chunk: Chunk, plan: Plan, reading: Reading, present: Bools) -> Keys:
    dataset = plan.dataset
    keys = Keys(present, np.zeros(len(present), np.uint8), {})
    level = dataset.level.code if dataset.level else None
    units = unit_places(chunk.columns[plan.unit], reading.names(plan, level))
    _judge(units, plan.unit, chunk, plan, reading, keys)
    keys.columns["_unit_at"] = units.values
    first, last = _time(chunk, plan, reading, keys)
    places = place_numbers(units.values)
    known = present & (places >= 0) & (keys.row == Verdict.OK)
    gone = known & ~standing(reading.programme.units, places, first, last)
    _refuse(Verdict.NOT_OPEN, gone, plan.unit, chunk, plan, reading, keys)
    for name, declared in dataset.columns.items():
        keys.columns[name] = pa.nulls(len(present), COLUMN_TYPES[declared.type])
    for at, declared in plan.columns:
        cleaned = column_values(declared, at, chunk, plan=plan, reading=reading)
        _judge(cleaned, at, chunk, plan, reading, keys, required=declared.required)
        keys.columns[declared.name] = cleaned.values
    _parts(chunk, plan, reading, keys)
    return keys


def _time(
    chunk: Chunk, plan: Plan, reading: Reading, keys: Keys
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Puts the time into the keys and gives the first and last day of each row's."""
    assert plan.time is not None
    at = plan.time.columns[-1]
    if plan.dataset.kind == "stocks":
        found = stock_days(chunk, plan, reading)
        _judge(found, at, chunk, plan, reading, keys)
        keys.columns |= {"date": found.values, "_month": months_of_days(found.values)}
        day = day_numbers(found.values)
        later = keys.present & found.values.is_valid().to_numpy(zero_copy_only=False)
        later &= day > reading.last_day(plan)
        reading.file(Verdict.FUTURE_STOCK, plan, at, chunk, np.flatnonzero(later))
        return day, day
    found = span_numbers(chunk, plan, reading)
    _judge(found, at, chunk, plan, reading, keys)
    numbers = found.values.fill_null(0).to_numpy(zero_copy_only=False)
    spans = reading.spans
    none = np.zeros(1, np.int64)
    first, last, months = (
        (values if len(values) else none)[numbers]
        for values in (spans.starts(), spans.ends(), spans.months())
    )
    keys.columns |= {"_span": found.values, "_month": pa.array(months.astype(np.int32))}
    later = keys.present & found.values.is_valid().to_numpy(zero_copy_only=False)
    later &= first > reading.last_day(plan)
    _refuse(Verdict.IN_FUTURE, later, at, chunk, plan, reading, keys)
    return first, last


def _parts(chunk: Chunk, plan: Plan, reading: Reading, keys: Keys) -> None:
    """DHIS2: breakdowns from option combinations; which parts a figure is the sum of stays in `_part`."""
    count = len(chunk.rows)
    if plan.combination < 0:
        keys.columns["_part"] = pa.nulls(count, pa.string())
        return
    combination = chunk.columns[plan.combination].text
    attribute = chunk.columns[plan.combination + 1].text
    keys.columns["_part"] = pc.binary_join_element_wise(
        combination.fill_null(""), attribute.fill_null(""), "."
    )
    mapped = plan.table.categories
    if not mapped:
        return
    for name in dict.fromkeys(name for values in mapped.values() for name in values):
        spelt = {part: values.get(name) for part, values in mapped.items()}
        cleaned = _mapped(combination, spelt)
        keys.columns[name] = cleaned.values
    known = _mapped(combination, {part: part for part in mapped})
    _judge(known, plan.combination, chunk, plan, reading, keys, required=False)


def _mapped(text: pa.Array, known: dict[str, str | None]) -> Cleaned:
    def read(spellings: pa.Array) -> tuple[pa.Array, Verdicts]:
        found = spellings.to_pylist()
        verdicts = [Verdict.OK if spelling in known else Verdict.OTHER_PART for spelling in found]
        return pa.array([known.get(spelling) for spelling in found], pa.string()), np.array(
            verdicts, np.uint8
        )

    return by_spelling(text, read, pa.string())


def _judge(
    cleaned: Cleaned,
    at: int,
    chunk: Chunk,
    plan: Plan,
    reading: Reading,
    keys: Keys,
    *,
    required: bool = True,
) -> None:
    """Files what is wrong with a key column; a key that cannot be read, or is required and empty, refuses the row."""
    verdicts = cleaned.verdicts
    if not verdicts.any():
        return
    if required:
        verdicts = np.where(np.isin(verdicts, NOTHING), np.uint8(Verdict.REQUIRED_BLANK), verdicts)
    keys.row = worst(keys.row, verdicts)
    reading.report(plan, at, chunk, verdicts, among=keys.present)


def _refuse(
    verdict: Verdict, mask: Bools, at: int, chunk: Chunk, plan: Plan, reading: Reading, keys: Keys
) -> None:
    if mask.any():
        reading.file(verdict, plan, at, chunk, np.flatnonzero(mask))
        keys.row = worst(keys.row, np.where(mask, np.uint8(verdict), np.uint8(0)))


def _wide(
    item: Item, at: int, chunk: Chunk, plan: Plan, reading: Reading, keys: Keys, *, empties: bool
) -> pa.Table:
    cleaned = item_values(item, at, chunk.columns[at], plan=plan, reading=reading)
    verdicts = cleaned.verdicts
    alive = keys.present & (keys.row == Verdict.OK)
    nothing = np.isin(verdicts, NOTHING)
    refused = alive & cleaned.refused
    tally = reading.tally(plan.dataset.name)
    tally.read += int((keys.present & ~nothing).sum())
    tally.blank += int((verdicts == Verdict.BLANK).sum())
    tally.missing += int((nothing & (verdicts != Verdict.BLANK)).sum())
    tally.refused += int((keys.present & ~alive & ~nothing).sum() + refused.sum())
    reading.report(plan, at, chunk, verdicts, among=alive, item=item.name)
    rows = np.flatnonzero(refused)
    place = pa.array([_place(plan, at, row) for row in chunk.rows[rows].tolist()], pa.string())
    reading.refuse_cells(plan, chunk, verdicts, rows, place=place, at=at)
    taken = np.flatnonzero(alive & (empties | ~nothing) & ~refused)
    for verdict, mask, limit in outside(cleaned.values, item.min, item.max):
        rows = np.flatnonzero(mask & alive)
        reading.file(verdict, plan, at, chunk, rows, item=item.name, values={"limit": f"{limit:g}"})
    kind = np.where(nothing, EMPTY, VALUE).astype(np.int8)
    number = list(plan.dataset.items).index(item.name)
    return _table(
        keys, taken, cleaned.values, chunk, plan, items=np.full(len(nothing), number), kind=kind, at=at
    )


def _place(plan: Plan, at: int, row: int) -> str:
    cell = f"{letters(at)}{row}" if plan.lettered else str(row)
    return f"{plan.sheet}!{cell}" if plan.sheet else cell


def _refuse_rows(chunk: Chunk, plan: Plan, reading: Reading, keys: Keys) -> None:
    """Keeps whole rows that were refused, with the number of values that each would have given."""
    rows = np.flatnonzero(keys.present & (keys.row != Verdict.OK))
    if not len(rows):
        return
    part = chunk.take(rows)
    values = np.zeros(len(rows), np.int64)
    for at, item in plan.items:
        values += ~np.isin(
            item_values(item, at, part.columns[at], plan=plan, reading=reading).verdicts, NOTHING
        )
    reading.refuse(plan, chunk, keys.row, rows, values=values)


def _long(chunk: Chunk, plan: Plan, reading: Reading, present: Bools, *, empties: bool) -> pa.Table:
    found = _item_numbers(chunk, plan)
    elsewhere = present & (found.verdicts == Verdict.ELSEWHERE)
    # Rows of other tables are judged there: by another level, frequency and categories.
    keys = _keys(chunk, plan, reading, present & ~elsewhere)
    tally = reading.tally(plan.dataset.name)
    tally.ignored += int(elsewhere.sum())
    _judge(found, plan.item, chunk, plan, reading, keys)
    numbers = found.values.fill_null(-1).to_numpy(zero_copy_only=False)
    cleaned = _values(numbers, chunk, plan, reading)
    gone = _deleted(chunk, plan)
    nothing = np.isin(cleaned.verdicts, NOTHING) & ~gone
    alive = keys.present & (keys.row == Verdict.OK)
    verdicts = np.where(gone, np.uint8(Verdict.OK), cleaned.verdicts)
    reading.report(plan, plan.value, chunk, verdicts, among=alive)
    keys.row = worst(keys.row, np.where(alive, verdicts, np.uint8(0)))
    refused = keys.present & (keys.row != Verdict.OK) & ~nothing
    tally.read += int((keys.present & ~nothing).sum())
    tally.blank += int((keys.present & (verdicts == Verdict.BLANK)).sum())
    tally.missing += int((keys.present & nothing & (verdicts != Verdict.BLANK)).sum())
    tally.refused += int(refused.sum())
    rows = np.flatnonzero(refused)
    reading.refuse(plan, chunk, keys.row, rows, values=np.ones(len(rows), np.int64))
    taken = np.flatnonzero(keys.present & (keys.row == Verdict.OK) & (empties | ~nothing))
    for number, item in enumerate(plan.dataset.items.values()):
        for verdict, mask, limit in outside(cleaned.values, item.min, item.max):
            rows = np.flatnonzero(mask & (numbers == number) & alive & ~gone)
            reading.file(
                verdict, plan, plan.value, chunk, rows, item=item.name, values={"limit": f"{limit:g}"}
            )
    kind = np.where(gone, GONE, np.where(nothing, EMPTY, VALUE)).astype(np.int8)
    return _table(keys, taken, cleaned.values, chunk, plan, items=numbers, kind=kind, at=-1)


def _item_numbers(chunk: Chunk, plan: Plan) -> Cleaned:
    """The number of each row's item in the dataset; ELSEWHERE stands for items left to other tables."""
    own = {name: at for at, name in enumerate(plan.dataset.items)}
    known = {fold(text): own[name] for text, name in plan.table.items.items()}
    if not plan.table.items:
        known = {
            fold(text): own[name]
            for name, item in plan.dataset.items.items()
            for text in (name, item.title.en, item.title.zh)
            if text
        }
    ignored = {fold(text) for text in plan.table.ignore} | plan.elsewhere
    text = chunk.columns[plan.item].text
    joined = plan.combination >= 0
    if joined:
        text = pc.binary_join_element_wise(text, chunk.columns[plan.combination].text.fill_null(""), ".")

    def number(spelling: str) -> int:
        word = fold(spelling)
        return known.get(word, known.get(word.rpartition(".")[0], -1) if joined else -1)

    def verdict(spelling: str, at: int) -> Verdict:
        bare = fold(spelling).rpartition(".")[0] if joined else fold(spelling)
        if at >= 0:
            return Verdict.OK
        if not plan.first or bare in ignored or fold(spelling) in ignored:
            return Verdict.ELSEWHERE
        return Verdict.UNDECLARED if plan.lenient else Verdict.UNKNOWN_ITEM

    def read(spellings: pa.Array) -> tuple[pa.Array, Verdicts]:
        found = [(spelling, number(spelling)) for spelling in spellings.to_pylist()]
        places = np.array([at for _, at in found], np.int32)
        verdicts = np.array([verdict(spelling, at) for spelling, at in found], np.uint8)
        return pa.array(places, mask=places < 0), verdicts

    return by_spelling(text, read, pa.int32())


def _values(numbers: npt.NDArray[np.int32], chunk: Chunk, plan: Plan, reading: Reading) -> Cleaned:
    """The value column read by the type of each row's item."""
    items = list(plan.dataset.items.values())
    column = chunk.columns[plan.value]
    kinds = np.array([(item.type, item.max is not None and item.max <= 1) for item in items], dtype=object)
    verdicts = np.zeros(len(numbers), np.uint8)
    values = np.full(len(numbers), np.nan)
    for kind in {tuple(pair) for pair in kinds.tolist()}:
        its = [at for at, pair in enumerate(kinds.tolist()) if tuple(pair) == kind]
        rows = np.flatnonzero(np.isin(numbers, its))
        if len(rows):
            cleaned = item_values(items[its[0]], plan.value, column.take(rows), plan=plan, reading=reading)
            values[rows] = cleaned.values.to_numpy(zero_copy_only=False)
            verdicts[rows] = cleaned.verdicts
    return Cleaned(pa.array(values, from_pandas=True), verdicts)


def _deleted(chunk: Chunk, plan: Plan) -> Bools:
    if plan.deleted < 0:
        return np.zeros(len(chunk.rows), np.bool_)
    gone: Bools = booleans(chunk.columns[plan.deleted]).values.fill_null(False).to_numpy(zero_copy_only=False)
    return gone


def _table(
    keys: Keys,
    taken: npt.NDArray[np.intp],
    values: pa.Array,
    chunk: Chunk,
    plan: Plan,
    *,
    items: npt.NDArray[np.integer],
    kind: npt.NDArray[np.int8],
    at: int,
) -> pa.Table:
    count = len(taken)
    rows = pa.array(taken)
    columns = {name: column.take(rows) for name, column in keys.columns.items()}
    columns |= {
        "_item": pa.array(items[taken].astype(np.int32)),
        "value": values.take(rows),
        "_kind": pa.array(kind[taken]),
        "_table": pa.repeat(pa.scalar(plan.number, pa.int16()), count),
        "_line": pa.array(chunk.rows[taken]),
        "_column": pa.repeat(pa.scalar(at if plan.lettered else -1, pa.int32()), count),
    }
    return pa.table(columns)
