"""Last and first digits of reported figures against what honest figures show; the last axis is the figures.

Small p-values say that digits are unlikely; the effect says how much. With thousands of figures the slightest
preference is "significant": judge by the effect.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tallymark.statistics.arguments import floats

Floats = NDArray[np.float64]
FEWEST = 20
"""Fewer figures say nothing about ten digits."""


class DigitTest(NamedTuple):
    """Pearson's χ² with its p-value, Cramér's V (0–1), the mean absolute deviation of shares (MAD) and what of it chance
    explains on average, how many figures were looked at, and the share of each digit (…, digits)."""

    statistic: Floats
    p: Floats
    cramers_v: Floats
    mad: Floats
    mad_by_chance: Floats
    n: NDArray[np.int64]
    shares: Floats


def terminal_digits(
    values: ArrayLike, *, place: int = 0, least: float = 100, expected: ArrayLike | None = None
) -> DigitTest:
    """Do last digits (place 0; tens: 1) of whole figures come equally often, as they do in honest counts?

    Figures under `least`, fractions and missing values are left out: in small counts the last digit is the count
    itself. `expected`: shares of 0 … 9 (…, 10) where equal ones are not to be expected. χ² with 9 degrees of freedom,
    V = √(χ² ÷ 9n); V of 0.1 is what a tenth of the figures rounded to 0 gives. NaN under 20 figures.
    Shape: (…, n) → (…). Source: Mosimann, Wiseman and Edelman 1995; Beber and Scacco 2012.
    Test: tests/unit/statistics/test_digit_tests.py; false alarms: docs/methods/data-quality.md.
    """
    x = _whole(values, least)
    digit = np.where(np.isfinite(x), np.floor_divide(np.where(np.isfinite(x), x, 0.0), 10.0**place) % 10, -1)
    shares = np.full(10, 0.1) if expected is None else floats(expected)
    return _compare(digit, np.arange(10), shares)


def benford(values: ArrayLike, *, digit: int = 1) -> DigitTest:
    """Do first (or second) significant digits follow Benford's law, as figures over several orders of magnitude do?

    P(first = d) = log₁₀(1 + 1 ÷ d). Zeros and missing values are left out; signs and decimal places do not matter; for
    second digits of whole numbers leave out those under 100. MAD bands of Nigrini (2012) for first digits: to 0.006
    close, to 0.012 acceptable, to 0.015 marginal — for thousands of figures; with fewer, subtract `mad_by_chance`.
    Figures of one size (all places of 5,000 people) do not follow the law, and say nothing by not following it: look at
    `orders_of_magnitude` first, and do not use it under 2. NaN under 20 figures. Shape: (…, n) → (…).
    Source: Benford 1938; Hill 1995. Test: tests/unit/statistics/test_digit_tests.py.
    """
    if digit not in (1, 2):
        raise ValueError(f"digit is 1 (the first) or 2 (the second), not {digit!r}")
    x = np.abs(np.atleast_1d(floats(values)))
    known = np.isfinite(x) & (x > 0)
    safe = np.where(known, x, 1.0)
    leading = safe / 10.0 ** (np.floor(np.log10(safe)) - (digit - 1))
    leading = np.floor(np.round(leading, 9))
    leading = np.where(leading >= 10**digit, leading / 10, leading)
    first = np.arange(10 ** (digit - 1), 10**digit)
    chance = np.log10(1 + 1 / first)
    digits = np.arange(1 if digit == 1 else 0, 10)
    shares = np.array([chance[first % 10 == one].sum() for one in digits])
    return _compare(np.where(known, np.floor(leading) % 10, -1), digits, shares)


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def orders_of_magnitude(values: ArrayLike) -> Floats:
    """log₁₀ of the ratio between the 95th and the 5th percentile of the figures above 0; NaN without any.

    Shape: (…, n) → (…). Test: tests/unit/statistics/test_digit_tests.py.
    """
    x = np.atleast_1d(floats(values))
    if not x.shape[-1]:
        return np.full(x.shape[:-1], np.nan)[()]
    known = np.where(np.isfinite(x) & (x > 0), x, np.nan)
    ordered = np.sort(known, axis=-1)
    n = np.isfinite(known).sum(axis=-1, keepdims=True)
    ends = [
        np.take_along_axis(ordered, np.maximum(np.rint(q * (n - 1)), 0).astype(int), -1) for q in (0.05, 0.95)
    ]
    return np.asarray(np.log10(ends[1] / ends[0])[..., 0])[()]


def _whole(values: ArrayLike, least: float) -> Floats:
    x = np.atleast_1d(floats(values))
    size = np.abs(np.where(np.isfinite(x), x, 0.0))
    return np.where(np.isfinite(x) & (size >= least) & (size == np.floor(size)), size, np.nan)


def _compare(digit: Floats, digits: NDArray[np.int64], expected: Floats) -> DigitTest:
    """Counts of digits against expected shares."""
    counts = np.stack([(digit == one).sum(axis=-1) for one in digits], axis=-1)
    n = counts.sum(axis=-1)
    enough = n >= FEWEST
    size = np.where(enough, n, 1)[..., None]
    shares = np.where(enough[..., None], counts / size, np.nan)
    apart = np.abs(shares - expected)
    statistic = (size * apart**2 / expected).sum(axis=-1)
    freedom = len(digits) - 1
    by_chance = np.sqrt(2 * expected * (1 - expected) / (np.pi * size)).mean(axis=-1)
    return DigitTest(
        statistic[()],
        special.chdtrc(freedom, statistic)[()],
        np.sqrt(statistic / (size[..., 0] * freedom))[()],
        apart.mean(axis=-1)[()],
        np.where(enough, by_chance, np.nan)[()],
        n[()],
        shares,
    )
