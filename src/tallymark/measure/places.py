"""Who counts in whom, as tables of numbers: units, places (unit → every ancestor), steps (unit → parent).

Units are numbered in the order of their codes, so that rows sorted by number are sorted by code. Figures of a
month in which a unit does not stand (they came late, or early) are placed where it stood nearest to that month:
they are counted, never lost.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.engine.interface import Engine
from tallymark.engine.sql import select
from tallymark.errors import AssessmentError
from tallymark.model.periods import month_number
from tallymark.model.units import Units
from tallymark.store.partials import Partials, digest

UNITS, PLACES, STEPS = "tm_units", "tm_places", "tm_steps"
WITHIN = "p.unit = v.unit AND s.month BETWEEN p.first_month AND p.last_month"
"""Joins a slot `s` of a unit `v` to the places `p` in which it counts."""

EVER, FOREVER = -(10**6), 10**6
"""Months before and after all others."""
DAWN, DUSK = dt.date(1, 1, 1), dt.date(9999, 12, 31)
"""Days that stand for “always was” and “still is”."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tree:
    """What the rolling up needs to know beside the tables."""

    depths: int
    """Number of levels."""
    edges: frozenset[tuple[int, int]]
    """(depth of the unit, depth of its parent) that occur; empty for restated figures."""
    restated: bool


def lay(
    engine: Engine,
    units: Units,
    *,
    months: tuple[int, int],
    boundaries: dt.date | None,
    partials: Partials | None = None,
) -> Tree:
    """Makes the tables of units, places and steps (no steps when figures are restated to a day's boundaries).

    partials: where the tables of a tree are kept, if they may be.
    """
    depths = len(units.level_order)
    if boundaries is not None:
        numbers = Numbers.of(units)
        engine.load(UNITS, _unit_rows(units, numbers))
        _restated(engine, units, numbers, boundaries, months)
        return Tree(depths, frozenset(), restated=True)
    tables = _laid(units) if partials is None else _recalled(partials, units)
    give = engine.load if partials is None else engine.lend  # what adds by month reads little of them
    for name, table in tables.items():
        give(name, table)
    said = json.loads((tables[STEPS].schema.metadata or {})[b"edges"])
    return Tree(depths, frozenset((low, high) for low, high in said), restated=False)


def _recalled(partials: Partials, units: Units) -> Mapping[str, pa.Table]:
    """The tables of a tree as they are kept; made and kept where they are not."""
    tree = units.tree
    days = [one.tobytes() for one in (tree.opened, tree.closed)]
    above = [one.tobytes() for one in (tree.child, tree.parent, tree.since, tree.until)]
    named = ["\n".join(one) for one in (units.codes, units.levels, units.level_order)]
    whole = digest(named, days, above)
    key = {name: partials.key("tree", name, whole) for name in (UNITS, PLACES, STEPS)}
    found = {name: next(partials.packs(one), None) for name, one in key.items()}
    there = {name: table for name, table in found.items() if table is not None}
    if len(there) == len(found):
        partials.used.found += len(there)
        return there
    made = _laid(units)
    for name, table in made.items():
        partials.keep(key[name], table)
    return made


def _laid(units: Units) -> Mapping[str, pa.Table]:
    """The tables of units, places and steps; with the steps goes which depths they lead from and to."""
    numbers, depths = Numbers.of(units), len(units.level_order)
    above = units.ancestry()
    unit, ancestor = numbers.at(above.column("unit")), numbers.at(above.column("ancestor"))
    first, last = _stretched(unit, above.column("first_month"), above.column("last_month"), len(units))
    rows = _table(unit=unit, ancestor=ancestor, first_month=first, last_month=last)
    strict = unit != ancestor
    steps = _nearest(
        np.stack([column[strict] for column in (unit, ancestor, first, last)], axis=1), numbers.depth
    )
    child, parent, since, until = steps.T
    pairs = np.unique(numbers.depth[child] * depths + numbers.depth[parent]).tolist()
    edges = {"edges": json.dumps([divmod(pair, depths) for pair in pairs])}
    return {
        UNITS: _unit_rows(units, numbers),
        PLACES: _weighted(rows, np.ones(len(unit))),
        STEPS: _table(unit=child, parent=parent, first_month=since, last_month=until).replace_schema_metadata(
            edges
        ),
    }


def in_order(units: Units) -> pa.Array:
    """The codes of units by number."""
    return pa.array(sorted(units.codes), pa.string())


@dataclass(frozen=True, slots=True)
class Numbers:
    """Units by number: their codes in order, and each one's depth (0 = the top level)."""

    codes: pa.Array
    depth: Ints

    @classmethod
    def of(cls, units: Units) -> Numbers:
        """The numbering of all units."""
        depth, codes = {level: at for at, level in enumerate(units.level_order)}, in_order(units)
        levels = (units.levels[units.index[code]] for code in codes.to_pylist())
        return cls(codes, np.array([depth[level] for level in levels], dtype=np.int64))

    def at(self, codes: pa.ChunkedArray) -> Ints:
        """The numbers of codes."""
        found = pc.index_in(codes, value_set=self.codes)
        return np.asarray(found.to_numpy(), dtype=np.int64)


