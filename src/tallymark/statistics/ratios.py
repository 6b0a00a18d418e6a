"""Ratios of two counts and two rates, and the sex ratio."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from tallymark.statistics.arguments import Estimate, Floats, Interval, chosen, floats, triple
from tallymark.statistics.intervals import proportion_interval


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def sex_ratio(boys: ArrayLike, girls: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Boys per girl, lower and upper limit: Wilson's limits p of the share of boys, turned into p ÷ (1 − p).

    Without boys the lower limit is 0, without girls ratio and upper limit are infinite; NaN: nobody, a count missing
    or negative. Times 100 it is boys per 100 girls.
    """
    return count_ratio(boys, girls, level=level, method="wilson")


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def count_ratio(
    first: ArrayLike,
    second: ArrayLike,
    first_exposure: ArrayLike = 1.0,
    second_exposure: ArrayLike = 1.0,
    *,
    level: float = 0.95,
    method: str = "exact",
) -> Estimate:
    """Ratio of two independent counts (or of their rates, by exposure), lower and upper limit.

    Given both, the first is binomial of their sum, with odds ratio × exposures (Przyborowski and Wilenski 1940): limits
    p of that share become p ÷ (1 − p) × second exposure ÷ first. Methods: `exact` (Clopper–Pearson), `jeffreys`,
    `wilson`. A first count of 0 has lower limit 0, a second of 0 an infinite ratio and upper limit. NaN: both counts
    0, anything missing, negative, exposure not above 0.
    """
    limits = chosen(METHODS, method)
    x, y, a, b = np.broadcast_arrays(
        floats(first), floats(second), floats(first_exposure), floats(second_exposure)
    )
    defined = (x >= 0) & (y >= 0) & np.isfinite(x) & np.isfinite(y) & (x + y > 0)
    defined &= (a > 0) & (b > 0) & np.isfinite(a) & np.isfinite(b)
    x, y, a, b = (np.where(defined, each, 1.0) for each in (x, y, a, b))
    # Each limit from the side that does not cancel: p of the first, q of the second.
    low, high = limits(x, x + y, level)
    other_low, other_high = limits(y, x + y, level)
    per = b / a
    ratio = np.divide(x, y, out=np.full(x.shape, np.inf), where=y > 0)
    upper = np.divide(high, other_low, out=np.full(x.shape, np.inf), where=other_low > 0)
    return triple(defined, ratio * per, low / other_high * per, upper * per)


def _proportion(method: str) -> Callable[[Floats, Floats, float], Interval]:
    def limits(x: Floats, n: Floats, level: float) -> Interval:
        return proportion_interval(x, n, level=level, method=method)

    return limits


METHODS = {
    "exact": _proportion("clopper-pearson"),
    "jeffreys": _proportion("jeffreys"),
    "wilson": _proportion("wilson"),
}
