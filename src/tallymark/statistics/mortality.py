"""Life expectancy of small areas, with its variance."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tallymark.statistics.arguments import Bools, Estimate, Floats, floats, normal_quantile, triple

ENGLAND = (0, 1, *range(5, 91, 5))
"""Starts of age groups under 1, 1–4, 5–9 … 85–89, 90 and over."""


def life_expectancy(
    deaths: ArrayLike,
    population: ArrayLike,
    *,
    starts: ArrayLike = ENGLAND,
    level: float = 0.95,
    fraction_first: float = 0.1,
) -> Estimate:
    """Years a person at each start of an age group can expect to live at present death rates, with limits.

    The last axis is age: `deaths` and `population` (person-years) of groups that begin at `starts`, the last one
    open; result of the same shape. Abridged life table of Chiang (1984): q = n·m ÷ (1 + n·(1 − a)·m), a the part of
    the group's years lived by those who die in it: `fraction_first` in the first group, ½ in the others. Variance of
    Chiang, with that of the open group as Silcocks, Jenner and Reza (2001) have it; groups without deaths add none.
    Undefined (NaN) for the whole table: a group without people, more deaths than people, nobody dies in the open
    group, anything missing or negative.
    """
    begin = floats(starts)
    dead, people = np.broadcast_arrays(floats(deaths), floats(population))
    if dead.ndim == 0 or dead.shape[-1] != begin.size or begin.size < 2 or (np.diff(begin) <= 0).any():
        raise ValueError(f"the last axis is age, one for each of {begin.size} rising starts: {dead.shape}")
    right = _usable(dead, people)
    dead, people = np.where(right[..., None], dead, 1.0), np.where(right[..., None], people, 2.0)
    value, variance = _table(dead, dead / people, np.diff(begin), fraction_first)
    half = normal_quantile(level) * np.sqrt(variance)
    return triple(right[..., None], value, value - half, value + half)


def _usable(dead: Floats, people: Floats) -> Bools:
    known = np.isfinite(dead) & np.isfinite(people)
    right: Bools = (known & (dead >= 0) & (people > 0) & (dead <= people)).all(axis=-1) & (dead[..., -1] > 0)
    return right


def _table(dead: Floats, rate: Floats, width: Floats, fraction_first: float) -> tuple[Floats, Floats]:
    """Life expectancy at each start and its variance; sums run from the open group down."""
    lived = np.full(width.shape, 0.5)
    lived[0] = fraction_first
    closed = rate[..., :-1]
    dying = np.fmin(width * closed / (1 + width * (1 - lived) * closed), 1.0)
    alive = np.concatenate([np.ones((*rate.shape[:-1], 1)), np.cumprod(1 - dying, axis=-1)], axis=-1)
    years = width * (alive[..., 1:] + lived * (alive[..., :-1] - alive[..., 1:]))
    years = np.concatenate([years, alive[..., -1:] / rate[..., -1:]], axis=-1)
    ahead = _sum_from_end(years)
    left = np.divide(ahead, alive, out=np.zeros(alive.shape), where=alive > 0)
    some = dead[..., :-1] > 0
    chance = np.divide(dying**2 * (1 - dying), dead[..., :-1], out=np.zeros(dying.shape), where=some)
    part = chance * alive[..., :-1] ** 2 * ((1 - lived) * width + left[..., 1:]) ** 2
    last = alive[..., -1:] ** 2 / (dead[..., -1:] * rate[..., -1:] ** 2)
    spread = _sum_from_end(np.concatenate([part, last], axis=-1))
    return left, np.divide(spread, alive**2, out=np.zeros(alive.shape), where=alive > 0)


def _sum_from_end(values: Floats) -> Floats:
    return np.cumsum(values[..., ::-1], axis=-1)[..., ::-1]
