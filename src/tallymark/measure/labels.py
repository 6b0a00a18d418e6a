"""Numbers and their codes: results are computed and sorted as whole numbers, and named at the very end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.engine.interface import Engine
from tallymark.engine.sql import AnyQuery, Query, select, stacked
from tallymark.measure.places import UNITS
from tallymark.measure.plan import Plan
from tallymark.model.tables import TABLES

LABELS = "tm_labels"
TOGETHER = 400_000
"""Rows of results that are fetched and named at a time."""


@dataclass(frozen=True, slots=True)
class Labels:
    """Codes by number, each list in the order of its codes."""

    units: Sequence[str]
    levels: Sequence[str]
    periods: Sequence[str]
    frequencies: Sequence[str]
    breakdowns: Sequence[str]
    categories: Sequence[str]


def load_asked(engine: Engine, plan: Plan) -> None:
    """Makes the table of periods: how many make a year, whether they were asked."""
    periods, calendar = plan.timeline.periods, plan.programme.calendar
    asked = [at in plan.timeline.asked for at in range(len(periods))]
    per_year = pa.array([calendar.per_year(period.frequency) for period in periods], pa.float64())
    numbers = pa.array(range(len(periods)), pa.int32())
    engine.load(LABELS, pa.table({"period": numbers, "per_year": per_year, "asked": asked}))


def labels_of(engine: Engine, plan: Plan, categories: Sequence[str]) -> Labels:
    """All labels; units as they are numbered on the engine."""
    periods = plan.timeline.periods
    units = engine.rows(select("code", "level").from_(UNITS).order_by("unit"))
    return Labels(
        units.column("code").to_pylist(),
        units.column("level").to_pylist(),
        [period.code for period in periods],
        [period.frequency for period in periods],
        plan.breakdowns,
        categories,
    )


def sliced(
    engine: Engine, labels: Labels, parts: Sequence[AnyQuery], query: Callable[[str], Query]
) -> Iterator[pa.Table]:
    """The rows of a query, some hundred thousand at a time, in the order of their units.

    query: gives the query for the units that meet a test of `unit`; parts: what is counted to know how many rows.
    """
    units = len(labels.units)
    many = engine.value(select("COUNT(*)").from_(stacked(parts).subquery("every"))) or 0
    pieces = max(1, min(units, -(-many // TOGETHER)))
    for piece in range(pieces):
        low, high = piece * units // pieces, (piece + 1) * units // pieces - 1
        rows = engine.rows(query(f"unit BETWEEN {low} AND {high}"))
        if rows.num_rows or not piece:
            yield rows.combine_chunks()


def labelled(labels: Labels, rows: pa.Table, table: str, names: Sequence[str]) -> pa.Table:
    """Rows of numbers with their codes instead, in the schema of a result table; `named` indexes `names`."""
    spec = TABLES[table]
    lists = {
        "unit": ("unit", labels.units),
        "level": ("unit", labels.levels),
        "period": ("period", labels.periods),
        "frequency": ("period", labels.frequencies),
        "breakdown": ("breakdown", labels.breakdowns),
        "category": ("category", labels.categories),
        {"measures": "measure", "reports": "dataset", "indicators": "indicator"}[table]: ("named", names),
    }
    arrays = []
    for field in spec.schema:
        if field.name in lists:
            column, codes = lists[field.name]
            arrays.append(_taken(codes, rows.column(column).to_numpy()))
        else:
            arrays.append(rows.column(field.name).cast(field.type))
    return pa.Table.from_arrays(arrays, schema=spec.schema)


def _taken(codes: Sequence[str], at: npt.NDArray[np.int64]) -> pa.Array:
    return pc.take(pa.array(codes, pa.string()), pa.array(at))
