"""Friedman's super smoother for equally spaced values: running lines whose span follows the data."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SPANS = (0.05, 0.2, 0.5)
"""Tweeter, midrange and woofer: shares of the series a running line looks at."""


def supersmooth(values: Floats) -> Floats:
    """Smooth curve through equally spaced values (…, n), without missing ones.

    Running lines of three spans; at each place the span with the smallest (itself smoothed) leave-one-out residual, the
    spans smoothed, and the three lines interpolated at them. Source: Friedman 1984, "A variable span smoother"; with
    the defaults of R's supsmu. Oracle: tests/oracle/test_series_outliers.py.
    """
    lines, residuals = [], []
    for span in SPANS:
        line, left_out = _running_line(values, span)
        lines.append(line)
        residuals.append(_running_line(left_out, SPANS[1])[0])
    best = np.asarray(SPANS)[np.argmin(np.stack(residuals), axis=0)]
    chosen = np.clip(_running_line(best, SPANS[1])[0], SPANS[0], SPANS[2])
    low, middle, high = lines
    up, down = (chosen - SPANS[1]) / (SPANS[2] - SPANS[1]), (SPANS[1] - chosen) / (SPANS[1] - SPANS[0])
    mixed = np.where(up >= 0, (1 - up) * middle + up * high, (1 - down) * middle + down * low)
    return _running_line(mixed, SPANS[0])[0]


def _running_line(y: Floats, span: float) -> tuple[Floats, Floats]:
    """Least-squares lines in windows of the span, whole at the ends too, and |residuals| as if left out."""
    n = y.shape[-1]
    half = max(2, int(0.5 * span * n + 0.5))
    width = min(2 * half + 1, n)
    lefts = np.clip(np.arange(n) - half, 0, n - width)
    if width == n:
        lefts = np.zeros(n, np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(y, width, axis=-1)  # (…, starts, width)
    place = np.arange(width) - (width - 1) / 2
    spread = (place**2).sum()
    mean, slope = windows.mean(axis=-1), windows @ place / spread
    offset = np.arange(n) - lefts - (width - 1) / 2
    line = mean[..., lefts] + slope[..., lefts] * offset
    leverage = 1 / width + offset**2 / spread
    return line, np.abs(y - line) / (1 - leverage)
