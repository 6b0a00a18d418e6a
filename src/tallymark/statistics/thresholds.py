"""Too many just above a threshold and too few just below it: a jump in the density where honest figures run smoothly."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tallymark.statistics.poisson_fit import poisson_fit

Floats = NDArray[np.float64]
BINS, FEWEST, REACH = 6, 20, 2.0
"""Bins on each side, fewest figures inside them, and how far they reach: REACH × robust sd × n^(−1/5)."""


class Bunching(NamedTuple):
    """Density just above over just below (1 = smooth), the chance of so large a jump, figures in the window, and
    how many more than the smooth curve expects stand just above."""

    ratio: float
    p: float
    n: int
    excess: float


def bunching(values: ArrayLike, threshold: float, *, reach: float | None = None) -> Bunching:
    """Is there a jump upwards in the density of figures at the threshold (a target reached counts as above)?

    Figures are counted in 6 bins on each side, up to `reach` away; log-linear Poisson curve (level, slope) with and
    without a jump, p by the signed root of the likelihood ratio, one-sided. Honest heaping at round figures looks the
    same: compare with thresholds that nobody is paid for. NaN with fewer than 20 figures inside or an empty side.
    Source: McCrary 2008, Journal of Econometrics 142; Cattaneo, Jansson and Ma 2020 for the idea of a test at a cut.
    Test: tests/unit/statistics/test_bunching.py; false alarms: docs/methods/data-quality.md.
    """
    x = np.asarray(values, np.float64).ravel()
    return _jump(x[np.isfinite(x)] - threshold, reach)


def bunching_of_shares(
    successes: ArrayLike, trials: ArrayLike, threshold: float, *, reach: float | None = None, seed: int = 0
) -> Bunching:
    """The same for shares x of n, whose possible values are few: 3 of 4 is not "just above" a target of 70 %.

    Each unit's distance is x − ⌈threshold × n⌉, the successes it has beyond the fewest that pass, spread evenly over
    its whole step (by `seed`), in standard deviations √(n p(1 − p)). Pairs that make no share are left out.
    """
    x, n = np.broadcast_arrays(*(np.asarray(each, np.float64).ravel() for each in (successes, trials)))
    known = np.isfinite(x) & np.isfinite(n) & (n > 0) & (x >= 0) & (x <= n)
    x, n = x[known], n[known]
    needed = np.ceil(np.round(threshold * n, 9))
    spread = np.sqrt(n * max(threshold * (1 - threshold), 1e-12))
    step = np.random.default_rng(seed).random(len(x))
    return _jump((x - needed + step) / spread, reach)


def _jump(distance: Floats, reach: float | None) -> Bunching:
    """The test at 0."""
    nothing = Bunching(np.nan, np.nan, 0, np.nan)
    if len(distance) < FEWEST:
        return nothing
    quarter, three = np.quantile(distance, [0.25, 0.75])
    spread = (three - quarter) / 1.349 or float(distance.std())
    window = REACH * spread * len(distance) ** -0.2 if reach is None else reach
    if not window > 0:
        return nothing
    # A distance of −1e-17 is a threshold met, told in floating point.
    place = np.floor(np.round(distance / window * BINS, 9)).astype(np.int64)
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
    size = float(jumping.coefficients[2])
    root = np.sign(size) * np.sqrt(max(float(plain.deviance - jumping.deviance), 0.0))
    ratio = float(np.exp(np.clip(size, -50, 50)))
    first = counts[BINS] - jumping.fitted[BINS] / ratio
    return Bunching(ratio, float(special.ndtr(-root)), int(counts.sum()), float(first))
