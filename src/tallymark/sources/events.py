"""Rows of a file made into events: typed columns, whose they are and on which day; what cannot be is refused."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.programme.resolved import Column as DeclaredColumn
from tallymark.sources.cells import Cleaned, Verdicts
from tallymark.sources.declared import column_values, outside
from tallymark.sources.grid import Bools, Chunk
from tallymark.sources.plan import Plan
from tallymark.sources.reading import Reading, worst
from tallymark.sources.verdicts import NOTHING, REFUSES, Verdict
from tallymark.sources.when import day_numbers, months_of_days
from tallymark.sources.whose import place_numbers, standing, unit_places
from tallymark.store.schemas import COLUMN_TYPES


@dataclass(slots=True)
class Judged:
    """The rows of a chunk under judgement: which hold anything, and why a row is refused (0 while it is not)."""

    present: Bools
    row: Verdicts
    cell: Verdicts
    """The first verdict that refused a cell of a row that is taken all the same."""
    columns: list[tuple[int, Verdicts]]
    """Verdicts on each column's cells, told when it is known which rows are taken."""
    limits: list[tuple[int, Verdict, Bools, float]]
    """Columns with values outside their declared limits."""

    @property
    def kept(self) -> Bools:
        """Rows that are taken."""
        kept: Bools = self.present & (self.row == Verdict.OK)
        return kept


def read_events(chunk: Chunk, plan: Plan, reading: Reading) -> pa.Table:
    """The events of a chunk: declared columns, `_unit_at`, `_day`, `_month`, and where they stood in the file."""
    present = rows_present(chunk, plan)
    none = np.zeros(len(present), np.uint8)
    judged = Judged(present, none, none, [], [])
    level = plan.dataset.level.code if plan.dataset.level else None
    units = unit_places(chunk.columns[plan.unit], reading.names(plan, level))
    _judge(units, plan.unit, judged, required=True)
    values: dict[str, pa.Array] = {}
    for at, declared in plan.columns:
        values[declared.name] = _column(declared, at, chunk, plan, reading, judged)
    day = values.get(plan.dataset.date or "", pa.nulls(len(present), pa.date32()))
    if plan.dataset.date:
        _judge_days(day, units, chunk, plan, reading, judged)
    return _taken(values, units, day, chunk, plan, reading, judged)


def rows_present(chunk: Chunk, plan: Plan) -> Bools:
    """Which rows hold anything in the columns that are read."""
    unit = _filled(chunk, plan.unit)
    empty = np.flatnonzero(~unit)
    if len(empty):
        part = chunk.take(empty)
        unit = unit.copy()
        unit[empty] = np.logical_or.reduce([_filled(part, at) for at in plan.used])
    return unit


def _filled(chunk: Chunk, at: int) -> Bools:
    text = chunk.columns[at].text
    filled: Bools = (
        pc.not_equal(pc.utf8_trim_whitespace(text), "").fill_null(False).to_numpy(zero_copy_only=False)
    )
    return filled


def _column(
    declared: DeclaredColumn, at: int, chunk: Chunk, plan: Plan, reading: Reading, judged: Judged
) -> pa.Array:
    dataset = plan.dataset
    if declared.name == dataset.unit and at == plan.unit:
        return pa.nulls(len(chunk.rows), pa.string())
    cleaned = column_values(declared, at, chunk, plan=plan, reading=reading)
    required = declared.required or declared.name == dataset.date or declared.name in dataset.key
    _judge(cleaned, at, judged, required=required)
    if declared.type in ("integer", "number"):
        limits = outside(cleaned.values, declared.min, declared.max)
        judged.limits += [(at, verdict, mask, limit) for verdict, mask, limit in limits]
    return cleaned.values


def _judge(cleaned: Cleaned, at: int, judged: Judged, *, required: bool) -> None:
    """Notes what is wrong with a column's cells; in a required column it refuses the row."""
    verdicts = cleaned.verdicts
    if not verdicts.any():
        return
    if required:
        verdicts = np.where(np.isin(verdicts, NOTHING), np.uint8(Verdict.REQUIRED_BLANK), verdicts)
        judged.row = worst(judged.row, verdicts)
    else:
        judged.cell = worst(judged.cell, verdicts)
    judged.columns.append((at, verdicts))


def _tell(chunk: Chunk, plan: Plan, reading: Reading, judged: Judged) -> None:
    """Files findings: of cells that were refused in any row, of others only in rows that are taken."""
    kept = judged.kept
    for at, verdicts in judged.columns:
        reading.report(plan, at, chunk, verdicts, among=judged.present & (kept | (verdicts >= REFUSES)))
    for at, verdict, mask, limit in judged.limits:
        reading.file(verdict, plan, at, chunk, np.flatnonzero(mask & kept), values={"limit": f"{limit:g}"})


def _judge_days(
    day: pa.Array, units: Cleaned, chunk: Chunk, plan: Plan, reading: Reading, judged: Judged
) -> None:
    """Refuses events after the day of receipt, and events on days when their unit did not stand."""
    at = next(at for at, declared in plan.columns if declared.name == plan.dataset.date)
    numbers, places = day_numbers(day), place_numbers(units.values)
    known = judged.present & day.is_valid().to_numpy(zero_copy_only=False)
    late = known & (numbers > reading.last_day(plan))
    units_stand = standing(reading.programme.units, places, numbers, numbers)
    absent = known & (places >= 0) & ~units_stand
    for verdict, mask, column in ((Verdict.IN_FUTURE, late, at), (Verdict.NOT_OPEN, absent, plan.unit)):
        if mask.any():
            reading.file(verdict, plan, column, chunk, np.flatnonzero(mask))
            judged.row = worst(judged.row, np.where(mask, np.uint8(verdict), np.uint8(0)))


def _taken(
    values: dict[str, pa.Array],
    units: Cleaned,
    day: pa.Array,
    chunk: Chunk,
    plan: Plan,
    reading: Reading,
    judged: Judged,
) -> pa.Table:
    _tell(chunk, plan, reading, judged)
    tally = reading.tally(plan.dataset.name)
    refused = judged.present & (judged.row >= REFUSES)
    tally.read += int(judged.present.sum())
    tally.blank += int((~judged.present).sum())
    tally.refused += int(refused.sum())
    rows = np.flatnonzero(refused)
    reading.refuse(plan, chunk, judged.row, rows, values=np.ones(len(rows), np.int64))
    kept = judged.kept
    partly = np.flatnonzero(kept & (judged.cell >= REFUSES))
    reading.refuse(plan, chunk, judged.cell, partly, values=np.zeros(len(partly), np.int64))
    columns = {
        name: values.get(name, pa.nulls(len(kept), COLUMN_TYPES[declared.type]))
        for name, declared in plan.dataset.columns.items()
    }
    columns |= {
        "_unit_at": units.values,
        "_day": day,
        "_month": months_of_days(day),
        "_table": pa.repeat(pa.scalar(plan.number, pa.int16()), len(kept)),
        "_line": pa.array(chunk.rows),
    }
    table = pa.table(columns)
    return table if kept.all() else table.filter(pa.array(kept))
