"""Rolling up counts without SQL: cells up the dated tree, then over periods, by adding rows of an array to others.

Does what `rollup` does with tables, for counts that the histogram made and for figures that are not restated.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tallymark.engine.duckdb import Engine
from tallymark.engine.sql import select
from tallymark.measure.grid import Figures, Grid, Ints
from tallymark.measure.histogram import Leaves
from tallymark.measure.places import STEPS, UNITS
from tallymark.measure.plan import TOTAL, Strand
from tallymark.measure.spans import Step, single_periods

UNIT, SLOT, CATEGORY = 0, 1, 2
"""Axes of the cells that are rolled up; in figures over time, periods instead of slots."""


def ascend(engine: Engine, strand: Strand, leaves: Leaves, steps: Sequence[Step]) -> None:
    """Makes `<prefix>_f<breakdown>`(unit, period, category, counts) of all levels and periods, in total and by each
    breakdown."""
    above, spans = _Above.of(engine, strand), _Spans.of(strand, steps)
    total = None
    for axis, (at, _) in enumerate(strand.breakdowns, CATEGORY):
        raised = _raised(_by(leaves.figures, axis, spans), above, spans)
        if len(strand.breakdowns) == 1:
            total = _total(raised, spans)
        _lend(engine, strand, at, leaves.names, _over_time(raised, spans))
    if total is None:
        total = _raised(_by(leaves.figures, None, spans), above, spans)
    _lend(engine, strand, TOTAL, leaves.names, _over_time(total, spans))


@dataclass(frozen=True, slots=True)
class _Above:
    """Parents: [unit, slot] → the unit to which its figures go next, or −1; and each unit's depth."""

    parents: npt.NDArray[np.int32]
    depth: Ints

    @classmethod
    def of(cls, engine: Engine, strand: Strand) -> _Above:
        depth = engine.rows(select("depth").from_(UNITS).order_by("unit")).column(0).to_numpy()
        steps = engine.rows(select("unit", "parent", "first_month", "last_month").from_(STEPS))
        unit, parent, first, last = (column.to_numpy() for column in steps.columns)
        parents = np.full((len(depth), len(strand.slots)), -1, np.int32)
        for at, slot in enumerate(strand.slots):
            here = (first <= slot.month) & (slot.month <= last)
            parents[unit[here], at] = parent[here]
        return cls(parents, depth.astype(np.int64))


@dataclass(frozen=True, slots=True)
class _Spans:
    """How periods are made: arrays piece → the period that it is part of, or −1."""

    periods: int
    single: Ints
    """Slot → the period that is that slot."""
    steps: tuple[tuple[int | None, Ints], ...]
    """The earlier step whose periods are the pieces (None: slots), and piece → period."""

    @classmethod
    def of(cls, strand: Strand, steps: Sequence[Step]) -> _Spans:
        slots = {slot.number: at for at, slot in enumerate(strand.slots)}
        periods, alone = max(strand.periods, default=-1) + 1, single_periods(strand)

        def of_slots(pairs: Iterable[tuple[int, int]]) -> Ints:
            return _places(((period, slots[slot]) for period, slot in pairs), len(slots))

        made = [
            (step.source, of_slots(step.pairs) if step.source is None else _places(step.pairs, periods))
            for step in steps
        ]
        return cls(periods, of_slots(pair for pair in strand.spans if pair[0] in alone), tuple(made))

    def room(self, grid: Grid, cells: int) -> int:
        """How many figures so many cells can have over time, at most."""
        units, _, categories = grid.sizes
        return sum(
            min(cells, units * categories * len(np.unique(places[places >= 0]))) for _, places in self.steps
        )


def _places(pairs: Iterable[tuple[int, int]], pieces: int) -> Ints:
    found = np.full(pieces, -1, np.int64)
    for period, piece in pairs:
        assert found[piece] < 0, "periods of one frequency do not overlap"
        found[piece] = period
    return found


def _by(leaves: Figures, axis: int | None, spans: _Spans) -> Figures:
    """The leaves by one of their axes of categories, or in total."""
    units, slots, *categories = leaves.grid.sizes
    grid = Grid((units, slots, 1 if axis is None else categories[axis - CATEGORY]))
    if len(categories) <= 1 and leaves.grid.cells == grid.cells:  # nothing else reads them
        return replace(leaves, grid=grid)
    keys = leaves.keys // leaves.grid.stride(SLOT) * grid.stride(SLOT)
    return _summed(leaves, grid, keys if axis is None else keys + leaves.on(axis), spans)


