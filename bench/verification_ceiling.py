"""The most that anybody could find of single wrong figures: the likelihood ratio of somebody who knows every village's true
rates and which kind of fault is looked for, at two false alarms in 1,000 values, all spent on that kind.

No test of the same figures finds more (Neyman and Pearson 1933). Used by bench.verification.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from tallymark.simulate.faults import Fault
from tallymark.simulate.gaming import SINGLE, YEAR, Reports
from tallymark.simulate.reports import PAIRS, SEASON_OF_OUTREACH
from tallymark.simulate.world import World

Floats = NDArray[np.float64]
ALARMS = 2 / 1000
INTENSITY = {"deaths": "deaths", "invited_cervical": "cervical_invited"} | {
    whole: intensity for whole, intensity, _, _ in PAIRS
}
PARTS = {whole: (part, share) for whole, _, part, share in PAIRS}
REACH = 40
"""So many times a figure may have been multiplied or divided."""
SOURCES: dict[str, Callable[[Floats], list[Floats]]] = {
    "ten times": lambda y: [np.where(y % 10 == 0, y / 10, np.nan)],
    "four times": lambda y: [np.where(y % 4 == 0, y / 4, np.nan)],
    "a tenth": lambda y: [10 * y + k for k in range(10)],
    "a quarter": lambda y: [4 * y + k for k in range(4)],
    "one figure 0 for missing": lambda y: [np.where(y == 0, k, np.nan) for k in range(1, REACH * 5)],
}
"""Kind → the true figures that a reported one may come from."""


def rates(world: World, item: str) -> tuple[Floats, Floats]:
    """Expected figures of the last year's months (units, months), and the share of the part (NaN without one)."""
    shape = (len(world.units), YEAR)
    mean, share = np.zeros(shape), np.full(shape, np.nan)
    for at, month in enumerate(int(m) for m in world.months[-YEAR:]):
        column = len(world.months) - YEAR + at
        if item == "households_reached":
            households = world.residents[:, column] / world.rates.amounts["persons_per_household"]
            own = households * world.chance["reached"][:, column] * SEASON_OF_OUTREACH[month % 12]
        else:
            own = world.expected[INTENSITY[item]][:, column]
        mean[:, at] = world.total(own, month)
        if item in PARTS:
            part = own * world.chance[PARTS[item][1]][:, column]
            share[:, at] = world.total(part, month) / np.maximum(mean[:, at], 1e-12)
    return mean, share


def _log_ratio(kind: str, y: Floats, x: Floats, mean: Floats, share: Floats) -> Floats:
    """log P(reported | fault) − log P(reported | none) of figures y, their parts x (NaN without)."""
    with_part = np.isfinite(x)

    def log_p(n: Floats) -> Floats:
        sound = np.isfinite(n)
        whole = np.where(sound, n, 0.0)
        logs = stats.poisson.logpmf(whole, mean)
        part = stats.binom.logpmf(np.where(with_part, x, 0.0), whole, np.where(with_part, share, 0.5))
        return np.where(sound, logs + np.where(with_part, part, 0.0), -np.inf)

    faulty = np.stack([np.where(n != y, log_p(n), -np.inf) for n in SOURCES[kind](y)])
    with np.errstate(invalid="ignore"):
        found = np.logaddexp.reduce(faulty, axis=0) - np.maximum(log_p(y), -1e6)
    return np.nan_to_num(found, nan=-1e9, posinf=1e9, neginf=-1e9)


def ceiling(
    world: World, true: Reports, planted: Reports, faults: list[list[Fault]], kind: str
) -> list[bool]:
    """Of each planting of a kind of SOURCES, whether the best possible test finds it."""
    ratios, honest = {}, []
    for item in SINGLE:
        mean, share = rates(world, item)
        for given in (true, planted):
            y = given.values[:, -YEAR:, given.items.index(item)]
            part = PARTS.get(item)
            x = given.values[:, -YEAR:, given.items.index(part[0])] if part else np.full(y.shape, np.nan)
            known = np.isfinite(y) & (mean > 0)
            found = _log_ratio(
                kind, np.where(known, y, 0.0), np.where(known, x, np.nan), np.maximum(mean, 1e-9), share
            )
            ratios[item] = np.where(known, found, -1e9)
            if given is true:
                honest.append(ratios[item][known])
    values = np.isfinite(true.values[:, -YEAR:]).sum()
    fence = np.sort(np.concatenate(honest))[-int(ALARMS * values)]
    return [
        bool(
            ratios[fault.item][
                planted.units.index(fault.unit),
                planted.months.index(fault.period) - len(planted.months) + YEAR,
            ]
            > fence
        )
        for (fault, *_) in faults
    ]
