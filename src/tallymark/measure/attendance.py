"""Who reported, without SQL: what `presence.see` and its roll-up do with tables, for leaves that the histogram made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tallymark.engine.interface import Engine
from tallymark.engine.sql import select
from tallymark.measure.ascent import Slope, lent, rolled
from tallymark.measure.grid import NEVER, Figures, Grid, Ints
from tallymark.measure.histogram import Leaves
from tallymark.measure.leaves import due_days
from tallymark.measure.lending import Columns, lend
from tallymark.measure.plan import Plan, Strand
from tallymark.measure.presence import more_seen

NAMES = ("expected", "received", "timed", "on_time")


Times = tuple[Ints, Ints, Ints]
"""Units, slots (by place), and when something came of them (µs since 1970; NEVER)."""

READ = dict(zip(NAMES, NAMES, strict=True)) | {"on_time": "CASE WHEN timed > 0 THEN on_time END", "part": "0"}
COLUMNS = Columns(NAMES, (), READ)


def attend(
    engine: Engine,
    plan: Plan,
    strand: Strand,
    leaves: Leaves,
    *,
    slope: Slope,
    sources: Mapping[str, str],
    horizon: dt.date | None,
) -> None:
    """Makes the view `<prefix>_fp`(unit, period, category, expected, received, timed, on_time, part) of all levels and
    periods; on_time is NULL where no time of arrival is known."""
    due = owed(engine, strand, len(slope.depth))
    figures = attendance(
        strand, leaves, due, seen_besides(engine, plan, strand, sources=sources, horizon=horizon)
    )
    lend(engine, f"{strand.prefix}_fp", lent(COLUMNS, rolled(figures, slope), total=True))


def seen_besides(
    engine: Engine, plan: Plan, strand: Strand, *, sources: Mapping[str, str], horizon: dt.date | None
) -> list[Times]:
    """Units and slots that were received though no row of theirs is left."""
    place = {slot.number: at for at, slot in enumerate(strand.slots)}
    found = []
    for query in more_seen(engine, plan, strand, sources=sources, horizon=horizon):
        rows = engine.rows(query)
        slots = np.array([place.get(one, -1) for one in rows.column("slot").to_pylist()], np.int64)
        times = rows.column("arrived").cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
        units = rows.column("unit").to_numpy().astype(np.int64)
        asked = slots >= 0
        found.append((units[asked], slots[asked], times.fill_null(NEVER).to_numpy()[asked]))
    return found


def attendance(
    strand: Strand, leaves: Leaves, due: npt.NDArray[np.bool_], besides: Sequence[Times]
) -> Figures:
    """Reports due, received, with a known time of arrival, and in time, by unit and slot; due: as `owed` has it."""
    units, slots, *_ = leaves.figures.grid.sizes
    timed = strand.dataset.due_days is not None
    got, arrived = np.zeros(units * slots, np.bool_), np.full(units * slots if timed else 0, NEVER)
    cells = leaves.figures.keys // leaves.figures.grid.stride(1)
    got[cells] = True
    if leaves.arrived is not None:
        np.minimum.at(arrived, cells, leaves.arrived)
    for unit, slot, times in besides:
        got[unit * slots + slot] = True
        if timed:
            np.minimum.at(arrived, unit * slots + slot, times)
    cells = np.flatnonzero(got | due.ravel())
    figures = Figures.empty(Grid((units, slots, 1)), len(cells), len(NAMES))
    figures.counts[0, : len(cells)], figures.counts[1, : len(cells)] = 1, got[cells]
    if timed:
        late = np.array([int(day.timestamp()) * 10**6 for day in due_days(strand)])
        figures.counts[2, : len(cells)] = arrived[cells] < NEVER
        figures.counts[3, : len(cells)] = arrived[cells] < late[cells % slots]
    figures.cells[:], figures.rows[:] = cells, 1
    return figures.filled(len(cells))


def owed(engine: Engine, strand: Strand, units: int) -> npt.NDArray[np.bool_]:
    """[unit, slot] → whether a report was due."""
    rows = engine.rows(select("unit", "first_month", "last_month").from_(f"{strand.prefix}_owes"))
    unit, first, last = (column.to_numpy() for column in rows.columns)
    due = np.zeros((units, len(strand.slots)), np.bool_)
    for at, slot in enumerate(strand.slots):
        due[unit[(first <= slot.month) & (slot.month <= last)], at] = True
    return due
