"""Projection of areas with moves between them: what leaves one comes into another, and parts always add to the whole."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from tallymark.population.arrays import Floats, floats, spread
from tallymark.population.projecting import checked, project


class Areas(NamedTuple):
    """populations (area, year + 1, sex, age), births (area, year, sex), deaths (area, year, sex, age), and moved
    (area, year, sex, age): who came from other areas less who left for them, by age at the end of the year.
    """

    populations: Floats
    births: Floats
    deaths: Floats
    moved: Floats


def project_areas(
    population: ArrayLike,
    survival: ArrayLike,
    fertility: ArrayLike,
    sex_ratio_at_birth: ArrayLike = 1.05,
    *,
    moves: ArrayLike,
    outside: ArrayLike | None = None,
) -> Areas:
    """Areas projected together: births and deaths where people live, then moves between areas, then outside migrants.

    population (area, sex, age), survival (area, year, sex, age), fertility (area, year, age) as in `project`. moves
    (year, from, to, sex, age), or without the year: the part of the year's survivors of an area, by age at the end
    of the year, who move to another; what is on the diagonal is not read. outside (area, year, sex, age): net
    migrants from beyond all areas, at the end of the year. A ValueError where more than all would leave.
    """
    people, rates, fertile, boys, outer = checked(
        floats(population), survival, fertility, sex_ratio_at_birth=sex_ratio_at_birth, migration=outside
    )
    areas, _, ages = people.shape
    years = rates.shape[-3]
    leave = _leaving(floats(moves), (years, areas, areas, 2, ages))
    rates, fertile = (
        spread(rates, (areas, years, 2, ages), "survival"),
        spread(fertile, (areas, years, ages), "fertility"),
    )
    outer = spread(outer, (areas, years, 2, ages), "outside")
    ratio = spread(boys / (1 - boys), (areas, years), "sex_ratio_at_birth")
    found = Areas(
        np.empty((areas, years + 1, 2, ages)),
        np.empty((areas, years, 2)),
        np.empty((areas, years, 2, ages)),
        np.empty((areas, years, 2, ages)),
    )
    found.populations[:, 0] = people
    for year in range(years):
        now = slice(year, year + 1)
        one = project(found.populations[:, year], rates[:, now], fertile[:, now], ratio[:, now])
        stayed = one.populations[:, 1]
        moving = leave[year] * stayed[:, None]
        found.births[:, year], found.deaths[:, year] = one.births[:, 0], one.deaths[:, 0]
        found.moved[:, year] = moving.sum(axis=0) - moving.sum(axis=1)
        found.populations[:, year + 1] = stayed + found.moved[:, year] + outer[:, year]
    return found


def _leaving(moves: Floats, shape: tuple[int, ...]) -> Floats:
    """Moves with every year and nobody who moves to where they are."""
    every = spread(moves if moves.ndim == 5 else moves[None], shape, "moves").copy()
    own = np.arange(shape[1])
    every[:, own, own] = 0.0
    if (every < 0).any() or (every.sum(axis=2) > 1).any():
        raise ValueError("moves are shares of those who live in an area: from 0 on, and together at most 1")
    return every
