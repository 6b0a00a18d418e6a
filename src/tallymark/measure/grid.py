"""Cells: where a row counts (unit, slot, categories), as one whole number that its values add up to."""

from __future__ import annotations

from bisect import bisect, bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.engine.compile import UNKNOWN
from tallymark.engine.duckdb import each
from tallymark.engine.interface import Engine
from tallymark.engine.sql import select
from tallymark.measure.places import UNITS
from tallymark.measure.plan import Strand
from tallymark.measure.spelling import Lookup
from tallymark.measure.stream import ARRIVED, EPOCH, Wanted
from tallymark.store import dataset_schema

Ints = npt.NDArray[np.int64]
NEVER = np.iinfo(np.int64).max
"""A time of arrival (µs since 1970) that is not known."""

MOST_CELLS = 1 << 28
OUT = -(1 << 29)
"""What makes a key negative, whatever else is added, and stays in 32 bits if added thrice: the row is not counted."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Axes with so many places each; the key of a cell is its place on all of them, the last axis changing fastest."""

    sizes: tuple[int, ...]

    @property
    def cells(self) -> int:
        """How many cells there could be."""
        return int(np.prod([int(size) for size in self.sizes], dtype=object))

    def stride(self, axis: int) -> int:
        """How far apart neighbours on an axis are."""
        return int(np.prod(self.sizes[axis + 1 :], dtype=np.int64))

    def place(self, keys: Ints, axis: int) -> Ints:
        """The places of cells on one axis."""
        above = keys // self.stride(axis)
        found: Ints = above - above // self.sizes[axis] * self.sizes[axis] if axis else above
        return found


KINDS: dict[np.dtype[Any], int] = {
    np.dtype(np.uint16): 1 << 16,
    np.dtype(np.int32): 1 << 31,
    np.dtype(np.int64): 1 << 63,
}
"""Types of counts, and what no longer fits in: memory is what counting waits for, so they are as small as will do."""

SMALLEST: np.dtype[Any] = np.dtype(np.uint16)


def roomy(most: int, least: np.dtype[Any] = SMALLEST) -> np.dtype[Any]:
    """The smallest of the types, from `least` on, that counts up to `most` fit in."""
    return next(kind for kind, end in KINDS.items() if kind.itemsize >= least.itemsize and most < end)


SPREAD = 16
"""Times as many places as numbers from which sorting numbers is quicker than putting each in its place."""


def order_of(numbers: Ints, size: int) -> Ints:
    """The order that sorts numbers from 0 to below `size`, of which none is there twice."""
    if size > SPREAD * len(numbers):
        return np.argsort(numbers)
    place = np.full(size, -1, np.int64)
    place[numbers] = np.arange(len(numbers))
    return place[place >= 0]


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts by cell: a key for each of `many` cells, and of each measure a column of counts; with room for more."""

    grid: Grid
    cells: Ints
    counts: npt.NDArray[Any]
    rows: npt.NDArray[Any]
    """How many rows there are in each cell: no count is greater."""
    sums: Ints
    """Columns of sums, as counts have them."""
    many: int = 0

    @classmethod
    def empty(
        cls, grid: Grid, room: int, counts: int, kind: np.dtype[Any] = SMALLEST, *, sums: int = 0
    ) -> Figures:
        """None yet, and room for so many; memory is taken only as it is filled."""
        apart = -(-room // 1024) * 1024 + 80  # columns that do not compete for the same lines of the cache
        columns = np.zeros((counts, apart), kind), np.zeros(room, np.int64), np.zeros((sums, apart), np.int64)
        return cls(grid, np.zeros(room, np.int64), *columns)

    def holding(self, most: int) -> Figures:
        """The same, with counts in a type that holds up to `most`."""
        kind = roomy(most, self.counts.dtype)
        if kind == self.counts.dtype:
            return self
        counts = np.zeros(self.counts.shape, kind)
        counts[:, : self.many] = self.counts[:, : self.many]
        return replace(self, counts=counts)

    def roomier(self, room: int) -> Figures:
        """The same, with room for so many."""
        if room <= len(self.cells):
            return self
        made = Figures.empty(self.grid, room, len(self.counts), self.counts.dtype, sums=len(self.sums))
        made.cells[: self.many], made.rows[: self.many] = self.keys, self.rows[: self.many]
        made.counts[:, : self.many] = self.counts[:, : self.many]
        made.sums[:, : self.many] = self.sums[:, : self.many]
        return made.filled(self.many)

    def filled(self, many: int) -> Figures:
        """The same, of which so many are there."""
        return replace(self, many=many)

    @property
    def keys(self) -> Ints:
        """Where the counts stand."""
        return self.cells[: self.many]

    def on(self, axis: int) -> Ints:
        """The place of every row on an axis."""
        return self.grid.place(self.keys, axis)

    def at(self, rows: Ints) -> Figures:
        """Some of them alone."""
        columns = self.counts[:, rows], self.rows[rows], self.sums[:, rows]
        return Figures(self.grid, self.cells[rows], *columns, many=len(rows))


@dataclass(frozen=True, slots=True)
class Cells:
    """How a row finds its cell."""

    grid: Grid
    lookups: tuple[tuple[str, Lookup], ...]
    """Column → what its values add to the key."""
    schema: pa.Schema
    timed: bool
    key: str
    low: int
    high: int

    @classmethod
    def of(cls, engine: Engine, strand: Strand, grid: Grid, asked: duckdb.DuckDBPyConnection) -> Cells:
        """The columns of a strand that say where a row counts. `asked` writes values as SQL does."""
        schema = dataset_schema(strand.dataset)
        key, slots = _slots(strand)
        slot = _slot_lookup(schema.field(key).type, slots, grid.stride(1))
        found = [("_unit", _unit_lookup(engine, grid.stride(0))), (key, slot)]
        for axis, (at, name) in enumerate(strand.breakdowns, 2):
            numbers = categories(engine, strand, at)
            found.append((name, _category_lookup(schema.field(name), numbers, grid.stride(axis), asked)))
        timed = strand.dataset.due_days is not None
        return cls(grid, tuple(found), schema, timed, key, min(slots), max(slots))

    def wanted(self, fields: Iterable[str]) -> Wanted:
        """The columns to read: those of cells and those that conditions read."""
        names = dict.fromkeys(
            [*(name for name, _ in self.lookups), *fields, *([ARRIVED] if self.timed else [])]
        )
        return Wanted(pa.schema([self.schema.field(name) for name in names]), self.key, self.low, self.high)


def _slots(strand: Strand) -> tuple[str, dict[int, int]]:
    """The column by which rows find their slot, and its numbers (months, or days since 1970) → the slot's place."""
    if strand.frequency == "month":
        return "_month", {slot.number: at for at, slot in enumerate(strand.slots)}
    days: dict[int, int] = {}
    for at, slot in enumerate(strand.slots):
        since = (slot.start - EPOCH).days
        days |= dict.fromkeys(range(since, since + slot.days), at)
    return "_day", days


