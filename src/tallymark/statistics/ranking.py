"""Ranks that admit noise: sets of ranks the data cannot tell apart, and expected ranks. Rank 1 = largest."""

from __future__ import annotations

from collections.abc import Callable
from math import isqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tallymark.statistics.arguments import floats, tail
from tallymark.statistics.rank_marginal import marginal_counts, marginal_reach
from tallymark.statistics.rank_pairs import critical_value

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Counts = tuple[NDArray[np.int64], NDArray[np.int64]]

MOST_STEPPED = 1_000
"""Above this many units `marginal` is done in one step: each unit's comparisons would need a table of pairs."""
CACHED = 32_768
"""Numbers worked on at a time: they stay in the processor's cache."""


def rank_sets(
    estimate: ArrayLike, se: ArrayLike, *, level: float = 0.95, method: str = "stepdown", seed: int = 0
) -> tuple[Floats, Floats]:
    """Best and worst rank each unit can have, given independent normal estimates with standard errors.

    A unit's best rank is 1 + the number of units that are above it beyond doubt, its worst is the number of
    units − those beyond doubt below it. A unit without estimate or standard error has no ranks (NaN) and does
    not count for the others. Standard error 0 is certainty; equal certain estimates are not told apart.

    Methods (Mogstad, Romano, Shaikh and Wilhelm 2024, Review of Economic Studies 91):
    `stepdown`: all sets hold the true ranks at once with probability `level`, by testing all differences
    step by step; `single-step`: the same in one step, wider; `marginal`: each set for itself, by quadrature
    (stepdown up to 1,000 units, in one step above); `tukey`: simultaneous by the studentised range
    (Tukey–Kramer), wider still, nothing simulated. All are for thousands of units; memory grows with n, not
    n² (see `rank_pairs`). `seed` fixes the simulation. Tests: csranks (oracle), slow twins, coverage.
    """
    if method not in METHODS:
        raise ValueError(f"method {method!r} is not known; use one of {', '.join(METHODS)}")
    tail(level)
    values, errors = np.broadcast_arrays(floats(estimate), floats(se))
    if values.ndim != 1:
        raise ValueError("estimates are one list of units")
    known = np.isfinite(values) & np.isfinite(errors) & (errors >= 0)
    values, errors = _scaled(values[known], errors[known])
    above, below = METHODS[method](values, errors, level, seed)
    low, high = np.full(known.shape, np.nan), np.full(known.shape, np.nan)
    low[known], high[known] = 1 + above, len(values) - below
    return low, high


def _scaled(values: Floats, errors: Floats) -> tuple[Floats, Floats]:
    """The same times a power of two that keeps differences and squares within what a double can hold."""
    largest = max(np.abs(values).max(initial=0.0), errors.max(initial=0.0))
    power = -np.frexp(largest)[1]
    return np.ldexp(values, power), np.ldexp(errors, power)


