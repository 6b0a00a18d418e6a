"""Lot quality assurance sampling: rules that tell good from bad lots by a small sample, with their exact errors.

A lot passes when at least `decision` of `n` in the sample are right. alpha is the chance that a lot at `upper` (good)
fails, beta the chance that a lot at `lower` (bad) passes. Undefined (NaN): sizes that are not whole and positive,
a sample larger than its lot, thresholds not with lower < upper and 0 ≤ upper ≤ 1. A lower one under 0 is taken as 0.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tallymark.statistics.arguments import floats

Floats = NDArray[np.float64]
Rule = tuple[Floats, Floats, Floats]
NOISE = 12
"""Decimals in which errors are compared: rules that differ by rounding alone are equal."""
MOST = 100_000_000
"""Decisions that are looked at together, at most."""
BLOCK = 64
"""Sample sizes that a search looks at together."""


class LqasPlan(NamedTuple):
    """The smallest sample that keeps both errors, with its decision and exact errors."""

    n: int
    decision: int
    alpha: float
    beta: float


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def lqas_rule(
    n: ArrayLike, upper: ArrayLike, lower: ArrayLike, *, population: ArrayLike | None = None
) -> Rule:
    """Decision, alpha and beta of the rule whose two errors together are smallest: pass when successes >= decision.

    Exact: binomial, or with `population` (the size of the lot) hypergeometric, a good lot having at least upper × N right
    (rounded up), a bad one at most lower × N (down). Of equal rules the smallest decision. Everything broadcasts.
    For n = 19 this gives the classic table of Valadez (1991). Source: Dodge and Romig 1929; Robertson and Valadez 2006.
    Oracle: tests/oracle/test_lqas.py. Shape: (…) each.
    """
    size, high, low, lot, defined = _given(n, upper, lower, population)
    d, alpha, beta = _every_decision(size, high, low, lot)
    both = np.where(d <= size[..., None], np.round(alpha + beta, NOISE), np.inf)
    best = both.argmin(axis=-1)[..., None]
    chosen = (d[best], np.take_along_axis(alpha, best, -1), np.take_along_axis(beta, best, -1))
    decision, at_upper, at_lower = (np.where(defined, part[..., 0], np.nan)[()] for part in chosen)
    return decision, at_upper, at_lower


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def lqas_errors(
    n: ArrayLike,
    decision: ArrayLike,
    upper: ArrayLike,
    lower: ArrayLike,
    *,
    population: ArrayLike | None = None,
) -> tuple[Floats, Floats]:
    """Exact alpha and beta of a rule somebody else chose. Arguments and limits as for `lqas_rule`.

    Shape: everything broadcasts. Source: as `lqas_rule`. Oracle: tests/oracle/test_lqas.py.
    """
    size, high, low, lot, defined = _given(n, upper, lower, population)
    needed = floats(decision)
    defined = defined & _whole(needed) & (needed >= 0)
    alpha, beta = _errors(size, np.where(defined, needed, 0.0), high, low, lot)
    return np.where(defined, alpha, np.nan)[()], np.where(defined, beta, np.nan)[()]


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def lqas_pass(
    n: ArrayLike, decision: ArrayLike, coverage: ArrayLike, *, population: ArrayLike | None = None
) -> Floats:
    """Chance that a lot with this coverage passes: the rule's operating characteristic.

    With `population`, of a lot in which coverage × N (to the nearest whole) are right. Shape: everything broadcasts.
    Source: Dodge and Romig 1929. Test: tests/unit/statistics/test_lqas.py (every sample of a small lot).
    """
    share = floats(coverage)
    known = (share >= 0) & (share <= 1)
    size, _, _, lot, defined = _given(n, np.ones(share.shape), 0.0, population)
    share, needed = np.where(known, share, 0.0), floats(decision)
    right = np.round(share * np.where(np.isfinite(lot), lot, 0.0))
    passing = _tails(np.where(_whole(needed), needed, 0.0), size, share, lot, right)[1]
    return np.where(defined & known & _whole(needed) & (needed >= 0), passing, np.nan)[()]


def lqas_plan(
    upper: float,
    lower: float,
    *,
    alpha: float = 0.10,
    beta: float = 0.10,
    population: int | None = None,
    most: int = 1000,
) -> LqasPlan | None:
    """The smallest sample, up to `most`, with a decision that keeps both errors at or under `alpha` and `beta`.

    Of the decisions that do, the one with the smallest sum of errors. None when no sample is large enough: the thresholds
    are too near each other, or the wrong way round. One plan at a time. Source: Valadez 1991. Test:
    tests/unit/statistics/test_lqas.py (no smaller one does).
    """
    top = most if population is None else min(most, population)
    for first in range(1, top + 1, BLOCK):
        n = np.arange(first, min(first + BLOCK, top + 1))
        size, high, low, lot, defined = _given(n, upper, lower, population)
        d, at_upper, at_lower = _every_decision(size, high, low, lot)
        fits = (at_upper <= alpha) & (at_lower <= beta) & (d <= size[:, None]) & defined[:, None]
        if fits.any():
            row = int(fits.any(axis=1).argmax())
            column = int(np.where(fits[row], at_upper[row] + at_lower[row], np.inf).argmin())
            errors = float(at_upper[row, column]), float(at_lower[row, column])
            return LqasPlan(int(n[row]), int(d[column]), *errors)
    return None


def cluster_lqas_rule(
    clusters: int, per_cluster: int, upper: float, lower: float, *, icc: float
) -> tuple[float, float, float]:
    """Decision, alpha and beta for a sample of `per_cluster` in each of `clusters` whose members resemble each other.

    Successes in a cluster are beta-binomial with intra-cluster correlation `icc`; their sum over clusters is exact (by
    convolution). A plain rule on such a sample promises smaller errors than it has. `icc` = 0 is `lqas_rule`.
    Source: Pezzoli et al. 2010; Hedt-Gauthier et al. 2013. Test: tests/unit/statistics/test_lqas.py. One plan at a
    time.
    """
    if not (0 <= lower < upper <= 1 and 0 <= icc < 1 and clusters >= 1 and per_cluster >= 1):
        return np.nan, np.nan, np.nan
    good, bad = (_clustered(clusters, per_cluster, coverage, icc) for coverage in (upper, lower))
    alpha, beta = np.cumsum(good)[:-1], np.cumsum(bad[::-1])[::-1][1:]  # decision 1 … n
    best = int(np.round(alpha + beta, NOISE).argmin())
    return float(best + 1), float(alpha[best]), float(beta[best])


def _clustered(clusters: int, size: int, coverage: float, icc: float) -> Floats:
    """Chances of 0 … clusters × size successes."""
    k = np.arange(size + 1)
    choose = special.gammaln(size + 1) - special.gammaln(k + 1) - special.gammaln(size - k + 1)
    if icc == 0 or coverage in (0.0, 1.0):
        one = np.exp(choose + special.xlogy(k, coverage) + special.xlogy(size - k, 1 - coverage))
    else:
        a, b = (share * (1 - icc) / icc for share in (coverage, 1 - coverage))
        one = np.exp(choose + special.betaln(k + a, size - k + b) - special.betaln(a, b))
    whole = np.ones(1)
    for _ in range(clusters):
        whole = np.convolve(whole, one)
    return whole


def _given(
    n: ArrayLike, upper: ArrayLike, lower: ArrayLike, population: ArrayLike | None
) -> tuple[Floats, Floats, Floats, Floats, NDArray[np.bool_]]:
    """Everything broadcast, harmless where not defined; an endless lot is infinite."""
    lot = np.inf if population is None else population
    size, high, low, whole = np.broadcast_arrays(*(floats(each) for each in (n, upper, lower, lot)))
    defined = _whole(size) & (size >= 1) & (_whole(whole) | (whole == np.inf)) & (whole >= size)
    defined &= np.isfinite(low) & (low < high) & (high >= 0) & (high <= 1)
    low = np.maximum(low, 0.0)
    return (
        np.where(defined, size, 1.0),
        np.where(defined, high, 1.0),
        np.where(defined, low, 0.0),
        np.where(defined, whole, np.inf),
        defined,
    )


def _whole(values: Floats) -> NDArray[np.bool_]:
    finite = np.isfinite(values)
    whole: NDArray[np.bool_] = finite & (np.where(finite, values, 0.5) % 1 == 0)
    return whole


def _bounds(upper: Floats, lower: Floats, lot: Floats) -> tuple[Floats, Floats]:
    """How many are right, at least in a good lot and at most in a bad one."""
    whole = np.where(np.isfinite(lot), lot, 1.0)
    return np.ceil(np.round(upper * whole, 9)), np.floor(np.round(lower * whole, 9))


def _every_decision(n: Floats, upper: Floats, lower: Floats, lot: Floats) -> tuple[Floats, Floats, Floats]:
    """Decisions 1 … largest n, and both errors of each (…, decisions)."""
    largest = n.max(initial=1.0)
    if largest * max(n.size, 1) > MOST:
        raise ValueError(
            f"every decision of a sample of {largest:,.0f} for {n.size:,} lots is more than can be looked at: rules of "
            "this kind are for small samples; of a large one use proportion_interval"
        )
    d = np.arange(1, int(largest) + 1).astype(np.float64)
    some = d <= n[..., None]
    rest = np.where(some, n[..., None] - d + 1, 1.0)
    alpha = np.where(some, special.betaincc(d, rest, upper[..., None]), 1.0)
    beta = np.where(some, special.betainc(d, rest, lower[..., None]), 0.0)
    finite = np.isfinite(lot)
    if finite.any():
        k, (fewest, most) = np.arange(len(d) + 1), _bounds(upper, lower, lot)
        size, whole = n[finite][:, None], lot[finite][:, None]
        alpha[finite] = np.cumsum(_hypergeometric(k, size, fewest[finite][:, None], whole), axis=1)[:, :-1]
        bad = _hypergeometric(k, size, most[finite][:, None], whole)
        beta[finite] = np.cumsum(bad[:, ::-1], axis=1)[:, ::-1][:, 1:]
    return d, alpha, beta


def _errors(n: Floats, d: ArrayLike, upper: Floats, lower: Floats, lot: Floats) -> tuple[Floats, Floats]:
    fewest, most = _bounds(upper, lower, lot)
    return _tails(d, n, upper, lot, fewest)[0], _tails(d, n, lower, lot, most)[1]


def _tails(d: ArrayLike, n: Floats, coverage: Floats, lot: Floats, right: Floats) -> tuple[Floats, Floats]:
    """Chances of fewer than d successes among n, and of d or more; of an endless lot, or one with `right` good ones."""
    needed, n, coverage, lot, right = np.broadcast_arrays(floats(d), n, coverage, lot, right)
    some = (needed > 0) & (needed <= n)
    a, b = np.where(some, needed, 1.0), np.where(some, n - needed + 1, 1.0)
    below = np.where(some, special.betaincc(a, b, coverage), np.where(needed <= 0, 0.0, 1.0))
    above = np.where(some, special.betainc(a, b, coverage), np.where(needed <= 0, 1.0, 0.0))
    finite = np.isfinite(lot)
    if finite.any():
        k = np.arange(int(n[finite].max()) + 1)
        chances = _hypergeometric(k, n[finite][:, None], right[finite][:, None], lot[finite][:, None])
        enough = k >= needed[finite][:, None]
        below[finite] = np.where(enough, 0.0, chances).sum(axis=-1)
        above[finite] = np.where(enough, chances, 0.0).sum(axis=-1)
    return below, above


def _hypergeometric(k: NDArray[np.int64], n: Floats, right: Floats, lot: Floats) -> Floats:
    """Chances of k right ones among n, by ratios of neighbours from the first possible k on; they add to 1."""
    wrong = lot - right
    possible = (k >= n - wrong) & (k <= np.minimum(n, right))
    above = possible[:, 1:] & possible[:, :-1]
    top = (right - k[:-1]) * (n - k[:-1])
    bottom = (k[:-1] + 1) * (wrong - n + k[:-1] + 1)
    ratio = np.divide(top, bottom, out=np.ones(top.shape), where=above)
    logs = np.concatenate([np.zeros((len(ratio), 1)), np.cumsum(np.log(ratio), axis=1)], axis=1)
    logs = np.where(possible, logs, -np.inf)
    raw = np.exp(logs - logs.max(axis=1, keepdims=True))
    chances: Floats = raw / raw.sum(axis=1, keepdims=True)
    return chances
