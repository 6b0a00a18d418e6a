"""SQL that reads a dataset's current rows: bare Parquet scans, an anti-join only where rows were replaced."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tallymark.store.delta import Files
from tallymark.store.sql import literal, quoted, sql_type
from tallymark.store.superseded import Superseded


@dataclass(frozen=True, slots=True)
class Scan:
    """What must be read of a dataset at a version."""

    clean: tuple[str, ...]
    """Files of which every row counts."""
    touched: tuple[str, ...]
    """Files of which some rows were superseded."""
    later: tuple[str, ...]
    """Files (merged ones) that also hold rows of later batches."""


@dataclass(frozen=True, slots=True)
class Portion:
    """Where rows that count are read: files, and a query for all others; together the same as the relation."""

    clean: tuple[str, ...] = ()
    """Local Parquet files of which every row counts. A column that one does not have is NULL in it."""
    touched: tuple[str, ...] = ()
    """Such files of which every row counts but those of `gone`."""
    gone: Superseded | None = None
    rest: str | None = None
    """A table expression of the other rows; None when there are none."""


def plan(files: Files, superseded: Superseded, version: int) -> Scan:
    """Sorts a dataset's files by what reading them at `version` needs; those with no row left are dropped."""
    clean, touched, later = [], [], []
    columns = zip(files.paths, files.rows, files.batches, files.numbers, strict=True)
    for path, rows, (low, high), (first, last) in columns:
        if low > version:
            continue
        gone = _count_within(superseded, (low, high), (first, last))
        emptied = low == high and last - first + 1 == rows == gone
        if high > version:
            later.append(path)
        elif gone == 0:
            clean.append(path)
        elif not emptied:
            touched.append(path)
    return Scan(tuple(clean), tuple(touched), tuple(later))


def relation_sql(
    scan: Scan, schema: pa.Schema, *, gone: str, version: int, columns: pa.Schema | None = None
) -> str:
    """A table expression of the rows that count, in parentheses where it is more than a scan.

    `gone` is the table expression of the rows that were superseded. `columns` asks for columns that must be
    there: those never stored are NULL.
    """
    parts = []
    if scan.clean:
        parts.append(_read(scan.clean))
    if scan.touched:
        parts.append(_without(_read(scan.touched), gone))
    if scan.later:
        parts.append(_without(f"(SELECT * FROM {_read(scan.later)} WHERE _batch <= {version})", gone))
    if not parts:
        return empty_sql(columns if columns is not None else schema)
    body = (
        parts[0]
        if len(parts) == 1
        else "(" + " UNION ALL BY NAME ".join(f"SELECT * FROM {p}" for p in parts) + ")"
    )
    return body if columns is None else _with_missing(body, schema, columns)


def all_rows_sql(files: Files, version: int) -> str:
    """A table expression of every row committed by `version`, superseded ones too."""
    paths = [path for path, (low, _) in zip(files.paths, files.batches, strict=True) if low <= version]
    return f"(SELECT * FROM {_read(paths)} WHERE _batch <= {version})" if paths else empty_sql(files.schema)


def empty_sql(schema: pa.Schema) -> str:
    """A table expression without rows that has the columns of `schema`."""
    columns = ", ".join(f"NULL::{sql_type(field.type)} AS {quoted(field.name)}" for field in schema)
    return f"(SELECT {columns} WHERE false)"


def _read(paths: Iterable[str]) -> str:
    listed = ", ".join(literal(path) for path in paths)
    return f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"


def _without(source: str, gone: str) -> str:
    if not gone:
        return source
    return f"(SELECT kept.* FROM {source} AS kept ANTI JOIN {gone} AS gone USING (_batch, _row))"


def with_missing(schema: pa.Schema, columns: pa.Schema | None) -> pa.Schema:
    """The stored columns, then those asked for that were never stored."""
    absent = [field for field in columns or () if field.name not in schema.names]
    return pa.schema([*schema, *absent])


def _with_missing(body: str, schema: pa.Schema, columns: pa.Schema) -> str:
    absent = [field for field in columns if field.name not in schema.names]
    if not absent:
        return body
    added = ", ".join(f"NULL::{sql_type(field.type)} AS {quoted(field.name)}" for field in absent)
    return f"(SELECT *, {added} FROM {body})"


def _count_within(superseded: Superseded, batches: tuple[int, int], rows: tuple[int, int]) -> int:
    inside = (superseded.batch >= batches[0]) & (superseded.batch <= batches[1])
    if batches[0] == batches[1]:
        inside &= (superseded.row >= rows[0]) & (superseded.row <= rows[1])
    return int(np.count_nonzero(inside))
