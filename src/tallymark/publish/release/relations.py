"""What anybody can add up: units below a unit, shorter periods of a period, groups of a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from tallymark.model.periods import Calendar
from tallymark.programme.resolved import Programme
from tallymark.publish.release.cells import Cells, Ints
from tallymark.publish.release.people import Key, equals, exhaustive


@dataclass(frozen=True, slots=True)
class Relations:
    """A row a sum: +1 for the whole, −1 for its parts. It need not add up to 0: the rest is taken as known."""

    sums: csr_matrix
    whole: Ints
    """The cell that is the whole, for each row."""


def relations(cells: Cells, programme: Programme, parents: Mapping[str, str]) -> Relations:
    """Every sum among the cells: by units, by periods, by groups."""
    parts = [*_units(cells, parents), *_periods(cells, programme.calendar), *_groups(cells, programme)]
    wholes, columns, rows, at = [], [], [], 0
    for child, parent in parts:
        whole, row = np.unique(parent, return_inverse=True)
        wholes.append(whole)
        rows += [at + np.arange(len(whole)), at + row]
        columns += [(whole, np.ones(len(whole))), (child, -np.ones(len(child)))]
        at += len(whole)
    if not parts:
        return Relations(csr_matrix((0, len(cells))), np.empty(0, np.int64))
    column = np.concatenate([one for one, _ in columns])
    sign = np.concatenate([one for _, one in columns])
    matrix = csr_matrix((sign, (np.concatenate(rows), column)), shape=(at, len(cells)))
    return Relations(matrix, np.concatenate(wholes))


def _units(cells: Cells, parents: Mapping[str, str]) -> list[tuple[Ints, Ints]]:
    numbers = {unit: at for at, unit in enumerate(cells.units)}
    above = np.array([numbers.get(parents.get(unit, ""), -1) for unit in cells.units], np.int64)
    adds = np.array([measure.aggregate != "distinct" for measure in cells.measures], np.bool_)
    has = (above[cells.unit] >= 0) & adds[cells.key]
    return _linked(cells, np.flatnonzero(has), unit=above[cells.unit])


def _periods(cells: Cells, calendar: Calendar) -> list[tuple[Ints, Ints]]:
    """Sums over time, only of periods that are covered wholly, and of measures that add up over time."""
    periods = [calendar.parse(code) for code in cells.periods]
    adds = np.array(
        [one.aggregate != "distinct" and one.over_time == "sum" for one in cells.measures], np.bool_
    )
    found = []
    for frequency in sorted({period.frequency for period in periods}):
        for longer in sorted({period.frequency for period in periods} - {frequency}):
            above = np.full(len(periods), -1, np.int64)
            for at, whole in enumerate(periods):
                inside = [
                    place
                    for place, one in enumerate(periods)
                    if one.frequency == frequency and whole.start <= one.start and one.end <= whole.end
                ]
                days = sum((periods[place].end - periods[place].start).days + 1 for place in inside)
                if whole.frequency == longer and days == (whole.end - whole.start).days + 1:
                    above[inside] = at
            has = (above[cells.period] >= 0) & adds[cells.key]
            found += _linked(cells, np.flatnonzero(has), period=above[cells.period])
    return found


def _groups(cells: Cells, programme: Programme) -> list[tuple[Ints, Ints]]:
    """A whole and its groups by one column, wherever every group that can be has its key."""
    numbers = {key: at for at, key in enumerate(cells.keys)}
    found = []
    for at, (key, measure) in enumerate(zip(cells.keys, cells.measures, strict=True)):
        for column in programme.datasets[key.dataset].columns:
            values = exhaustive(measure.dataset, column)
            groups = [
                numbers.get(Key(key.dataset, key.quantity, key.conditions | {equals(column, value)}))
                for value in values
            ]
            if not values or None in groups or at in groups or measure.aggregate == "distinct":
                continue
            above = np.full(len(cells.keys), -1, np.int64)
            above[[one for one in groups if one is not None]] = at
            found += _linked(cells, np.flatnonzero(above[cells.key] >= 0), key=above[cells.key])
    return found


def _linked(cells: Cells, child: Ints, **instead: Ints) -> list[tuple[Ints, Ints]]:
    """Children with the cells that have another key, unit or period in place of theirs, where those are there."""
    place = {"key": cells.key, "unit": cells.unit, "period": cells.period} | instead
    parent = cells.find(cells.code(*(place[name][child] for name in ("key", "unit", "period"))))
    there = parent >= 0
    return [(child[there], parent[there])] if there.any() else []
