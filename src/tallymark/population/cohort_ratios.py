"""Hamilton–Perry: a projection from two populations by age alone, where there are no rates."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tallymark.population.arrays import Floats, floats

FERTILE = (15, 45)


def hamilton_perry(
    before: ArrayLike,
    now: ArrayLike,
    steps: int,
    *,
    width: int = 5,
    limits: tuple[float, float] | None = None,
) -> Floats:
    """Populations (…, step + 1, sex, age) from `now` on, by cohort change ratios between two populations a step apart.

    before and now (…, sex, age) by groups of `width` years from 0, the last open, `width` years apart; sex 1 female.
    N(x + w) = N(x) × now(x + w) ÷ before(x); children = child-woman ratio of `now` × women aged 15–44, shared by sex
    as in `now` (Hamilton and Perry 1962; Smith, Tayman and Swanson 2013). limits: least and most that a ratio may be.
    A cohort with nobody before has no ratio: its group is NaN while anybody is in it, 0 else.
    """
    early, late = np.broadcast_arrays(floats(before), floats(now))
    if early.ndim < 2 or early.shape[-2] != 2:
        raise ValueError(
            f"populations need the axes (…, sex, age) with two sexes, and have shape {early.shape}"
        )
    first, beyond = (age // width for age in FERTILE)
    if early.shape[-1] <= beyond:
        raise ValueError(f"{early.shape[-1]} groups of {width} years do not reach past the childbearing ages")
    with np.errstate(divide="ignore", invalid="ignore"):
        change = late[..., 1:] / _below(early)
    change = np.where(np.isinf(change), np.nan, change)
    if limits is not None:
        change = np.clip(change, *limits)
    women = late[..., 1, first:beyond].sum(axis=-1)
    children = late[..., 0] / np.where(women > 0, women, np.nan)[..., None]
    found = [late.astype(np.float64)]
    for _ in range(steps):
        people = found[-1]
        after = np.empty_like(people)
        from_below = _below(people)
        after[..., 1:] = np.where(from_below == 0, 0.0, from_below * change)
        after[..., 0] = children * after[..., 1, first:beyond].sum(axis=-1)[..., None]
        found.append(after)
    return np.stack(found, axis=-3)


def _below(people: Floats) -> Floats:
    """Those who reach each group but the first in a step: the group below, into the open one the two oldest."""
    found = people[..., :-1].astype(np.float64)
    found[..., -1] += people[..., -1]
    return found
