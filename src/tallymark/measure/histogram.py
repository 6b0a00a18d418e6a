"""The leaf pass without SQL: conditional counts as a histogram of cells by what a row's values mean to the conditions.

Rows come as Arrow batches; a row's cell (unit, slot, categories) and its page (see `patterns`) are sums of what its
values count as, looked up once a value; compiled loops add the page's measures to the cell. Says the same as the pass
in SQL, which remains for sums, for small tables, and for what would not fit in memory (docs/decisions/0015).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tallymark.engine.duckdb import beside
from tallymark.engine.interface import Engine
from tallymark.measure.adding import Summed, Sums, summable
from tallymark.measure.combinations import MOST_ROWS, Combinations, sets_of
from tallymark.measure.grid import (
    MOST_CELLS,
    NEVER,
    OUT,
    SMALLEST,
    Cells,
    Figures,
    Grid,
    Ints,
    grid_of,
    roomy,
)
from tallymark.measure.patterns import Book, Judged, TooVaried
from tallymark.measure.plan import Strand
from tallymark.measure.spelling import Spelled
from tallymark.measure.stream import OUTSIDE, Piece, pieces
from tallymark.store import Portion
from tallymark.store.delta import storage_errors

ENOUGH = 20_000_000
"""Rows × measures from which the histogram is quicker than SQL: below, starting Numba takes longer than counting."""

MOST_BYTES = 1 << 30
"""Memory for the cells, at most."""

MOST_WIDENED = 3 << 29
"""Memory for counts in a wider type, at most."""

TOGETHER = 1 << 15
"""Rows counted at a time: what is known of them stays in the nearer caches."""


@dataclass(frozen=True, slots=True)
class Leaves:
    """What the leaves hold: counts of the measures, and when the first row came (µs since 1970; NEVER)."""

    figures: Figures
    """By unit, slot (in the strand's order), then each breakdown's categories by number."""
    names: tuple[str, ...]
    """Names of the counts' columns: of measures, for a sum of the rows that have a value to add (and of all)."""
    sums: tuple[Summed, ...]
    """What the columns of sums are."""
    arrived: Ints | None
    combinations: Combinations | None = None
    """The same rows by combination of raw values, where they were asked for."""
    read: bool = True
    """Whether rows were read for them."""


def countable(strand: Strand) -> bool:
    """Whether all that a strand's leaf pass has to do is to count rows of events and to add their values."""
    every = all(p.measure.aggregate == "count" or summable(p) for p in strand.counted)
    return strand.dataset.kind == "events" and bool(strand.frequency and strand.counted) and every


def histogram(
    engine: Engine, strand: Strand, portion: Portion, *, rows: int, units: int, combined: bool = False
) -> Leaves | None:
    """The leaves of a strand that is countable; None where they would not fit in memory, are too varied to
    judge, or are not near.

    rows: how many there are at most. units: how many are numbered. combined: whether rows are counted by combination of
    raw values, too.
    """
    if engine.near is None:
        return None
    grid = grid_of(engine, strand, units)
    capacity = min(grid.cells, rows)
    sums = sum(p.measure.aggregate == "sum" for p in strand.counted)
    row = 16 + SMALLEST.itemsize * (len(strand.counted) + sums) + 8 * sums
    if grid.cells > MOST_CELLS or 4 * grid.cells + capacity * row > MOST_BYTES:
        return None
    with beside(engine.near) as asked:
        cells, judged = Cells.of(engine, strand, grid, asked), Judged.of(strand, asked)
        figures = Figures.empty(grid, min(capacity, _likely(grid) + TOGETHER), len(judged.tests), sums=sums)
        first = np.full(capacity, NEVER) if cells.timed else None
        sets = sets_of(judged.tests.values(), judged.fields) if combined else []
        crossed = Combinations(sets, judged.fields, capacity)
        added = Sums(strand, asked, rows)
        counter = _Counter(
            cells, judged, added, figures, first=first, combinations=crossed, capacity=capacity
        )
        try:
            for piece in pieces(engine.near, portion, cells.wanted(counter.fields)):
                counter.add(piece)
        except TooVaried:
            return None
    return counter.leaves()


def _likely(grid: Grid) -> int:
    """How many cells there are where every row says its categories: columns as short as that touch less memory."""
    return int(np.prod([*grid.sizes[:2], *(max(1, size - 1) for size in grid.sizes[2:])], dtype=np.int64))


class _Counter:
    """What was counted so far, and what rows are counted by."""

    def __init__(
        self, cells: Cells, judged: Judged, sums: Sums, figures: Figures, *,
        first: Ints | None, combinations: Combinations, capacity: int,
    ) -> None:  # fmt: skip
        """capacity: of cells, at most; `figures` has room for fewer as long as they are enough."""
        self._cells, self._judged, self._sums, self._combinations = cells, judged, sums, combinations
        self._rows = 0
        self._figures, self._first = figures, first
        self._known = np.full(cells.grid.cells, -1, np.int32)
        self._at, self._pages = np.zeros(TOGETHER, np.int32), np.zeros(TOGETHER, np.int32)
        self._most, self._capacity = 0, capacity
        columns = {name: at for at, name in enumerate(judged.tests)}
        self._summed = [columns[name] for name in sums.names]

    @property
    def fields(self) -> list[str]:
        """Columns that are read for what rows mean."""
        return [*self._judged.fields, *self._sums.columns]

    def leaves(self) -> Leaves:
        """All that was counted."""
        first = None if self._first is None else self._first[: self._figures.many]
        return Leaves(self._figures, tuple(self._judged.tests), self._sums.made, first, self._combinations)

    def add(self, piece: Piece) -> None:
        """Counts the rows of a piece."""
        # Importing Numba takes longer than anything else in a small run, and only this needs it.
        from tallymark.engine import kernel

        columns = piece.columns
        places = [_Added.of(columns[name], lookup.of(columns[name])) for name, lookup in self._cells.lookups]
        places += [] if piece.gone is None else [_without(piece.gone, piece.many)]
        books = [
            _Opened.of(book, table, columns, of_columns)
            for book, table, of_columns in self._judged.pages(columns)
        ]
        values = [
            _Added(columns[name].at, columns[name].low, shares)
            for name, shares in zip(
                self._sums.columns, self._sums.added(columns, self._figures.sums), strict=True
            )
        ]
        crossed: list[tuple[Any, list[_Added]]] | None = None
        times = None if self._first is None or piece.times is None else _times(piece.times)
        with storage_errors(piece.file):
            for head in range(0, piece.many, TOGETHER):
                rows = slice(head, min(head + TOGETHER, piece.many))
                cell = _spelled_out(self._at, places, rows)
                self._count(rows, cell, books, values)
                if crossed is None:  # now that some cells are known
                    crossed = self._combined(columns, self._rows + len(cell))
                self._cross(rows, cell, crossed)
                if times is not None and self._first is not None:
                    kernel.earliest(cell, times[rows], self._first)
        self._rows += piece.many
        self._combinations.drop_sparse(cells=self._figures.many, rows=self._rows, most=self._most)

    def _count(
        self, rows: slice, cell: npt.NDArray[np.int32], books: Sequence[_Opened], values: Sequence[_Added]
    ) -> None:
        from tallymark.engine import kernel  # needed here only, and slow to import

        if self._figures.many + len(cell) > len(self._figures.cells):
            self._figures = self._figures.roomier(self._capacity)
        many = kernel.find(cell, self._known, self._figures.cells, self._figures.many)
        self._figures = found = self._widened(many)
        for book in books:
            page = _spelled_out(self._pages, book.added, rows)
            most = kernel.count(cell, page, book.table, found.counts, found.rows, book.first)
            self._most = max(self._most, most)
            for at, (value, column) in enumerate(zip(values, self._summed, strict=True)):
                if 0 <= column - book.first < book.tests:
                    met = book.table.view(np.uint8)[:, column - book.first][page]
                    if not kernel.total(cell, met, value.at[rows], value.low, value.shares, found.sums[at]):
                        raise OSError(OUTSIDE)

    def _combined(self, columns: Mapping[str, Spelled], rows: int) -> list[tuple[Any, list[_Added]]]:
        """Where rows of a piece are counted by combination, and what its columns add to the number of one; rows: how
        many were counted by now."""
        return [
            (counts, [_Added.of(columns[name], shares) for name, shares in added.items()])
            for counts, added in self._combinations.of(columns, cells=self._figures.many, rows=rows)
        ]

    def _cross(
        self, rows: slice, cell: npt.NDArray[np.int32], crossed: Sequence[tuple[Any, Sequence[_Added]]]
    ) -> None:
        from tallymark.engine import kernel  # needed here only, and slow to import

        if self._most <= MOST_ROWS:
            for counts, (one, *others) in crossed:
                codes, at, low = _spelled_out(self._pages, others, rows), one.at[rows], one.low
                if len(one.shares) == 1:  # nobody has looked whether rows have that one value
                    at, low = np.zeros(len(cell), np.uint8), 0
                kernel.cross(cell, at, low, one.shares, codes, counts)

    def _widened(self, many: int) -> Figures:
        """The figures, of which so many are there, with room for a block more in every count."""
        counts, most = self._figures.counts, self._most + TOGETHER
        kind = roomy(most, counts.dtype)
        if kind != counts.dtype and counts.size * kind.itemsize > MOST_WIDENED:
            raise TooVaried
        return self._figures.filled(many).holding(most)


@dataclass(frozen=True, slots=True)
class _Added:
    """What a column adds to a number of every row: `shares[at − low]`."""

    at: npt.NDArray[Any]
    low: int
    shares: npt.NDArray[Any]

    @classmethod
    def of(cls, column: Spelled, shares: Ints) -> _Added:
        return cls(column.at, column.low, shares.astype(np.int32))


@dataclass(frozen=True, slots=True)
class _Opened:
    """A book for the rows of a piece: its first measure and how many it has, its pages, and how rows find theirs."""

    first: int
    tests: int
    table: npt.NDArray[np.uint64]
    added: Sequence[_Added]

    @classmethod
    def of(
        cls,
        book: Book,
        table: npt.NDArray[np.uint64],
        columns: Mapping[str, Spelled],
        shares: Mapping[str, Ints],
    ) -> _Opened:
        added = [_Added.of(columns[name], of_column) for name, of_column in shares.items()]
        return cls(book.first, len(book.tests), table, added)


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
            raise OSError(OUTSIDE)
    return found


def _times(column: pa.Array | pa.ChunkedArray) -> Ints:
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    found: Ints = array.cast(pa.int64()).fill_null(NEVER).to_numpy()
    return found
