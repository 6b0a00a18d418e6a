"""Seasonal-trend decomposition by loess (STL), many series at once."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tallymark.statistics.arguments import floats
from tallymark.statistics.loess import Loess, Smoother, loess, smoother

Floats = NDArray[np.float64]


class Decomposition(NamedTuple):
    """values = seasonal + trend + remainder, and the weight each value had in a robust fit (1 in others); (…, n) each."""

    seasonal: Floats
    trend: Floats
    remainder: Floats
    weights: Floats


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def stl(
    values: ArrayLike,
    period: int,
    *,
    seasonal: int | None = None,
    trend: int | None = None,
    robust: bool = False,
) -> Decomposition:
    """Seasonal, trend and remainder of series with `period` values a cycle (12 for months); the last axis is time.

    `seasonal`: loess window over the same month of successive years (odd, 7 or more: larger = steadier); None = the same
    every cycle. `trend`: window of the trend, else the smallest odd number ≥ 1.5 period ÷ (1 − 1.5 ÷ seasonal).
    `robust`: 15 rounds of weighing down what fits badly, so that outliers leave the curves alone; else 2 inner rounds.
    Windows, degrees (seasonal 0, others 1) and jumps (a tenth of the window) are those of R's stl. A series with a
    missing value, or shorter than two cycles, is all NaN. Shape: (…, n) → (…, n). Source: Cleveland, Cleveland, McRae and
    Terpenning 1990, Journal of Official Statistics 6. Oracle: tests/oracle/test_seasonal.py.
    """
    if period < 2:
        raise ValueError(f"period is 2 or more values a cycle, not {period!r}")
    y = floats(values)
    n = y.shape[-1]
    defined = np.isfinite(y).all(axis=-1, keepdims=True)
    if n < 2 * period or not defined.any():
        nothing = np.full(y.shape, np.nan)
        return Decomposition(nothing, nothing, nothing, nothing)
    steps = _plan(n, period, seasonal, trend)
    safe = np.where(defined, y, 0.0)
    flat = safe.reshape(-1, n)
    cycle, level, weights = steps.fit(flat, robust=robust)
    if seasonal is None:
        phase = np.arange(n) % period
        means = np.stack([cycle[:, phase == one].mean(axis=1) for one in range(period)], axis=1)
        cycle = means[:, phase]
    parts = (cycle, level, flat - cycle - level, weights)
    return Decomposition(*(np.where(defined, part.reshape(y.shape), np.nan) for part in parts))


@dataclass(frozen=True)
class _Steps:
    """What STL smooths with, for series of one length."""

    period: int
    phases: tuple[
        tuple[NDArray[np.int64], Smoother, Loess], ...
    ]  # phases of equal length: which, inside, both ends
    low_pass: Smoother
    trend: Smoother

    def fit(self, y: Floats, *, robust: bool) -> tuple[Floats, Floats, Floats]:
        """Seasonal, trend and weights of (series, n)."""
        season, trend = np.zeros(y.shape), np.zeros(y.shape)
        weights: Floats | None = None
        outer, inner = (15, 1) if robust else (0, 2)
        for turn in range(outer + 1):
            for _ in range(inner):
                season = self._season(y - trend, weights)
                trend = self.trend(y - season, weights)
            if turn < outer:
                weights = _bisquare(np.abs(y - season - trend))
        return season, trend, np.ones(y.shape) if weights is None else weights

    def _season(self, y: Floats, weights: Floats | None) -> Floats:
        """Smoothed month by month, a cycle beyond each end, then freed of what is left of the trend."""
        n, period = y.shape[-1], self.period
        wide = np.zeros((len(y), n + 2 * period))
        for phases, inside, ends in self.phases:
            at = phases[:, None] + period * np.arange(inside.knots.n)  # (phases, cycles)
            own = None if weights is None else weights[:, at]
            smooth, outside = inside(y[:, at], own), ends(y[:, at], own)
            wide[:, phases[:, None] + period * np.arange(at.shape[1] + 2)] = np.concatenate(
                [outside[..., :1], smooth, outside[..., 1:]], axis=-1
            )
        low = wide
        for length in (period, period, 3):
            low = _moving_average(low, length)
        return wide[:, period : period + n] - self.low_pass(low)


def _plan(n: int, period: int, seasonal: int | None, trend: int | None) -> _Steps:
    window = 10 * n + 1 if seasonal is None else _odd(max(3, seasonal))
    for_trend = ceil(1.5 * period / (1 - 1.5 / window)) if trend is None else max(3, trend)
    around, low = _odd(for_trend), _odd(max(3, period))
    lengths = (n - np.arange(period) - 1) // period + 1
    groups = [np.flatnonzero(lengths == length) for length in np.unique(lengths)]
    return _Steps(
        period,
        tuple((phases, *_by_phase(int(lengths[phases[0]]), window)) for phases in groups),
        smoother(n, window=low, degree=1, jump=ceil(low / 10)),
        smoother(n, window=around, degree=1, jump=ceil(around / 10)),
    )


def _by_phase(cycles: int, window: int) -> tuple[Smoother, Loess]:
    """The smoother inside, and the loess at one cycle before the first and after the last."""
    ends = loess(
        cycles,
        window=window,
        degree=0,
        at=np.array([0, cycles + 1]),
        lefts=np.array([1, max(1, cycles - window + 1)]),
    )
    return smoother(cycles, window=window, degree=0, jump=ceil(window / 10)), ends


def _bisquare(residual: Floats) -> Floats:
    """Weights that fall to 0 at six times the median residual."""
    reach = 6 * _middle(residual)
    ratio = np.divide(residual, reach, out=np.where(residual > 0, 1.0, 0.0), where=reach > 0)
    return np.where(
        ratio <= 0.001, 1.0, np.where(ratio <= 0.999, (1 - np.minimum(ratio, 1.0) ** 2) ** 2, 0.0)
    )


def _middle(residual: Floats) -> Floats:
    """The median. R's stl hands its partial sort the two middle ranks in the wrong order and for an even number of
    values now and then gets another value; the oracle test puts that in this place and agrees to the last digits.
    """
    return np.asarray(np.median(residual, axis=-1, keepdims=True))


def _moving_average(y: Floats, length: int) -> Floats:
    averages: Floats = np.lib.stride_tricks.sliding_window_view(y, length, axis=-1).mean(axis=-1)
    return averages


def _odd(window: int) -> int:
    return window + (window + 1) % 2
