"""Counts that stand out from their own series, by count models: short series, small counts; the last axis is time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tallymark.statistics.arguments import floats

Floats = NDArray[np.float64]
FEWEST = 4
"""A count is judged by at least so many others."""
AT_ONCE = 4_000_000
"""Pairs of a count and another of its series held in memory at a time."""


class Surprise(NamedTuple):
    """For each count what the others lead one to expect, and the chances of so few or fewer and so many or more."""

    expected: Floats
    p_low: Floats
    p_high: Floats


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def count_tails(
    count: ArrayLike, expected: ArrayLike, *, dispersion: ArrayLike = 0.0
) -> tuple[Floats, Floats]:
    """Chances of so few or fewer, and so many or more, of a Poisson or (dispersion > 0) negative binomial count.

    Variance = expected + dispersion × expected². Fractions of counts are rounded down for the one and up for the other.
    NaN: something missing or negative. Test: tests/unit/statistics/test_count_outliers.py (sums of probabilities).
    Shape: everything broadcasts. Source: Johnson, Kemp and Kotz 2005.
    """
    y, mean, extra = np.broadcast_arrays(*(floats(each) for each in (count, expected, dispersion)))
    defined = np.isfinite(y) & (y >= 0) & np.isfinite(mean) & (mean >= 0) & (extra >= 0)
    few, many = np.floor(np.where(defined, y, 0.0)), np.ceil(np.where(defined, y, 0.0))
    mean = np.where(defined, mean, 1.0)
    wide = defined & (extra > 0)
    some = np.maximum(many, 1.0)
    size = 1 / np.where(wide, extra, 1.0)
    low, above = np.empty(y.shape), np.empty(y.shape)
    chance = size / (size + mean), mean / (size + mean)
    special.betainc(size, few + 1, chance[0], out=low, where=wide)
    special.betainc(
        some, size, chance[1], out=above, where=wide
    )  # betaincc of SciPy 1.17 takes 12 times as long
    special.pdtr(few, mean, out=low, where=~wide)
    special.pdtrc(some - 1, mean, out=above, where=~wide)
    high = np.where(many <= 0, 1.0, above)
    return np.where(defined, low, np.nan)[()], np.where(defined, high, np.nan)[()]


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def count_surprises(
    counts: ArrayLike, *, exposure: ArrayLike = 1.0, dispersion: ArrayLike | None = None
) -> Surprise:
    """How surprising each count of a series is, given the others of the series.

    The others' rate per `exposure`, their extremes drawn in (so that two outliers don't hide each other); their
    dispersion, by moments or given, for instance pooled over like units (`pooled_dispersion`: much better for short
    series); and the uncertainty of both over n − 1 others: a negative binomial, with Student's tails where its spread
    is guessed from the series. Neither trend nor season is taken off: give their shape as `exposure` (last year's
    months, an STL curve). Missing counts are left out and get none; NaN under 4 others. Shape: (…, n) → (…, n).
    Test: tests/unit/statistics/test_count_outliers.py; false alarms: docs/methods/data-quality.md. Source: Farrington
    et al. 1996 for the idea.
    """
    y, size, known = _series(counts, exposure)
    extra = np.broadcast_to(np.asarray(np.nan if dispersion is None else dispersion, np.float64), y.shape)
    n = y.shape[-1]
    rows = [np.reshape(part, (-1, max(n, 1))) for part in (y, size, extra)]
    step = max(1, AT_ONCE // max(1, n * n))
    if not y.size:
        return Surprise(*(np.full(y.shape, np.nan) for _ in range(3)))
    parts = [_surprises(*(row[at : at + step] for row in rows)) for at in range(0, len(rows[0]), step)]
    expected, low, high = (np.concatenate(column).reshape(y.shape) for column in zip(*parts, strict=True))
    enough = known & (known.sum(axis=-1, keepdims=True) > FEWEST)
    return Surprise(*(np.where(enough, each, np.nan) for each in (expected, low, high)))


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def pooled_dispersion(counts: ArrayLike, *, exposure: ArrayLike = 1.0) -> float:
    """One dispersion for many series (…, n): the median of their own, of those with a mean of 1 or more; 0 without any.

    (variance − mean) ÷ mean² of each, its extremes drawn in. The median leaves series with outliers aside; it is put
    right for being lower than the mean in few values. Shape: (series, n) → one. Source: moments of the negative
    binomial. Test: tests/unit/statistics/test_count_outliers.py.
    """
    y, size, known = _series(counts, exposure)
    if not y.size:
        return 0.0
    rate = _drawn_in(np.where(known, y / size, np.nan), size)
    exposed, number = np.where(known.any(axis=-1), size.sum(axis=-1), 1.0), known.sum(axis=-1)
    mean = np.where(known, rate * size, 0.0).sum(axis=-1) / exposed
    each = _dispersion(np.where(known, rate, 0.0), size, mean, number)
    useful = (number > FEWEST) & (mean * exposed >= number)
    if not useful.any():
        return 0.0
    by_chance = number[useful] / (mean * exposed)[useful]  # 1 ÷ mean count
    below_mean = (1 - 2 / (9 * (number[useful] - 1))) ** 3  # of a χ², its median
    return max(float(np.median((each[useful] + by_chance) / below_mean - by_chance)), 0.0)


def _series(counts: ArrayLike, exposure: ArrayLike) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Counts and exposures (1 and 0 where missing), and which are known."""
    y, size = np.broadcast_arrays(np.atleast_1d(floats(counts)), floats(exposure))
    known = np.isfinite(y) & (y >= 0) & np.isfinite(size) & (size > 0)
    return np.where(known, y, np.nan), np.where(known, size, 0.0) + np.where(known, 0.0, 1e-300), known


