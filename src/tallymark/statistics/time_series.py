"""Outliers of time series with trend and season, and what the values might have been."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tallymark.statistics.arguments import floats
from tallymark.statistics.seasonal import Decomposition, stl
from tallymark.statistics.supersmoother import supersmooth

Floats = NDArray[np.float64]
STRONG_SEASON, FENCE, SEASON_WINDOW = 0.6, 3.0, 11
NO_SPREAD = 1e-14
FEWEST = 5
"""A shorter series has too little of itself to say what is odd."""


class SeriesOutliers(NamedTuple):
    """Which values are outliers, and the series with them and the missing filled in; (n,) each."""

    outlier: NDArray[np.bool_]
    filled: Floats


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def series_outliers(
    values: ArrayLike, *, period: int = 1, passes: int = 2, fence: float = FENCE
) -> SeriesOutliers:
    """Outliers of one series by what is left of it after season and a smooth curve; with replacements.

    Missing values are filled (`fill_series`). With more than two cycles of `period` values, the seasonal part of a
    robust STL is taken off when it is strong: 1 − var(remainder) ÷ var(values − trend) ≥ 0.6. A super smoother follows
    the rest; values more than `fence` interquartile ranges outside the quartiles of the residuals are outliers (5:
    few false alarms). A second pass looks at the series with these replaced, for those they masked. A series under 5
    values, or a constant one, has none. Source: R's forecast::tsoutliers (Hyndman and Khandakar). Oracle:
    tests/oracle/test_series_outliers.py. Shape: (n,).
    """
    y = floats(values)
    if y.ndim != 1:
        raise ValueError(f"values are one series, not an array of shape {y.shape}")
    y = np.where(np.isfinite(y), y, np.nan)
    outlier, current = np.zeros(len(y), dtype=bool), y
    for _ in range(min(passes, 2)):
        fresh = _beyond_fences(current, period, fence)
        outlier |= fresh
        current = fill_series(np.where(outlier, np.nan, y), period=period)
        if not fresh.any():
            break
    return SeriesOutliers(outlier, current)


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def fill_series(values: ArrayLike, *, period: int = 1) -> Floats:
    """The series with missing values filled: straight lines between neighbours, plus the season where there is one.

    With more than two cycles of `period` values known: a first guess by Fourier terms and a cubic or higher polynomial,
    then straight lines through what a robust STL leaves without its seasonal part, and that part put back. When that
    runs out of the range of the known values by more than half of it, plain straight lines. The ends repeat the nearest
    value. Nothing known: all missing. Source: R's forecast::na.interp. Oracle: tests/oracle/test_series_outliers.py.
    Shape: (n,) → (n,).
    """
    y = floats(values)
    known = np.isfinite(y)
    if known.all() or not known.any():
        return np.where(known, y, np.nan)
    if period <= 1 or known.sum() <= 2 * period:
        return _lines(y, known)
    guess = np.where(known, y, _fourier(y, known, period))
    seasonal = _decompose(guess, period).seasonal
    filled = np.where(known, y, _lines(guess - seasonal, known) + seasonal)
    low, high = y[known].min(), y[known].max()
    reach = 0.5 * (high - low)
    if filled.min() < low - reach or filled.max() > high + reach:
        return _lines(y, known)
    return filled


def _beyond_fences(y: Floats, period: int, fence: float) -> NDArray[np.bool_]:
    known = np.isfinite(y)
    nothing = np.zeros(len(y), dtype=bool)
    if known.sum() < FEWEST:
        return nothing
    series = fill_series(y, period=period)
    if np.ptp(series) == 0:
        return nothing
    if period > 1 and len(y) > 2 * period:
        series = _without_season(series, period)
    residual = series - supersmooth(series)
    low, high = np.quantile(residual[known], [0.25, 0.75])
    reach = fence * (high - low)
    if (high + reach) - (low - reach) <= NO_SPREAD:
        return nothing
    return np.asarray(known & ((residual < low - reach) | (residual > high + reach)))


def _without_season(series: Floats, period: int) -> Floats:
    parts = _decompose(series, period)
    moving = np.var(series - parts.trend, ddof=1)
    strength = 1 - np.var(parts.remainder, ddof=1) / moving if moving > 0 else 0.0
    return series - parts.seasonal if strength >= STRONG_SEASON else series


def _decompose(series: Floats, period: int) -> Decomposition:
    return stl(series, period, seasonal=SEASON_WINDOW, robust=True)


def _lines(y: Floats, known: NDArray[np.bool_]) -> Floats:
    at = np.arange(len(y))
    return np.asarray(np.interp(at, at[known], y[known]))


def _fourier(y: Floats, known: NDArray[np.bool_], period: int) -> Floats:
    """Least-squares fit of up to five harmonics and a polynomial of up to degree 6."""
    n = len(y)
    time = np.arange(1, n + 1)
    angle = 2 * np.pi * np.outer(time, np.arange(1, min(period // 2, 5) + 1)) / period
    trend = np.polynomial.legendre.legvander(np.linspace(-1, 1, n), min(max(n // 10, 1), 6))
    design = np.column_stack([np.sin(angle), np.cos(angle), trend])
    found: Floats = design @ np.linalg.lstsq(design[known], y[known], rcond=None)[0]
    return found
