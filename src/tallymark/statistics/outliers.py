"""Values that stand out from the others of their group; the last axis is the group, missing values (NaN) aside."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tallymark.statistics.arguments import floats

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
NORMAL_QUARTILE = 0.6745
"""As printed by Iglewicz and Hoaglin (1993); the quartile of the normal distribution is 0.67449."""
MAD_TO_SD, MEAN_DEVIATION_TO_SD = 1.4826022185056018, 1.2533141373155001
SMALL_GROUPS = np.array([np.nan, np.nan, 1.194, 1.488, 1.362, 1.217, 1.192, 1.139, 1.129, 1.101])
"""What makes the MAD of 2 to 9 normal values unbiased (near Croux and Rousseeuw 1992); above, n ÷ (n − 0.8)."""


class EsdSteps(NamedTuple):
    """Each step of a generalised ESD test: statistic and critical value (…, steps), and which value left (its place)."""

    statistic: Floats
    critical: Floats
    place: NDArray[np.int64]


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def modified_z(values: ArrayLike) -> Floats:
    """Modified z scores: 0.6745 × (value − median) ÷ MAD; above 3.5 in size is usually called an outlier.

    MAD: median of |value − median|. NaN for missing values, and for the whole group where MAD is 0 (more than
    half of the values equal) — there use `robust_z`. Shape: (…, n) → (…, n). Source: Iglewicz and Hoaglin 1993.
    Oracle: tests/oracle/test_outliers.py.
    """
    x = _finite(values)
    deviation = x - _median(x)
    mad = _median(np.abs(deviation))
    return np.asarray(
        NORMAL_QUARTILE * np.divide(deviation, mad, out=np.full(x.shape, np.nan), where=mad > 0)
    )


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def robust_z(values: ArrayLike, *, least: ArrayLike = 0.0) -> Floats:
    """Distance from the median in robust standard deviations, for few values and when more than half are equal.

    Scale: 1.4826 × MAD × a factor for small groups; where that is below `least` (the smallest spread believed in, for
    instance √median of a count, or the rounding unit), `least`; where it is still 0, 1.2533 × the mean
    absolute deviation; where all values are equal, every z is 0. NaN for missing values and groups under 3.
    Shape: (…, n) → (…, n); `least` broadcasts with (…, 1). Test: tests/unit/statistics/test_outliers.py; false alarms
    by size of group in docs/methods/data-quality.md. Source: Croux and Rousseeuw 1992; Iglewicz and Hoaglin 1993.
    """
    x = _finite(values)
    n = np.isfinite(x).sum(axis=-1, keepdims=True)
    deviation = x - _median(x)
    size = np.abs(deviation)
    factor = np.where(n < len(SMALL_GROUPS), SMALL_GROUPS[np.minimum(n, 9)], n / np.maximum(n - 0.8, 1.0))
    scale = np.maximum(MAD_TO_SD * _median(size) * factor, floats(least))
    mean = np.where(np.isfinite(size), size, 0.0).sum(axis=-1, keepdims=True) / np.maximum(n, 1)
    scale = np.where(scale > 0, scale, MEAN_DEVIATION_TO_SD * mean)
    z = np.divide(deviation, scale, out=np.where(np.isfinite(x), 0.0, np.nan), where=scale > 0)
    return np.where(n >= 3, z, np.nan)


def generalised_esd(values: ArrayLike, max_outliers: int, *, alpha: float = 0.05) -> Bools:
    """Which values are outliers, up to `max_outliers` of them, several masking each other included.

    The value farthest from the mean leaves, `max_outliers` times; the number of outliers is the last step at
    which R = |value − mean| ÷ sd exceeds λ = (n − i) t ÷ √((n − i − 1 + t²)(n − i + 1)), t the
    1 − α ÷ (2(n − i + 1)) quantile with n − i − 1 degrees of freedom. For roughly normal values, 25 or more.
    Shape: (…, n) → (…, n), False for missing values. Source: Rosner 1983, Technometrics 25; NIST handbook 1.3.5.17.3.
    Oracle: tests/oracle/test_outliers.py.
    """
    x = _finite(values)
    steps = esd_steps(x, max_outliers, alpha=alpha)
    beyond = steps.statistic > steps.critical
    number = (beyond * np.arange(1, beyond.shape[-1] + 1)).max(axis=-1, initial=0)
    out = np.zeros(x.shape, dtype=bool)
    for step in range(beyond.shape[-1]):
        place = steps.place[..., step, None]
        chosen = (number > step)[..., None] | np.take_along_axis(out, place, axis=-1)
        np.put_along_axis(out, place, chosen, axis=-1)
    return out


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def esd_steps(values: ArrayLike, max_outliers: int, *, alpha: float = 0.05) -> EsdSteps:
    """The steps of `generalised_esd`, for showing; NaN where fewer than three values are left or all are equal.

    Shape: (…, n) → (…, steps). Source: Rosner 1983. Oracle: tests/oracle/test_outliers.py.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha is an error rate between 0 and 1 (0.05), not {alpha!r}")
    x = _finite(values)
    steps = min(max(int(max_outliers), 0), x.shape[-1])
    statistic = np.full((*x.shape[:-1], steps), np.nan)
    critical, place = statistic.copy(), np.zeros(statistic.shape, np.int64)
    left = np.isfinite(x)
    safe = np.where(left, x, 0.0)
    for step in range(steps):
        n = left.sum(axis=-1)
        mean = np.where(left, safe, 0.0).sum(axis=-1) / np.maximum(n, 1)
        distance = np.where(left, np.abs(safe - mean[..., None]), -1.0)
        sd = np.sqrt((np.where(left, distance, 0.0) ** 2).sum(axis=-1) / np.maximum(n - 1, 1))
        farthest = distance.argmax(axis=-1)
        some = (n >= 3) & (sd > 0)
        ratio = np.take_along_axis(distance, farthest[..., None], axis=-1)[..., 0] / np.where(some, sd, 1.0)
        statistic[..., step] = np.where(some, ratio, np.nan)
        critical[..., step] = np.where(some, _rosner(np.where(some, n, 3), alpha), np.nan)
        place[..., step] = farthest
        np.put_along_axis(left, farthest[..., None], False, axis=-1)
    return EsdSteps(statistic, critical, place)


def _rosner(n: NDArray[np.int64], alpha: float) -> Floats:
    """Critical value when n values are left."""
    t = special.stdtrit(n - 2, 1 - alpha / (2 * n))
    limit: Floats = (n - 1) * t / np.sqrt((n - 2 + t**2) * n)
    return limit


def _finite(values: ArrayLike) -> Floats:
    x = floats(values)
    if x.ndim == 0:
        raise ValueError("values are a group (an array), not one number")
    return np.where(np.isfinite(x), x, np.nan)


def _median(x: Floats) -> Floats:
    """Median along the last axis, kept as an axis, missing values aside; NaN (and no warning) for an empty group."""
    ordered = np.sort(x, axis=-1)  # NaN last
    n = np.isfinite(x).sum(axis=-1, keepdims=True)
    if not x.shape[-1]:
        return np.full((*x.shape[:-1], 1), np.nan)
    low = np.take_along_axis(ordered, np.maximum(n - 1, 0) // 2, axis=-1)
    high = np.take_along_axis(ordered, np.minimum(n // 2, x.shape[-1] - 1), axis=-1)
    return np.where(n > 0, (low + np.where(n % 2 == 0, high, low)) / 2, np.nan)
