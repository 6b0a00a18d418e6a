"""Rolling up counts without SQL: cells up the dated tree, then over periods, by adding rows of an array to others.

Does what `rollup` does with tables, for counts that the histogram made and for figures that are not restated. Figures
of every step are an array of their own, in the smallest type that holds them, which DuckDB reads where it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tallymark.engine.interface import Engine
from tallymark.engine.sql import select
from tallymark.measure.grid import Figures, Grid, Ints, roomy
from tallymark.measure.histogram import Leaves
from tallymark.measure.lending import KEYS, Columns, Lent, lend
from tallymark.measure.places import STEPS, UNITS
from tallymark.measure.plan import TOTAL, Strand
from tallymark.measure.spans import Step, single_periods

UNIT, SLOT, CATEGORY = 0, 1, 2
"""Axes of the cells that are rolled up; in figures over time, periods instead of slots."""

WIDE = np.dtype(np.int32)
"""The least that counts of units above others are kept in."""


@dataclass(frozen=True, slots=True)
class Slope:
    """The way up: which unit's figures go where, and which periods are made of which."""

    parents: npt.NDArray[np.int32]
    """[unit, slot] → the unit to which its figures go next, or −1."""
    depth: Ints
    """Unit → its level, the top one 0."""
    periods: int
    single: Ints
    """Slot → the period that is that slot, or −1."""
    steps: tuple[tuple[int | None, Ints], ...]
    """The earlier step whose periods are the pieces (None: slots), and piece → the period that it is part of, or −1."""

    @classmethod
    def of(cls, engine: Engine, strand: Strand, steps: Sequence[Step]) -> Slope:
        """The way up of a strand."""
        slots = {slot.number: at for at, slot in enumerate(strand.slots)}
        periods, alone = max(strand.periods, default=-1) + 1, single_periods(strand)

        def of_slots(pairs: Iterable[tuple[int, int]]) -> Ints:
            return _places(((period, slots[slot]) for period, slot in pairs), len(slots))

        made = tuple(
            (step.source, of_slots(step.pairs) if step.source is None else _places(step.pairs, periods))
            for step in steps
        )
        single = of_slots(pair for pair in strand.spans if pair[0] in alone)
        return cls(*_above(engine, strand), periods, single, made)


def _above(engine: Engine, strand: Strand) -> tuple[npt.NDArray[np.int32], Ints]:
    depth = engine.rows(select("depth").from_(UNITS).order_by("unit")).column(0).to_numpy()
    steps = engine.rows(select("unit", "parent", "first_month", "last_month").from_(STEPS))
    unit, parent, first, last = (column.to_numpy() for column in steps.columns)
    parents = np.full((len(depth), len(strand.slots)), -1, np.int32)
    for at, slot in enumerate(strand.slots):
        here = (first <= slot.month) & (slot.month <= last)
        parents[unit[here], at] = parent[here]
    return parents, depth.astype(np.int64)


def _places(pairs: Iterable[tuple[int, int]], pieces: int) -> Ints:
    found = np.full(pieces, -1, np.int64)
    for period, piece in pairs:
        assert found[piece] < 0, "periods of one frequency do not overlap"
        found[piece] = period
    return found


def ascend(engine: Engine, strand: Strand, slope: Slope, leaves: Leaves) -> None:
    """Makes the view `<prefix>_f<breakdown>`(unit, period, category, values, usable) of all levels and periods, in total
    and by each breakdown."""
    columns = Columns.of(strand, leaves.names, leaves.sums)
    for at, raised in by_axis(strand, leaves, slope):
        parts = lent(columns, _over_time(raised, slope), total=at == TOTAL)
        lend(engine, f"{strand.prefix}_f{at}", parts)


def by_axis(strand: Strand, leaves: Leaves, slope: Slope) -> Iterator[tuple[int, list[Figures]]]:
    """Number of each breakdown, and of the total → figures by unit, slot and category, as `raise_up` has them."""
    numbers = [at for at, _ in strand.breakdowns]
    alone = not leaves.sums and len(numbers) == 1
    if not alone:  # before sums are marked where they stand
        yield TOTAL, raise_up(_marked(leaves, _by(leaves.figures, None)), slope)
    for axis, at in enumerate(numbers, CATEGORY):
        raised = raise_up(_marked(leaves, _by(leaves.figures, axis)), slope)
        yield at, raised
        if alone:
            yield TOTAL, [_total(one) for one in raised]


def _marked(leaves: Leaves, figures: Figures) -> Figures:
    """Figures with 1 for the rows of a sum in cells where it is not usable: there are such rows, and none has a value."""
    at = {name: number for number, name in enumerate(leaves.names)}
    for one in leaves.sums:
        there, rows = (figures.counts[at[name], : figures.many] for name in (one.name, one.rows))
        rows[:] = (rows > 0) & (there == 0)
    return figures


def rolled(figures: Figures, slope: Slope) -> Iterator[Figures]:
    """Figures by slot as figures by period, of all levels and periods."""
    return _over_time(raise_up(figures, slope), slope)


def _by(leaves: Figures, axis: int | None) -> Figures:
    """The leaves by one of their axes of categories, or in total."""
    units, slots, *categories = leaves.grid.sizes
    grid = Grid((units, slots, 1 if axis is None else categories[axis - CATEGORY]))
    if leaves.grid.cells == grid.cells:
        return replace(leaves, grid=grid)
    keys = leaves.keys // leaves.grid.stride(SLOT) * grid.stride(SLOT)
    return _summed(leaves, grid, keys if axis is None else keys + leaves.on(axis))


