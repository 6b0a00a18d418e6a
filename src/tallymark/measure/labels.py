"""Numbers and their codes: results are computed and sorted as whole numbers, and named at the very end."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.engine.interface import Engine
from tallymark.engine.sql import AnyQuery, Query, one_of, select, stacked
from tallymark.measure.places import UNITS
from tallymark.measure.plan import Plan
from tallymark.model.tables import TABLES

LABELS = "tm_labels"
ORDER = ("period", "unit", "named", "breakdown", "category")
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
    many = engine.value(select("COUNT(*)").from_(stacked(parts).subquery("every"))) or 0
    for piece, of_units in enumerate(slices(labels, many)):
        rows = engine.rows(query(of_units))
        if rows.num_rows or not piece:
            yield rows.combine_chunks()


def slices(labels: Labels, many: int) -> list[str]:
    """Tests of `unit`, in the order of units, that cut so many rows of results into pieces of some hundred thousand."""
    return [f"unit BETWEEN {low} AND {high}" for low, high in _cut(range(len(labels.units)), many)]


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows of results that are fetched together: some periods of all units, or some units of one period."""

    periods: tuple[int, ...]
    of_units: str
    """A test of `unit`."""

    def test(self, table: str) -> str:
        """The test that rows of a table meet which are in the piece."""
        return f"{one_of(f'{table}.period', self.periods)} AND {table}.{self.of_units}"


def pieces(labels: Labels, asked: Collection[int], many: int) -> list[Piece]:
    """Pieces of some hundred thousand rows, by period and then unit, of so many rows of the periods asked."""
    periods = sorted(asked)
    each = -(-many // max(1, len(periods)))
    every = slices(labels, 0)[0]
    if each <= TOGETHER:
        return [Piece(tuple(periods[low : high + 1]), every) for low, high in _cut(periods, many)]
    return [Piece((period,), of_units) for period in periods for of_units in slices(labels, each)]


def _cut(things: Sequence[int], many: int) -> list[tuple[int, int]]:
    """First and last place of the pieces that things with so many rows are cut into."""
    count = max(1, min(len(things), -(-many // TOGETHER)))
    ends = [piece * len(things) // count for piece in range(count + 1)]
    return [(low, high - 1) for low, high in pairwise(ends)]


def in_order(rows: pa.Table) -> pa.Table:
    """Rows of numbers by period, unit, what is named, breakdown and category.

    Rows are wide, so the keys alone are sorted, as one number a row where they fit.
    """
    keys = [rows.column(name).to_numpy().astype(np.int64) for name in ORDER]
    sizes = [int(key.max(initial=0)) + 1 for key in keys]
    if math.prod(sizes) < 1 << 62:
        whole = np.zeros(rows.num_rows, np.int64)
        for key, size in zip(keys, sizes, strict=True):
            whole *= size
            whole += key
        keys = [whole]
    return rows.take(pa.array(np.lexsort(keys[::-1]))).combine_chunks()


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
