"""Ages gathered into groups, and figures brought to agree with totals of wider groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tallymark.population.arrays import Floats, floats, starts


def group_ages(
    values: ArrayLike, *, ages: ArrayLike | None = None, width: int = 5, open_age: float | None = None
) -> tuple[Floats, Floats]:
    """Sums by groups of `width` years, and their first ages; the last group is open.

    values (…, age); ages: first age of each, single years from 0 when left out. open_age: where the open group
    starts, the last age when left out. Groups that straddle the new limits cannot be cut: a ValueError says which.
    """
    given = floats(values)
    first = starts(ages, given.shape[-1])
    last = first[-1] if open_age is None else float(open_age)
    limits = np.unique(np.append(np.arange(first[0] - first[0] % width, last, width), last))
    limits[0] = first[0]
    missing = np.setdiff1d(limits, first)
    if missing.size:
        raise ValueError(f"no group starts at age {missing[0]:g}: the groups start at {first.tolist()}")
    return np.add.reduceat(given, np.searchsorted(first, limits), axis=-1), limits


def rescale_groups(
    values: ArrayLike, totals: ArrayLike, *, ages: ArrayLike | None = None, group_ages: ArrayLike
) -> Floats:
    """The values (…, age) scaled so that they add to `totals` (…, group) within each group.

    group_ages: first age of each group of totals. A group whose values add to 0 is NaN unless its total is 0.
    """
    given, whole = floats(values), floats(totals)
    first, heads = starts(ages, given.shape[-1]), starts(group_ages, whole.shape[-1])
    if not np.isin(heads, first).all() or heads[0] != first[0]:
        raise ValueError(
            f"groups that start at {heads.tolist()} do not fit ages that start at {first.tolist()}"
        )
    at = np.searchsorted(first, heads)
    sums = np.add.reduceat(given, at, axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where((sums == 0) & (whole == 0), 1.0, whole / sums)
    factor = np.where(np.isinf(factor), np.nan, factor)
    found: Floats = given * np.repeat(factor, np.diff(np.append(at, given.shape[-1])), axis=-1)
    return found


def fives(values: ArrayLike, ages: ArrayLike | None) -> tuple[Floats, Floats]:
    """Five-year groups, the last one open, of single years, of 0, 1, 5, 10 … or of five-year groups."""
    given = floats(values)
    first = starts(ages, given.shape[-1])
    if first[-1] % 5 or first[0] % 5:
        raise ValueError(
            f"five-year groups need a first and an open age that 5 divides, not {first[[0, -1]]}"
        )
    return group_ages(given, ages=first, width=5)
