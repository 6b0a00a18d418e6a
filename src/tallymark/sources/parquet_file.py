"""Parquet files: typed columns, read in batches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tallymark.errors import ReceiveError
from tallymark.sources.grid import Chunk, Column, Heading, OpenedFile, Sheet

AT_ONCE = 1 << 17


def open_parquet(path: Path) -> OpenedFile:
    """A Parquet file opened for reading.

    Errors: ReceiveError when it is none or damaged.
    """
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise ReceiveError(
            "{file}: not a Parquet file, or damaged ({reason}).", file=path.name, reason=_first_line(error)
        ) from error
    headings = tuple(Heading(name, (name,)) for name in file.schema_arrow.names)
    return OpenedFile(lambda wanted: Sheet("", headings, _chunks(path, file), 1, lettered=False))


def _chunks(path: Path, file: pq.ParquetFile) -> Iterator[Chunk]:
    row = 1
    try:
        for batch in file.iter_batches(batch_size=AT_ONCE):
            rows = np.arange(row, row + batch.num_rows, dtype=np.int64)
            row += batch.num_rows
            yield Chunk(rows, tuple(_column(path, column) for column in batch.columns))
    except (pa.ArrowInvalid, OSError) as error:
        raise ReceiveError(
            "{file}: damaged ({reason}).", file=path.name, reason=_first_line(error)
        ) from error


def _column(path: Path, column: pa.Array) -> Column:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        numbers = pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return Column(_number_texts(column, numbers), numbers)
    if pa.types.is_timestamp(kind):
        column = pc.cast(column, pa.timestamp("s"), safe=False)
    try:
        return Column(column.cast(pa.string()))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise ReceiveError(
            "{file}: columns of type {kind} cannot be read.", file=path.name, kind=kind
        ) from error


def _number_texts(column: pa.Array, numbers: np.ndarray) -> pa.Array:
    """Numbers as text, whole ones without a point."""
    if not pa.types.is_floating(column.type):
        return column.cast(pa.string())
    whole = np.isfinite(numbers) & (numbers == np.floor(numbers)) & (np.abs(numbers) < 1e15)
    integers = pa.array(np.where(whole, numbers, 0).astype(np.int64)).cast(pa.string())
    texts = pc.if_else(pa.array(whole), integers, column.cast(pa.string()))
    return pc.if_else(pa.array(np.isnan(numbers)), pa.scalar(None, pa.string()), texts)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
