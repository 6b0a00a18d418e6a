"""Stored rows, column by column: files whose rows all count are read as they are, all others by a query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, cycle
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from tallymark.engine.sql import column, select
from tallymark.measure.spelling import Spelled, by_places, spelled, the_same
from tallymark.store import Portion
from tallymark.store.delta import storage_errors
from tallymark.store.superseded import Superseded

Ints = npt.NDArray[np.int64]
ARRIVED = "_at"
NUMBERED = ("_batch", "_row")
"""Columns that tell stored rows apart."""
_ROWS = 2**40
"""More rows than a batch has: batch and row make one number."""

EPOCH = dt.date(1970, 1, 1)
"""Stored days are counted from it."""

OUTSIDE = "a file holds values outside the range that it says it has"

ROWS = 1 << 18
"""Rows of a batch that a query gives; those of files are as large as their row groups."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Columns to be read, and numbers of which one must be in a column for a row to count."""

    schema: pa.Schema
    """Names and types; a column that a file does not have is NULL."""
    key: str
    """The column of slots: whole numbers or days."""
    low: int
    high: int
    """Least and greatest number that is wanted of it."""

    @property
    def test(self) -> str:
        """The same in SQL."""
        start = "DATE '1970-01-01' + " if pa.types.is_date(self.schema.field(self.key).type) else ""
        return f"{column(self.key)} BETWEEN {start}{self.low} AND {start}{self.high}"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows, and the places among them of those that do not count. Columns hold until the next but one is made."""

    many: int
    columns: Mapping[str, Spelled]
    """All but the time of arrival."""
    times: pa.Array | pa.ChunkedArray | None = None
    """When rows arrived, where that is wanted."""
    gone: Ints | None = None
    file: str = ""


def pieces(connection: duckdb.DuckDBPyConnection, portion: Portion, wanted: Wanted) -> Iterator[Piece]:
    """The rows of a dataset, some hundred thousand at a time; the next ones are read while the last are used."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        source = chain(_read(portion.clean, wanted, None), _read(portion.touched, wanted, portion.gone))
        following = pool.submit(next, source, None)
        while (piece := following.result()) is not None:
            following = pool.submit(next, source, None)
            yield piece
    if portion.rest is not None:
        query = select(*map(column, wanted.schema.names)).from_(portion.rest).where(wanted.test)
        for batch in connection.sql(query.sql()).to_arrow_reader(ROWS):
            columns = dict(zip(batch.schema.names, batch.columns, strict=True))
            times = columns.pop(ARRIVED, None)
            yield Piece(batch.num_rows, {name: spelled(one) for name, one in columns.items()}, times)


def _read(files: Sequence[str], wanted: Wanted, gone: Superseded | None) -> Iterator[Piece]:
    """The row groups of files that may hold wanted rows."""
    # Starts Numba, which takes longer than anything else in a small run, and only this needs it.
    from tallymark.engine.pages import Opened, Room, coded

    texts = [one.name for one in wanted.schema if pa.types.is_string(one.type)]
    rooms = cycle((Room(), Room()))
    for path in files:
        # Where a column is not read by its pages, texts are by their dictionaries, which files have anyway.
        with (
            storage_errors(path),
            _arrow_errors(),
            _opened(path, texts) as file,
            Path(path).open("rb", buffering=0) as raw,
        ):
            opened = Opened.of(file, raw.fileno())
            for group in range(file.num_row_groups):
                ends = _ends(file.metadata.row_group(group), wanted.schema.names)
                low, high = ends.get(wanted.key, (wanted.low, wanted.high))
                if low <= wanted.high and high >= wanted.low:
                    same = {wanted.key: the_same(low)} if wanted.key in ends and low == high else {}
                    names = [name for name in wanted.schema.names if name not in same]
                    by_pages = coded(opened, group, names, next(rooms))
                    columns = {n: by_places(c.places, c.values, gaps=c.gaps) for n, c in by_pages.items()}
                    rest = _Rest(file, group, wanted.schema, ends)
                    yield rest.piece(same | columns, gone, path)


def _opened(path: str, texts: Sequence[str]) -> pq.ParquetFile:
    """A file whose texts are read by their dictionaries, those that it has: others were declared later."""
    known = pq.read_metadata(path)
    there = set(known.schema.names)
    return pq.ParquetFile(path, metadata=known, read_dictionary=[name for name in texts if name in there])


@dataclass(frozen=True, slots=True)
class _Rest:
    """A row group, whose columns Arrow reads where they are not known otherwise."""

    file: pq.ParquetFile
    group: int
    schema: pa.Schema
    """What is wanted."""
    ends: Mapping[str, tuple[int, int]]
    """Column → least and greatest of its whole numbers or days, where the file says so."""

    def piece(self, known: Mapping[str, Spelled], gone: Superseded | None, path: str) -> Piece:
        """Its rows, of which some columns are known; NULL in columns that the file does not have."""
        many = self.file.metadata.row_group(self.group).num_rows
        kinds = {one.name: one.type for one in self.schema if one.name not in known}
        names, stored = [*kinds, *(NUMBERED if gone is not None else ())], set(self.file.schema_arrow.names)
        there = [name for name in names if name in stored]
        rows = self.file.read_row_group(self.group, columns=there, use_threads=False) if there else None
        columns = {} if rows is None else dict(zip(rows.column_names, rows.columns, strict=True))
        rest = {
            name: columns[name] if name in columns else pa.nulls(many, kind) for name, kind in kinds.items()
        }
        times = rest.pop(ARRIVED, None)
        spelt = {name: spelled(column, self.ends.get(name)) for name, column in rest.items()}
        without = None if gone is None or rows is None else _gone(rows, gone)
        return Piece(many, {**known, **spelt}, times, without, path)


@contextmanager
def _arrow_errors() -> Iterator[None]:
    """Damaged files as what cannot be read."""
    try:
        yield
    except pa.ArrowException as error:
        raise OSError(str(error)) from error


def _gone(rows: pa.Table, gone: Superseded) -> Ints:
    """The places of rows that were superseded."""
    batch, row = (rows.column(name).to_numpy() for name in NUMBERED)
    near = (gone.batch >= batch.min()) & (gone.batch <= batch.max())
    if not near.any():
        return np.zeros(0, np.int64)
    found: Ints = np.flatnonzero(np.isin(batch * _ROWS + row, gone.batch[near] * _ROWS + gone.row[near]))
    return found


def _ends(group: pq.RowGroupMetaData, names: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Least and greatest of a row group's whole numbers and days, as its statistics have them."""
    found = {}
    for at in range(group.num_columns):
        one = group.column(at)
        if one.path_in_schema in names and one.physical_type in ("INT32", "INT64"):
            known = one.statistics
            if known is not None and known.has_min_max and type(known.min) in (int, dt.date):
                low, high = _number(known.min), _number(known.max)
                if low < high or known.null_count == 0:
                    found[one.path_in_schema] = (low, high)
    return found


def _number(value: int | dt.date) -> int:
    return (value - EPOCH).days if isinstance(value, dt.date) else value
