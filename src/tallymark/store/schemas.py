"""What the store's tables hold: Arrow schemas of datasets and of the store's own tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from tallymark.model.tables import OF_RUNS, TABLES

if TYPE_CHECKING:
    from tallymark.programme.resolved import Dataset

BATCHES = "_batches"
SUPERSEDED = "_superseded"
FINDINGS = "_findings"
REFUSED = "_refused"

COLUMN_TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "date": pa.date32(),
    "boolean": pa.bool_(),
    "category": pa.string(),
    "unit": pa.string(),
    "period": pa.string(),
}
"""Arrow type of every declared column type."""

TIME = pa.timestamp("us", tz="UTC")
STAMPS: tuple[pa.Field, ...] = (
    pa.field("_batch", pa.int64()),
    pa.field("_row", pa.int64()),
    pa.field("_at", TIME),
)
"""Added by the store to every row: batch, number of the row in the batch, when the batch was received."""

SOURCE_ROW = pa.field("_source_row", pa.string())
MONTH = pa.field("_month", pa.int32())

SYSTEM: dict[str, pa.Schema] = {
    BATCHES: pa.schema(
        [
            ("_batch", pa.int64()),
            ("at", TIME),
            ("source", pa.string()),
            ("file", pa.string()),
            ("hash", pa.string()),
            ("programme_hash", pa.string()),
            ("receipt", pa.string()),
        ]
    ),
    SUPERSEDED: pa.schema(
        [
            ("_batch", pa.int64()),
            ("dataset", pa.string()),
            ("old_batch", pa.int64()),
            ("old_row", pa.int64()),
            ("new_row", pa.int64()),
            ("reason", pa.string()),
        ]
    ),
    FINDINGS: pa.schema(
        [
            ("_batch", pa.int64()),
            *((f.name, f.type) for f in TABLES["findings"].schema if f.name not in ("batch", *OF_RUNS)),
        ]
    ),
    REFUSED: pa.schema(
        [
            ("_batch", pa.int64()),
            ("dataset", pa.string()),
            ("source_row", pa.string()),
            ("code", pa.string()),
            ("raw", pa.string()),
            ("values", pa.int64()),
        ]
    ),
}
"""The store's own tables. `_superseded.new_row` is NULL when a row was withdrawn and nothing replaces it;
`_refused.raw` is the row as delivered (JSON: heading → text), `values` the rows or values that it stands for
(0 when the row was taken without its refused cells)."""


def dataset_schema(dataset: Dataset) -> pa.Schema:
    """Columns of a dataset's stored rows, the store's stamps last.

    events: declared columns (digests of those that the vault holds), `_unit`, `_month`, `_day`. reports: unit, period,
    item, breakdowns, `_part`, value, `_month`. stocks: unit, date, item, breakdowns, `_part`, value, `_month`. A value
    of a date item is days since 1970-01-01, of a boolean item 1 or 0. `_part` (NULL but for DHIS2) tells apart the option
    combinations whose values add up to the figure.
    """
    if dataset.kind == "events":
        vaulted = dataset.vaulted
        own = [
            pa.field(name, pa.string() if name in vaulted else COLUMN_TYPES[column.type])
            for name, column in dataset.columns.items()
        ]
        own += [pa.field("_unit", pa.string()), MONTH, pa.field("_day", pa.date32())]
    else:
        when = pa.field("period", pa.string()) if dataset.kind == "reports" else pa.field("date", pa.date32())
        own = [pa.field("unit", pa.string()), when, pa.field("item", pa.string())]
        own += [pa.field(name, COLUMN_TYPES[column.type]) for name, column in dataset.columns.items()]
        own += [pa.field("_part", pa.string()), pa.field("value", pa.float64()), MONTH]
    return pa.schema([*own, SOURCE_ROW, *STAMPS])


def sort_columns(names: list[str]) -> list[str]:
    """Columns by which stored rows are ordered: month first, then unit, then item."""
    return [name for name in ("_month", "_unit", "unit", "item") if name in names]