def _total(figures: Figures, spans: _Spans) -> Figures:
    """The sum over categories."""
    grid = Grid((*figures.grid.sizes[:CATEGORY], 1))
    return _summed(figures, grid, figures.keys // figures.grid.sizes[CATEGORY], spans)


def _summed(figures: Figures, grid: Grid, keys: Ints, spans: _Spans) -> Figures:
    """Figures added up in the cells of a smaller grid that have these keys."""
    many = min(grid.cells, figures.many)
    made = Figures.empty(grid, many + spans.room(grid, many), len(figures.counts), figures.counts.dtype)
    return _poured(made, keys.copy(), figures.counts, np.arange(figures.many), grid.cells)


def _poured(into: Figures, keys: Ints, counts: npt.NDArray[Any], rows: Ints, cells: int) -> Figures:
    """Figures with further cells: the sums of the counts in these rows, by key."""
    from tallymark.engine import kernel  # needed here only, and slow to import

    known = np.full(cells, -1, np.int32)
    many = kernel.find(keys, known, into.cells, into.many)
    kernel.pour(counts, rows, keys, into.counts)
    return replace(into, many=many)


def _raised(figures: Figures, above: _Above, spans: _Spans) -> Figures:
    """The figures of units, and of all units above them; the deepest go first."""
    from tallymark.engine import kernel  # needed here only, and slow to import

    grid, many = figures.grid, figures.many
    over = len(np.unique(above.parents[above.parents >= 0])) * grid.stride(UNIT)
    most = min(grid.cells, many + over)
    figures = _with_room(figures, most + spans.room(grid, most))
    cells, known = figures.cells, np.full(grid.cells, -1, np.int32)
    known[figures.keys] = np.arange(many, dtype=np.int32)
    for depth in range(int(above.depth.max(initial=0)), 0, -1):
        unit = grid.place(cells[:many], UNIT)
        rows = np.flatnonzero(above.depth[unit] == depth)
        parent = above.parents[unit[rows], grid.place(cells[rows], SLOT)].astype(np.int64)
        targets = np.where(parent < 0, -1, cells[rows] + (parent - unit[rows]) * grid.stride(UNIT))
        many = kernel.find(targets, known, cells, many)
        kernel.pour(figures.counts, rows, targets, figures.counts)
    return replace(figures, many=many)


def _with_room(figures: Figures, most: int) -> Figures:
    """The figures, with room for so many."""
    if len(figures.cells) >= most:
        return figures
    made, many = Figures.empty(figures.grid, most, len(figures.counts), figures.counts.dtype), figures.many
    made.cells[:many], made.counts[:, :many] = figures.keys, figures.counts[:, :many]
    return replace(made, many=many)


@dataclass(frozen=True, slots=True)
class _Part:
    """Figures of one length of periods: where they begin and end, and unit, period, category of each."""

    first: int
    last: int
    unit: Ints
    period: Ints
    category: Ints


def _over_time(figures: Figures, spans: _Spans) -> tuple[Figures, list[_Part]]:
    """The figures of slots, and those of longer periods behind them, step by step."""
    units, _, categories = figures.grid.sizes
    grid = Grid((units, spans.periods, categories))
    unit, slot, category = (figures.on(axis) for axis in range(3))
    parts = [_Part(0, figures.many, unit, spans.single[slot], category)]
    made: list[_Part] = []
    for source, places in spans.steps:
        part, pieces = (parts[0], slot) if source is None else (made[source], made[source].period)
        period = places[pieces]
        keys = part.unit * grid.stride(UNIT) + period * grid.stride(SLOT) + part.category
        keys[period < 0] = -1
        first = figures.many
        figures = _poured(figures, keys, figures.counts, np.arange(part.first, part.last), grid.cells)
        fresh = figures.cells[first : figures.many]
        made.append(_Part(first, figures.many, *(grid.place(fresh, axis) for axis in range(3))))
    return figures, [*parts, *made]


def _lend(
    engine: Engine, strand: Strand, at: int, names: Sequence[str], over_time: tuple[Figures, list[_Part]]
) -> None:
    """`<prefix>_f<breakdown>` of all parts, a column a measure; rows without a category are in the total only."""
    figures, parts = over_time
    keys = {
        name: np.concatenate([getattr(part, name).astype(np.int32) for part in parts])
        for name in ("unit", "period", "category")
    }
    table = pa.table(keys | dict(zip(names, figures.counts[:, : figures.many], strict=True)))
    shown = (keys["period"] >= 0) & ((keys["category"] > 0) | (at == TOTAL))
    engine.lend(f"{strand.prefix}_f{at}", table if shown.all() else table.filter(pa.array(shown)))
