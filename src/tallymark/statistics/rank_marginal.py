"""Each unit against all others, by itself: step-down comparisons by quadrature, nothing simulated.

Given its own error z, a unit's differences from the others are independent: the probability that all of them stay
within c is one integral over z of a product (Dunnett 1955). Units of like standard error share a factor.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Counts = tuple[Ints, Ints]

CLASSES = 40
"""Groups of like standard errors; with no more distinct ones than these each is its own."""
NODES, WEIGHTS = np.polynomial.legendre.leggauss(48)
FURTHEST = 8.5
STEPS = 6
TINY = 1e-300
ROWS = 256
"""Units worked on at a time."""


class Others(NamedTuple):
    """Those a unit is compared with, in classes of like standard error."""

    of: Ints
    error: Floats


def marginal_counts(values: Floats, errors: Floats, level: float) -> Counts:
    """For each unit how many others are surely above and below it, its own comparisons tested together."""
    n = len(values)
    above, below = np.zeros(n, np.int64), np.zeros(n, np.int64)
    others = _classes(errors)
    for start in range(0, n, ROWS):
        own = np.arange(start, min(start + ROWS, n))
        above[own], below[own] = _settled(own, values, errors, others, level)
    return above, below


def marginal_reach(errors: Floats, level: float) -> Floats:
    """For each unit the critical value of its comparisons with all others, in one step; for very many units.

    It is a smooth function of the unit's own standard error, computed at quantiles and interpolated.
    """
    if len(errors) < 2:
        return np.zeros(len(errors))
    others = _classes(errors)
    at = np.unique(np.quantile(errors, np.linspace(0, 1, CLASSES)))
    counts = np.bincount(others.of, minlength=len(others.error)).astype(np.float64)
    counts[np.argmax(counts)] -= 1  # the unit itself
    both, nothing = np.tile(counts, (len(at), 1)), np.zeros((len(at), len(counts)))
    return np.interp(errors, at, _critical(at, (both, nothing, nothing), others, level))


def _classes(errors: Floats) -> Others:
    distinct, of = np.unique(errors, return_inverse=True)
    if len(distinct) <= CLASSES:
        return Others(of, distinct)
    order = np.argsort(errors, kind="stable")
    of = np.empty(len(errors), np.int64)
    parts = np.array_split(order, CLASSES)
    for at, part in enumerate(parts):
        of[part] = at
    return Others(of, np.array([errors[part].mean() for part in parts]))


def _settled(own: Ints, values: Floats, errors: Floats, others: Others, level: float) -> Counts:
    """Step by step for a few units: those beyond the critical value are taken out, until none is."""
    difference = values - values[own, None]
    spread = np.hypot(errors, errors[own, None])
    certain = np.where(difference == 0, 0.0, np.copysign(np.inf, difference))
    distance = np.divide(difference, spread, out=certain, where=spread > 0)
    apart = spread > 0
    apart[np.arange(len(own)), own] = False
    critical = np.full(len(own), np.inf)
    while True:
        up, down = distance > critical[:, None], distance < -critical[:, None]
        counts = [
            _counted(open_pairs & apart, others) for open_pairs in (~up & ~down, ~up & down, up & ~down)
        ]
        lower = np.minimum(critical, _critical(errors[own], counts, others, level))
        gone = (distance > lower[:, None]) & ~up | (distance < -lower[:, None]) & ~down
        critical = lower
        if not gone.any():
            return _sure(distance, critical)


def _sure(distance: Floats, critical: Floats) -> Counts:
    return (distance > critical[:, None]).sum(axis=1), (distance < -critical[:, None]).sum(axis=1)


def _counted(open_pairs: NDArray[np.bool_], others: Others) -> Floats:
    """Open pairs of each unit by class of the other: units × classes."""
    order = np.argsort(others.of, kind="stable")
    firsts = np.searchsorted(others.of[order], np.arange(len(others.error)))
    counted: Floats = np.add.reduceat(open_pairs[:, order].astype(np.float64), firsts, axis=1)
    return counted


def _critical(own: Floats, counts: Sequence[Floats], others: Others, level: float) -> Floats:
    """The root of probability = level, by false position (Illinois) on the normal scale; 0 without open pairs.

    It lies between the value for one comparison and Bonferroni's for all of them.
    """
    both, up, down = counts
    many = (2 * both + up + down).sum(axis=1)
    aim = special.ndtri(level)

    def off(critical: Floats) -> Floats:
        inside = np.clip(_within(critical, own, counts, others), TINY, 1 - 1e-15)
        return np.asarray(special.ndtri(inside) - aim)

    low = np.full(len(own), max(aim - 1e-6, 0.0))
    high = np.maximum(-special.ndtri((1 - level) / np.maximum(many, 1)), low) + 1e-6
    at_low, at_high, last = np.minimum(off(low), 0.0), np.maximum(off(high), 1e-12), np.zeros(len(own))
    middle = high
    for _ in range(STEPS):
        middle = high - at_high * (high - low) / (at_high - at_low)
        value = off(middle)
        over = value >= 0
        at_low = np.where(over & (last > 0), at_low / 2, at_low)
        at_high = np.where(~over & (last < 0), at_high / 2, at_high)
        high, at_high = np.where(over, middle, high), np.where(over, np.maximum(value, 1e-15), at_high)
        low, at_low = np.where(over, low, middle), np.where(over, at_low, value)
        last = np.where(over, 1.0, -1.0)
    return np.asarray(np.where(many > 0, middle, 0.0))


def _within(critical: Floats, own: Floats, counts: Sequence[Floats], others: Others) -> Floats:
    """Probability that no open difference of a unit is beyond its critical value.

    `counts`: pairs open both ways, upwards only, downwards only. A certain other (standard error 0) bounds
    the unit's own error itself.
    """
    both, up, down = counts
    sure = others.error == 0
    bound = (own > 0)[:, None]
    least = np.where((((both + up)[:, sure] > 0) & bound).any(axis=1), -critical, -FURTHEST)
    most = np.where((((both + down)[:, sure] > 0) & bound).any(axis=1), critical, FURTHEST)
    half = (most - least) / 2
    symmetric = bool((most == -least).all())  # then so are the nodes
    z = (least + half)[:, None] + half[:, None] * NODES
    logs = np.zeros_like(z)
    for at in np.flatnonzero(~sure):
        reach = (critical * np.hypot(own, others.error[at]))[:, None]
        not_above = special.ndtr((reach + own[:, None] * z) / others.error[at])
        if symmetric:
            not_below = not_above[:, ::-1]
        else:
            not_below = special.ndtr((reach - own[:, None] * z) / others.error[at])
        for chance, many in ((not_above + not_below - 1, both), (not_above, up), (not_below, down)):
            if many[:, at].any():
                logs += many[:, at, None] * np.log(np.maximum(chance, TINY))
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    found: Floats = half * (density * np.exp(logs) * WEIGHTS).sum(axis=1)
    return found
