"""Funnel plots: how far units may lie from a target by chance alone, and whether they scatter more than that."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from tallymark.statistics.arguments import (
    Bools,
    Floats,
    Interval,
    chosen,
    floats,
    normal_quantile,
    pair,
    tail,
)
from tallymark.statistics.poisson import count_limits

LEVELS = (0.95, 0.998)
"""Levels of the two pairs of limits of a funnel plot."""


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def funnel_limits(
    exposure: ArrayLike,
    target: ArrayLike,
    *,
    kind: str = "proportion",
    level: float = 0.95,
    phi: ArrayLike = 1.0,
    tau2: ArrayLike = 0.0,
) -> Interval:
    """Lower and upper limit between which a unit of this exposure lies by chance, if its true value is the target.

    kind `proportion`: exposure is the number of trials, target a share of 0 to 1, and so are the limits (cut at 0 and
    1, where shares end); `ratio`: exposure is the expected events, target a ratio of observed to expected (1);
    `rate`: exposure is person-years, target events per person-year. Limits of ratios and rates end at 0 only.

    A unit is outside exactly where its own interval leaves the target out: Wilson's interval for proportions,
    target ± z√(target × (1 − target) ÷ n); the exact Poisson interval for the others (the count whose limit of the mean
    is exposure × target, of any real size).

    Over-dispersion (see `overdispersion`; Spiegelhalter 2005): `phi` above 1 widens by √phi; `tau2` above 0 adds
    that variance between units, on the scale of `funnel_scores`: arcsine of the root for proportions, logarithm for
    ratios and rates, on which limits are then normal. Undefined (NaN): exposure not above 0, target missing, negative,
    above 1 for a proportion.
    """
    limits = chosen(KINDS, kind, what="kind")
    size, centre, more, between = np.broadcast_arrays(
        floats(exposure), floats(target), floats(phi), floats(tau2)
    )
    defined = (size > 0) & np.isfinite(size) & (centre >= 0) & np.isfinite(centre)
    defined &= (more > 0) & np.isfinite(more) & (between >= 0) & np.isfinite(between)
    if kind == "proportion":
        defined &= centre <= 1
    size, centre, more, between = (
        np.where(defined, each, usual)
        for each, usual in ((size, 1.0), (centre, 0.5), (more, 1.0), (between, 0.0))
    )
    with np.errstate(over="ignore"):  # a limit of next to no exposure may be beyond the largest double
        low, high = limits(size, centre, level)
    wider = (more != 1) | (between > 0)
    if wider.any():
        wide_low, wide_high = _wider(size, centre, more, between, kind, normal_quantile(level))
        # Over-dispersion never narrows, not even where few events make the normal limits too narrow.
        never = more >= 1
        wide_low = np.where(never, np.fmin(wide_low, low), wide_low)
        wide_high = np.where(never, np.fmax(wide_high, high), wide_high)
        low, high = np.where(wider, wide_low, low), np.where(wider, wide_high, high)
    return pair(defined, low, high)


def funnel_scores(
    observed: ArrayLike, exposure: ArrayLike, target: ArrayLike, *, kind: str = "proportion"
) -> Interval:
    """Each unit's z (distance from the target in standard errors) and s (standard error), for `overdispersion`.

    On a scale where s depends on exposure alone: proportions arcsin√(x ÷ n), s = 1 ÷ (2√n); ratios and rates
    ln(x ÷ (exposure × target)), s = 1 ÷ √(exposure × target), as England's hospital mortality indicator has it, a unit
    without events counted as half an event. Undefined (NaN) as in `funnel_limits`, and where x is missing or
    negative, or above n.
    """
    chosen(KINDS, kind, what="kind")
    seen, size, centre = np.broadcast_arrays(floats(observed), floats(exposure), floats(target))
    proportion = kind == "proportion"
    defined = (size > 0) & np.isfinite(size) & (centre >= 0) & np.isfinite(seen) & (seen >= 0)
    defined &= ((centre <= 1) & (seen <= size)) if proportion else ((centre > 0) & np.isfinite(centre))
    seen, size, centre = (np.where(defined, each, 1.0) for each in (seen, size, centre))
    if proportion:
        s = 0.5 / np.sqrt(size)
        distance = np.arcsin(np.sqrt(seen / size)) - np.arcsin(np.sqrt(centre))
    else:
        expected = size * centre
        s = 1 / np.sqrt(expected)
        distance = np.log(np.where(seen > 0, seen, 0.5) / expected)
    return pair(defined, distance / s, s)


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def overdispersion(
    z: ArrayLike, s: ArrayLike, *, winsorise: float = 0.10, trim: str = "winsorise"
) -> Interval:
    """How much more units scatter than chance makes them: phi (factor of the variance) and tau2 (variance between).

    phi = mean of z² (multiplicative); tau2 = max(0, (n·phi − (n − 1)) ÷ (Σw − Σw² ÷ Σw)), w = 1 ÷ s² (additive,
    DerSimonian and Laird 1986), of z drawn in so that a few outliers do not hide themselves: `winsorise` moves the
    lowest and highest such share of z to the quantile there, `truncate` leaves them out (Spiegelhalter 2005). The
    last axis is units; those without z or s do not count. Undefined (NaN): fewer than two units.
    """
    cut = chosen(TRIMS, trim, what="trim")
    if not 0 <= winsorise < 0.5:
        raise ValueError(f"winsorise is the share cut at each end, from 0 to below 0.5, not {winsorise!r}")
    scores, errors = np.broadcast_arrays(np.atleast_1d(floats(z)), np.atleast_1d(floats(s)))
    known = np.isfinite(scores) & np.isfinite(errors) & (errors > 0)
    if not scores.shape[-1]:
        nothing = np.full(scores.shape[:-1], np.nan)
        return nothing[()], nothing[()]
    scores, kept = cut(np.where(known, scores, np.nan), known, winsorise)
    n = kept.sum(axis=-1)
    weight = np.divide(1.0, errors**2, out=np.zeros(errors.shape), where=kept)
    enough = n >= 2
    square = np.where(kept, scores, 0.0) ** 2
    phi = square.sum(axis=-1) / np.where(enough, n, 1)
    total = np.where(enough, weight.sum(axis=-1), 1.0)
    room = total - (weight**2).sum(axis=-1) / total
    tau2 = np.fmax(n * phi - (n - 1), 0.0) / np.where(enough & (room > 0), room, 1.0)
    return pair(enough, phi, tau2)


def funnel_position(
    observed: ArrayLike, exposure: ArrayLike, target: ArrayLike, *, kind: str = "proportion"
) -> Floats:
    """Where a unit lies in the funnel: 0 inside, ±1 beyond the 95 % limit, ±2 beyond the 99.8 % limit; NaN undefined."""
    seen, size = floats(observed), floats(exposure)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        value = seen / size
    place = np.zeros(np.broadcast_shapes(value.shape, np.shape(target)))
    for level in LEVELS:
        low, high = funnel_limits(exposure, target, kind=kind, level=level)
        place = place + np.where(value > high, 1.0, 0.0) - np.where(value < low, 1.0, 0.0)
        place = np.where(np.isnan(value) | np.isnan(low) | (seen < 0), np.nan, place)
    return np.asarray(place)[()]


def _proportions(size: Floats, centre: Floats, level: float) -> Interval:
    half = normal_quantile(level) * np.sqrt(centre * (1 - centre) / size)
    return np.fmax(centre - half, 0.0), np.fmin(centre + half, 1.0)


def _counts(size: Floats, centre: Floats, level: float) -> Interval:
    low, high = count_limits(size * centre, tail(level))
    return low / size, high / size


def _wider(
    size: Floats, centre: Floats, phi: Floats, tau2: Floats, kind: str, z: float
) -> tuple[Floats, Floats]:
    """Limits with over-dispersion: normal on the scale of `funnel_scores`; by phi alone, on the scale of the value."""
    proportion = kind == "proportion"
    plain = np.sqrt(phi * (centre * (1 - centre) if proportion else centre) / size) * z
    if proportion:
        middle = np.arcsin(np.sqrt(centre))
        half = z * np.sqrt(phi * 0.25 / size + tau2)
        low = np.sin(np.fmax(middle - half, 0.0)) ** 2
        high = np.sin(np.fmin(middle + half, np.pi / 2)) ** 2
        return np.where(tau2 > 0, low, np.fmax(centre - plain, 0.0)), np.where(
            tau2 > 0, high, np.fmin(centre + plain, 1.0)
        )
    expected = size * np.where(centre > 0, centre, 1.0)
    factor = np.exp(np.fmin(z * np.sqrt(phi / expected + tau2), 700.0))
    additive = tau2 > 0
    return np.where(additive, centre / factor, np.fmax(centre - plain, 0.0)), np.where(
        additive, centre * factor, centre + plain
    )


def _winsorised(z: Floats, known: Bools, share: float) -> tuple[Floats, Bools]:
    low, high = _quantiles(z, known, share)
    return np.clip(z, low, high), known


def _truncated(z: Floats, known: Bools, share: float) -> tuple[Floats, Bools]:
    order = np.argsort(np.where(known, z, np.inf), axis=-1, kind="stable")
    rank = np.argsort(order, axis=-1, kind="stable")
    n = known.sum(axis=-1, keepdims=True)
    cut = np.floor(n * share)
    return z, known & (rank >= cut) & (rank < n - cut)


def _quantiles(z: Floats, known: Bools, share: float) -> tuple[Floats, Floats]:
    """The quantiles at share and 1 − share of the known values, linear between them (R's type 7)."""
    ordered = np.sort(np.where(known, z, np.inf), axis=-1)
    n = known.sum(axis=-1, keepdims=True)
    found = []
    for part in (share, 1 - share):
        at = np.fmax(n - 1, 0) * part
        below = np.floor(at).astype(np.int64)
        above = np.fmin(below + 1, np.fmax(n - 1, 0))
        first, second = np.take_along_axis(ordered, below, -1), np.take_along_axis(ordered, above, -1)
        step = np.where(n > 0, second - np.where(n > 0, first, 0.0), 0.0)
        found.append(np.where(n > 0, first, 0.0) + (at - below) * step)
    return found[0], found[1]


KINDS: dict[str, Callable[[Floats, Floats, float], Interval]] = {
    "proportion": _proportions,
    "ratio": _counts,
    "rate": _counts,
}
TRIMS: dict[str, Callable[[Floats, Bools, float], tuple[Floats, Bools]]] = {
    "winsorise": _winsorised,
    "truncate": _truncated,
}
