"""What is kept of events beside their counts: which categories and units there are, how many rows, how new, by month."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from tallymark.engine.compile import category
from tallymark.engine.interface import Engine
from tallymark.engine.sql import Query, column, one_of, select
from tallymark.measure.tabulating import MANY, tabulated
from tallymark.programme.resolved import Dataset
from tallymark.store import Portion
from tallymark.store.partials import Partials
from tallymark.store.touching import Content

MONTHS, WRITTEN, EVER, LOOKED = "_months", "_written", "_ever", "_looked"
"""What is added to the name of a view of rows for tables of what it holds."""

MONTH = pa.field("_month", pa.int32())
ROWS = pa.field("rows", pa.int64())
NEWEST = pa.field("newest", pa.timestamp("us", tz="UTC"))


@dataclass(frozen=True, slots=True)
class Known:
    """A dataset's months, and the partials of its store."""

    partials: Partials
    content: Content


def look(engine: Engine, view: str, dataset: Dataset, known: Known, *, portion: Portion) -> None:
    """Makes, of the rows in a view, tables of months (_month, rows, newest), of categories as they are written (b0,
    b1 … for the breakdowns) and, where any unit may report, of units (code).

    newest: when the last row came; NULL where the dataset's silence does not mean zero, as nothing asks for it there.
    portion: the same rows.
    """
    columns = {f"b{at}": category(dataset, name, tidy=False) for at, name in enumerate(dataset.breakdowns)}
    zero = dataset.absence == "zero"
    query = select("_month", *(f"{sql} AS {name}" for name, sql in columns.items()))
    by = query.group_by("_month", *columns.values())
    seen = by.select("COUNT(*) AS rows", f"{'MAX(_at)' if zero else 'NULL'} AS newest").from_(view)
    schema = pa.schema([MONTH, *((name, pa.string()) for name in columns), ROWS, NEWEST])

    def ask(months: Sequence[int]) -> pa.Table:
        found = None if zero or engine.near is None else tabulated(engine.near, dataset, portion, months)
        if found is None:
            return engine.rows(seen.where(one_of("_month", months)))
        engine.lend(view + LOOKED, found)
        counted = by.select(f"CAST(SUM({MANY}) AS BIGINT) AS rows", "NULL AS newest")
        rows = engine.rows(counted.from_(view + LOOKED).where(one_of("_month", months)))
        engine.drop([view + LOOKED])
        return rows

    kind = ("written", dataset.name, *columns.values(), zero)
    engine.lend(view + WRITTEN, _of_all(ask, schema, kind, known))
    sums = select("_month", "CAST(SUM(rows) AS BIGINT) AS rows", "MAX(newest) AS newest")
    engine.view(view + MONTHS, sums.from_(view + WRITTEN).group_by("_month"))
    if dataset.level is None:
        query = select("_month", f"{column('_unit')} AS code").distinct().from_(view)
        schema = pa.schema([MONTH, ("code", pa.string())])
        kind = ("ever", dataset.name)
        engine.lend(view + EVER, _of_all(asking(engine, query), schema, kind, known))


def _of_all(
    ask: Callable[[Sequence[int]], pa.Table], schema: pa.Schema, kind: Sequence[object], known: Known
) -> pa.Table:
    """`by_month` of all months that a dataset has, put together once a run."""
    months, lately = sorted(known.content.names), known.partials.lately
    key = known.partials.key(*kind, [known.content.names[month] for month in months])
    if key not in lately:
        lately[key] = by_month(ask, schema, kind=kind, months=months, known=known)
    return lately[key]


def asking(engine: Engine, query: Query) -> Callable[[Sequence[int]], pa.Table]:
    """Asks a query, whose first column is the month, for some months."""
    return lambda months: engine.rows(query.where(one_of(query.columns[0], months)))


def rows_by_month(engine: Engine, view: str) -> Mapping[int, int]:
    """Month → how many rows a view that was looked at has in it."""
    found = engine.rows(select("_month", "rows").from_(view + MONTHS))
    return dict(zip(*(one.to_pylist() for one in found.columns), strict=True))


def by_month(
    ask: Callable[[Sequence[int]], pa.Table],
    schema: pa.Schema,
    *,
    kind: Sequence[object],
    months: Sequence[int],
    known: Known,
) -> pa.Table:
    """Rows for some months, of which the first column is the month: those that are kept, and the others asked for and
    kept.

    kind: says what is asked; schema: the columns.
    """
    partials = known.partials
    keys = {month: partials.key(*kind, month, known.content.name(month)) for month in months}
    found = {month: next(partials.packs(key), None) for month, key in keys.items()}
    missing = [month for month, table in found.items() if table is None]
    partials.used.found += len(months) - len(missing)
    if missing:
        rows = ask(missing).cast(schema).sort_by("_month")
        month = rows.column("_month").to_numpy()
        for one in missing:
            low, high = month.searchsorted(one), month.searchsorted(one, side="right")
            found[one] = rows.slice(low, high - low)
            partials.keep(keys[one], found[one], packed=True)
    return pa.concat_tables([schema.empty_table(), *(found[one] for one in months)]).combine_chunks()