def _unit_lookup(engine: Engine, stride: int) -> Lookup:
    codes = engine.rows(select("code").from_(UNITS).order_by("unit")).column(0).combine_chunks()
    listed = codes.to_pylist()

    def ask(values: pa.Array) -> Ints:
        # Stored rows stand in the order of their units, so most are between the first and the last of them.
        first, last = (values[at].as_py() for at in (0, -1))
        low, high = (
            (0, 0) if first is None or last is None else (bisect_left(listed, first), bisect(listed, last))
        )
        at = pc.add(pc.index_in(values, value_set=codes.slice(low, max(0, high - low))), low)
        if at.null_count:
            at = pc.index_in(values, value_set=codes)
        found: Ints = pc.multiply(at.cast(pa.int64()), stride).fill_null(OUT).to_numpy()
        return found

    return Lookup(pa.string(), ask, remember=False)


def _slot_lookup(kind: pa.DataType, slots: Mapping[int, int], stride: int) -> Lookup:
    def ask(values: pa.Array) -> Ints:
        numbers = (values.cast(pa.int32()) if pa.types.is_date32(kind) else values).to_pylist()
        return np.array([slots[one] * stride if one in slots else OUT for one in numbers], np.int64)

    return Lookup(kind, ask)


def _category_lookup(
    field: pa.Field, numbers: Mapping[str, int], stride: int, asked: duckdb.DuckDBPyConnection
) -> Lookup:
    """The categories of events: an empty text is as good as none. Numbers and days go by their text in SQL."""

    def ask(values: pa.Array) -> Ints:
        if not pa.types.is_string(field.type):
            values = each(asked, pa.table({"value": values}), ["CAST(value AS VARCHAR)"]).column(0)
        found = [numbers.get(one or UNKNOWN, 0) * stride for one in values.to_pylist()]
        return np.array(found, np.int64)

    return Lookup(field.type, ask)


def categories(engine: Engine, strand: Strand, at: int) -> dict[str, int]:
    """The numbers of a breakdown's categories; 0 is none's."""
    found = engine.rows(select("category", "number").from_(f"{strand.prefix}_k{at}"))
    pairs = zip(*(column.to_pylist() for column in found.columns), strict=True)
    return {name or UNKNOWN: number for name, number in pairs}


def grid_of(engine: Engine, strand: Strand, units: int) -> Grid:
    """The grid of a strand: units by number, slots in their order, categories by number."""
    found = [categories(engine, strand, at) for at, _ in strand.breakdowns]
    return Grid((units, len(strand.slots), *(max(one.values(), default=0) + 1 for one in found)))
