"""Rows counted by combination of raw values, beside the figures of a month: what another condition over the same columns
is judged by, without reading rows again.

Only of columns that conditions read together and that have few combinations: where there are nearly as many
(combination, cell) as rows, reading rows again is as quick (docs/decisions/0034).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tallymark.engine.duckdb import each
from tallymark.measure.grid import Ints
from tallymark.measure.patterns import Test
from tallymark.measure.spelling import Lookup, Spelled
from tallymark.store.partials import Partials

Array = npt.NDArray[Any]

MOST = 1 << 9
"""Combinations of a set of columns, at most."""

MOST_BYTES = 1 << 28
"""Memory for them while rows are counted, at most."""

MOST_SETS = 12
"""Sets of columns that are kept of a month; those counted last."""

SHARE = 4
"""Rows for each (combination, cell), at least."""

MOST_ROWS = np.iinfo(np.uint16).max
"""Rows of a cell, at most."""


@dataclass(frozen=True, slots=True)
class Combined:
    """A month's rows by combination of values and by cell."""

    values: pa.Table
    """A row a combination."""
    counts: Array
    """Combination × cell, cells in the order of the month's leaves."""


def sets_of(tests: Iterable[Test], fields: Mapping[str, pa.Field]) -> list[tuple[str, ...]]:
    """Columns that conditions read together, of types whose values are told apart as SQL does; none within others."""
    sets = {
        test.reads for test in tests if test.reads and all(_plain(fields[one].type) for one in test.reads)
    }
    return sorted(tuple(sorted(one)) for one in sets)


def _plain(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_date32(kind)
    )  # fmt: skip


@dataclass(slots=True)
class _Column:
    """The values of a column seen so far, numbered."""

    field: pa.Field
    numbers: dict[Any, int] = field(default_factory=dict)
    lookup: Lookup = field(init=False)

    def __post_init__(self) -> None:
        self.lookup = Lookup(self.field.type, self._ask)

    def _ask(self, values: pa.Array) -> Ints:
        return np.array(
            [self.numbers.setdefault(one, len(self.numbers)) for one in values.to_pylist()], np.int64
        )


@dataclass(slots=True)
class _Crossed:
    """Rows of some columns by combination and cell, while they are counted."""

    columns: tuple[str, ...]
    room: tuple[int, ...]
    """How many values of each column there is room for."""
    counts: Array
    """Cell × combination, so that what a unit's rows add to lies together."""
    used: int = 0
    """Cells that there are so far."""

    def widened(self, room: tuple[int, ...]) -> None:
        """With room for more values."""
        cells = len(self.counts)
        wider = np.zeros((cells, *room), self.counts.dtype)
        if self.used:
            here = slice(0, self.used)
            wider[(here, *map(slice, self.room))] = self.counts[here].reshape(-1, *self.room)
        self.room, self.counts = room, wider.reshape(cells, -1)


class Combinations:
    """Sets of columns whose combinations are counted beside the conditions; those with too many are given up."""

    def __init__(self, sets: Sequence[tuple[str, ...]], fields: Mapping[str, pa.Field], cells: int) -> None:
        self._sets, self._cells = sets, cells
        self._columns = {
            name: _Column(fields[name]) for name in sorted({name for one in sets for name in one})
        }
        self._crossed: list[_Crossed] | None = None

    def of(
        self, columns: Mapping[str, Spelled], *, cells: int, rows: int
    ) -> list[tuple[Array, dict[str, Ints]]]:
        """For each set that is counted its counts, and what each value of a column adds to a row's combination.

        cells, rows: how many there are so far; sets that are far too sparse for them are not begun.
        """
        used = None if self._crossed is None else {name for one in self._crossed for name in one.columns}
        self._columns = {
            name: one
            for name, one in self._columns.items()
            if columns[name].span <= MOST and (used is None or name in used)
        }
        numbers = {name: one.lookup.of(columns[name]) for name, one in self._columns.items()}
        if self._crossed is None:
            self._crossed = self._begun(cells, 2 * rows)
        self._crossed = [one for one in self._crossed if self._fits(one)]
        return [(one.counts, _shares(one, numbers)) for one in self._crossed]

    def drop_sparse(self, *, cells: int, rows: int, most: int) -> None:
        """Gives up what has too many counts for the rows so far; most: of the rows in a cell."""
        for one in self._crossed or []:
            one.used = cells
        self._crossed = [
            one
            for one in self._crossed or []
            if most <= MOST_ROWS and SHARE * self._many(one.columns) * cells <= rows
        ]

    def months(self, cells: Sequence[Ints]) -> list[list[Combined]]:
        """What was counted of each month; cells: the places of its cells, in their order."""
        return [[self._month(one, at) for one in self._crossed or [] if len(at)] for at in cells]

    def _month(self, one: _Crossed, cells: Ints) -> Combined:
        counts = one.counts[cells].T
        there = np.flatnonzero(counts.any(axis=1))
        places = np.unravel_index(there, one.room)
        values = {
            name: pa.array(list(self._columns[name].numbers), self._columns[name].field.type).take(
                pa.array(at)
            )
            for name, at in zip(one.columns, places, strict=True)
        }
        counts = counts[there]
        small = counts.max(initial=0) <= np.iinfo(np.uint8).max
        return Combined(pa.table(values), counts.astype(np.uint8 if small else np.uint16, order="C"))

    def _many(self, columns: Iterable[str]) -> int:
        return int(np.prod([max(1, len(self._columns[name].numbers)) for name in columns], dtype=object))

    def _begun(self, cells: int, rows: int) -> list[_Crossed]:
        """The sets that are counted, given room for so many rows in so many cells."""
        few = [
            one
            for one in self._sets
            if set(one) <= self._columns.keys()
            and self._many(one) <= MOST
            and SHARE * self._many(one) * cells <= rows
        ]
        alone = [one for one in few if not any(set(one) < set(other) for other in few)]
        return [_Crossed(one, (1,) * len(one), np.zeros((self._cells, 1), np.uint16)) for one in alone]

    def _fits(self, one: _Crossed) -> bool:
        if not set(one.columns) <= self._columns.keys() or self._many(one.columns) > MOST:
            return False
        needed = [len(self._columns[name].numbers) for name in one.columns]
        room = tuple(max(have, many) for have, many in zip(one.room, needed, strict=True))
        if room != one.room:
            if int(np.prod(room)) * self._cells * one.counts.itemsize > MOST_BYTES:
                return False
            one.widened(room)
        return True