def _total(figures: Figures) -> Figures:
    """The sum over categories."""
    grid = Grid((*figures.grid.sizes[:CATEGORY], 1))
    return _summed(figures, grid, figures.keys // figures.grid.sizes[CATEGORY])


def _summed(figures: Figures, grid: Grid, targets: Ints) -> Figures:
    """Figures added up in the cells of a grid that have these keys; those with a key below 0 are left out."""
    from tallymark.engine import kernel  # needed here only, and slow to import

    cells = np.zeros(min(grid.cells, len(targets)), np.int64)
    many = kernel.find(targets, np.full(grid.cells, -1, np.int32), cells, 0)
    rows = np.zeros(many, np.int64)
    kernel.add(figures.rows, targets, rows)
    kind = roomy(int(rows.max(initial=0)), figures.counts.dtype)
    made = Figures.empty(grid, many, len(figures.counts), kind, sums=len(figures.sums))
    kernel.pour(figures.counts, targets, made.counts)
    kernel.pour(figures.sums, targets, made.sums)
    return replace(made, cells=cells[:many], rows=rows, many=many)


def raise_up(figures: Figures, slope: Slope) -> list[Figures]:
    """The figures of units that have none below them, and those of all units above; the deepest go first."""
    above = np.zeros(len(slope.depth), np.bool_)
    above[slope.parents[slope.parents >= 0]] = True
    grid, known = figures.grid, np.full(figures.grid.cells, -1, np.int32)
    room = min(grid.cells, int(above.sum()) * grid.stride(UNIT))
    kind = roomy(int(figures.rows[: figures.many].sum()), WIDE)
    made = Figures.empty(grid, room, len(figures.counts), kind, sums=len(figures.sums))
    own = above[figures.on(UNIT)]
    if own.any():
        made = _poured(made, known, figures, np.where(own, figures.keys, -1))
        figures = figures.at(np.flatnonzero(~own))
    for depth in range(int(slope.depth.max(initial=0)), 0, -1):
        for source in (figures, made):
            made = _poured(made, known, source, _targets(source, slope, depth))
    return [figures, made]


def _targets(figures: Figures, slope: Slope, depth: int) -> Ints:
    """For figures of units of one level the keys to which they go next; below 0 for those that go nowhere, and others."""
    from tallymark.engine import kernel  # needed here only, and slow to import

    keys, grid = figures.keys, figures.grid
    found = np.empty(len(keys), np.int64)
    kernel.rise(keys, found, grid.stride(UNIT), grid.stride(SLOT), slope.parents, slope.depth, depth)
    return found


def _poured(into: Figures, known: npt.NDArray[np.int32], figures: Figures, targets: Ints) -> Figures:
    """Figures with others added, each at its key; known: key → where it stands."""
    from tallymark.engine import kernel  # needed here only, and slow to import

    many = kernel.find(targets, known, into.cells, into.many)
    if len(targets) and targets.max() >= 0:
        kernel.add(figures.rows, targets, into.rows)
        kernel.pour(figures.counts, targets, into.counts)
        kernel.pour(figures.sums, targets, into.sums)
    return into.filled(many)


def _over_time(raised: Sequence[Figures], slope: Slope) -> Iterator[Figures]:
    """The figures by period: of the periods that are slots, and of those made of them step by step."""
    for figures in raised:
        units, _, categories = figures.grid.sizes
        grid = Grid((units, slope.periods, categories))
        made: list[Figures] = []
        for source, places in slope.steps:
            pieces = figures if source is None else made[source]
            made.append(_summed(pieces, grid, _moved(pieces, grid, places)))
        yield replace(figures, grid=grid, cells=_moved(figures, grid, slope.single))
        yield from made


def _moved(figures: Figures, grid: Grid, places: Ints) -> Ints:
    """The keys of figures in a grid of periods: place of the slot or period → period; below 0 where there is none."""
    from tallymark.engine import kernel  # needed here only, and slow to import

    keys, old = figures.keys, figures.grid
    found = np.empty(len(keys), np.int64)
    kernel.move(keys, found, old.stride(UNIT), grid.stride(UNIT), grid.stride(SLOT), places)
    return found


def lent(columns: Columns, parts: Iterable[Figures], *, total: bool) -> list[Lent]:
    """Figures by period as DuckDB reads them; those without a category only where they are a total."""
    found = []
    for part in parts:
        given = _keyed(part) | dict(zip(columns.counts, part.counts[:, : part.many], strict=True))
        table = pa.table(given | dict(zip(columns.sums, part.sums[:, : part.many], strict=True)))
        shown = part.keys >= 0 if total else (part.keys >= 0) & (table.column("category").to_numpy() > 0)
        found.append(Lent(table if shown.all() else table.filter(pa.array(shown)), columns))
    return found


def _keyed(figures: Figures) -> dict[str, npt.NDArray[np.int32]]:
    """Unit, period and category of figures."""
    from tallymark.engine import kernel  # needed here only, and slow to import

    found = np.empty((len(KEYS), figures.many), np.int32)
    kernel.split(figures.keys, found, figures.grid.stride(UNIT), figures.grid.stride(SLOT))
    return dict(zip(KEYS, found, strict=True))
