"""How many to ask, visit or test: sample sizes, rounded up to whole people.

Everything broadcasts. Undefined (NaN): proportions outside 0–1, precision or difference of 0, levels not inside (0, 1).
`population` is the number there are: a sample from few needs fewer. `design_effect` multiplies the variance of the plan.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tallymark.statistics.arguments import floats

Floats = NDArray[np.float64]
NOISE = 9
"""Decimals in which sizes are compared before rounding up: 96.00000000001 is 96."""


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def sample_size_proportion(
    proportion: ArrayLike,
    half_width: ArrayLike,
    *,
    level: float = 0.95,
    population: ArrayLike | None = None,
    design_effect: ArrayLike = 1.0,
    response: ArrayLike = 1.0,
) -> Floats:
    """People to approach so that a proportion is known to ± `half_width`.

    n₀ = deff × z² p(1 − p) ÷ d²; of a population N, n = n₀ ÷ (1 + (n₀ − 1) ÷ N), never more than N; ÷ `response`, the
    share expected to answer, at the end, because those who don't answer are still approached. A flat × 1.5 "to be
    safe" is no substitute: half too many for a simple sample, half too few for clusters with a design effect of 3.
    Source: Cochran 1977, §4.4; Kish 1965. Test: tests/unit/statistics/test_sample_size.py. Shape: everything
    broadcasts.
    """
    p, d, deff = (floats(each) for each in (proportion, half_width, design_effect))
    defined = (p >= 0) & (p <= 1) & (d > 0) & (deff > 0)
    safe = np.where(defined, d, 1.0)
    return _approach(deff * _z(level) ** 2 * p * (1 - p) / safe**2, defined, population, response)


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def sample_size_mean(
    sd: ArrayLike,
    half_width: ArrayLike,
    *,
    level: float = 0.95,
    population: ArrayLike | None = None,
    design_effect: ArrayLike = 1.0,
    response: ArrayLike = 1.0,
) -> Floats:
    """People to approach so that a mean with this standard deviation is known to ± `half_width`.

    As for proportions, with sd² instead of p(1 − p). Source: Cochran 1977, §4.6. Shape: everything broadcasts. Test:
    tests/unit/statistics/test_sample_size.py.
    """
    s, d, deff = (floats(each) for each in (sd, half_width, design_effect))
    defined = (s >= 0) & np.isfinite(s) & (d > 0) & (deff > 0)
    safe = np.where(defined, d, 1.0)
    return _approach(
        deff * (_z(level) * np.where(defined, s, 0.0) / safe) ** 2, defined, population, response
    )


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def sample_size_difference(
    one: ArrayLike,
    other: ArrayLike,
    *,
    alpha: float = 0.05,
    power: float = 0.80,
    design_effect: ArrayLike = 1.0,
    response: ArrayLike = 1.0,
) -> Floats:
    """People to approach in each of two groups (or years) to see that two proportions differ.

    (z_{1−α/2} √(2p̄(1 − p̄)) + z_power √(p₁(1 − p₁) + p₂(1 − p₂)))² ÷ (p₁ − p₂)², two-sided, equal groups.
    Source: Fleiss 1981, §3.2 (without continuity correction). Test: tests/unit/statistics/test_sample_size.py. Shape:
    everything broadcasts.
    """
    first, second, deff = (floats(each) for each in (one, other, design_effect))
    defined = (first >= 0) & (first <= 1) & (second >= 0) & (second <= 1) & (first != second) & (deff > 0)
    p, q = np.where(defined, first, 0.0), np.where(defined, second, 1.0)
    mean = (p + q) / 2
    apart = _z(1 - alpha) * np.sqrt(2 * mean * (1 - mean))
    apart = apart + _z(2 * power - 1) * np.sqrt(p * (1 - p) + q * (1 - q))
    return _approach(deff * (apart / (p - q)) ** 2, defined, None, response)


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def design_effect(icc: ArrayLike, per_cluster: ArrayLike, *, size_cv: ArrayLike = 0.0) -> Floats:
    """How much a cluster sample's variance exceeds a simple one's: 1 + ((1 + cv²) m − 1) × icc.

    `icc`: how alike members of a cluster are (0–1); `per_cluster`: mean number taken m; `size_cv`: its coefficient of
    variation. NaN for m < 1 or icc outside 0–1. Source: Kish 1965; Eldridge, Ashby and Kerry 2006 for unequal clusters.
    Shape: everything broadcasts. Test: tests/unit/statistics/test_sample_size.py.
    """
    rho, m, cv = (floats(each) for each in (icc, per_cluster, size_cv))
    defined = (rho >= 0) & (rho <= 1) & (m >= 1) & (cv >= 0)
    return np.where(defined, 1 + ((1 + cv**2) * m - 1) * rho, np.nan)[()]


def _approach(
    simple: Floats, defined: NDArray[np.bool_], population: ArrayLike | None, response: ArrayLike
) -> Floats:
    """Whole people, after the finite population and those who won't answer; at least 1."""
    needed = simple
    if population is not None:
        people = floats(population)
        defined = defined & (people >= 1)
        people = np.where(defined, people, 1.0)
        needed = np.minimum(simple / np.maximum(1 + (simple - 1) / people, 1e-300), people)
    answer = floats(response)
    defined = defined & (answer > 0) & (answer <= 1)
    whole = np.ceil(np.round(np.maximum(needed, 1.0) / np.where(defined, answer, 1.0), NOISE))
    return np.where(defined, whole, np.nan)[()]


def _z(level: float) -> float:
    """Two-sided normal quantile of a level."""
    if not 0 < level < 1:
        raise ValueError(f"a level, alpha or power lies between 0 and 1, not {level!r}")
    return float(-special.ndtri((1 - level) / 2))
