"""Confidence intervals for proportions, counts and means: arrays in, arrays out, NaN where not defined."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from tallymark.statistics.arguments import Floats, Interval, chosen, floats, pair, tail
from tallymark.statistics.poisson import exact_limits


def proportion_interval(
    x: ArrayLike, n: ArrayLike, *, level: float = 0.95, method: str = "wilson"
) -> Interval:
    """Lower and upper confidence limits of the proportion x ÷ n.

    `x` successes of `n`, broadcast together; fractions are allowed (weighted or estimated counts).
    Undefined (NaN): x or n missing or infinite, n ≤ 0, x < 0, x > n.

    Methods: `wilson` (Wilson 1927), `clopper-pearson` (Clopper and Pearson 1934, exact, by beta quantiles),
    `jeffreys` (Brown, Cai and DasGupta 2001: equal-tailed Beta(x + ½, n − x + ½), 0 at x = 0, 1 at x = n).
    """
    kernel = chosen(PROPORTION, method)
    successes, trials = np.broadcast_arrays(floats(x), floats(n))
    defined = (trials > 0) & np.isfinite(trials) & (successes >= 0) & (successes <= trials)
    successes, trials = np.where(defined, successes, 0.0), np.where(defined, trials, 1.0)
    return pair(defined, *kernel(successes, trials, tail(level)))


def poisson_interval(x: ArrayLike, *, level: float = 0.95, method: str = "exact") -> Interval:
    """Lower and upper confidence limits of the expected count, when `x` events were seen.

    Undefined (NaN): x missing, infinite or negative. Methods: `exact` (Garwood 1936, gamma quantiles);
    `byar` (Breslow and Day 1987), whose lower limit is not defined where the cubed term is negative
    (one event at 99.8 %) and is 0 when no event was seen.
    """
    kernel = chosen(POISSON, method)
    events = floats(x)
    defined = (events >= 0) & np.isfinite(events)
    with np.errstate(over="ignore"):  # limits of counts near the largest double are infinite
        return pair(defined, *kernel(np.where(defined, events, 0.0), tail(level)))


def mean_interval(mean: ArrayLike, sd: ArrayLike, n: ArrayLike, *, level: float = 0.95) -> Interval:
    """Lower and upper confidence limits of a mean of `n` values with sample standard deviation `sd`.

    mean ± t(n − 1) × sd ÷ √n (Student). Undefined (NaN): n ≤ 1, sd < 0, anything missing.
    """
    centre, spread, size = np.broadcast_arrays(floats(mean), floats(sd), floats(n))
    defined = (size > 1) & np.isfinite(size) & (spread >= 0) & np.isfinite(spread) & np.isfinite(centre)
    size, spread = np.where(defined, size, 2.0), np.where(defined, spread, 0.0)
    centre = np.where(defined, centre, 0.0)
    with np.errstate(over="ignore"):  # the limits of values near the largest double are infinite
        half = -special.stdtrit(size - 1, tail(level)) * (spread / np.sqrt(size))
        return pair(defined, centre - half, centre + half)


def _wilson(x: Floats, n: Floats, beyond: float) -> Interval:
    """The two roots of (n + z²)p² − (2x + z²)p + x²/n = 0, each as the quotient that does not cancel.

    The textbook form subtracts two nearly equal numbers near p = 0 and p = 1, which for large n leaves noise.
    """
    z = float(-special.ndtri(beyond))
    failures = n - x
    root = z * np.sqrt(x * (failures / n) + z * z / 4)
    toward_one, toward_zero = x + z * z / 2 + root, failures + z * z / 2 + root
    low = (x / n) * (x / toward_one)
    high = np.where(x > failures, 1 - (failures / n) * (failures / toward_zero), toward_one / (n + z * z))
    return low, high


def _clopper_pearson(x: Floats, n: Floats, beyond: float) -> Interval:
    some, short = x > 0, x < n
    low = special.betaincinv(np.where(some, x, 1.0), n - x + 1, beyond)
    high = special.betainccinv(x + 1, np.where(short, n - x, 1.0), beyond)
    return np.where(some, low, 0.0), np.where(short, high, 1.0)


def _jeffreys(x: Floats, n: Floats, beyond: float) -> Interval:
    low = special.betaincinv(x + 0.5, n - x + 0.5, beyond)
    high = special.betainccinv(x + 0.5, n - x + 0.5, beyond)
    return np.where(x > 0, low, 0.0), np.where(x < n, high, 1.0)


def _byar(x: Floats, beyond: float) -> Interval:
    z = float(-special.ndtri(beyond))
    some = x > 0
    seen = np.where(some, x, 1.0)
    base = 1 - 1 / (9 * seen) - z / (3 * np.sqrt(seen))
    low = np.where(base >= 0, seen * np.fmax(base, 0.0) ** 3, np.nan)
    above = x + 1
    return np.where(some, low, 0.0), above * (1 - 1 / (9 * above) + z / (3 * np.sqrt(above))) ** 3


PROPORTION: dict[str, Callable[[Floats, Floats, float], Interval]] = {
    "wilson": _wilson,
    "clopper-pearson": _clopper_pearson,
    "jeffreys": _jeffreys,
}
POISSON: dict[str, Callable[[Floats, float], Interval]] = {"exact": exact_limits, "byar": _byar}