def expected_ranks(mean: ArrayLike, variance: ArrayLike) -> Floats:
    """Expected rank of each unit, its true value being normal with this (posterior) mean and variance.

    1 + Σ P(another is larger) = 1 + Σ Φ((m_k − m_j) ÷ √(v_j + v_k)); certain equals share (Laird and
    Louis 1989). NaN for, and without regard to, units whose mean or variance is missing.
    """
    means, variances = np.broadcast_arrays(floats(mean), floats(variance))
    known = np.isfinite(means) & np.isfinite(variances) & (variances >= 0)
    means, variances = means[known], variances[known]
    ranks = np.full(known.shape, np.nan)
    larger, n = np.ones(len(means)), len(means)
    rows = max(1, CACHED // max(1, n))
    for start in range(0, n, rows):
        own, end = slice(start, start + rows), min(start + rows, n)
        z = _z(means[own, None], variances[own, None], means[start:], variances[start:])
        beyond = special.ndtr(z)  # of the others from `start` on
        beyond[np.arange(end - start), np.arange(end - start)] = 0.0
        larger[own] += beyond.sum(axis=1)
        larger[end:] += (1 - beyond[:, end - start :]).sum(axis=0)
    ranks[known] = larger
    return ranks


def _z(own: Floats, own_variance: Floats, other: Floats, other_variance: Floats) -> Floats:
    """(other − own) ÷ √(sum of variances); ±∞ or 0 where both are certain."""
    difference, spread = other - own, np.sqrt(own_variance + other_variance)
    certain = np.where(difference == 0, 0.0, np.copysign(np.inf, difference))
    return np.divide(difference, spread, out=certain, where=spread > 0)


def _stepdown(values: Floats, errors: Floats, level: float, seed: int) -> Counts:
    critical = critical_value(values, errors, level, seed=seed, stepdown=True)
    return _apart(values, errors, critical)


def _single_step(values: Floats, errors: Floats, level: float, seed: int) -> Counts:
    return _apart(values, errors, critical_value(values, errors, level, seed=seed, stepdown=False))


def _marginal(values: Floats, errors: Floats, level: float, seed: int) -> Counts:
    del seed  # nothing is simulated
    if len(values) > MOST_STEPPED:
        return _apart(values, errors, marginal_reach(errors, level))
    return marginal_counts(values, errors, level)


def _tukey(values: Floats, errors: Floats, level: float, seed: int) -> Counts:
    del seed  # nothing is simulated
    return _apart(values, errors, _studentised_range(level, len(values)) / np.sqrt(2))


def _apart(values: Floats, errors: Floats, reach: float | Floats) -> Counts:
    """How many units are above and below each by more than `reach` standard errors of the difference."""
    return _beyond(values, errors**2, reach), _beyond(-values, errors**2, reach)


def _beyond(values: Floats, variance: Floats, reach: float | Floats) -> NDArray[np.int64]:
    """For each unit the number of others with (other − own) > reach × √(sum of variances).

    Units are cut into about √n classes of like variance, each sorted by value. In a class the count lies
    between what the class's largest and smallest variance give (binary search), and only the few others
    between the two are compared one by one.
    """
    n = len(values)
    found = np.zeros(n, np.int64)
    asking = np.argsort(values, kind="stable")  # sorted questions make the binary searches quick
    own, own_variance = values[asking], variance[asking]
    reach = np.broadcast_to(reach, n)[asking]
    for members in np.array_split(np.argsort(variance, kind="stable"), max(1, isqrt(n))):
        members = members[np.argsort(values[members], kind="stable")]
        theirs, their_variance = values[members], variance[members]
        if not len(theirs):
            continue
        near = np.searchsorted(theirs, own + reach * np.sqrt(own_variance + their_variance.min()), "right")
        far = np.searchsorted(theirs, own + reach * np.sqrt(own_variance + their_variance.max()), "right")
        found[asking] += len(theirs) - far
        doubtful = far - near
        who = np.repeat(np.arange(n), doubtful)
        other = np.arange(len(who)) - np.repeat(np.cumsum(doubtful) - doubtful, doubtful) + near[who]
        beyond = theirs[other] - own[who] > reach[who] * np.sqrt(own_variance[who] + their_variance[other])
        found[asking] += np.bincount(who[beyond], minlength=n)
    return found


def _studentised_range(level: float, n: int) -> float:
    """Quantile of the range of n standard normal values, by bisection of n∫φ(z)(Φ(z) − Φ(z − q))ⁿ⁻¹dz."""
    z = np.linspace(-9, 9, 2_001)
    density = n * np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * (z[1] - z[0])
    low, high = 0.0, 20.0
    while high - low > 1e-12:
        middle = (low + high) / 2
        inside = special.ndtr(z) - special.ndtr(z - middle)
        if float((density * inside ** (n - 1)).sum()) < level:
            low = middle
        else:
            high = middle
    return high


METHODS: dict[str, Callable[[Floats, Floats, float, int], Counts]] = {
    "stepdown": _stepdown,
    "single-step": _single_step,
    "marginal": _marginal,
    "tukey": _tukey,
}
