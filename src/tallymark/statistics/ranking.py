"""Ranks that admit noise: sets of ranks the data cannot tell apart, and expected ranks. Rank 1 = largest."""

from __future__ import annotations

from collections.abc import Callable
from math import isqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Counts = tuple[NDArray[np.int64], NDArray[np.int64]]

MOST_SIMULATED = 1_000
"""Above this many units the simulation gives way to `tukey`: a little wider, and no simulation is needed."""
DRAWS = (1_000, 10_000)
"""Fewest and most draws of a simulation; between them what keeps n² × draws at WORK."""
WORK = 400_000_000
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
    step by step; `single-step`: the same in one step, wider; `marginal`: each set for itself (stepdown);
    `tukey`: simultaneous by the studentised range (Tukey–Kramer), no simulation, memory in proportion to n.
    Above 1,000 units all of them are `tukey`, the widest. `seed` fixes the simulation.
    """
    if method not in METHODS:
        raise ValueError(f"method {method!r} is not known; use one of {', '.join(METHODS)}")
    if not 0 < level < 1:
        raise ValueError(f"level is a confidence level between 0 and 1 (0.95), not {level!r}")
    values, errors = np.broadcast_arrays(np.asarray(estimate, np.float64), np.asarray(se, np.float64))
    if values.ndim != 1:
        raise ValueError("estimates are one list of units")
    known = np.isfinite(values) & np.isfinite(errors) & (errors >= 0)
    values, errors, n = values[known], errors[known], int(known.sum())
    compare = METHODS["tukey" if n > MOST_SIMULATED else method]
    above, below = compare(values, errors, level, seed)
    low, high = np.full(known.shape, np.nan), np.full(known.shape, np.nan)
    low[known], high[known] = 1 + above, n - below
    return low, high


def expected_ranks(mean: ArrayLike, variance: ArrayLike) -> Floats:
    """Expected rank of each unit, its true value being normal with this (posterior) mean and variance.

    1 + Σ P(another is larger) = 1 + Σ Φ((m_k − m_j) ÷ √(v_j + v_k)); certain equals share (Laird and
    Louis 1989). NaN for, and without regard to, units whose mean or variance is missing.
    """
    means, variances = np.broadcast_arrays(np.asarray(mean, np.float64), np.asarray(variance, np.float64))
    known = np.isfinite(means) & np.isfinite(variances) & (variances >= 0)
    means, variances = means[known], variances[known]
    ranks = np.full(known.shape, np.nan)
    larger = np.empty(len(means))
    rows = max(1, CACHED // max(1, len(means)))
    for start in range(0, len(means), rows):
        own = slice(start, start + rows)
        larger[own] = special.ndtr(_z(means[own, None], variances[own, None], means, variances)).sum(axis=1)
    ranks[known] = larger + 0.5
    return ranks


def _z(own: Floats, own_variance: Floats, other: Floats, other_variance: Floats) -> Floats:
    """(other − own) ÷ √(sum of variances); ±∞ or 0 where both are certain."""
    difference, spread = other - own, np.sqrt(own_variance + other_variance)
    certain = np.where(difference == 0, 0.0, np.copysign(np.inf, difference))
    return np.divide(difference, spread, out=certain, where=spread > 0)


def _stepdown(values: Floats, errors: Floats, level: float, seed: int) -> Counts:
    return _all_pairs(values, errors, level, seed, steps=len(values) ** 2)


def _single_step(values: Floats, errors: Floats, level: float, seed: int) -> Counts:
    return _all_pairs(values, errors, level, seed, steps=1)


def _all_pairs(values: Floats, errors: Floats, level: float, seed: int, *, steps: int) -> Counts:
    """How many units are surely above and below each, all ordered pairs tested together.

    Each step takes the quantile of the largest simulated difference among the pairs still open; pairs
    beyond it are settled, and the next step looks at fewer pairs.
    """
    variance = errors**2
    distance = _z(values[None, :], variance[None, :], values[:, None], variance[:, None])  # row above column
    spread = np.sqrt(variance[:, None] + variance)
    weight = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)
    np.fill_diagonal(weight, 0.0)
    settled = np.isposinf(distance)
    draws = _draw(errors, seed)
    for _ in range(steps):
        critical = np.quantile(_largest_difference(draws, weight), level)
        fresh = (distance > critical) & ~settled
        if not fresh.any():
            break
        settled |= fresh
        weight[fresh] = 0.0
    return settled.sum(axis=0), settled.sum(axis=1)


def _largest_difference(draws: Floats, weight: Floats) -> Floats:
    """For each draw the largest weighted difference of an open pair (row − column)."""
    largest = np.zeros(len(draws))
    rows = max(1, CACHED // max(1, draws.shape[1]))
    open_rows = np.flatnonzero(weight.any(axis=1))
    for start in range(0, len(draws), rows):
        block = draws[start : start + rows]
        best = largest[start : start + rows]
        work = np.empty_like(block)
        for row in open_rows:
            np.subtract(block[:, row, None], block, out=work)
            np.multiply(work, weight[row], out=work)
            np.maximum(best, work.max(axis=1), out=best)
    return largest


def _marginal(values: Floats, errors: Floats, level: float, seed: int) -> Counts:
    """As `_all_pairs`, for one unit at a time: only its own differences have to hold together."""
    n, variance, draws = len(values), errors**2, _draw(errors, seed)
    above, below = np.zeros(n, np.int64), np.zeros(n, np.int64)
    for unit in range(n):
        spread = np.sqrt(variance[unit] + variance)
        inverse = np.divide(1.0, spread, out=np.zeros(n), where=spread > 0)
        inverse[unit] = 0.0
        distance = _z(values[unit], variance[unit], values, variance)
        simulated = (draws - draws[:, unit, None]) * inverse
        above[unit], below[unit] = _settle(distance, simulated, level)
    return above, below


def _settle(distance: Floats, simulated: Floats, level: float) -> tuple[int, int]:
    """How many distances are surely positive and negative, step by step; columns are the pairs."""
    up, down = np.isposinf(distance), np.isneginf(distance)
    while not (up.all() and down.all()):
        largest = np.maximum(
            simulated[:, ~up].max(axis=1, initial=0.0), -simulated[:, ~down].min(axis=1, initial=0.0)
        )
        critical = np.quantile(largest, level)
        more_up, more_down = (distance > critical) & ~up, (distance < -critical) & ~down
        if not (more_up.any() or more_down.any()):
            break
        up |= more_up
        down |= more_down
    return int(up.sum()), int(down.sum())


def _draw(errors: Floats, seed: int) -> Floats:
    """Simulated errors, draws × units, as many draws as the number of pairs leaves time for."""
    n = len(errors)
    draws = min(max(WORK // max(1, n * n), DRAWS[0]), DRAWS[1])
    noise: Floats = np.random.default_rng(seed).standard_normal((draws, n)) * errors
    return noise


def _tukey(values: Floats, errors: Floats, level: float, seed: int) -> Counts:
    """How many units differ from each by more than the Tukey–Kramer distance, without a table of pairs."""
    del seed  # nothing is simulated
    reach = _studentised_range(level, len(values)) / np.sqrt(2)
    above = _beyond(values, errors**2, reach)
    return above, _beyond(-values, errors**2, reach)


def _beyond(values: Floats, variance: Floats, reach: float) -> NDArray[np.int64]:
    """For each unit the number of others with (other − own) > reach × √(sum of variances).

    Units are cut into about √n classes of like variance, each sorted by value. In a class the count lies
    between what the class's largest and smallest variance give (binary search), and only the few others
    between the two are compared one by one.
    """
    n = len(values)
    found = np.zeros(n, np.int64)
    asking = np.argsort(values, kind="stable")  # sorted questions make the binary searches quick
    own, own_variance = values[asking], variance[asking]
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
        beyond = theirs[other] - own[who] > reach * np.sqrt(own_variance[who] + their_variance[other])
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
