"""One Delta table of the store: append rows, list its files, drop what was never committed.

Data files are written here (so that row order, row groups and their statistics are ours) and committed to the
Delta log by delta-rs.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pads
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Schema, WriterProperties
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.transaction import AddAction

from tallymark.errors import StoreError
from tallymark.room import is_full, no_room, spill_base
from tallymark.store import mirror
from tallymark.store.bucket import Bucket, said

STATISTICS = ("_batch", "_row", "_month")
"""Only these columns' ranges go to the log, so that a log of thousands of deliveries stays quick to read."""
GROUP_ROWS = 262_144
FILE_ROWS = 8 * GROUP_ROWS
COMPRESSION = "zstd"
SMALL_FILE, MOST_SMALL = GROUP_ROWS // 4, 48
"""Files of fewer rows are small; more small files than that are merged."""
MERGED_BYTES = 256 << 20
MERGED = WriterProperties(compression="ZSTD", compression_level=3, max_row_group_size=GROUP_ROWS)
ENTRY = re.compile(r"\d{20}\.json")
DIFFERENT, SMALL = 0.5, 1000
"""A column of which more than this part differs gets no dictionary, but in small files, where it does not matter."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a Delta table stands: its address and what opens it."""

    uri: str
    bucket: Bucket | None = None
    """The object storage that it is in; None for a folder."""

    @property
    def address(self) -> str:
        """What delta-rs opens; in a local path it would take %20 for a space."""
        return self.uri if self.bucket else Path(self.uri).as_uri()

    @property
    def options(self) -> dict[str, str] | None:
        """How delta-rs gets there."""
        return dict(self.bucket.settings) if self.bucket else None

    def within(self, path: str) -> str:
        """The name of one of the table's files in its bucket."""
        assert self.bucket is not None
        return path.removeprefix(f"{self.bucket.root}/")


@dataclass(frozen=True, slots=True)
class Files:
    """Data files of a table in batch and row order, with the batches and rows that each holds."""

    paths: tuple[str, ...]
    rows: tuple[int, ...]
    batches: tuple[tuple[int, int], ...]
    """Lowest and highest batch in the file."""
    numbers: tuple[tuple[int, int], ...]
    """Lowest and highest row number in the file."""
    schema: pa.Schema


UNREADABLE = (duckdb.IOException, duckdb.InvalidInputException, duckdb.OutOfMemoryException)
"""What DuckDB raises when stored files are gone or damaged, or when the disk or memory is full."""


def unreadable(error: duckdb.Error) -> bool:
    """Whether stored files are to blame, or want of disk or memory. A broken page header comes as a bare Error."""
    return isinstance(error, UNREADABLE) or type(error) is duckdb.Error


@contextmanager
def storage_errors(place: str) -> Iterator[None]:
    """Turns what goes wrong below (disk full, no permission, a damaged log) into one StoreError."""
    try:
        yield
    except (DeltaError, OSError, duckdb.Error) as error:
        if isinstance(error, duckdb.Error) and not unreadable(error):
            raise
        if is_full(error):
            raise no_room(StoreError, spill_base() if "://" in place else place, error) from error
        if "://" in place:
            raise said(place, error) from error
        lines = str(error).strip().splitlines()
        reason = lines[0] if lines else type(error).__name__
        raise StoreError(
            "{store}: the store cannot be read or written ({reason}).", store=place, reason=reason
        ) from error


def open_table(place: Place) -> DeltaTable | None:
    """The Delta table at a place; None when nothing was stored there yet."""
    with storage_errors(place.uri):
        try:
            newest = _newest(place)
            return None if newest is None else _as_of(place, newest)
        except TableNotFoundError:
            return None


Newest = tuple[str, int | str, int, int]
"""The last entry of a table's log: name, inode or tag, size, time. What it says never changes, so it names a version."""


def _newest(place: Place) -> Newest | None:
    if place.bucket is not None:
        return _newest_in(place.bucket, place.within(f"{place.uri}/_delta_log/"))
    log = f"{place.uri}/_delta_log"
    try:
        last = max((name for name in os.listdir(log) if name.endswith(".json")), default=None)
    except FileNotFoundError:
        return None
    if last is None:
        return None
    stat = os.stat(f"{log}/{last}")
    return last, stat.st_ino, stat.st_size, stat.st_mtime_ns


def _newest_in(bucket: Bucket, log: str) -> Newest | None:
    entries = [entry for entry in bucket.entries(log) if ENTRY.fullmatch(entry.name.removeprefix(log))]
    return (entries[-1].name, entries[-1].tag, entries[-1].size, 0) if entries else None


def log_version(place: Place) -> int | None:
    """The version of a table's log; None when there is no table."""
    table = open_table(place)
    return None if table is None else int(table.version())


@lru_cache(maxsize=64)
def _as_of(place: Place, newest: Newest) -> DeltaTable:
    # One receipt asks for the same tables dozens of times, and reading a log takes longer than the rest of it.
    return DeltaTable(place.address if place.bucket else place.uri, storage_options=place.options)


