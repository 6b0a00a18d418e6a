"""Rates by single year of age out of rates of age groups, by who was in the groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tallymark.population.arrays import Floats, floats, spread, starts
from tallymark.population.graduating import graduate

Whole = NDArray[np.int64]
ROUNDS, CLOSE = 200, 1e-11


def graduate_rates(
    rates: ArrayLike, exposure: ArrayLike, *, ages: ArrayLike, total: ArrayLike | None = None
) -> Floats:
    """Rates by single year of age (…, age) that, weighted by `exposure`, are the rates of the groups (…, group).

    A group's rate is its events ÷ its person-years, so it leans to the ages where more people are: splitting it as if
    all its years held alike gives too few births where young women are many (0.2 % in Nigeria, 0.1 % in China, by the
    United Nations' own figures). exposure (…, age): people, or women, by single year from the first group's start to
    the last one's end; only its shape within a group matters. ages: first age of each group; the last is as wide as
    the one before. total: what the single rates shall add to, such as total fertility; `rates` then give the shape
    alone. The single years follow a spline of the cumulated rates kept from falling (`monotone`), so none is negative.

    A group where nobody was is shared out evenly weighted. Missing values make the whole row NaN. A ValueError for
    negative rates and shapes that do not fit. Test: real/test_world_prospects.py.
    """
    given = floats(rates)
    if given.ndim == 0 or given.shape[-1] < 2:
        raise ValueError("rates need an axis of at least two age groups")
    if (given < 0).any():
        raise ValueError(f"a rate cannot be negative ({np.nanmin(given):g})")
    first = starts(ages, given.shape[-1])
    width = np.append(np.diff(first), first[-1] - first[-2]).astype(np.int64)
    people = floats(exposure)
    lead = np.broadcast_shapes(given.shape[:-1], people.shape[:-1])
    people = spread(people, (*lead, int(width.sum())), "exposure")
    given = np.broadcast_to(given, (*lead, given.shape[-1]))
    heads = np.cumsum(width) - width
    if (people < 0).any():
        raise ValueError(f"there cannot be fewer people than none ({np.nanmin(people):g})")
    weight = _within(people, heads, width)
    level = None if total is None else np.broadcast_to(floats(total), lead)[..., None]
    return _fitted(given, weight, first, width, heads, level)


def _within(people: Floats, heads: Whole, width: Whole) -> Floats:
    """Each year's part of its group's people; alike where nobody is."""
    whole = np.repeat(np.add.reduceat(people, heads, axis=-1), width, axis=-1)
    return np.where(whole > 0, people / np.where(whole > 0, whole, 1.0), 1 / np.repeat(width, width))


def _fitted(
    given: Floats, weight: Floats, first: Floats, width: Whole, heads: Whole, level: Floats | None
) -> Floats:
    """Sums of groups turned until their weighted means are those given."""
    wanted, sums = given, given * width
    if level is not None:
        wanted = given / given.sum(axis=-1, keepdims=True)
    found = np.zeros(weight.shape)
    for _ in range(ROUNDS):
        if level is not None:
            sums = sums * (level / sums.sum(axis=-1, keepdims=True))
        found = graduate(sums, ages=first, method="monotone", open_group=False)
        mean = np.add.reduceat(found * weight, heads, axis=-1)
        if level is not None:
            mean = mean / mean.sum(axis=-1, keepdims=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            turn = np.where((wanted == 0) & (mean == 0), 1.0, wanted / mean)
        if not (np.abs(turn - 1) > CLOSE).any():
            break
        sums = sums * np.clip(turn, 0.2, 5.0)
    return np.where(np.isnan(given).any(axis=-1, keepdims=True), np.nan, found)
