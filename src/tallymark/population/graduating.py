"""Single years of age out of groups, by named methods."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike

from tallymark.population.age_groups import fives
from tallymark.population.arrays import Floats, choose, floats, starts
from tallymark.population.composite import composite_link
from tallymark.population.panels import PANELS, expansion, grabill


def graduate(
    values: ArrayLike, *, ages: ArrayLike | None = None, method: str = "sprague", open_group: bool = True
) -> Floats:
    """Counts by single year of age, from the first age of the groups to the open one, of counts by age group.

    values (…, group); ages: first age of each group, fives from 0 when left out. The last group is open and stays as
    it is; with `open_group` false it is as wide as the one before.

    Methods: `uniform`; `sprague` (1880), `beers` (1945, ordinary), `beers-modified` (smooths the groups too) and
    `grabill` (1971), on five-year groups (others are gathered first); `beers-infants`, ordinary with the count under
    age 1 kept and the years to age 8 led over to it (Johnson 2016); `monotone`, a spline of the cumulated counts
    kept from falling (Hyman 1983), never negative; `pclm`, the penalised composite link model (Rizzi, Gampe and
    Eilers 2015), smooth and positive. All but `uniform`, `monotone` and `pclm` can give negative counts; all but
    `beers-modified`, `grabill` and `pclm` keep the groups' totals.
    Missing groups make the years that rest on them NaN. Test: oracle/test_graduation.py (DemoTools).
    """
    rule = choose(METHODS, method, "method")
    given = floats(values)
    first = np.arange(0.0, 5 * given.shape[-1], 5) if ages is None else starts(ages, given.shape[-1])
    if not open_group:
        given = np.concatenate([given, np.full((*given.shape[:-1], 1), np.nan)], axis=-1)
        first = np.append(first, 2 * first[-1] - first[-2])
    infants = given[..., 0]
    if method == "beers-infants" and first[:3].tolist() != [0, 1, 5]:
        raise ValueError("`beers-infants` needs age groups that start at 0, 1 and 5")
    if method in FIVES:
        given, first = fives(given, first)
    closed = rule(given[..., :-1], first)
    if method == "beers-infants":
        closed = _with_infants(closed, infants, given[..., 0])
    return closed if not open_group else np.concatenate([closed, given[..., -1:]], axis=-1)


def _uniform(closed: Floats, limits: Floats) -> Floats:
    width = np.diff(limits).astype(int)
    return np.repeat(closed / width, width, axis=-1)


def _multiplied(method: str) -> Callable[[Floats, Floats], Floats]:
    def rule(closed: Floats, limits: Floats) -> Floats:
        del limits
        return _product(closed, expansion(method, closed.shape[-1]))

    return rule


_JOHNSON = np.array(
    [
        [0.2333, 0.3445, -0.1222, 0.3778, -0.1556],
        [-0.0875, 0.3847, -0.0236, 0.0389, -0.0111],
        [-0.1458, 0.2708, 0.1458, -0.4167, 0.1667],
        [-0.0833, 0.1151, 0.2817, -0.6111, 0.2222],
        [0.0000, -0.0080, 0.3254, -0.3889, 0.1111],
        [0.0458, -0.0613, 0.2637, 0.1833, -0.1000],
        [0.0375, -0.0458, 0.1292, 0.8167, -0.2333],
    ]
)
"""Ages 2–8 from age 1, ages 2–4, ages 5–8, age 9 and age 10."""


def _with_infants(single: Floats, infants: Floats, first_five: Floats) -> Floats:
    """Ages 0–8 that lead from the count under age 1 over to the graduated years."""
    known = [
        single[..., 1],
        first_five - infants - single[..., 1],
        single[..., 5:9].sum(-1),
        single[..., 9],
        single[..., 10],
    ]
    found: Floats = single.copy()
    found[..., 0] = infants
    found[..., 2:9] = np.asarray(np.stack(known, axis=-1) @ _JOHNSON.T)
    return found


def _product(closed: Floats, matrix: Floats) -> Floats:
    """Matrix × groups, where a missing group spoils only the years that it counts for."""
    missing = np.isnan(closed)
    found: Floats = np.where(missing, 0.0, closed) @ matrix.T
    if missing.any():
        found = np.where((missing.astype(float) @ (matrix.T != 0)) > 0, np.nan, found)
    return found


def _grabill(closed: Floats, limits: Floats) -> Floats:
    """Grabill's multipliers, led over to Sprague's in the outer ten years, with the total kept."""
    del limits
    sprague = _product(closed, expansion("sprague", closed.shape[-1]))
    own = _product(closed, grabill(closed.shape[-1]))
    weight = np.ones(own.shape[-1])
    weight[:10] = np.exp(np.arange(1, 11) - 10.1)
    weight[-10:] = weight[9::-1]
    mixed = weight * own + (1 - weight) * sprague
    inner = mixed * weight
    short = sprague.sum(-1, keepdims=True) - mixed.sum(-1, keepdims=True)
    found: Floats = mixed + inner / inner.sum(-1, keepdims=True) * short
    return found


def _monotone(closed: Floats, limits: Floats) -> Floats:
    """Differences of a cubic curve through the cumulated counts, its slopes those of a spline held to 0 … 3 × chord."""
    width = np.diff(limits)
    if (width == 1).all():
        return closed.copy()
    total = np.concatenate([np.zeros((*closed.shape[:-1], 1)), np.cumsum(closed, axis=-1)], axis=-1)
    chord = closed / width
    before, after = np.concatenate([chord[..., :1], chord], -1), np.concatenate([chord, chord[..., -1:]], -1)
    slope = np.clip(total @ _spline_slopes(limits).T, 0.0, 3 * np.minimum(before, after))
    ages = np.arange(limits[0], limits[-1] + 1)
    at = np.minimum(np.searchsorted(limits, ages, side="right") - 1, len(width) - 1)
    h = width[at]
    t = (ages - limits[at]) / h
    curve = (
        (1 + 2 * t) * (1 - t) ** 2 * total[..., at]
        + t**2 * (3 - 2 * t) * total[..., at + 1]
        + t * (1 - t) ** 2 * h * slope[..., at]
        - t**2 * (1 - t) * h * slope[..., at + 1]
    )
    return np.maximum(np.diff(curve, axis=-1), 0.0) if (closed >= 0).all() else np.diff(curve, axis=-1)


def _spline_slopes(x: Floats) -> Floats:
    """Matrix that turns values at knots `x` into the slopes of their cubic spline there.

    At both ends the third derivative is that of the cubic through the four outermost knots (Forsythe, Malcolm and
    Moler 1977); with three knots the parabola, with two the line.
    """
    n = len(x)
    if n < 4:
        return np.array([np.polyder(np.poly1d(np.polyfit(x, unit, n - 1)))(x) for unit in np.eye(n)]).T
    h, unit = np.diff(x), np.eye(n)
    left, right = np.zeros((n, n)), np.zeros((n, n))
    chord = np.diff(unit, axis=0) / h[:, None]
    for i in range(1, n - 1):
        left[i, i - 1 : i + 2] = h[i - 1], 2 * (h[i - 1] + h[i]), h[i]
        right[i] = 6 * (chord[i] - chord[i - 1])
    left[0, :2], left[-1, -2:] = (-1, 1), (-1, 1)
    right[0], right[-1] = 6 * h[0] * _third(x[:4], unit[:4]), 6 * h[-1] * _third(x[-4:], unit[-4:])
    curvature = np.linalg.solve(left, right)
    slopes = np.empty((n, n))
    slopes[:-1] = chord - h[:, None] * (2 * curvature[:-1] + curvature[1:]) / 6
    slopes[-1] = chord[-1] + h[-1] * (curvature[-2] + 2 * curvature[-1]) / 6
    return slopes


def _third(x: Floats, unit: Floats) -> Floats:
    """Third divided difference of four knots, as a row over all values."""
    found = unit
    for order in range(1, 4):
        found = np.diff(found, axis=0) / (x[order:] - x[:-order])[:, None]
    row: Floats = found[0]
    return row


METHODS: Mapping[str, Callable[[Floats, Floats], Floats]] = {
    "uniform": _uniform,
    **{method: _multiplied(method) for method in PANELS},
    "beers-infants": _multiplied("beers"),
    "grabill": _grabill,
    "monotone": _monotone,
    "pclm": composite_link,
}
FIVES = frozenset({*PANELS, "beers-infants", "grabill"})
"""Methods that take five-year groups only."""
