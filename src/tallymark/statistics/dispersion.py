"""Series that vary less than chance allows: figures made up, copied or smoothed; the last axis is the series."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tallymark.statistics.arguments import floats

Floats = NDArray[np.float64]
FEWEST = 4


class Dispersion(NamedTuple):
    """Variance over what chance alone gives (1 = chance, 0 = all as expected), the chance of so little or less, and of so
    much or more, and how many figures were looked at."""

    ratio: Floats
    p_low: Floats
    p_high: Floats
    n: NDArray[np.int64]


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def count_dispersion(counts: ArrayLike, *, exposure: ArrayLike = 1.0) -> Dispersion:
    """Do counts vary as counts of independent events must, at least? Real series vary more, hardly ever less.

    X² = Σ (y − E)² ÷ E with E in proportion to `exposure` (days, people), given the total; its distribution by a gamma
    with the exact mean and variance (Haldane 1937), so that small counts do no harm. Ratio = X² ÷ (n − 1). Missing
    counts are left out; NaN under 4 counts or none above 0. Shape: (…, n) → (…). Source: Fisher 1950, Biometrics 6.
    Test: tests/unit/statistics/test_dispersion.py; false alarms: docs/methods/data-quality.md.
    """
    y, size = np.broadcast_arrays(np.atleast_1d(floats(counts)), floats(exposure))
    known = np.isfinite(y) & (y >= 0) & np.isfinite(size) & (size > 0)
    y, size = np.where(known, y, 0.0), np.where(known, size, 0.0)
    n, total = known.sum(axis=-1), y.sum(axis=-1)
    enough = (n >= FEWEST) & (total > 0)
    share = size / np.where(enough, size.sum(axis=-1), 1.0)[..., None]
    events = np.where(enough, total, 1.0)
    expected = np.where(known & enough[..., None], share * events[..., None], 1.0)
    statistic = np.where(known, (y - expected) ** 2 / expected, 0.0).sum(axis=-1)
    inverse = np.where(known & enough[..., None], 1 / np.where(share > 0, share, 1.0), 0.0).sum(axis=-1)
    variance = 2 * (n - 1) + (inverse - n**2 - 2 * n + 2) / events
    return _judge(statistic, 2 * np.maximum(n, 1) / events, variance, n, enough)


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def share_dispersion(successes: ArrayLike, trials: ArrayLike) -> Dispersion:
    """Do shares (x of n) vary as shares of so many must, at least?

    X² = Σ (x − n p̂)² ÷ (n p̂(1 − p̂)), p̂ the pooled share; chance by a χ² (a gamma with its mean and variance).
    A pooled share of 0 or 1 is no variation at all, and NaN: perfect scores are for another test. Missing pairs
    are left out. Shape: (…, n) → (…). Source: Cochran 1954, Biometrics 10. Test:
    tests/unit/statistics/test_dispersion.py.
    """
    x, size = np.broadcast_arrays(*(np.atleast_1d(floats(each)) for each in (successes, trials)))
    known = np.isfinite(x) & np.isfinite(size) & (size > 0) & (x >= 0) & (x <= size)
    x, size = np.where(known, x, 0.0), np.where(known, size, 0.0)
    n, all_trials = known.sum(axis=-1), size.sum(axis=-1)
    pooled = x.sum(axis=-1) / np.maximum(all_trials, 1e-300)
    enough = (n >= FEWEST) & (pooled > 0) & (pooled < 1)
    p = np.where(enough, pooled, 0.5)[..., None]
    spread = np.where(known, size * p * (1 - p), 1.0)
    statistic = np.where(known, (x - size * p) ** 2 / spread, 0.0).sum(axis=-1)
    step = 2 / np.where(enough, np.where(known, spread, 0.0).sum(axis=-1) / np.maximum(n, 1), 1.0)
    return _judge(statistic, step, 2.0 * (n - 1), n, enough)


def _judge(
    statistic: Floats, step: Floats, variance: Floats, n: NDArray[np.int64], enough: NDArray[np.bool_]
) -> Dispersion:
    """Ratio and chances. X² of counts moves in steps: half a step is given to both sides, as for any count."""
    mean = np.where(enough, n - 1, 1.0)
    variance = np.where(enough & (variance > 0), variance, 2.0)
    shape, scale = mean**2 / variance, variance / mean
    low = special.gammainc(shape, (statistic + step / 2) / scale)
    high = special.gammaincc(shape, np.maximum(statistic - step / 2, 0.0) / scale)
    ratio, less, more = (np.where(enough, part, np.nan)[()] for part in (statistic / mean, low, high))
    return Dispersion(ratio, less, more, n[()])
