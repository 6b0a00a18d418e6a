"""Rates and ratios that take out differences in age: direct and indirect standardisation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from tallymark.statistics.arguments import (
    Bools,
    Estimate,
    Floats,
    Interval,
    ages_of,
    chosen,
    floats,
    tail,
    triple,
)
from tallymark.statistics.intervals import poisson_interval

BYAR_FROM = 10
"""Number of events from which England's published rates take Byar's limits."""


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def directly_standardised_rate(
    events: ArrayLike,
    population: ArrayLike,
    standard: ArrayLike,
    *,
    level: float = 0.95,
    method: str = "dobson",
    counts: str = "published",
    event_variance: ArrayLike | None = None,
) -> Estimate:
    """Rate per person, lower and upper limit, that a standard population would have at these age-specific rates.

    rate = Σ w·x÷n, w = standard ÷ Σ standard; the last axis of all is age, the others broadcast. Undefined (NaN):
    an age that counts in the standard has nobody in it, or anything is missing or negative. Any number of events
    will do: with none the lower limit is 0 and the upper one is not.

    Methods: `dobson` (Dobson, Kuulasmaa, Eberle and Scherer 1991): rate + √(var(rate) ÷ X) × (limits of X − X), X
    the number of events; `fay-feuer` (Fay and Feuer 1997): gamma limits that allow for the largest weight, never
    too narrow: prefer it where events are few and weights uneven (docs/methods/coverage.md).

    `counts`, the limits of X: `published` as in England's official rates (exact below 10 events, Byar's from there:
    at 10 events they differ by 0.2 % of the lower and 0.01 % of the upper limit), `exact` (no such jump) or `byar`.

    `event_variance`: variance of the events at each age; the events themselves (Poisson) when left out. For events
    that come several times to the same person see `repeated_events`.
    """
    seen, people, weights = ages_of(
        *np.broadcast_arrays(floats(events), floats(population), floats(standard))
    )
    spread = seen if event_variance is None else np.broadcast_to(floats(event_variance), seen.shape)
    limits = chosen(DIRECT, method)
    chosen(COUNTS, counts, what="counts")
    counted = weights > 0
    right = (seen >= 0) & (spread >= 0) & (people >= 0) & ((people > 0) | ~counted) & (weights >= 0)
    right &= np.isfinite(seen) & np.isfinite(spread) & np.isfinite(people) & np.isfinite(weights)
    total = weights.sum(axis=-1, where=right)
    defined = right.all(axis=-1) & (total > 0)
    per_event = np.divide(weights, people, out=np.zeros(seen.shape), where=right & counted)
    per_event /= np.where(defined, total, 1.0)[..., None]
    seen, spread = np.where(right, seen, 0.0), np.where(right, spread, 0.0)
    rate, variance = (per_event * seen).sum(axis=-1), (per_event**2 * spread).sum(axis=-1)
    low, high = limits(rate, variance, per_event, seen.sum(axis=-1), level, COUNTS[counts])
    return triple(defined, rate, low, high)


def repeated_events(persons: ArrayLike, times: ArrayLike) -> Interval:
    """Number of events, and its variance, when `persons` people each had `times` events; the last axis is times.

    Σ times × persons and Σ times² × persons: people are independent of each other, one person's events are not
    (Stukel, Glynn, Fisher, Sharp, Lu-Yao and Wennberg 1994). For `directly_standardised_rate`'s `event_variance`.
    """
    people, often = floats(persons), floats(times)
    return (people * often).sum(axis=-1)[()], (people * often**2).sum(axis=-1)[()]


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def standardised_ratio(
    observed: ArrayLike,
    population: ArrayLike,
    reference_events: ArrayLike,
    reference_population: ArrayLike,
    *,
    level: float = 0.95,
    method: str = "exact",
) -> Estimate:
    """Observed events ÷ those expected at the reference's age-specific rates, with its lower and upper limit.

    expected = Σ population × reference events ÷ reference population over the last axis, age; observed is summed
    over age too (or is a total: a last axis of length one, or a single number). Nobody of an age expects no events.
    Undefined (NaN): nothing expected, anything missing or negative, a reference age without people where the area
    has some. Limits are those of the count (`poisson_interval`: exact, byar) ÷ expected. Times the reference's crude
    rate it is the indirectly standardised rate.
    """
    chosen({"exact": None, "byar": None}, method)
    people, cases, whole = ages_of(
        *np.broadcast_arrays(floats(population), floats(reference_events), floats(reference_population))
    )
    total = _observed_total(floats(observed), people.shape[-1])
    needed = people > 0
    right = (people >= 0) & ((~needed & ~np.isnan(people)) | ((cases >= 0) & (whole > 0)))
    right &= np.isfinite(people) & (~needed | (np.isfinite(cases) & np.isfinite(whole)))
    share = np.divide(cases, whole, out=np.zeros(people.shape), where=right & needed)
    expected = (share * np.where(right, people, 0.0)).sum(axis=-1)
    total, expected = np.broadcast_arrays(total, expected)
    defined = right.all(axis=-1) & (expected > 0) & (total >= 0) & np.isfinite(total)
    below = np.where(defined, expected, 1.0)
    low, high = poisson_interval(total, level=level, method=method)
    return triple(defined, np.where(defined, total, 0.0) / below, low / below, high / below)


def _observed_total(observed: Floats, ages: int) -> Floats:
    """Observed events without the axis of ages; NaN where an age is missing."""
    if observed.ndim == 0:
        return observed
    if observed.shape[-1] not in (1, ages):
        raise ValueError(
            f"the last axis of observed is age: {ages} long, or 1 for totals, not {observed.shape[-1]}"
        )
    return np.asarray(np.where((observed < 0).any(axis=-1), np.nan, observed.sum(axis=-1)))


def _dobson(
    rate: Floats, variance: Floats, per_event: Floats, total: Floats, level: float, counts: Counts
) -> Interval:
    low, high = counts(total, level)
    some = total > 0
    # Without events the variance per event is that of the weights, averaged: the widest rate that is compatible.
    each = np.where(some, variance / np.where(some, total, 1.0), (per_event**2).max(axis=-1, initial=0.0))
    step = np.sqrt(each)
    return np.maximum(rate + step * (low - total), 0.0), rate + step * (high - total)


def _fay_feuer(
    rate: Floats, variance: Floats, per_event: Floats, total: Floats, level: float, counts: Counts
) -> Interval:
    del total, counts  # it needs neither
    largest = per_event.max(axis=-1, initial=0.0)
    beyond = tail(level)
    some = (rate > 0) & (variance > 0)
    safe_rate, safe_variance = np.where(some, rate, 1.0), np.where(some, variance, 1.0)
    low = special.gammaincinv(safe_rate**2 / safe_variance, beyond) * (safe_variance / safe_rate)
    above, spread = rate + largest, variance + largest**2
    possible = (above > 0) & (spread > 0)
    above, spread = np.where(possible, above, 1.0), np.where(possible, spread, 1.0)
    high = special.gammainccinv(above**2 / spread, beyond) * (spread / above)
    return np.where(some, low, np.where(rate > 0, rate, 0.0)), np.where(possible, high, rate)


def _published(x: Floats, level: float) -> Interval:
    exact, byar = poisson_interval(x, level=level), poisson_interval(x, level=level, method="byar")
    few: Bools = x < BYAR_FROM
    return np.where(few, exact[0], byar[0]), np.where(few, exact[1], byar[1])


Counts = Callable[[Floats, float], Interval]
COUNTS: dict[str, Counts] = {
    "published": _published,
    "exact": lambda x, level: poisson_interval(x, level=level),
    "byar": lambda x, level: poisson_interval(x, level=level, method="byar"),
}
DIRECT: dict[str, Callable[[Floats, Floats, Floats, Floats, float, Counts], Interval]] = {
    "dobson": _dobson,
    "fay-feuer": _fay_feuer,
}
