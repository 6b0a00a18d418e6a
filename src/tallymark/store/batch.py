"""One delivery on its way into the store: what is written, and in which steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.store.schemas import STAMPS, SYSTEM, TIME, sort_columns

Crash = Callable[[str], None]
"""Called with the name of each step as it is passed; tests use it to die there."""

STEPS = ("locked", "cleaned", "merged", "rows", "withdrawn", "findings", "refused", "written", "committed")
"""Steps of a commit in order; `rows` comes once for each dataset (`rows:births`)."""

SUPERSEDES = ("_old_batch", "_old_row", "_reason")
"""Columns in which a new row may name the stored row it replaces; they go to `_superseded` alone."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one dataset: a table (sorted on writing) or record batches that come sorted already."""

    schema: pa.Schema
    batches: Iterable[pa.RecordBatch]

    @staticmethod
    def of(table: pa.Table) -> Rows:
        """The table's rows in stored order."""
        order = [(name, "ascending") for name in sort_columns(table.column_names)]
        table = table.sort_by(order) if order else table
        return Rows(table.schema, table.to_batches(max_chunksize=1 << 18))


@dataclass(frozen=True, slots=True)
class Batch:
    """What one delivery adds.

    `tables`: dataset → rows without the store's stamps; columns `_old_batch`, `_old_row`, `_reason` (all or
    none) name the stored row that a row replaces. `withdrawn`: dataset, old_batch, old_row, reason of rows
    that nothing replaces. `findings` and `refused` have the store's schemas without `_batch`.
    """

    source: str
    file: str
    hash: str
    at: dt.datetime
    tables: Mapping[str, pa.Table | Rows] = field(default_factory=dict)
    withdrawn: pa.Table | None = None
    findings: pa.Table | None = None
    refused: pa.Table | None = None
    programme_hash: str = ""
    receipt: str = "{}"


class Stamped:
    """A dataset's rows with batch, row number and time added; collects what they supersede as they pass."""

    def __init__(self, rows: Rows, *, dataset: str, number: int, at: dt.datetime) -> None:
        self._rows, self._dataset, self._number, self._at = rows, dataset, number, at
        kept = [column for column in rows.schema if column.name not in (*SUPERSEDES, *_STAMP_NAMES)]
        self.schema = pa.schema([*kept, *STAMPS])
        self.superseded: list[pa.Table] = []

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        first = 0
        for batch in self._rows.batches:
            count = batch.num_rows
            numbers = pa.array(np.arange(first, first + count, dtype=np.int64))
            if SUPERSEDES[0] in batch.schema.names:
                self._collect(batch, numbers)
            own_time = batch.column("_at").cast(TIME) if "_at" in batch.schema.names else None
            stamps = [
                pa.repeat(pa.scalar(self._number, pa.int64()), count),
                numbers,
                own_time or pa.repeat(pa.scalar(self._at, TIME), count),
            ]
            own = [batch.column(name) for name in self.schema.names[: -len(STAMPS)]]
            yield pa.RecordBatch.from_arrays([*own, *stamps], schema=self.schema)
            first += count

    def _collect(self, batch: pa.RecordBatch, numbers: pa.Array) -> None:
        old, row, reason = (batch.column(name) for name in SUPERSEDES)
        table = pa.table({"old_batch": old, "old_row": row, "new_row": numbers, "reason": reason})
        replaced = table.filter(pc.is_valid(old))
        if replaced.num_rows:
            self.superseded.append(superseded_rows(replaced, self._dataset, self._number))


def superseded_rows(rows: pa.Table, dataset: str | None, number: int) -> pa.Table:
    """Rows of `_superseded`, from a table with old_batch, old_row, reason and perhaps new_row and dataset."""
    return _fit(rows, SYSTEM["_superseded"], {"_batch": number, "dataset": dataset})


def stamped_system(rows: pa.Table, name: str, number: int) -> pa.Table:
    """Findings or refused rows with their batch."""
    return _fit(rows, SYSTEM[name], {"_batch": number})


def _fit(rows: pa.Table, schema: pa.Schema, constants: Mapping[str, object]) -> pa.Table:
    def column(target: pa.Field) -> pa.Array | pa.ChunkedArray:
        if target.name in rows.column_names:
            return rows.column(target.name).cast(target.type)
        return pa.repeat(pa.scalar(constants.get(target.name), target.type), rows.num_rows)

    return pa.table([column(target) for target in schema], schema=schema)


_STAMP_NAMES = tuple(stamp.name for stamp in STAMPS)
