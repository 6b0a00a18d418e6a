"""What is kept of events beside their counts: which categories and units there are, how many rows, how new, by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from tallymark.engine.compile import category
from tallymark.engine.interface import Engine
from tallymark.engine.sql import Query, column, one_of, select
from tallymark.programme.resolved import Dataset
from tallymark.store.partials import Partials
from tallymark.store.touching import Content

MONTHS, WRITTEN, EVER = "_months", "_written", "_ever"
"""What is added to the name of a view of rows for tables of what it holds."""

MONTH = pa.field("_month", pa.int32())
ROWS = pa.field("rows", pa.int64())
NEWEST = pa.field("newest", pa.timestamp("us", tz="UTC"))


@dataclass(frozen=True, slots=True)
class Known:
    """A dataset's months, and the partials of its store."""

    partials: Partials
    content: Content


def look(engine: Engine, view: str, dataset: Dataset, known: Known) -> None:
    """Makes, of the rows in a view, tables of months (_month, rows, newest), of categories as they are written (b0,
    b1 … for the breakdowns) and, where any unit may report, of units (code)."""
    columns = {f"b{at}": category(dataset, name, tidy=False) for at, name in enumerate(dataset.breakdowns)}
    query = select("_month", *(f"{sql} AS {name}" for name, sql in columns.items()))
    query = query.select("COUNT(*) AS rows", "MAX(_at) AS newest").from_(view)
    query = query.group_by("_month", *columns.values())
    schema = pa.schema([MONTH, *((name, pa.string()) for name in columns), ROWS, NEWEST])
    months = sorted(known.content.names)
    kind = ("written", dataset.name, *columns.values())
    engine.load(view + WRITTEN, by_month(engine, query, schema, kind=kind, months=months, known=known))
    sums = select("_month", "CAST(SUM(rows) AS BIGINT) AS rows", "MAX(newest) AS newest")
    engine.table(view + MONTHS, sums.from_(view + WRITTEN).group_by("_month"))
    if dataset.level is None:
        query = select("_month", f"{column('_unit')} AS code").distinct().from_(view)
        schema = pa.schema([MONTH, ("code", pa.string())])
        kind = ("ever", dataset.name)
        engine.load(view + EVER, by_month(engine, query, schema, kind=kind, months=months, known=known))


def rows_by_month(engine: Engine, view: str) -> Mapping[int, int]:
    """Month → how many rows a view that was looked at has in it."""
    found = engine.rows(select("_month", "rows").from_(view + MONTHS))
    return dict(zip(*(one.to_pylist() for one in found.columns), strict=True))


def by_month(
    engine: Engine,
    query: Query,
    schema: pa.Schema,
    *,
    kind: Sequence[str],
    months: Sequence[int],
    known: Known,
) -> pa.Table:
    """The rows of a query for some months: those that are kept, and the others asked for and kept.

    kind: says what the query is; schema: its columns. The query's first column is the month.
    """
    partials = known.partials
    keys = {month: partials.key(*kind, month, known.content.name(month)) for month in months}
    found = {month: next(partials.packs(key), None) for month, key in keys.items()}
    missing = [month for month, table in found.items() if table is None]
    partials.used.found += len(months) - len(missing)
    if missing:
        rows = engine.rows(query.where(one_of(query.columns[0], missing))).cast(schema).sort_by("_month")
        month = rows.column("_month").to_numpy()
        for one in missing:
            low, high = month.searchsorted(one), month.searchsorted(one, side="right")
            found[one] = rows.slice(low, high - low)
            partials.keep(keys[one], found[one], packed=True)
    return pa.concat_tables([schema.empty_table(), *(found[one] for one in months)]).combine_chunks()
