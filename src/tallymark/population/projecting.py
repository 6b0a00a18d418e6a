"""Cohort-component projection: two sexes, any age groups of one width, many populations or trajectories at once."""

from __future__ import annotations

from numbers import Real
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tallymark.population.arrays import Floats, choose, floats, spread
from tallymark.population.stepping import run_all

EARLY = {"end": 0.0, "even": 0.5}
"""Timing of migration → share of migrants who come at the start of each step (the others come at its end)."""


MOST = 1 + 1e-9
"""A survival ratio of 1 may be over it by what arithmetic in doubles leaves."""
OWN = (2, 3, 2, 1, 3)
"""Axes of its own that each input has, after those that broadcast."""


class Projection(NamedTuple):
    """What `project` gives back; sex 0 is male, 1 female.

    populations: (…, year + 1, sex, age), from the start on. births: (…, year, sex). deaths: (…, year, sex, age) by age
    at the end of the step, of those who would have reached it; age 0 is of those born in the step.
    """

    populations: Floats
    births: Floats
    deaths: Floats


@np.errstate(invalid="ignore")  # what is missing or infinite in the input makes NaN, without a warning
def project(
    population: ArrayLike,
    survival: ArrayLike,
    fertility: ArrayLike,
    sex_ratio_at_birth: ArrayLike = 1.05,
    migration: ArrayLike | None = None,
    *,
    migration_timing: str = "end",
    step: int = 1,
) -> Projection:
    """Populations by sex and age year after year, with births and deaths, from rates declared for each year.

    population (…, sex, age): at the start; sex 0 male, 1 female; the last age group is open. survival (…, year, sex,
    age): the part of those one age group below who reach the group by the end of the year: S(0) of births, S(open)
    of the two oldest groups together (`LifeTable.survival()`). fertility (…, year, age): births a woman a year.
    sex_ratio_at_birth: boys per girl, one number or (…, year). migration (…, year, sex, age): net migrants by age at
    the end of the year, none when left out. Leading axes broadcast.

    N(x + 1) = N(x)·S(x + 1); births = Σ f(x) × (women at the start + women at the end) ÷ 2.
    migration_timing: `end`, migrants come at the end and take no part in the year's births and deaths; `even`, half
    at the start (at their age then) and half at the end, both counted among women. step: years in a step and in an
    age group: 5 for five-year groups, with rates still per year.

    A missing value makes what depends on it NaN. More migrants leaving than there are people gives negative people:
    they are left as they are, so that nothing hides it. A ValueError for shapes that do not fit and impossible rates.
    Tests: oracle/test_projection_kernel.py (the United Nations' ccmppWPP, to 1e-12), real/test_world_prospects.py.
    """
    early = choose(EARLY, migration_timing, "migration_timing")
    if not (isinstance(step, Real) and 0 < float(step) < np.inf):
        raise ValueError(f"step is years in a step and in an age group, a number above 0, not {step!r}")
    given = checked(
        population, survival, fertility, sex_ratio_at_birth=sex_ratio_at_birth, migration=migration
    )
    inputs = list(zip(given, OWN, strict=True))
    years, ages = inputs[1][0].shape[-3], inputs[1][0].shape[-1]
    lead = _lead([array.shape[: array.ndim - own] for array, own in inputs])
    which = np.stack([_rows(array.shape[: array.ndim - own], lead) for array, own in inputs], axis=1)
    flat = [
        np.require(array, requirements=("C", "W")).reshape(-1, *array.shape[array.ndim - own :])
        for array, own in inputs
    ]
    runs = len(which)
    found = Projection(
        np.empty((runs, years + 1, 2, ages)), np.empty((runs, years, 2)), np.empty((runs, years, 2, ages))
    )
    run_all(*flat, which, early, float(step), *found)
    return Projection(*(array.reshape(*lead, *array.shape[1:]) for array in found))


def checked(
    population: ArrayLike,
    survival: ArrayLike,
    fertility: ArrayLike,
    *,
    sex_ratio_at_birth: ArrayLike,
    migration: ArrayLike | None,
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Population, survival, fertility, share of boys and migration, each with its own axes whole; or a ValueError."""
    people, rates, fertile = floats(population), floats(survival), floats(fertility)
    _check_shapes(people, rates, fertile)
    years, ages = rates.shape[-3], people.shape[-1]
    moved = np.zeros((1, 1, 1)) if migration is None else floats(migration)
    if moved.ndim < 3:
        raise ValueError(f"migration needs the axes (…, year, sex, age), and its shape is {moved.shape}")
    moved = spread(moved, (*moved.shape[:-3], years, 2, ages), "migration")
    ratio = floats(sex_ratio_at_birth)
    ratio = spread(ratio, (*ratio.shape[:-1], years), "sex_ratio_at_birth")
    _check_rates(rates, fertile, ratio)
    return people, rates, fertile, ratio / (1 + ratio), moved


def _lead(shapes: list[tuple[int, ...]]) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        names = ("population", "survival", "fertility", "sex_ratio_at_birth", "migration")
        told = ", ".join(f"{name} {shape}" for name, shape in zip(names, shapes, strict=True))
        raise ValueError(f"leading axes do not broadcast: {told}") from None


def _rows(own: tuple[int, ...], lead: tuple[int, ...]) -> NDArray[np.int64]:
    """For each run, which of an input's own rows it takes."""
    rows = np.arange(int(np.prod(own)), dtype=np.int64).reshape(own)
    return np.ascontiguousarray(np.broadcast_to(rows, lead)).reshape(-1)


def _check_shapes(people: Floats, survival: Floats, fertility: Floats) -> None:
    if people.ndim < 2 or people.shape[-2] != 2 or people.shape[-1] < 2:
        raise ValueError(
            f"population needs the axes (…, sex, age) with two sexes, and its shape is {people.shape}"
        )
    ages = people.shape[-1]
    if survival.ndim < 3 or survival.shape[-2:] != (2, ages):
        raise ValueError(
            f"survival needs the axes (…, year, 2, {ages}) of the population, and its shape is {survival.shape}"
        )
    years = survival.shape[-3]
    if years < 1:
        raise ValueError("survival has no years: a projection needs the rates of one step or more")
    if fertility.ndim < 2 or fertility.shape[-2:] != (years, ages):
        raise ValueError(
            f"fertility needs the axes (…, {years} years, {ages} ages) of survival, and its shape is {fertility.shape}"
        )


def _check_rates(survival: Floats, fertility: Floats, ratio: Floats) -> None:
    if ((survival < 0) | (survival > MOST)).any():
        worst = survival[(survival < 0) | (survival > MOST)][0]
        raise ValueError(f"a survival ratio lies between 0 and 1, and there is one of {worst:g}")
    if (fertility < 0).any():
        raise ValueError(f"a fertility rate cannot be negative ({np.nanmin(fertility):g})")
    if (ratio <= 0).any():
        raise ValueError(f"a sex ratio at birth is boys per girl and positive, not {np.nanmin(ratio):g}")
