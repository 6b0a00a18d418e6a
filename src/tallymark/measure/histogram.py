"""The leaf pass without SQL: conditional counts as a histogram of cells by what a row's values mean to the conditions.

Rows come as Arrow batches; a row's cell (unit, slot, categories) and its page (see `patterns`) are sums of what its
values count as, looked up once a value; compiled loops add the page's measures to the cell. Says the same as the pass
in SQL, which remains for sums, for small tables, and for what would not fit in memory (docs/decisions/0015).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tallymark.engine.duckdb import Engine, connect
from tallymark.measure.grid import ARRIVED, MOST_CELLS, NEVER, OUT, Cells, Figures, Ints, grid_of, roomy
from tallymark.measure.patterns import Judged, TooVaried
from tallymark.measure.plan import Strand
from tallymark.measure.spelling import Spelled, spelled
from tallymark.measure.stream import pieces
from tallymark.store import Portion
from tallymark.store.delta import storage_errors

ENOUGH = 80_000_000
"""Rows × measures from which the histogram is quicker than SQL: below, starting Numba takes longer than counting."""

MOST_BYTES = 1 << 30
"""Memory for the cells, at most."""

TOGETHER = 1 << 15
"""Rows counted at a time: what is known of them stays in the nearer caches."""


@dataclass(frozen=True, slots=True)
class Leaves:
    """What the leaves hold: counts of the measures, and when the first row came (µs since 1970; NEVER)."""

    figures: Figures
    """By unit, slot (in the strand's order), then each breakdown's categories by number."""
    names: tuple[str, ...]
    """Measures of the counts' columns."""
    arrived: Ints | None


def countable(strand: Strand) -> bool:
    """Whether all that a strand's leaf pass has to do is to count rows of events."""
    counts = {p.measure.aggregate for p in strand.counted} == {"count"}
    return strand.dataset.kind == "events" and bool(strand.frequency) and counts


def histogram(engine: Engine, strand: Strand, portion: Portion, *, rows: int, units: int) -> Leaves | None:
    """The leaves of a strand that is countable; None where they would not fit in memory or are too varied to judge.

    rows: how many there are at most. units: how many are numbered.
    """
    grid = grid_of(engine, strand, units)
    capacity = min(grid.cells, rows)
    row = 16 + roomy(rows).itemsize * len(strand.counted)
    if grid.cells > MOST_CELLS or 4 * grid.cells + capacity * row > MOST_BYTES:
        return None
    with connect(threads=1) as asked:
        cells, judged = Cells.of(engine, strand, grid, asked), Judged.of(strand, asked)
        figures = Figures.empty(grid, capacity, len(judged.tests))
        try:
            return _counted(engine, portion, cells, judged, figures)
        except TooVaried:
            return None


def _counted(engine: Engine, portion: Portion, cells: Cells, judged: Judged, figures: Figures) -> Leaves:
    # Importing Numba takes longer than anything else in a small run, and only this needs it.
    from tallymark.engine import kernel

    known = np.full(cells.grid.cells, -1, np.int32)
    first = np.full(len(figures.cells), NEVER) if cells.timed else None
    at, codes = np.zeros(TOGETHER, np.int32), np.zeros(TOGETHER, np.int32)
    many = most = 0
    for piece in pieces(engine.connection, portion, cells.wanted(judged.fields)):
        names = [name for name in piece.rows.schema.names if name != ARRIVED]
        columns = {name: spelled(piece.rows.column(name), piece.ends.get(name)) for name in names}
        places = [_Added.of(columns[name], lookup.of(columns[name])) for name, lookup in cells.lookups]
        places += [] if piece.gone is None else [_without(piece.gone, piece.rows.num_rows)]
        books = [
            (book.first, table, [_Added.of(columns[name], shares) for name, shares in of_columns.items()])
            for book, table, of_columns in judged.pages(columns)
        ]
        times = None if first is None else _times(piece.rows.column(ARRIVED))
        with storage_errors(piece.file):
            for head in range(0, piece.rows.num_rows, TOGETHER):
                rows = slice(head, min(head + TOGETHER, piece.rows.num_rows))
                cell = _spelled_out(at, places, rows)
                many = kernel.find(cell, known, figures.cells, many)
                figures = figures.filled(many).holding(most + TOGETHER)
                for column, table, of_columns in books:
                    page = _spelled_out(codes, of_columns, rows)
                    most = max(most, kernel.count(cell, page, table, figures.counts, figures.rows, column))
                if first is not None and times is not None:
                    kernel.earliest(cell, times[rows], first)
    arrived = None if first is None else first[:many]
    return Leaves(figures, tuple(judged.tests), arrived)


@dataclass(frozen=True, slots=True)
class _Added:
    """What a column adds to a number of every row: `shares[at − low]`."""

    at: npt.NDArray[Any]
    low: int
    shares: npt.NDArray[np.int32]

    @classmethod
    def of(cls, column: Spelled, shares: Ints) -> _Added:
        return cls(column.at, column.low, shares.astype(np.int32))


def _without(gone: Ints, rows: int) -> _Added:
    """Puts some of the rows out."""
    at = np.zeros(rows, np.uint8)
    at[gone] = 1
    return _Added(at, 0, np.array([0, OUT], np.int32))


def _spelled_out(
    numbers: npt.NDArray[np.int32], added: Sequence[_Added], rows: slice
) -> npt.NDArray[np.int32]:
    """What columns add up to for some rows, in memory that is used over and over."""
    from tallymark.engine import kernel  # needed here only, and slow to import

    found = numbers[: rows.stop - rows.start]
    found[:] = sum(int(one.shares[0]) for one in added if len(one.shares) == 1)
    for one in added:
        if len(one.shares) > 1 and not kernel.spell(found, one.at[rows], one.low, one.shares):
            raise OSError("a file holds values outside the range that it says it has")
    return found


def _times(column: pa.Array | pa.ChunkedArray) -> Ints:
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    found: Ints = array.cast(pa.int64()).fill_null(NEVER).to_numpy()
    return found
