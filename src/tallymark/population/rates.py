"""Vital rates: births, deaths and growth by the average population, fertility and reproduction, infants and children.

They are statistics of a place. The rights gate keeps them out of contracts: nobody is scored, ranked or paid by them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from tallymark.population.arrays import Floats, choose, floats
from tallymark.population.life_tables import LifeTable

SHARE = 0.5


class CrudeRates(NamedTuple):
    """Births, deaths and births − deaths per 1,000 of the average population."""

    birth: Floats
    death: Floats
    growth: Floats


def average_population(start: ArrayLike, end: ArrayLike) -> Floats:
    """(population at the start + at the end) ÷ 2, as national practice defines the year's average population."""
    found: Floats = (floats(start) + floats(end)) * SHARE
    return found


def crude_rates(
    births: ArrayLike,
    deaths: ArrayLike,
    population: ArrayLike,
    *,
    decimals: int | None = None,
    rounding: str = "half-up",
    growth_of: str = "events",
) -> CrudeRates:
    """Crude birth and death rates and natural growth per 1,000 of `population`, for all shapes that broadcast.

    population: of the middle of the year, or `average_population(start, end)`. decimals: rounded to so many, not at
    all when left out; rounding `half-up` (2.345 → 2.35, as registers round) or `half-even`. growth_of: `events`,
    births − deaths before anything is rounded; `rates`, the difference of the rounded rates, so that a printed table
    adds up. Nobody there or anything missing gives NaN.
    """
    whole = choose(ROUNDINGS, rounding, "rounding")
    people, born, died = floats(population), floats(births), floats(deaths)
    rates = [_per_thousand(events, people) for events in (born, died, born - died)]
    if decimals is not None:
        rates = [whole(rate, decimals) for rate in rates]
    if choose(GROWTHS, growth_of, "growth_of"):
        rates[2] = rates[0] - rates[1]
        if decimals is not None:
            rates[2] = whole(rates[2], decimals)
    return CrudeRates(*rates)


def age_specific_rates(events: ArrayLike, exposure: ArrayLike) -> Floats:
    """Events per person-year (…, age); NaN where there is nobody."""
    return _divided(floats(events), floats(exposure))


def total_fertility(rates: ArrayLike, *, width: float = 1) -> Floats:
    """Children a woman would have over her life at these rates: width × Σ f(x) over the last axis."""
    found: Floats = width * floats(rates).sum(axis=-1)
    return found


def mean_age_at_birth(rates: ArrayLike, *, ages: ArrayLike, width: float = 1) -> Floats:
    """Mean age of mothers at these rates: Σ (x + width ÷ 2)·f(x) ÷ Σ f(x)."""
    given = floats(rates)
    return _divided((given * (floats(ages) + width / 2)).sum(axis=-1), given.sum(axis=-1))


def gross_reproduction(rates: ArrayLike, *, sex_ratio_at_birth: ArrayLike = 1.05, width: float = 1) -> Floats:
    """Daughters a woman would have over her life at these rates."""
    found: Floats = total_fertility(rates, width=width) / (1 + floats(sex_ratio_at_birth))
    return found


def net_reproduction(
    rates: ArrayLike,
    table: LifeTable,
    *,
    ages: ArrayLike | None = None,
    sex_ratio_at_birth: ArrayLike = 1.05,
    width: int = 1,
) -> Floats:
    """Daughters of a newborn girl, with women's mortality by their life `table`: Σ f(x)·L(x) ÷ l(0) ÷ (1 + ratio).

    rates (…, age) by groups of `width` years that start at `ages`, those of the table when left out.
    """
    given = floats(rates)
    heads = table.ages if ages is None else floats(ages)
    if len(heads) != given.shape[-1] or not np.isin(np.append(heads, heads[-1] + width), table.ages).all():
        raise ValueError(f"rates that start at ages {heads.tolist()} do not fit the ages of the life table")
    at = np.searchsorted(table.ages, np.append(heads, heads[-1] + width))
    lived = (table.Tx[..., at[:-1]] - table.Tx[..., at[1:]]) / table.lx[..., :1]
    found: Floats = (given * lived).sum(axis=-1) / (1 + floats(sex_ratio_at_birth))
    return found


