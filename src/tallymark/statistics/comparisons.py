"""Comparisons: with a benchmark, of two groups or times, and of many at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from tallymark.statistics.arguments import (
    Bools,
    Estimate,
    Floats,
    chosen,
    floats,
    normal_quantile,
    triple,
)

Given = tuple[ArrayLike, ArrayLike, ArrayLike]
"""Value, lower and upper limit, as the kernels return them."""
DIRECTIONS = {"higher": 1.0, "lower": -1.0, "none": 1.0}


def against_benchmark(
    low: ArrayLike, high: ArrayLike, benchmark: ArrayLike, *, direction: str = "higher"
) -> Floats:
    """1 where the whole interval is on the better side of the benchmark, −1 on the worse, 0 similar, NaN unknown.

    `direction` says which side is better: `higher`, `lower`; with `none` 1 is above and −1 below. The level is that
    of the interval: 95 % for better or worse, 99.8 % for what is beyond doubt.
    """
    sign = chosen(DIRECTIONS, direction, what="direction")
    below, above, target = np.broadcast_arrays(floats(low), floats(high), floats(benchmark))
    unknown = np.isnan(below) | np.isnan(above) | np.isnan(target)
    side = np.where(below > target, 1.0, np.where(above < target, -1.0, 0.0))
    return np.asarray(np.where(unknown, np.nan, sign * side + 0.0))[()]


def difference_interval(first: Given, second: Given) -> Estimate:
    """first − second, of two independent groups or times, each given as (value, low, high); with its own limits.

    Method of variance estimates recovery (Zou and Donner 2008); from Wilson's limits of two proportions it is Newcombe's
    (1998) hybrid score interval, from exact limits of two rates it holds for small counts. The level is that of the
    limits given. NaN: anything missing, a limit on the wrong side of its value.
    """
    defined, (a, a_low, a_high, b, b_low, b_high) = _both(*first, *second)
    down, up = np.hypot(a - a_low, b_high - b), np.hypot(a_high - a, b - b_low)
    return triple(defined, a - b, a - b - down, a - b + up)


def difference_probability(
    difference: ArrayLike, low: ArrayLike, high: ArrayLike, *, level: float = 0.95
) -> Floats:
    """p of a difference at least this far from 0, were there none: the level at which its interval would just reach 0.

    2 Φ(−z |d| ÷ h), h the half of the interval on the side of 0: below 1 − level exactly where 0 is outside of the
    interval, so that figure, interval and test never disagree. NaN: anything missing. The test: tests/unit/statistics/
    test_comparisons.py.
    """
    apart, below, above = np.broadcast_arrays(floats(difference), floats(low), floats(high))
    half = np.where(apart >= 0, apart - below, above - apart)
    known = np.isfinite(apart) & np.isfinite(half) & (half >= 0)
    steps = np.divide(np.abs(apart), half, out=np.full(apart.shape, np.inf), where=half > 0)
    steps = np.where(apart == 0, 0.0, steps)
    return np.asarray(np.where(known, 2 * special.ndtr(-normal_quantile(level) * steps), np.nan))[()]


def ratio_interval(first: Given, second: Given) -> Estimate:
    """first ÷ second, of two independent groups or times, each given as (value, low, high); with its own limits.

    Method of variance estimates recovery for ratios (Donner and Zou 2012, equations 10 and 11), of quantities that cannot
    be negative. The level is that of the limits given. Where the second's lower limit is 0 the upper limit may be
    infinite; NaN: both values are 0, anything missing or negative, a limit on the wrong side of its value.
    """
    defined, (a, a_low, a_high, b, b_low, b_high) = _both(*first, *second)
    defined &= (a_low >= 0) & (b_low >= 0) & ((a > 0) | (b > 0))
    quotient = np.divide(a, b, out=np.full(a.shape, np.inf), where=b > 0)
    # The lower limit by the root's conjugate, which stays whole where second's upper limit is twice its value.
    inside = (a * b) ** 2 - a_low * b_high * (2 * a - a_low) * (2 * b - b_high)
    over = a * b + np.sqrt(np.fmax(inside, 0.0))
    lower = np.divide(a_low * (2 * a - a_low), over, out=np.zeros(a.shape), where=over > 0)
    inside = (a * b) ** 2 - a_high * b_low * (2 * a - a_high) * (2 * b - b_low)
    under = b_low * (2 * b - b_low)
    over = a * b + np.sqrt(np.fmax(inside, 0.0))
    upper = np.divide(over, under, out=np.full(a.shape, np.inf), where=under > 0)
    return triple(defined, quotient, lower, upper)


def _both(*given: ArrayLike) -> tuple[Bools, tuple[Floats, ...]]:
    a, a_low, a_high, b, b_low, b_high = np.broadcast_arrays(*(floats(each) for each in given))
    defined = np.isfinite(a) & np.isfinite(b) & (a_low <= a) & (a <= a_high) & (b_low <= b) & (b <= b_high)
    defined &= np.isfinite(a_low) & np.isfinite(a_high) & np.isfinite(b_low) & np.isfinite(b_high)
    return defined, tuple(np.where(defined, each, 1.0) for each in (a, a_low, a_high, b, b_low, b_high))


def false_discovery(p: ArrayLike, *, method: str = "benjamini-hochberg") -> Floats:
    """Adjusted p-values: calling all those at most q discoveries, a share of at most q of them is expected to be false.

    The last axis is the tests made at once; those missing do not count. Methods: `benjamini-hochberg` (1995;
    independent or positively dependent tests), `benjamini-yekutieli` (2001; any dependence), `storey` (2002;
    estimates how many are truly null, from the p-values above ½). NaN: p missing or outside 0 to 1.
    """
    factor = chosen(DISCOVERY, method)
    given = np.atleast_1d(floats(p))
    known = (given >= 0) & (given <= 1)
    number = known.sum(axis=-1, keepdims=True)
    filled = np.where(known, given, np.inf)
    order = np.argsort(filled, axis=-1, kind="stable")
    rank = np.arange(1, given.shape[-1] + 1)
    ordered = np.where(rank <= number, np.take_along_axis(filled, order, -1), 1.0)
    scaled = ordered * (factor(np.where(known, given, 0.0), number) / rank)
    least = np.minimum.accumulate(np.where(rank <= number, scaled, np.inf)[..., ::-1], axis=-1)[..., ::-1]
    adjusted = np.empty(given.shape)
    np.put_along_axis(adjusted, order, np.fmin(least, 1.0), -1)
    return np.asarray(np.where(known, adjusted, np.nan)).reshape(np.shape(p))[()]


def _hochberg(p: Floats, number: Floats) -> Floats:
    return number


def _yekutieli(p: Floats, number: Floats) -> Floats:
    most = int(number.max(initial=0))
    sums = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, most + 1))])
    return np.asarray(number * sums[number.astype(np.int64)])


def _storey(p: Floats, number: Floats) -> Floats:
    """At most all, at least one of them null: (1 + those above ½) ÷ ½."""
    return np.asarray(np.fmin((1 + (p > 0.5).sum(axis=-1, keepdims=True)) / 0.5, number))


DISCOVERY: dict[str, Callable[[Floats, Floats], Floats]] = {
    "benjamini-hochberg": _hochberg,
    "benjamini-yekutieli": _yekutieli,
    "storey": _storey,
}


def quantile_groups(values: ArrayLike, groups: int, *, first: str = "highest") -> Floats:
    """Number of the quantile group of each unit, 1 to `groups`: deciles, quintiles; NaN for a missing value.

    The last axis is units. Group 1 holds the `highest` values or the `lowest`; equal values share the group of their
    best rank r (Excel's RANK.EQ): groups + 1 − ⌈(n + 1 − r) ÷ (n ÷ groups)⌉, England's public-health rule. NaN for all:
    fewer units than groups.
    """
    chosen({"highest": None, "lowest": None}, first, what="first")
    if groups < 2:
        raise ValueError(f"groups is how many quantile groups to make, 2 or more, not {groups!r}")
    given = np.atleast_1d(floats(values))
    known = np.isfinite(given)
    sort = np.where(known, -given if first == "highest" else given, np.inf)
    order = np.argsort(sort, axis=-1, kind="stable")
    ordered = np.take_along_axis(sort, order, -1)
    fresh = np.ones(ordered.shape, dtype=np.bool_)
    fresh[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    ranks = np.maximum.accumulate(np.where(fresh, np.arange(1, given.shape[-1] + 1), 0), axis=-1)
    number = known.sum(axis=-1, keepdims=True)
    # In whole numbers: ⌈(n + 1 − r) × groups ÷ n⌉, which no rounding of n ÷ groups can move.
    parts = -(-((number + 1 - ranks) * groups) // np.fmax(number, 1))
    group = np.empty(given.shape)
    np.put_along_axis(group, order, np.fmax(groups + 1.0 - parts, 1.0), -1)
    return np.asarray(np.where(known & (number >= groups), group, np.nan)).reshape(np.shape(values))[()]
