"""Batches for tests: reports of a few units, given as a mapping."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import duckdb
import pyarrow as pa

from tallymark.store import Batch, Store

AT = dt.datetime(2025, 4, 1, tzinfo=dt.UTC)
Old = tuple[int, int]


def rows(values: Mapping[str, float], old: Mapping[str, Old] | None = None) -> pa.Table:
    """One report row a unit; `old` names the stored row that a unit's row replaces."""
    units = list(values)
    columns = {
        "unit": pa.array(units, pa.string()),
        "value": pa.array([float(values[unit]) for unit in units], pa.float64()),
        "_month": pa.array([24300] * len(units), pa.int32()),
        "_source_row": pa.array([f"S!{at}" for at in range(len(units))], pa.string()),
    }
    if old is not None:
        pairs = [old.get(unit) for unit in units]
        columns["_old_batch"] = pa.array([pair and pair[0] for pair in pairs], pa.int64())
        columns["_old_row"] = pa.array([pair and pair[1] for pair in pairs], pa.int64())
        columns["_reason"] = pa.array([pair and "corrected" for pair in pairs], pa.string())
    return pa.table(columns)


def withdrawn(dataset: str, *gone: Old) -> pa.Table:
    return pa.table(
        {
            "dataset": [dataset] * len(gone),
            "old_batch": pa.array([pair[0] for pair in gone], pa.int64()),
            "old_row": pa.array([pair[1] for pair in gone], pa.int64()),
            "reason": ["deleted"] * len(gone),
        }
    )


def batch(file: str = "a.csv", **tables: pa.Table) -> Batch:
    return Batch("monthly", file, f"hash of {file}", AT, tables)


def now(store: Store, dataset: str = "reports", version: int | None = None) -> dict[str, float]:
    """Unit → value at a version, read as the engine would."""
    with duckdb.connect() as connection:
        found = connection.sql(f"SELECT unit, value FROM {store.relation(dataset, version)}").fetchall()
    assert len(found) == len(dict(found)), "a unit is there twice"
    return dict(found)