def _shares(one: _Crossed, numbers: Mapping[str, Ints]) -> dict[str, Ints]:
    found, stride = {}, 1
    for name, room in zip(reversed(one.columns), reversed(one.room), strict=True):
        found[name], stride = numbers[name] * stride, stride * room
    return found


def keep(partials: Partials, key: str, cells: str, counted: Sequence[Combined]) -> None:
    """Keeps what was counted of a month, with what was before of other columns; cells: a hash of its cells."""
    sets = [set(one.values.column_names) for one in counted]
    before = [
        one
        for one in read(partials, key, cells)
        if not any(set(one.values.column_names) <= mine for mine in sets)
    ]
    found = [*counted, *before][:MOST_SETS]
    said = {"cells": cells, "columns": [one.values.column_names for one in found]}
    table = pa.table(
        {
            "values": pa.array([_written(one.values) for one in found], pa.binary()),
            "kind": pa.array([one.counts.dtype.name for one in found], pa.string()),
            "counts": pa.array([one.counts.tobytes() for one in found], pa.large_binary()),
        }
    )
    partials.keep(key, table.replace_schema_metadata({"combined": json.dumps(said)}))


def read(
    partials: Partials, key: str, cells: str, wanted: Collection[frozenset[str]] = (frozenset(),)
) -> list[Combined]:
    """What is kept of a month with these cells, by combination of columns among which all of one of the wanted are."""
    for table in partials.packs(key):
        said = json.loads((table.schema.metadata or {}).get(b"combined", b"{}"))
        if said and said["cells"] == cells:
            sets = map(set, said["columns"])
            return [_read(table, at) for at, one in enumerate(sets) if any(some <= one for some in wanted)]
    return []


def _read(table: pa.Table, at: int) -> Combined:
    with pa.ipc.open_stream(table.column("values")[at].as_buffer()) as stream:
        values = stream.read_all()
    counts = np.frombuffer(table.column("counts")[at].as_buffer(), np.dtype(table.column("kind")[at].as_py()))
    return Combined(values, counts.reshape(len(values), -1))


def _written(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as out:
        out.write_table(table)
    written: bytes = sink.getvalue().to_pybytes()
    return written


def judged(given: Mapping[int, Combined], test: Test, asked: duckdb.DuckDBPyConnection) -> dict[int, Ints]:
    """Month → how many rows meet a test in each cell, of months with combinations of the same columns."""
    every = pa.concat_tables([one.values for one in given.values()])
    meeting = each(asked, every, [f"({test.sql}) IS NOT DISTINCT FROM TRUE"]).column(0).to_numpy()
    found, head = {}, 0
    for month, one in given.items():
        here = slice(head, head + len(one.values))
        found[month] = one.counts[meeting[here]].sum(axis=0, dtype=np.int64)
        head = here.stop
    return found


def fewest(found: Iterable[Combined], reads: frozenset[str]) -> Combined | None:
    """Among what is kept of a month that by combination of columns among which these are, with the fewest counts."""
    fitting = [one for one in found if reads <= set(one.values.column_names)]
    return min(fitting, key=lambda one: one.counts.size, default=None)