def _surprises(y: Floats, size: Floats, dispersion: Floats) -> Surprise:
    """Of some series (series, n); a dispersion of NaN is guessed."""
    known = np.isfinite(y)
    others = ~np.eye(y.shape[1], dtype=bool) & known[:, None, :]  # (series, judged, other)
    number = others.sum(axis=-1)
    weight = np.where(others, size[:, None, :], 0.0)
    pulled = _drawn_in(np.where(others, (y / size)[:, None, :], np.nan), weight)
    exposed = np.where(number > 0, weight.sum(axis=-1), 1.0)
    rate = np.where(others, pulled * weight, 0.0).sum(axis=-1) / exposed
    # Before the first event a rate is not 0: half an event in the time of the others (Jeffreys).
    mean = np.where(known, np.maximum(rate, 0.5 / exposed) * size, 1.0)
    guessed = np.maximum(_dispersion(np.where(others, pulled, 0.0), weight, rate, number), 0.0)
    extra = np.where(np.isnan(dispersion), guessed, dispersion)
    unsure = (extra + 1 / mean) / np.maximum(number, 1)
    low, high = count_tails(y, mean, dispersion=extra + unsure)
    part = np.where(np.isnan(dispersion), extra * mean / (1 + extra * mean), 0.0)  # of the variance: guessed
    freedom = (number - 1) / np.maximum(part, 1e-3) ** 2
    return Surprise(mean, _student(low, freedom), _student(high, freedom))


def _student(p: Floats, freedom: Floats) -> Floats:
    """The chance of as many standard deviations when their size was estimated with so many degrees of freedom."""
    far = special.ndtri(np.clip(p, 1e-300, 1 - 1e-16))
    return np.where(freedom > 1e5, p, special.stdtr(np.maximum(freedom, 1.0), far))


def _drawn_in(rate: Floats, weight: Floats) -> Floats:
    """Values far outside the quartiles, set to the fence; missing ones stay missing.

    Fences lie 1.5 interquartile ranges out, and at least 3 standard deviations of a count: of many zeros the range is
    0.
    """
    ordered = np.sort(rate, axis=-1)
    n = np.isfinite(rate).sum(axis=-1, keepdims=True)
    low, high = (_at(ordered, q * np.maximum(n - 1, 0)) for q in (0.25, 0.75))
    exposure = np.where(n > 0, weight.sum(axis=-1, keepdims=True), 1.0) / np.maximum(n, 1)
    reach = np.maximum(1.5 * (high - low), 3 * np.sqrt(high * exposure + 1) / exposure)
    return np.clip(rate, low - reach, high + reach)


def _at(ordered: Floats, place: Floats) -> Floats:
    """The value at a fractional place of sorted values."""
    last = ordered.shape[-1] - 1
    left = np.minimum(np.floor(place).astype(np.int64), last)
    one, two = (np.take_along_axis(ordered, np.minimum(left + step, last), axis=-1) for step in (0, 1))
    fraction = place - left
    return np.where(fraction > 0, one + fraction * (two - one), one)


def _dispersion(rate: Floats, weight: Floats, mean: Floats, number: NDArray[np.int64]) -> Floats:
    """By moments: Σ w(r − m)² = (n − 1) m + φ m² Σ w(1 − w ÷ Σw); below 0 when values vary less than by chance."""
    total = weight.sum(axis=-1)
    safe = np.where(total > 0, total, 1.0)
    squares = (weight * (rate - mean[..., None]) ** 2).sum(axis=-1)
    spread = mean**2 * (total - (weight**2).sum(axis=-1) / safe)
    excess = squares - np.maximum(number - 1, 0) * mean
    return np.asarray(np.divide(excess, spread, out=np.zeros(np.shape(spread)), where=spread > 0))
