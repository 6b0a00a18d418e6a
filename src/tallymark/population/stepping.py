"""The loop over years of a cohort-component projection, compiled: one pass over two sexes and all ages a year."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tallymark.population.arrays import Floats

Indexes = NDArray[np.int64]
MALE, FEMALE = 0, 1


@njit(cache=True, nogil=True, inline="always")  # type: ignore[untyped-decorator]
def step_year(
    before: Floats,
    survival: Floats,
    fertility: Floats,
    boys: float,
    migration: Floats,
    early: float,
    late: float,
    years: float,
    first: int,
    beyond: int,
    after: Floats,
) -> float:
    """Carries `before` (sex, age) one step on into `after`; the number of births.

    `early` and `late` are the shares of migrants who come at the start and the end of the step; at the end only,
    births are to the women before migrants come. Fertility is looked at from age group `first` to before `beyond`.
    """
    last = before.shape[1] - 1
    for sex in range(2):
        for age in range(last):
            after[sex, age + 1] = (before[sex, age] + early * migration[sex, age]) * survival[sex, age + 1]
        after[sex, last] += (before[sex, last] + early * migration[sex, last]) * survival[sex, last]
        if early > 0:
            for age in range(1, last + 1):
                after[sex, age] += late * migration[sex, age]
    births = 0.0
    for age in range(max(first, 1), beyond):
        births += fertility[age] * (before[1, age] + early * migration[1, age] + after[1, age])
    if first == 0:
        births += fertility[0] * (before[1, 0] + early * migration[1, 0])
    births *= years / 2
    after[0, 0] = births * boys * survival[0, 0] + late * migration[0, 0]
    after[1, 0] = births * (1 - boys) * survival[1, 0] + late * migration[1, 0]
    if early == 0:
        for sex in range(2):
            for age in range(1, last + 1):
                after[sex, age] += late * migration[sex, age]
    return births


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def run_all(
    population: Floats,
    survival: Floats,
    fertility: Floats,
    boys: Floats,
    migration: Floats,
    which: Indexes,
    early: float,
    years: float,
    populations: Floats,
    births: Floats,
    deaths: Floats,
) -> None:
    """Fills `populations` (run, year + 1, sex, age), `births` (run, year, sex) and `deaths` (run, year, sex, age).

    Row i of `which` (run, 5) says which population, survival, fertility, share of boys and migration run i takes.
    Deaths are by age at the end of the step: those who would have reached it.
    """
    last = population.shape[2] - 1
    for run in range(which.shape[0]):
        s, f, b, m = which[run, 1], which[run, 2], which[run, 3], which[run, 4]
        populations[run, 0] = population[which[run, 0]]
        for year in range(survival.shape[1]):
            before, after = populations[run, year], populations[run, year + 1]
            share, moved = boys[b, year], migration[m, year]
            born = step_year(
                before,
                survival[s, year],
                fertility[f, year],
                share,
                moved,
                early,
                1 - early,
                years,
                0,
                last + 1,
                after,
            )
            births[run, year, 0], births[run, year, 1] = born * share, born * (1 - share)
            for sex in range(2):
                rates, dead = survival[s, year, sex], deaths[run, year, sex]
                dead[0] = births[run, year, sex] * (1 - rates[0])
                for age in range(last):
                    dead[age + 1] = (before[sex, age] + early * moved[sex, age]) * (1 - rates[age + 1])
                dead[last] += (before[sex, last] + early * moved[sex, last]) * (1 - rates[last])
