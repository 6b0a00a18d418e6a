"""Faults planted into true reports, each listed with its size: one kind alone, or a mix in proportions from the seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from tallymark.simulate.faults import Fault
from tallymark.simulate.gaming import GAMES, YEAR, Reports, Spot

OF_TOWNS = ("town never misses anyone", "town lifted to its target")
OF_PLACE = ("units bunched above a target", "tens preferred by a third")
Planted = list[list[Fault]]
Games = Mapping[str, tuple[Callable[[Spot], None], int]]


def plant(
    kind: str, reports: Reports, *, seed: int, games: Games = GAMES
) -> tuple[Reports, list[list[Fault]]]:
    """The reports with one kind planted in their last year, and each planting as the list of figures that it changed."""
    _, number = games[kind]
    rng = np.random.default_rng([seed, *kind.encode()])
    values = reports.values.copy()
    standing = np.flatnonzero(np.isfinite(reports.values).all(axis=(1, 2)))
    last = values.shape[1]
    planted = []
    for unit in rng.choice(standing, min(number, len(standing)), replace=False):
        spot = Spot(reports, values, int(unit), int(rng.integers(last - YEAR, last)), rng)
        planted += _played(kind, spot, games)
    return Reports(reports.units, reports.towns, reports.months, reports.items, values), planted


def plant_mix(
    reports: Reports, *, seed: int, share: float = 0.35, alike: float = 2.0
) -> tuple[Reports, Planted]:
    """The reports with faults of every kind of single units and towns in `share` of the units, at most one in each.

    How often each kind comes is drawn from the seed (Dirichlet), so that no two mixes are alike; the larger `alike`, the
    nearer are all kinds to being as frequent.
    """
    rng = np.random.default_rng([seed, 77])
    values = reports.values.copy()
    last = values.shape[1]
    standing = np.flatnonzero(np.isfinite(reports.values).all(axis=(1, 2)))
    order = rng.permutation(standing)
    planted: Planted = []
    taken = np.zeros(len(values), dtype=bool)
    for kind in OF_TOWNS:
        free = order[~taken[order]]
        unit = int(free[0])
        taken |= reports.towns == reports.towns[unit]
        planted += _played(kind, Spot(reports, values, unit, last - 1, rng))
    kinds = [kind for kind in GAMES if kind not in OF_TOWNS + OF_PLACE]
    odds = rng.dirichlet(np.full(len(kinds), alike))
    for unit in order[~taken[order]][: int(share * len(standing))].tolist():
        kind = kinds[int(rng.choice(len(kinds), p=odds))]
        planted += _played(kind, Spot(reports, values, unit, int(rng.integers(last - YEAR, last)), rng))
    return Reports(reports.units, reports.towns, reports.months, reports.items, values), planted


def _played(kind: str, spot: Spot, games: Games = GAMES) -> Planted:
    """What a play changed, as one planting; none when it changed nothing."""
    before = spot.values.copy()
    games[kind][0](spot)
    changed = np.argwhere((spot.values != before) & np.isfinite(before))
    faults = [
        _fault(kind, spot.reports, cell, spot.values[tuple(cell)] - before[tuple(cell)]) for cell in changed
    ]
    return [faults] if faults else []


def _fault(kind: str, reports: Reports, cell: NDArray[np.int64], size: float) -> Fault:
    unit, month, item = cell.tolist()
    return Fault(
        kind, "monthly", reports.units[unit], reports.months[month], reports.items[item], float(size)
    )
