"""Grades with a bounded share of wrong orders: as many classes as the noise allows, no more."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tallymark.statistics.arguments import floats

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
STEPS = 16


def grades(mean: ArrayLike, variance: ArrayLike, *, wrong: float = 0.05) -> tuple[Floats, float]:
    """Grade of each unit (1 = best, as few as the data force), and the expected share of wrong orders among grades.

    True values are independent normal with this (posterior) mean and variance. Of two units in different grades
    the lower-graded is the larger one with probability Φ(−(m_i − m_j) ÷ √(v_i + v_j)); the mean of these over
    all pairs in different grades is at most `wrong`. Among the gradings that keep the bound those with a
    best trade-off of pairs told apart against wrong orders are looked at (grades are runs of units in the order
    of their means; each is the exact least of wrong orders + λ × pairs not told apart, by dynamic
    programming), and the one that tells most pairs apart is taken. Equal units share a grade.

    One grade for all (and 0) where nothing can be told apart. NaN for, and without regard to, units whose mean
    or variance is missing. Time grows with n² (7,000 units: seconds), memory with n. Source: Kline, Rose and
    Walters 2024, American Economic Review 114 (report cards); Gu and Koenker 2023.
    """
    if not 0 <= wrong < 0.5:
        raise ValueError(f"wrong is a share of pairs from 0 to below 0.5 (0.05), not {wrong!r}")
    means, variances = np.broadcast_arrays(floats(mean), floats(variance))
    known = np.isfinite(means) & np.isfinite(variances) & (variances >= 0)
    order = np.flatnonzero(known)[np.lexsort((variances[known], -means[known]))]
    found = np.full(known.shape, np.nan)
    if not len(order):
        return found, np.nan
    firsts, rate = _within_bound(means[order], variances[order], wrong)
    found[order] = np.searchsorted(firsts, np.arange(len(order)), "right")
    return found, rate


def _within_bound(mean: Floats, variance: Floats, wrong: float) -> tuple[Ints, float]:
    """First positions of the grades, and the share of wrong orders, for the largest λ that keeps the bound."""
    best, best_rate, most = np.zeros(1, np.int64), 0.0, 0
    low, high, at = 0.0, 0.5, 0.5
    for _ in range(STEPS):
        firsts = _best(mean, variance, at)
        apart, misordered = _told_apart(mean, variance, firsts)
        rate = misordered / apart if apart else 0.0
        if rate <= wrong:
            if apart > most:
                best, best_rate, most = firsts, rate, apart
            low = at
        else:
            high = at
        if low == high:
            break
        at = (low + high) / 2
    return best, best_rate


def _best(mean: Floats, variance: Floats, trade: float) -> Ints:
    """The runs with the least Σ (trade − chance of a wrong order) over pairs within a run, `trade` a pair not told apart.

    least[b] = min over a of least[a] + cost(a … b − 1); cost is updated from end to end in one pass.
    """
    n = len(mean)
    least, came = np.zeros(n + 1), np.zeros(n + 1, np.int64)
    cost = np.zeros(n)
    for end in range(n):
        pairs = trade - _chance(mean[:end], variance[:end], mean[end], variance[end])
        cost[:end] += np.cumsum(pairs[::-1])[::-1]
        options = least[: end + 1] + cost[: end + 1]
        if end + 1 < n and mean[end + 1] == mean[end]:
            least[end + 1] = np.inf  # no grade ends between equals
            continue
        came[end + 1] = int(np.argmin(options))
        least[end + 1] = options[came[end + 1]]
    firsts, at = [], n
    while at > 0:
        at = int(came[at])
        firsts.append(at)
    return np.array(firsts[::-1], np.int64)


def _told_apart(mean: Floats, variance: Floats, firsts: Ints) -> tuple[int, float]:
    """Pairs in different grades, and how many of them are expected to be in the wrong order."""
    pairs, misordered = 0, 0.0
    for first in firsts[1:]:
        last = np.searchsorted(firsts, first, "right")
        end = int(firsts[last]) if last < len(firsts) else len(mean)
        pairs += int(first) * (end - int(first))
        for at in range(int(first), end):
            misordered += float(_chance(mean[:first], variance[:first], mean[at], variance[at]).sum())
    return pairs, misordered


def _chance(above: Floats, above_variance: Floats, below: float, below_variance: float) -> Floats:
    """Probability that the one below is the larger; ½ for certain equals."""
    spread = np.sqrt(above_variance + below_variance)
    difference = below - above
    certain = np.where(difference == 0, 0.0, np.copysign(np.inf, difference))
    return np.asarray(special.ndtr(np.divide(difference, spread, out=certain, where=spread > 0)))
