"""Inequality over ordered groups: slope index and relative index, with limits in closed form."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from tallymark.statistics.arguments import (
    Bools,
    Estimate,
    Floats,
    ages_of,
    chosen,
    floats,
    normal_quantile,
    pair,
    triple,
)

FEWEST = 2
"""Groups a line needs."""


class Fitted(NamedTuple):
    """The fitted line's values at the two ends of the population, and their (co)variances, on the scale fitted."""

    first: Floats
    last: Floats
    first_variance: Floats
    last_variance: Floats
    covariance: Floats
    defined: Bools


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def slope_index(
    values: ArrayLike, se: ArrayLike, population: ArrayLike, *, level: float = 0.95, scale: str = "linear"
) -> Estimate:
    """Slope index of inequality: difference between the two ends of the population, with its limits.

    The last axis is groups in order (most deprived first). Each group stands at the middle of its part of the
    population, 0 to 1; a line is fitted through the values by least squares weighted with population, and the index
    is its value at 1 − at 0. `scale`: `linear`; `log` or `logit`: the line is fitted to transformed values and its
    ends are turned back. `se` is the standard error on the scale of the line (of log value, of logit value).
    Undefined (NaN): fewer than two groups with people, anything missing, negative population or standard error,
    values outside the scale's range.

    The index is linear in the values, so that on the linear scale its limits are exact for normal values: no
    simulation. On the others the limits of the two ends are joined by the method of variance estimates recovery,
    which allows for their correlation (Zou and Donner 2008).
    """
    line = _line(values, se, population, scale)
    back, z = BACK[scale], normal_quantile(level)
    first, last = back(line.first), back(line.last)
    low, high = _difference(line, back, z)
    return triple(line.defined, last - first, low, high)


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def relative_index(
    values: ArrayLike, se: ArrayLike, population: ArrayLike, *, level: float = 0.95, scale: str = "linear"
) -> Estimate:
    """Relative index of inequality: the fitted value at the end of the population ÷ that at its start, with limits.

    Arguments as for `slope_index`. Limits: `linear` by Fieller's theorem (NaN where the value at the start is not
    clearly different from 0), `log` exactly, `logit` through the logarithm of both ends.
    """
    line = _line(values, se, population, scale)
    value, low, high = RELATIVE[scale](line, normal_quantile(level))
    return triple(line.defined & ~np.isnan(value), value, low, high)


def _line(values: ArrayLike, se: ArrayLike, population: ArrayLike, scale: str) -> Fitted:
    """Weighted least squares: both ends of the line are weighted sums of the values."""
    forward = chosen(FORWARD, scale, what="scale")
    given, errors, people = ages_of(*np.broadcast_arrays(floats(values), floats(se), floats(population)))
    there = people > 0
    transformed, inside = forward(np.where(there, given, 0.5))
    right = np.isfinite(people) & (people >= 0)
    right &= ~there | (inside & np.isfinite(given) & np.isfinite(errors) & (errors >= 0))
    defined = right.all(axis=-1) & (there.sum(axis=-1) >= FEWEST)
    usable = there & right
    transformed, errors = np.where(usable, transformed, 0.0), np.where(usable, errors, 0.0)
    share, distance = _positions(np.where(usable, people, 0.0))
    square = (share * distance**2).sum(axis=-1)
    slope = share * distance / np.where(square > 0, square, 1.0)[..., None]
    centre = 0.5  # the mean position, weighted with population, is always one half
    start, end = share - centre * slope, share + (1 - centre) * slope
    variance = errors**2
    return Fitted(
        (start * transformed).sum(axis=-1),
        (end * transformed).sum(axis=-1),
        (start**2 * variance).sum(axis=-1),
        (end**2 * variance).sum(axis=-1),
        (start * end * variance).sum(axis=-1),
        defined & (square > 0),
    )