def general_fertility(births: ArrayLike, women: ArrayLike) -> Floats:
    """Births per 1,000 women (…, age) of childbearing age, added up over the last axis."""
    return _per_thousand(floats(births), floats(women).sum(axis=-1))


class ByOrder(NamedTuple):
    """Births by order: shares of all, and children of each order a woman would have over her life (…, order)."""

    shares: Floats
    fertility: Floats


def births_by_order(births: ArrayLike, women: ArrayLike, *, width: float = 1) -> ByOrder:
    """Shares and total fertility of each order, of births (…, order, age) to women (…, age)."""
    given = floats(births)
    total = given.sum(axis=(-1, -2), keepdims=True)[..., 0]
    rates = age_specific_rates(given, floats(women)[..., None, :])
    return ByOrder(_divided(given.sum(axis=-1), total), total_fertility(rates, width=width))


def infant_mortality(
    deaths: ArrayLike, births: ArrayLike, births_before: ArrayLike | None = None, *, share_before: float = 0.0
) -> Floats:
    """Deaths under age 1 per 1,000 live births of the year.

    With `share_before`, that part of the deaths falls on children of the year before, and births are weighted with
    theirs: births × (1 − share) + births_before × share (the year-of-birth correction; about 0.15–0.3).
    """
    if not 0 <= share_before <= 1:
        raise ValueError(f"`share_before` is a share between 0 and 1, not {share_before!r}")
    born = floats(births)
    if births_before is not None:
        born = born * (1 - share_before) + floats(births_before) * share_before
    elif share_before:
        raise ValueError("a share of the year before needs `births_before`")
    return _per_thousand(floats(deaths), born)


def child_mortality(table: LifeTable, *, before: float = 5, after: float = 0) -> Floats:
    """Deaths between two ages per 1,000 who reach the first: under five by default; after=1 gives ages 1–4."""
    known = np.isin([after, before], table.ages)
    if not known.all():
        raise ValueError(
            f"ages {after:g} and {before:g} must start groups of the table: {table.ages.tolist()}"
        )
    at = np.searchsorted(table.ages, [after, before])
    found: Floats = 1000 * (1 - table.lx[..., at[1]] / table.lx[..., at[0]])
    return found


def births_needed(margin: ArrayLike, *, ratio: float = 1.06, level: float = 0.95) -> Floats:
    """Births needed to know boys per girl within ± `margin`: z²·r·(1 + r)² ÷ margin², rounded up.

    With few births a sex ratio says nothing: within ± 0.05 of 1.06 takes about 6,900 births.
    """
    if not 0 < level < 1:
        raise ValueError(f"level is a confidence level between 0 and 1 (0.95), not {level!r}")
    z, wide = float(-special.ndtri((1 - level) / 2)), floats(margin)
    with np.errstate(divide="ignore"):
        found = np.ceil(z**2 * ratio * (1 + ratio) ** 2 / wide**2)
    return np.where(wide > 0, found, np.nan)[()]


def _half_up(values: Floats, decimals: int) -> Floats:
    """Halves away from zero; what is a half but for the last bits of a double counts as one."""
    scale = 10.0**decimals
    found: Floats = np.copysign(np.floor(np.abs(values) * scale * (1 + 4e-16) + 0.5), values) / scale
    return found


def _half_even(values: Floats, decimals: int) -> Floats:
    return np.round(values, decimals)


def _divided(above: Floats, below: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below > 0, above / below, np.nan)[()]


def _per_thousand(events: Floats, people: Floats) -> Floats:
    return _divided(1000 * events, people)


ROUNDINGS: Mapping[str, Callable[[Floats, int], Floats]] = {"half-up": _half_up, "half-even": _half_even}
GROWTHS: Mapping[str, bool] = {"events": False, "rates": True}
"""Growth of what → whether it is the difference of the rates."""
