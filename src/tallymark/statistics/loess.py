"""Locally weighted lines through equally spaced values, many series at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MOST_AT_ONCE = 4_000_000
"""Weights worked on at a time, so that thousands of series stay in memory."""


@dataclass(frozen=True)
class Loess:
    """A smoother of `n` values at positions 1 … n, evaluated at given positions (Cleveland 1979; STL's `est`).

    At position x the `window` nearest values weigh (1 − (distance ÷ farthest)³)³; `degree` 0 is their mean, 1 a line.
    A window longer than the series widens the reach by half of what is missing.
    """

    n: int
    degree: int
    at: Floats  # (positions,)
    window: NDArray[np.int64]  # (positions, window): which values
    tricube: Floats  # (positions, window)

    def __call__(self, y: Floats, robustness: Floats | None = None) -> Floats:
        """Smoothed values (…, positions) of y (…, n), each value also weighted by its robustness (…, n)."""
        if robustness is None:
            return np.asarray(
                np.einsum("pw,...pw->...p", self._weights(self.tricube)[0], y[..., self.window])
            )
        flat, weights = y.reshape(-1, self.n), robustness.reshape(-1, self.n)
        step = max(1, MOST_AT_ONCE // self.window.size)
        parts = [self._robust(flat[i : i + step], weights[i : i + step]) for i in range(0, len(flat), step)]
        return np.concatenate(parts).reshape(*y.shape[:-1], len(self.at))

    def _robust(self, y: Floats, robustness: Floats) -> Floats:
        weights, total = self._weights(self.tricube * robustness[:, self.window])
        smooth = np.einsum("spw,spw->sp", weights, y[:, self.window])
        own = y[:, np.clip(self.at.astype(np.int64) - 1, 0, self.n - 1)]
        return np.where(total > 0, smooth, own)

    def _weights(self, raw: Floats) -> tuple[Floats, Floats]:
        """Weights that add to 1 and, for lines, put their centre at the position; and the raw total."""
        total = raw.sum(axis=-1)
        weights = raw / np.where(total > 0, total, 1.0)[..., None]
        if self.degree == 0:
            return weights, total
        place = self.window + 1.0
        centre = (weights * place).sum(axis=-1, keepdims=True)
        apart = place - centre
        spread = (weights * apart**2).sum(axis=-1, keepdims=True)
        enough = np.sqrt(spread) > 0.001 * (self.n - 1)
        slope = np.where(enough, (self.at[:, None] - centre) / np.where(enough, spread, 1.0), 0.0)
        return weights * (slope * apart + 1), total


def loess(n: int, *, window: int, degree: int, at: NDArray[np.int64], lefts: NDArray[np.int64]) -> Loess:
    """The smoother of n values at positions `at`, its windows starting at `lefts` (from 1)."""
    width = min(window, n)
    places = lefts[:, None] + np.arange(width)  # from 1
    reach = np.maximum(at - lefts, lefts + width - 1 - at).astype(np.float64)
    if window > n:
        reach += (window - n) // 2
    distance = np.abs(places - at[:, None])
    ratio = np.divide(distance, reach[:, None], out=np.zeros(distance.shape), where=reach[:, None] > 0)
    cube = np.where(ratio <= 0.001, 1.0, (1 - np.minimum(ratio, 1.0) ** 3) ** 3)
    tricube = np.where((ratio <= 0.999) | (reach[:, None] == 0), cube, 0.0)
    return Loess(n, degree, at.astype(np.float64), places - 1, tricube)


@dataclass(frozen=True)
class Smoother:
    """Loess at every `jump`-th position and the last, straight lines between (STL's `ess`)."""

    knots: Loess
    left: NDArray[np.int64]
    fraction: Floats

    def __call__(self, y: Floats, robustness: Floats | None = None) -> Floats:
        """Smoothed values (…, n)."""
        at = self.knots(y, robustness)
        right = np.minimum(self.left + 1, at.shape[-1] - 1)
        smooth: Floats = at[..., self.left] + self.fraction * (at[..., right] - at[..., self.left])
        return smooth


def smoother(n: int, *, window: int, degree: int, jump: int) -> Smoother:
    """The smoother of series of length n."""
    step = min(jump, n - 1) if n > 1 else 1
    regular = np.arange(1, n + 1, step)
    at = regular if regular[-1] == n else np.append(regular, n)
    lefts = np.clip(at - (window + 1) // 2 + 1, 1, max(n - window + 1, 1))
    if len(at) > len(regular):
        lefts[-1] = lefts[-2]  # the last position uses the window of the one before
    everywhere = np.arange(1, n + 1)
    left = np.clip(np.searchsorted(at, everywhere, side="right") - 1, 0, max(len(at) - 2, 0))
    gap = at[np.minimum(left + 1, len(at) - 1)] - at[left]
    fraction = np.divide(everywhere - at[left], gap, out=np.zeros(n), where=gap > 0)
    return Smoother(loess(n, window=window, degree=degree, at=at, lefts=lefts), left, fraction)