def _positions(people: Floats) -> tuple[Floats, Floats]:
    """Each group's share of the population, and how far its middle is from the population's."""
    total = people.sum(axis=-1, keepdims=True)
    share = people / np.where(total > 0, total, 1.0)
    return share, np.cumsum(share, axis=-1) - share / 2 - 0.5


def _difference(line: Fitted, back: Callable[[Floats], Floats], z: float) -> tuple[Floats, Floats]:
    """Limits of last − first from the limits of each, turned back, and their correlation."""
    first, last = back(line.first), back(line.last)
    first_low, first_high, last_low, last_high = _ends(line, back, z)
    both = 2 * _correlation(line)
    down, up = last - last_low, first_high - first
    low = last - first - np.sqrt(np.fmax(down**2 + up**2 - both * down * up, 0.0))
    down, up = first - first_low, last_high - last
    return low, last - first + np.sqrt(np.fmax(down**2 + up**2 - both * down * up, 0.0))


def _ends(line: Fitted, back: Callable[[Floats], Floats], z: float) -> tuple[Floats, Floats, Floats, Floats]:
    half, other = z * np.sqrt(line.first_variance), z * np.sqrt(line.last_variance)
    return (
        back(line.first - half),
        back(line.first + half),
        back(line.last - other),
        back(line.last + other),
    )


def _correlation(line: Fitted) -> Floats:
    spread = np.sqrt(line.first_variance * line.last_variance)
    return np.divide(line.covariance, spread, out=np.zeros_like(spread), where=spread > 0)


def _relative_linear(line: Fitted, z: float) -> Estimate:
    """Fieller's limits of a ratio of two correlated normal values."""
    first, last = line.first, line.last
    a = first**2 - z * z * line.first_variance
    b = first * last - z * z * line.covariance
    c = last**2 - z * z * line.last_variance
    inside = b**2 - a * c
    bounded = (a > 0) & (inside >= 0)
    root, below = np.sqrt(np.where(bounded, inside, 0.0)), np.where(bounded, a, 1.0)
    ratio = np.divide(last, first, out=np.full(first.shape, np.nan), where=first != 0)
    low, high = pair(bounded, (b - root) / below, (b + root) / below)
    return ratio, low, high


def _relative_log(line: Fitted, z: float) -> Estimate:
    spread = line.first_variance + line.last_variance - 2 * line.covariance
    half = z * np.sqrt(np.fmax(spread, 0.0))
    slope = line.last - line.first
    return np.exp(slope), np.exp(slope - half), np.exp(slope + half)


def _relative_logit(line: Fitted, z: float) -> Estimate:
    """Both ends as logarithms of proportions; then as a difference."""
    low, high = _difference(line, _log_proportion, z)
    ratio = _log_proportion(line.last) - _log_proportion(line.first)
    return np.exp(ratio), np.exp(low), np.exp(high)


def _log_proportion(logit: Floats) -> Floats:
    return np.asarray(special.log_expit(logit))


def _as_they_are(values: Floats) -> tuple[Floats, Bools]:
    return values, np.isfinite(values)


def _log(values: Floats) -> tuple[Floats, Bools]:
    inside = values > 0
    return np.log(np.where(inside, values, 1.0)), inside


def _logit(values: Floats) -> tuple[Floats, Bools]:
    inside = (values > 0) & (values < 1)
    return np.asarray(special.logit(np.where(inside, values, 0.5))), inside


def _same(values: Floats) -> Floats:
    return values


def _exp(values: Floats) -> Floats:
    return np.asarray(np.exp(values))


def _expit(values: Floats) -> Floats:
    return np.asarray(special.expit(values))


FORWARD: dict[str, Callable[[Floats], tuple[Floats, Bools]]] = {
    "linear": _as_they_are,
    "log": _log,
    "logit": _logit,
}
BACK: dict[str, Callable[[Floats], Floats]] = {"linear": _same, "log": _exp, "logit": _expit}
RELATIVE: dict[str, Callable[[Fitted, float], Estimate]] = {
    "linear": _relative_linear,
    "log": _relative_log,
    "logit": _relative_logit,
}
