"""Rows by month and categories as they are stored, counted by compiled loops: what a new month is looked at by before
anything else is known of it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import duckdb
import numpy as np
import pyarrow as pa

from tallymark.measure.grid import Ints
from tallymark.measure.spelling import Spelled, values_of
from tallymark.measure.stream import OUTSIDE, Piece, Wanted, pieces
from tallymark.programme.resolved import Dataset
from tallymark.store import Portion, dataset_schema
from tallymark.store.delta import storage_errors
from tallymark.store.touching import within

MANY = "_many"
"""The column of how many rows there are; no dataset has one of this name."""

MOST = 1 << 20
"""Combinations of what a piece's columns might hold, at most."""


def tabulated(
    near: duckdb.DuckDBPyConnection, dataset: Dataset, portion: Portion, months: Sequence[int]
) -> pa.Table | None:
    """Table(_month, the breakdowns as they are stored, _many): how many rows there are, several times for what several
    pieces of files hold; of these months at least. None where there would be too many combinations."""
    schema, names = dataset_schema(dataset), ("_month", *dict.fromkeys(dataset.breakdowns))
    fields = pa.schema([schema.field(name) for name in names])
    found = [pa.schema([*fields, (MANY, pa.int64())]).empty_table()]
    wanted = Wanted(fields, "_month", min(months), max(months))
    for piece in pieces(near, within(portion, months), wanted):
        columns = [piece.columns[name] for name in names]
        sizes = [column.span + column.gaps for column in columns]
        if math.prod(sizes) > MOST:
            return None
        with storage_errors(piece.file):
            counts = _counted(piece, columns, sizes)
        there = np.flatnonzero(counts)
        places = np.unravel_index(there, sizes)
        values = [
            values_of(column, field.type).take(pa.array(at))
            for column, field, at in zip(columns, fields, places, strict=True)
        ]
        found.append(pa.Table.from_arrays([*values, pa.array(counts[there])], schema=found[0].schema))
    return pa.concat_tables(found)


def _counted(piece: Piece, columns: Sequence[Spelled], sizes: Sequence[int]) -> Ints:
    """How many rows there are by the places of their values, the last column changing fastest."""
    from tallymark.engine import kernel  # needed here only, and slow to import

    code, apart = np.zeros(piece.many, np.int32), 1
    for column, size in zip(reversed(columns), reversed(sizes), strict=True):
        if size > 1 and not kernel.spell(
            code, column.at, column.low, np.arange(size, dtype=np.int32) * apart
        ):
            raise OSError(OUTSIDE)
        apart *= size
    counts: Ints = np.bincount(code, minlength=apart)
    if piece.gone is not None:
        counts -= np.bincount(code[piece.gone], minlength=apart)
    return counts
