"""Too many just above a threshold and too few just below it: a jump in the density where honest figures run smoothly."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tallymark.statistics.arguments import floats
from tallymark.statistics.poisson_fit import poisson_fit

Floats = NDArray[np.float64]
BINS, FEWEST, REACH = 6, 20, 1.6
"""Bins on each side, fewest figures inside them, and how far they reach: REACH × robust sd × n^(−1/5)."""


class Bunching(NamedTuple):
    """Density just above over just below (1 = smooth), the chance of so large a jump, figures in the window, and
    how many more than the smooth curve expects stand just above."""

    ratio: float
    p: float
    n: int
    excess: float


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def bunching(values: ArrayLike, threshold: float, *, reach: float | None = None) -> Bunching:
    """Is there a jump upwards in the density of figures at the threshold (a target reached counts as above)?

    Figures are counted in 6 bins on each side, up to `reach` away; log-linear Poisson curve (level, slope) with and
    without a jump, p by the signed root of the likelihood ratio, one-sided. Honest heaping at round figures looks the
    same: compare with thresholds that nobody is paid for. NaN with fewer than 20 figures inside or an empty side.
    Source: McCrary 2008, Journal of Econometrics 142; Cattaneo, Jansson and Ma 2020 for the idea of a test at a cut.
    Test: tests/unit/statistics/test_bunching.py; false alarms: docs/methods/data-quality.md. Shape: figures,
    flattened.
    """
    x = floats(values).ravel()
    distance = x[np.isfinite(x)] - threshold
    return _jump(distance, _window(distance) if reach is None else reach)


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def bunching_of_shares(successes: ArrayLike, trials: ArrayLike, threshold: float) -> Bunching:
    """The same for shares x of n, whose possible values are few: 3 of 4 is not "just above" a target of 70 %.

    Each unit within half a standard deviation (at least one success) of the fewest successes that pass, ⌈threshold ×
    n⌉, has a chance to be above when shares are spread smoothly: from a beta-binomial with the mean and spread of all
    units. Compared are how many are above with the sum of those chances (normal, with half a unit given away). NaN
    with fewer than 20 such units. Where units form two camps the smooth curve is wrong: compare with thresholds that
    nobody is paid for. Shape: pairs, flattened. Source: own; the beta-binomial by moments of Kleinman 1973. Test:
    tests/unit/statistics/test_bunching.py.
    """
    x, n = _pair(successes, trials)
    if len(n) < FEWEST:
        return Bunching(np.nan, np.nan, 0, np.nan)
    shape = _beta(x, n)
    needed = np.ceil(np.round(threshold * n, 9))
    reach = np.maximum(1.0, np.round(0.5 * np.sqrt(n * max(threshold * (1 - threshold), 0.0))))
    near = (x >= needed - reach) & (x < needed + reach) & (needed >= reach) & (needed + reach - 1 <= n)
    x, n, needed, reach = (part[near] for part in (x, n, needed, reach))
    if len(x) < FEWEST:
        return Bunching(np.nan, np.nan, len(x), np.nan)
    chance = _chance_above(needed, reach, n, *shape)
    above, expected = float((x >= needed).sum()), float(chance.sum())
    spread = float(np.sqrt((chance * (1 - chance)).sum()))
    p = float(special.ndtr(-(above - expected - 0.5) / spread)) if spread > 0 else np.nan
    odds = (above + 0.5) / (len(x) - above + 0.5) / ((expected + 0.5) / (len(x) - expected + 0.5))
    return Bunching(odds, p, len(x), above - expected)


def _pair(successes: ArrayLike, trials: ArrayLike) -> tuple[Floats, Floats]:
    """Pairs that make a share."""
    x, n = np.broadcast_arrays(*(floats(each).ravel() for each in (successes, trials)))
    known = np.isfinite(x) & np.isfinite(n) & (n > 0) & (x >= 0) & (x <= n)
    return x[known], n[known]


def _beta(x: Floats, n: Floats) -> tuple[float, float]:
    """Parameters of the beta distribution of true shares, by moments (Kleinman 1973)."""
    mean = float(np.clip(x.sum() / n.sum(), 1e-6, 1 - 1e-6))
    squares = float((n * (x / n - mean) ** 2).sum())
    free = float(n.sum() - (n**2).sum() / n.sum())
    alike = (squares / (mean * (1 - mean)) - (len(n) - 1)) / max(free - (len(n) - 1), 1e-9)
    alike = float(np.clip(alike, 1e-6, 0.999))
    return mean * (1 - alike) / alike, (1 - mean) * (1 - alike) / alike


def _chance_above(needed: Floats, reach: Floats, n: Floats, a: float, b: float) -> Floats:
    """For each unit the chance of passing, given that it is within reach."""
    above, all_near = np.zeros(len(n)), np.zeros(len(n))
    for step in range(-int(reach.max()), int(reach.max())):
        k = needed + step
        inside = (step >= -reach) & (step < reach)
        k = np.where(inside, k, needed)
        logs = (
            special.betaln(k + a, n - k + b)
            - special.betaln(a, b)
            - special.betaln(k + 1, n - k + 1)
            - np.log(n + 1)
        )
        chance = np.where(inside, np.exp(logs), 0.0)
        all_near += chance
        above += chance if step >= 0 else 0.0
    return np.asarray(np.divide(above, all_near, out=np.full(len(n), 0.5), where=all_near > 0))


def _window(distance: Floats) -> float:
    """How far to look on each side."""
    if len(distance) < FEWEST:
        return 0.0
    quarter, three = np.quantile(distance, [0.25, 0.75])
    spread = (three - quarter) / 1.349 or float(distance.std())
    return float(REACH * spread * len(distance) ** -0.2)


def _jump(distance: Floats, window: float) -> Bunching:
    """The test at 0."""
    nothing = Bunching(np.nan, np.nan, 0, np.nan)
    if not window > 0:
        return nothing
    # A distance of −1e-17 is a threshold met, told in floating point.
    place = np.floor(np.round(np.clip(distance / window, -2, 2) * BINS, 9)).astype(np.int64)
    inside = place[(place >= -BINS) & (place < BINS)]
    counts = np.bincount(inside + BINS, minlength=2 * BINS).astype(np.float64)
    below, above = counts[:BINS].sum(), counts[BINS:].sum()
    if len(inside) < FEWEST or not below or not above:
        return nothing._replace(n=len(inside))
    return _judge(counts)


def _judge(counts: Floats) -> Bunching:
    at = (np.arange(len(counts)) - BINS + 0.5) / BINS
    smooth = np.column_stack([np.ones(len(at)), at])
    plain, jumping = poisson_fit(smooth, counts), poisson_fit(np.column_stack([smooth, at > 0]), counts)
    size = float(jumping.coefficients[-1])
    root = np.sign(size) * np.sqrt(max(float(plain.deviance - jumping.deviance), 0.0))
    ratio = float(np.exp(np.clip(size, -50, 50)))
    first = counts[BINS] - jumping.fitted[BINS] / ratio
    return Bunching(ratio, float(special.ndtr(-root)), int(counts.sum()), float(first))
