"""Rates of small areas, drawn towards those of the whole or of neighbours as far as chance can explain the difference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tallymark.population.arrays import Floats, floats
from tallymark.statistics import eb_poisson


class ShrunkRates(NamedTuple):
    """rates (area, age); ratio (area, band): the area's level over that of the whole, after shrinkage; and its
    variance.
    """

    rates: Floats
    ratio: Floats
    variance: Floats


def shrink_rates(
    events: ArrayLike,
    exposure: ArrayLike,
    *,
    parent: ArrayLike | None = None,
    neighbours: ArrayLike | None = None,
    bands: Sequence[int] = (0,),
) -> ShrunkRates:
    """Age-specific rates of areas: the pattern of the whole × the area's own level, shrunk by empirical Bayes.

    events and exposure (area, age). parent (age): the rates drawn to, those of all areas together when left out.
    Levels are observed ÷ expected events, in `bands` of ages (their first indexes): (0, 15, 60) lets young, middle and
    old differ. neighbours (area, area), true where two areas lie side by side: each is drawn to the level of itself
    and its neighbours together instead of the whole's (Marshall 1991). An area without events or people has the
    whole's level.
    """
    seen, people = np.broadcast_arrays(floats(events), floats(exposure))
    if seen.ndim != 2:
        raise ValueError(f"events need the axes (area, age), and their shape is {seen.shape}")
    total = people.sum(axis=0)
    pattern = (
        np.where(total > 0, seen.sum(axis=0) / np.where(total > 0, total, 1.0), 0.0)
        if parent is None
        else floats(parent)
    )
    heads = np.asarray(bands)
    expected = np.add.reduceat(pattern * people, heads, axis=1)
    observed = np.add.reduceat(seen, heads, axis=1)
    beside = None if neighbours is None else np.asarray(neighbours, dtype=bool)
    levels = [_level(observed[:, band], expected[:, band], beside) for band in range(len(heads))]
    ratio, variance = (np.stack(part, axis=1) for part in zip(*levels, strict=True))
    wide = np.diff(np.append(heads, seen.shape[1]))
    return ShrunkRates(pattern * np.repeat(ratio, wide, axis=1), ratio, variance)


def _level(observed: Floats, expected: Floats, neighbours: NDArray[np.bool_] | None) -> tuple[Floats, Floats]:
    usable = expected > 0
    shrunk, variance = np.ones(len(observed)), np.zeros(len(observed))
    if neighbours is None:
        shrunk[usable], variance[usable] = eb_poisson(observed[usable], expected[usable])
        return shrunk, variance
    if neighbours.shape != (len(observed), len(observed)):
        raise ValueError(f"neighbours of {len(observed)} areas are a square, not {neighbours.shape}")
    for area in np.flatnonzero(usable):
        around = usable & neighbours[area]
        around[area] = True
        near, spread = eb_poisson(observed[around], expected[around])
        at = int(np.flatnonzero(np.flatnonzero(around) == area)[0])
        shrunk[area], variance[area] = near[at], spread[at]
    return shrunk, variance