def append(place: Place, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
    """Adds rows in one Delta commit and says how many; columns new to the table are NULL in older rows."""
    with storage_errors(place.uri):
        table = _table_for(place, schema)
        actions = list(_write_files(place, schema, batches))
        if actions:
            table.create_write_transaction(actions, mode="append", schema=Schema.from_arrow(_stored(table)))
        return sum(json.loads(action.stats)["numRecords"] for action in actions)


def append_after(place: Place, rows: pa.Table, version: int | None) -> bool:
    """Adds rows as the version after `version` of the table's log (None: there is no table); whether it could.

    It could not when somebody else wrote that version first.
    """
    with storage_errors(place.uri):
        try:
            table = _at(place, rows.schema, version)
            if table is None:
                return False
            table.create_write_transaction(
                list(_write_files(place, rows.schema, rows.to_batches())),
                mode="append",
                schema=Schema.from_arrow(_stored(table)),
                commit_properties=CommitProperties(max_commit_retries=0),
            )
        except CommitFailedError:
            return False
    return True


def _at(place: Place, schema: pa.Schema, version: int | None) -> DeltaTable | None:
    """The table as it was at a version of its log, or a new one; None when somebody else made one first."""
    if version is not None:
        return DeltaTable(place.address, version=version, storage_options=place.options)
    try:
        return _made(place, schema)
    except DeltaError:
        if log_version(place) is None:
            raise
        return None


def files(place: Place, table: DeltaTable) -> Files:
    """The table's present files, those of uncommitted batches among them."""
    newest = _newest(place)
    return _files(place, table) if newest is None else _files_as_of(place, newest)


def without(found: Files, lost: Collection[int]) -> Files:
    """The files but for those of batches that were never committed, whatever their numbers."""
    if not lost:
        return found
    kept = [at for at, (low, high) in enumerate(found.batches) if low != high or low not in lost]

    def picked(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(values[at] for at in kept)

    return Files(
        picked(found.paths), picked(found.rows), picked(found.batches), picked(found.numbers), found.schema
    )


def near(place: Place, paths: Iterable[str]) -> tuple[str, ...]:
    """Paths in this machine of a table's files: they themselves, or copies of those in a bucket."""
    if place.bucket is None:
        return tuple(paths)
    return mirror.near(place.bucket, [place.within(path) for path in paths])


@lru_cache(maxsize=64)
def _files_as_of(place: Place, newest: Newest) -> Files:
    return _files(place, _as_of(place, newest))


def _files(place: Place, table: DeltaTable) -> Files:
    schema = _stored(table)
    actions = pa.table(table.get_add_actions(flatten=True))
    if not actions.num_rows:
        return Files((), (), (), (), schema)
    numbered = "min._row" in actions.column_names
    columns = ["min._batch", "max._batch", *(("min._row",) if numbered else ())]
    actions = actions.sort_by([(name, "ascending") for name in columns])

    def pairs(column: str) -> tuple[tuple[int, int], ...]:
        low, high = actions.column(f"min.{column}").to_pylist(), actions.column(f"max.{column}").to_pylist()
        return tuple(zip(low, high, strict=True))

    return Files(
        tuple(f"{place.uri}/{path}" for path in actions.column("path").to_pylist()),
        tuple(actions.column("num_records").to_pylist()),
        pairs("_batch"),
        pairs("_row") if numbered else ((0, 0),) * actions.num_rows,
        schema,
    )


def read(place: Place, version: int) -> pa.Table | None:
    """Rows of a small table whose batch is at most `version`, in batch order; None when there is no table."""
    newest = _newest(place)
    return _read(place, version) if newest is None else _read_as_of(place, newest, version)


@lru_cache(maxsize=16)
def _read_as_of(place: Place, newest: Newest, version: int) -> pa.Table | None:
    return _read(place, version)


def _read(place: Place, version: int) -> pa.Table | None:
    table = open_table(place)
    if table is None:
        return None
    found = files(place, table)
    wanted = [path for path, (low, _) in zip(found.paths, found.batches, strict=True) if low <= version]
    if not wanted:
        return found.schema.empty_table()
    inside = list(near(place, wanted))
    with storage_errors(place.uri):
        try:
            dataset = pads.dataset(inside, schema=found.schema, format="parquet")
            return dataset.to_table(filter=pc.field("_batch") <= version).sort_by("_batch")
        except pa.ArrowInvalid as error:
            raise OSError(str(error)) from error


def drop_after(place: Place, version: int, *, lost: Collection[int] = ()) -> bool:
    """Takes rows of batches that were never committed out of the table; whether there were any.

    lost: numbers up to `version` that no batch has.
    """
    table = open_table(place)
    if table is None or not any(
        high > version or (low == high and low in lost) for low, high in files(place, table).batches
    ):
        return False
    never = "".join(f" OR _batch = {number}" for number in sorted(lost))
    with storage_errors(place.uri):
        table.delete(f"_batch > {version}{never}")
    return True


def merge_small(place: Place, *, lost: Collection[int] = ()) -> bool:
    """Makes one file of many small ones when there are too many to be read quickly; whether it did.

    The rows stay the same, and so do versions. The small files stay on disk for a week, for those who read them.
    A file of a batch that is `lost` is never made part of another.
    """
    table = open_table(place)
    if table is None:
        return False
    found = files(place, table)
    if sum(rows < SMALL_FILE for rows in found.rows) <= MOST_SMALL or any(
        low in lost for low, _ in found.batches
    ):
        return False
    with storage_errors(place.uri):
        table.optimize.compact(target_size=MERGED_BYTES, writer_properties=MERGED)
        table.vacuum(dry_run=False)
    return True


def _stored(table: DeltaTable) -> pa.Schema:
    return pa.schema(table.schema().to_arrow())


def _table_for(place: Place, schema: pa.Schema) -> DeltaTable:
    """The table, created when absent and widened when rows bring new columns."""
    table = open_table(place)
    if table is None:
        return _made(place, schema)
    stored = _stored(table)
    for column in schema:
        if column.name in stored.names and not _same(stored.field(column.name).type, column.type):
            raise StoreError(
                "{store}: column {column} holds {stored} in stored rows, but is now declared as {declared}. "
                "Give the column a new name, or start a new store.",
                store=place.uri,
                column=column.name,
                stored=stored.field(column.name).type,
                declared=column.type,
            )
    fresh = [column for column in schema if column.name not in stored.names]
    if fresh:
        table.alter.add_columns(Schema.from_arrow(pa.schema(fresh)).fields)
    return table


def _made(place: Place, schema: pa.Schema) -> DeltaTable:
    ranges = {"delta.dataSkippingStatsColumns": ",".join(n for n in STATISTICS if n in schema.names)}
    return DeltaTable.create(place.address, schema, configuration=ranges, storage_options=place.options)


def _same(stored: pa.DataType, given: pa.DataType) -> bool:
    """Whether two Arrow types are one Delta type (string views, dictionaries and strings are)."""
    return _delta_type(stored) == _delta_type(given)


def _delta_type(kind: pa.DataType) -> object:
    return Schema.from_arrow(pa.schema([("x", kind)])).fields[0].type


def _write_files(place: Place, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[AddAction]:
    source = iter(_regrouped(schema, batches))
    first = next(source, None)
    with _writable(place) as folder:
        while first is not None:
            name = f"part-{uuid.uuid4()}.parquet"
            path = f"{folder}/{name}"
            ranges: dict[str, tuple[int, int]] = {}
            rows = 0
            with pq.ParquetWriter(path, schema, **_encodings(first)) as writer:
                while first is not None and rows < FILE_ROWS:
                    writer.write_table(first, row_group_size=GROUP_ROWS)
                    rows += first.num_rows
                    _widen(ranges, first)
                    first = next(source, None)
            size = os.path.getsize(path)
            if place.bucket is not None:
                place.bucket.put(place.within(f"{place.uri}/{name}"), Path(path))
                os.unlink(path)
            yield _add_action(name, size, rows, ranges)


@contextmanager
def _writable(place: Place) -> Iterator[str]:
    """The folder in which data files are written: the table's, or one from which they are sent to the bucket."""
    if place.bucket is None:
        os.makedirs(place.uri, exist_ok=True)
        yield place.uri
        return
    with tempfile.TemporaryDirectory(prefix="tallymark-spill-", dir=spill_base()) as folder:
        yield folder


def _encodings(sample: pa.Table) -> dict[str, Any]:
    """Options of a data file: dictionaries but for columns of which most values differ, counters as differences."""
    counters = [name for name in ("_row", "new_row") if name in sample.column_names]
    plain = {
        name
        for name in sample.column_names
        if pc.count_distinct(sample.column(name)).as_py() > DIFFERENT * sample.num_rows > SMALL
    }
    return {
        "compression": COMPRESSION,
        "use_dictionary": [name for name in sample.column_names if name not in plain | {*counters}],
        "column_encoding": dict.fromkeys(counters, "DELTA_BINARY_PACKED"),
    }


def _regrouped(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The same rows in tables of one row group each, whatever the sizes that came."""
    waiting: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        waiting.append(batch)
        count += batch.num_rows
        while count >= GROUP_ROWS:
            table = pa.Table.from_batches(waiting, schema)
            yield table.slice(0, GROUP_ROWS)
            waiting = table.slice(GROUP_ROWS).to_batches()
            count -= GROUP_ROWS
    if count:
        yield pa.Table.from_batches(waiting, schema)


def _widen(ranges: dict[str, tuple[int, int]], rows: pa.Table) -> None:
    for name in STATISTICS:
        if name in rows.column_names:
            both = pc.min_max(rows.column(name))
            low, high = both["min"].as_py(), both["max"].as_py()
            if low is not None:
                before = ranges.get(name, (low, high))
                ranges[name] = (min(low, before[0]), max(high, before[1]))


def _add_action(name: str, size: int, rows: int, ranges: dict[str, tuple[int, int]]) -> AddAction:
    statistics = {
        "numRecords": rows,
        "minValues": {name: low for name, (low, _) in ranges.items()},
        "maxValues": {name: high for name, (_, high) in ranges.items()},
        "nullCount": {},
    }
    return AddAction(name, size, {}, 0, True, json.dumps(statistics))
