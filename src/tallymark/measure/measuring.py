"""measure: from stored rows to the tables of measures, indicators and reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pyarrow as pa

from tallymark.engine.duckdb import Engine as DuckDB
from tallymark.engine.duckdb import connect
from tallymark.engine.interface import Engine
from tallymark.measure.answers import measures_table, reports_table
from tallymark.measure.histogram import ENOUGH
from tallymark.measure.indicators import indicators_table
from tallymark.measure.labels import load_asked
from tallymark.measure.plan import narrowed, plan
from tallymark.measure.tally import Sources, prepare, tally
from tallymark.model.periods import Period
from tallymark.programme.resolved import Programme
from tallymark.store import Store
from tallymark.store.partials import Partials


@dataclass(frozen=True, slots=True)
class Measured:
    """Counted figures, rows in the order of their keys; schemas as in TABLES."""

    measures: pa.Table
    indicators: pa.Table
    reports: pa.Table


def measure(
    programme: Programme,
    store: Store | Mapping[str, str],
    *,
    periods: Sequence[Period],
    version: int | None = None,
    engine: Engine,
    boundaries: dt.date | Literal["today"] | None = None,
    horizon: dt.date | None = None,
    only: Collection[str] | None = None,
    enough: int = ENOUGH,
    verified: Mapping[str, pa.Table] | None = None,
    partials: Partials | None = None,
    given: Collection[str] = (),
) -> Measured:
    """All measures and indicators of a programme for these periods, for every unit, level and declared breakdown.

    store: a store read at `version` (the last one when None), or dataset → table expression.
    engine: what reads, counts and rolls up; its tables are dropped afterwards. Where it is not in this process, wide
    tables are fetched, and result tables and indicators made of them here.
    boundaries: a day (`today`: the end of the last period) to whose units all figures are restated, apportioned by
    declared weights; as they were in each month when None.
    horizon: last day for which an absent row of a complete register means zero (see `presence`).
    only: names of measures and indicators to compute, all when None; what they are made of is computed with them, and
    reports of their datasets.
    enough: rows × measures from which compiled loops count instead of SQL, to the same figures.
    verified: dataset of reports → values that verification puts in place of reported ones (`measure.verified.SCHEMA`).
    partials: of the store, where what was counted before may be used, to the same figures.
    given: codes of periods whose figures are at hand: what is compared with them alone is NULL (see `with_given`).
    Periods that declared comparisons need are computed too, but only those asked for are returned.
    The same programme, rows and periods give the same bytes, whatever the order of rows and number of threads.
    """
    if not periods:
        raise ValueError("measure needs at least one period")
    planned = plan(programme if only is None else narrowed(programme, only), periods, given)
    day = max(period.end for period in periods) if boundaries == "today" else boundaries
    home = engine if engine.near is not None else DuckDB(connect())
    kept = replace(partials, trying=only is not None) if partials is not None and home is engine else None
    sources = Sources.of(planned, store, version, kept).large(planned, enough)
    sources = replace(sources, verified=verified or {})
    try:
        ready = prepare(engine, planned, sources, boundaries=day)
        load_asked(home, planned)
        tallied = tally(engine, ready, sources, home=home, horizon=horizon, enough=enough)
        measures, reports = measures_table(home, tallied), reports_table(home, tallied)
        return Measured(measures, indicators_table(home, tallied), reports)
    finally:
        engine.clear()
        home.clear()