def _unit_rows(units: Units, numbers: Numbers) -> pa.Table:
    """Units with their days, and the first and last month at whose end they stand."""
    at = [units.index[code] for code in numbers.codes.to_pylist()]
    opened = pa.array([units.opened[i] or DAWN for i in at], pa.date32())
    closed = pa.array([units.closed[i] or DUSK for i in at], pa.date32())
    return pa.table(
        {
            "unit": pa.array(np.arange(len(at), dtype=np.int32)),
            "code": numbers.codes,
            "level": pa.array([units.levels[i] for i in at], pa.string()),
            "depth": pa.array(numbers.depth.astype(np.int32)),
            "opened": opened,
            "closed": closed,
            "first_month": pa.array(_months(opened)),
            "last_month": pa.array(_months(closed) - 1),
        }
    )


def _months(days: pa.Array) -> npt.NDArray[np.int32]:
    """The integer month of each day."""
    since = days.to_numpy(zero_copy_only=False).astype("datetime64[M]").astype(np.int64)
    found: npt.NDArray[np.int32] = (since + month_number(dt.date(1970, 1, 1))).astype(np.int32)
    return found


def _table(**columns: Ints) -> pa.Table:
    return pa.table({name: pa.array(values.astype(np.int32)) for name, values in columns.items()})


def _weighted(rows: pa.Table, weight: npt.NDArray[np.float64]) -> pa.Table:
    return rows.append_column("weight", pa.array(weight))


def _stretched(
    unit: Ints, first_month: pa.ChunkedArray, last_month: pa.ChunkedArray, units: int
) -> tuple[Ints, Ints]:
    """Months of stretches, with each unit's earliest reaching back for ever, and its latest on for ever."""
    first, last = (column.to_numpy().astype(np.int64) for column in (first_month, last_month))
    earliest, latest = np.full(units, FOREVER), np.full(units, EVER)
    np.minimum.at(earliest, unit, first)
    np.maximum.at(latest, unit, last)
    return np.where(first == earliest[unit], EVER, first), np.where(last == latest[unit], FOREVER, last)


def _nearest(rows: Ints, depth: Ints) -> Ints:
    """Of rows (unit, ancestor, first, last) the nearest ancestor of each unit in every month."""
    if not len(rows):
        return rows.reshape(0, 4)
    rows = rows[np.lexsort((depth[rows[:, 1]], rows[:, 0]))]
    heads = np.flatnonzero(np.r_[True, rows[1:, 0] != rows[:-1, 0]])
    tails = np.r_[heads[1:], len(rows)]
    same = np.logical_and.reduceat((rows[:, 2] == EVER) & (rows[:, 3] == FOREVER), heads)
    found = [rows[tails[same] - 1]]
    for head, tail in zip(heads[~same], tails[~same], strict=True):
        found.append(_nearest_of_one(rows[head:tail]))
    return np.concatenate(found)


def _nearest_of_one(rows: Ints) -> Ints:
    """The same for the rows of one unit, deepest ancestor last."""
    cuts = sorted({*rows[:, 2].tolist(), *(rows[:, 3] + 1).tolist()})
    found: list[list[int]] = []
    for start, end in pairwise(cuts):
        covering = rows[(rows[:, 2] <= start) & (rows[:, 3] >= end - 1)]
        if not len(covering):
            continue
        unit, parent = (int(number) for number in covering[-1, :2])
        if found and found[-1][1] == parent and found[-1][3] == start - 1:
            found[-1][3] = end - 1
        else:
            found.append([unit, parent, start, end - 1])
    return np.array(found, dtype=np.int64).reshape(-1, 4)


def _ways(units: Units, day: dt.date, months: tuple[int, int]) -> pa.Table:
    """Where figures go, in all months as far as it is declared; at least in those that are asked for."""
    try:
        return units.restated(day)
    except AssessmentError:
        return units.restated(day, first_month=months[0], last_month=months[1])


def _restated(engine: Engine, units: Units, numbers: Numbers, day: dt.date, months: tuple[int, int]) -> None:
    """Places of figures carried to the units that stand on a day, by the weights of all ways there."""
    ways = _ways(units, day, months)
    unit, heir = numbers.at(ways.column("unit")), numbers.at(ways.column("successor"))
    first, last = _stretched(unit, ways.column("first_month"), ways.column("last_month"), len(units))
    weight = ways.column("weight").to_numpy()
    absent = np.setdiff1d(np.arange(len(units)), unit)
    carried = _table(
        unit=np.r_[unit, absent],
        heir=np.r_[heir, absent],
        first_month=np.r_[first, np.full(len(absent), EVER)],
        last_month=np.r_[last, np.full(len(absent), FOREVER)],
    )
    above = units.ancestry_on(day)
    child, ancestor = numbers.at(above.column("unit")), numbers.at(above.column("ancestor"))
    alone = np.setdiff1d(np.arange(len(units)), child)
    engine.load("tm_carried", _weighted(carried, np.r_[weight, np.ones(len(absent))]))
    engine.load("tm_above", _table(heir=np.r_[child, alone], ancestor=np.r_[ancestor, alone]))
    whole = "SUM(CAST(c.weight AS DECIMAL(38, 15)))"
    near = f"ABS({whole} - 1) < 0.000000001"
    engine.table(
        PLACES,
        select("c.unit", "a.ancestor", "c.first_month", "c.last_month")
        .select(f"CASE WHEN {near} THEN 1e0 ELSE CAST({whole} AS DOUBLE) END AS weight")
        .from_("tm_carried AS c")
        .join("tm_above AS a", on="a.heir = c.heir")
        .group_by("c.unit", "a.ancestor", "c.first_month", "c.last_month"),
    )
    engine.drop(["tm_carried", "tm_above"])
