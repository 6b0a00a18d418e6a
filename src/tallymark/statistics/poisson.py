"""Exact limits of a Poisson mean, fast: each distinct count once, and a series where counts are large."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tallymark.statistics.arguments import Floats, Interval

REPEATED = 1_000
"""From this many counts on it pays to look for repeated ones."""
LARGE = 3_000.0
"""Counts from here on have a series (`_series`) that is exact to the last digits; below, SciPy inverts."""
SQRT2 = float(np.sqrt(2.0))
FARTHEST = 4.5
"""Normal quantile (tails of 3 in a million) beyond which counts have to be VERY_LARGE for the series."""
VERY_LARGE = 1e5


def exact_limits(x: Floats, beyond: float) -> Interval:
    """Garwood's limits of the mean, given counts ≥ 0: the gamma quantiles of x and of x + 1."""
    if x.size < REPEATED:
        return _limits(x, beyond)
    distinct, at = _distinct(x)
    low, high = _limits(distinct, beyond)
    return low[at].reshape(x.shape), high[at].reshape(x.shape)


def _distinct(x: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """The different counts and where each is; whole numbers not much above their number need no sorting."""
    flat = x.ravel()
    top = flat.max()
    whole = flat.astype(np.int64) if top < 4 * flat.size else None
    if whole is None or (whole != flat).any():
        found, at = np.unique(flat, return_inverse=True)
        return found, at
    there = np.zeros(int(top) + 1, dtype=np.bool_)
    there[whole] = True
    place: NDArray[np.intp] = np.cumsum(there) - 1
    return np.flatnonzero(there).astype(np.float64), place[whole]


def _limits(x: Floats, beyond: float) -> Interval:
    some = x > 0
    low = _gamma_quantile(np.where(some, x, 1.0), beyond, lower=True)
    return np.where(some, low, 0.0), _gamma_quantile(x + 1, beyond, lower=False)


def _gamma_quantile(shape: Floats, beyond: float, *, lower: bool) -> Floats:
    """Where a gamma variable of this shape and scale 1 has the probability `beyond` below (above) it."""
    z = float(special.ndtri(beyond)) * (1 if lower else -1)
    large = shape >= (LARGE if abs(z) < FARTHEST else VERY_LARGE)
    invert = special.gammaincinv if lower else special.gammainccinv
    if not large.any():
        return np.asarray(invert(shape, beyond))
    if large.all():
        return _series(shape, z)
    found = np.empty_like(shape)
    found[large], found[~large] = _series(shape[large], z), invert(shape[~large], beyond)
    return found


def _series(shape: Floats, z: float) -> Floats:
    """Cornish–Fisher expansion of half a χ² quantile with 2 × shape degrees of freedom (Fisher and Cornish 1960)."""
    root = SQRT2 * np.sqrt(shape)
    rest = -(3753 * z**7 + 4353 * z**5 - 289517 * z**3 - 289717 * z) / (9185400 * SQRT2) / root
    rest = rest + (12 * z**6 - 243 * z**4 - 923 * z**2 + 1472) / 25515
    rest = rest / root + (9 * z**5 + 256 * z**3 - 433 * z) / (4860 * SQRT2)
    rest = rest / root - (6 * z**4 + 14 * z**2 - 32) / 405
    rest = rest / root + (z**3 - 7 * z) / (9 * SQRT2)
    rest = rest / root + 2 / 3 * (z**2 - 1)
    return np.asarray(shape + (SQRT2 * z * root + rest) / 2)


def count_limits(mean: Floats, beyond: float) -> Interval:
    """Lower and upper count, any real number ≥ 0, whose exact upper (lower) limit is this mean.

    P(at most low) = beyond and P(at least high) = beyond, with the gamma function between whole numbers. The lower
    count is 0 where even no event is likely enough; both are 0 where the mean is.
    """
    some = mean > 0
    safe = np.where(some, mean, 1.0)
    z = -float(special.ndtri(beyond))
    large = safe >= (10 * LARGE if z < FARTHEST else VERY_LARGE)
    reach = np.where(large, False, special.gammaincc(1.0, safe) < beyond)
    low = np.asarray(special.pdtrik(beyond, np.where(reach, safe, 2 * LARGE)))
    high = np.asarray(special.chdtriv(beyond, 2 * np.where(large, 1.0, safe))) / 2
    low = np.where(large, _turned(safe, z, 1.0), np.where(reach, low, 0.0))
    high = np.where(large, _turned(safe, -z, 0.0), high)
    return np.where(some, low, 0.0), np.where(some, high, 0.0)


def _turned(mean: Floats, z: float, more: float) -> Floats:
    """x with _series(x + more, z) = mean, for large means; each step gains three digits or more."""
    x = np.fmax(mean, LARGE)
    for _ in range(7):
        x = x + (mean - _series(x + more, z))
        x = np.fmax(x, LARGE / 2)
    return x
