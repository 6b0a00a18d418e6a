"""Who belongs to the top and the bottom: confidence sets, probabilities, and ranks after shrinkage."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tallymark.statistics.arguments import floats
from tallymark.statistics.ranking import expected_ranks, rank_sets
from tallymark.statistics.shrinkage import normal_normal

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

DRAWS = (2_000, 10_000)
WORK = 20_000_000
"""Fewest and most draws; between them what keeps units × draws at WORK."""
BLOCK = 2_000_000
"""Numbers drawn at a time."""


def ranks(values: ArrayLike, *, omega: float = 0.5, increasing: bool = False) -> Floats:
    """Rank of each value, 1 = largest (smallest when `increasing`); NaN is not ranked and does not count.

    1 + those beyond it + omega × the others equal to it: omega 0 gives equals the best rank (1, 1, 3), 1 the
    worst (2, 2, 3), ½ the mean (1.5, 1.5, 3). Source: csranks, `irank` (tests/oracle).
    """
    if not 0 <= omega <= 1:
        raise ValueError(f"omega is between 0 (equals get the best rank) and 1 (the worst), not {omega!r}")
    given = floats(values)
    found = np.full(given.shape, np.nan)
    known = ~np.isnan(given)
    signed = given[known] if increasing else -given[known]
    ordered = np.sort(signed)
    before, upto = (np.searchsorted(ordered, signed, side) for side in ("left", "right"))
    found[known] = 1 + before + omega * (upto - before - 1)
    return found


def top_group(
    estimate: ArrayLike,
    se: ArrayLike,
    *,
    k: int,
    level: float = 0.95,
    method: str = "stepdown",
    seed: int = 0,
) -> Bools:
    """Which units may be among the `k` with the largest true values (the "τ-best"; False for unknown ones).

    Units whose set of ranks begins at k or before. The true best k are all in it with probability `level` or
    more (Mogstad, Romano, Shaikh and Wilhelm 2024, section 3.4); a unit outside is certainly not among them.
    """
    low, _ = rank_sets(estimate, se, level=level, method=method, seed=seed)
    with np.errstate(invalid="ignore"):
        mask: Bools = low <= _size(k)
    return mask


def bottom_group(
    estimate: ArrayLike,
    se: ArrayLike,
    *,
    k: int,
    level: float = 0.95,
    method: str = "stepdown",
    seed: int = 0,
) -> Bools:
    """Which units may be among the `k` with the smallest true values (the "τ-worst"); as `top_group`."""
    _, high = rank_sets(estimate, se, level=level, method=method, seed=seed)
    with np.errstate(invalid="ignore"):
        mask: Bools = high > np.isfinite(high).sum() - _size(k)
    return mask


def group_probability(
    mean: ArrayLike, variance: ArrayLike, *, k: int, seed: int = 0, draws: int | None = None
) -> tuple[Floats, Floats]:
    """Probability that each unit's true value is among the `k` largest, and among the `k` smallest.

    True values are independent normal with this (posterior) mean and variance; `draws` worlds are simulated
    (10,000 when None, fewer above 2,000 units), so that a probability is exact to about 0.01
    (2 × √(p(1 − p) ÷ draws)). Equals for certain share a place.
    NaN for, and without regard to, units whose mean or variance is missing. Summed over units each is k (or
    the number of units). Source: Laird and Louis 1989; Lin, Louis, Paddock and Ridgeway 2006.
    """
    means, variances = np.broadcast_arrays(floats(mean), floats(variance))
    known = np.isfinite(means) & np.isfinite(variances) & (variances >= 0)
    top, bottom = np.full(known.shape, np.nan), np.full(known.shape, np.nan)
    n = int(known.sum())
    if not n:
        return top, bottom
    k = min(_size(k), n)
    centre, spread = means[known], np.sqrt(variances[known])
    draws = draws or min(max(WORK // n, DRAWS[0]), DRAWS[1])
    source, rows = np.random.default_rng(seed), max(1, BLOCK // n)
    best, worst = np.zeros(n), np.zeros(n)
    for start in range(0, draws, rows):
        truth = centre + spread * source.standard_normal((min(rows, draws - start), n))
        best += _among(truth, k)
        worst += _among(-truth, k)
    top[known], bottom[known] = best / draws, worst / draws
    return top, bottom


def posterior_ranks(estimate: ArrayLike, se: ArrayLike, *, method: str = "REML") -> Floats:
    """Expected rank of each unit (1 = largest) after shrinking noisy estimates towards their mean.

    `expected_ranks` of the posterior of `normal_normal` with the between-unit variance by `method`: a tiny
    unit with an extreme figure goes to the middle, not to the top or the bottom (Goldstein and Spiegelhalter
    1996).
    """
    shrunk, variance, _, _ = normal_normal(estimate, se, method=method)
    return expected_ranks(shrunk, variance)


def _among(truth: Floats, k: int) -> Floats:
    """In how many worlds each unit is among the k largest; those equal to the k-th share what is left."""
    bound = np.partition(truth, -k, axis=1)[:, -k, None]
    beyond, equal = truth > bound, truth == bound
    left = (k - beyond.sum(axis=1)) / equal.sum(axis=1)
    found: Floats = beyond.sum(axis=0) + (equal * left[:, None]).sum(axis=0)
    return found


def _size(k: int) -> int:
    if k < 1:
        raise ValueError(f"a group has at least one unit, not {k!r}")
    return int(k)
