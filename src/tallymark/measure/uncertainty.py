"""Intervals of indicators, by their declared method. Pure NumPy.

Proportions: of the numerator among the denominator. Counts: of the numerator, the denominator taken as known.
Ratios of two counts of one total (boys per girls): Wilson's limits of the share x ÷ (x + y), turned into x ÷ y.
Where reports are missing and a partial figure is shown, the interval covers both readings: that the absent units had
nothing, and that they were like those that reported. Estimated figures keep the uncertainty of what was observed: the
interval is that of the observed counts, moved to the estimate. So a missing report never makes an interval narrower
than like reports would.
A proportion above one has no binomial interval: none is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy import special

from tallymark.programme.resolved import Indicator
from tallymark.statistics.intervals import poisson_interval, proportion_interval

Floats = npt.NDArray[np.float64]


class Reading(Protocol):
    """Lower and upper limits of some figures at a level."""

    def __call__(self, *, level: float) -> tuple[Floats, Floats]: ...


COUNTS = {"poisson": "exact", "byar": "byar"}
"""Interval of a count → method of `poisson_interval`."""


def limits(
    indicator: Indicator, figures: Mapping[str, Floats], *, level: float = 0.95
) -> tuple[Floats, Floats]:
    """Lower and upper limits of an indicator's values; NaN where there is no value or the method defines none.

    figures: num and den as reported, den_sd the standard deviation of an estimated denominator, scaled_num and
    scaled_den as if all reports due had come, scale (factor × periods a year), worst (completeness), value.
    """
    nothing = np.full(len(figures["value"]), np.nan)
    if indicator.interval == "none" or (indicator.interval not in COUNTS and indicator.denominator is None):
        return nothing, nothing
    reading = _count if indicator.interval in COUNTS else READINGS.get(indicator.interval, _proportion)
    incomplete = figures["worst"] < 1
    estimate = indicator.missing == "estimate"
    low, high = reading(indicator, figures, scaled=incomplete & estimate, level=level)
    if not estimate and incomplete.any():
        other_low, other_high = reading(indicator, figures, scaled=incomplete, level=level)
        low, high = np.fmin(low, other_low), np.where(np.isnan(high), high, np.fmax(high, other_high))
        low = np.where(np.isnan(high), np.nan, low)
    if indicator.unsure:
        low, high = _widened(indicator, figures, (low, high), level=level)
    known = ~np.isnan(figures["value"])
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def _widened(
    indicator: Indicator, figures: Mapping[str, Floats], plain: tuple[Floats, Floats], *, level: float
) -> tuple[Floats, Floats]:
    """Limits that also carry what is not known of the denominator: errors of logarithms, independent, added in squares.

    A share stays at most one where it was. Where the deviation is missing, the interval is: it would be too narrow.
    """
    (low, high), value = plain, figures["value"]
    z = float(-special.ndtri((1 - level) / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = z * figures["den_sd"] / _positive(figures["den"])
        down = np.where(
            low > 0, low * np.exp(-_more(np.log(value / low), apart)), np.where(low == 0, 0.0, low)
        )
        up = high * np.exp(np.where(value > 0, _more(np.log(high / value), apart), apart))
    if indicator.interval not in COUNTS:
        up = np.where(high <= figures["scale"], np.fmin(up, figures["scale"]), up)
    unknown = np.isnan(apart) | (figures["den_sd"] < 0)
    return np.where(unknown, np.nan, down), np.where(unknown, np.nan, up)


def _more(half: Floats, apart: Floats) -> Floats:
    """How much wider a half-width becomes when an independent one is added in squares."""
    half = np.fmax(half, 0.0)
    return np.asarray(np.sqrt(half**2 + apart**2) - half)


def _proportion(
    indicator: Indicator, figures: Mapping[str, Floats], *, scaled: npt.NDArray[np.bool_], level: float
) -> tuple[Floats, Floats]:
    """Limits of the proportion, of as many as were observed; a scaled proportion is at most one."""
    trials = figures["den"]
    whole = np.where(scaled, figures["scaled_den"], trials)
    share = np.where(scaled, figures["scaled_num"], figures["num"]) / np.where(whole > 0, whole, np.nan)
    if indicator.missing != "estimate":
        share = np.where(scaled, np.fmin(share, 1.0), share)
    successes = np.where(scaled, share * trials, figures["num"])
    low, high = proportion_interval(successes, trials, level=level, method=indicator.interval)
    return figures["scale"] * low, figures["scale"] * high


def _ratio(
    indicator: Indicator, figures: Mapping[str, Floats], *, scaled: npt.NDArray[np.bool_], level: float
) -> tuple[Floats, Floats]:
    """Limits of a ratio of two counts of one total, from as many as were observed; none where there is no total."""
    above = np.where(scaled, figures["scaled_num"], figures["num"])
    total = above + np.where(scaled, figures["scaled_den"], figures["den"])
    trials = figures["num"] + figures["den"]
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = proportion_interval(above / total * trials, trials, level=level, method="wilson")
        return figures["scale"] * low / (1 - low), figures["scale"] * high / (1 - high)


READINGS = {"ratio": _ratio}
"""Intervals that are neither of a count nor of a share."""


def _count(
    indicator: Indicator, figures: Mapping[str, Floats], *, scaled: npt.NDArray[np.bool_], level: float
) -> tuple[Floats, Floats]:
    """Limits of the observed count, over the denominator; stretched as the estimate is where it is scaled."""
    seen, below = figures["num"], figures["den"]
    low, high = poisson_interval(seen, level=level, method=COUNTS[indicator.interval])
    stretch = stretched(figures)
    if indicator.denominator is None:
        below = scaled_below = np.ones_like(seen)
    else:
        scaled_below = figures["scaled_den"]
    per = np.where(scaled, stretch / _positive(scaled_below), 1 / _positive(below)) * figures["scale"]
    return low * per, high * per


def stretched(figures: Mapping[str, Floats]) -> Floats:
    """How many times as many events there would be if all reports due had come; by completeness where none were seen."""
    seen = figures["num"]
    some = seen > 0
    return np.where(some, figures["scaled_num"] / np.where(some, seen, 1.0), 1 / _positive(figures["worst"]))


def _positive(values: Floats) -> Floats:
    return np.where(values > 0, values, np.nan)
