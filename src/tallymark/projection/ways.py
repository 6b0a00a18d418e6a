"""How a course is carried on: year by year, with moves between units, in five-year steps, or by change ratios."""

from __future__ import annotations

import numpy as np

from tallymark.population import (
    Projection,
    graduate,
    group_ages,
    hamilton_perry,
    life_table,
    project,
    project_areas,
)
from tallymark.population.arrays import Floats
from tallymark.projection.courses import Course
from tallymark.projection.grids import AGES, OPEN
from tallymark.projection.scenario import Plan

FIVE = 5


def survival_of(course: Course) -> Floats:
    """Survival ratios by single years."""
    survival: Floats = life_table(course.mortality, sex=("male", "female")).survival()
    return survival


def carried_on(plan: Plan, course: Course) -> Projection:
    """Populations by single year of age of every unit on every day of the plan; what a way does not tell is NaN."""
    if plan.ratios is not None:
        return _by_ratios(plan, plan.ratios)
    if plan.step == FIVE:
        return _in_fives(plan, course)
    if plan.moves is None:
        return project(
            plan.population, survival_of(course), course.fertility, plan.sex_ratio_at_birth, course.migration
        )
    areas = project_areas(
        plan.population,
        survival_of(course),
        course.fertility,
        plan.sex_ratio_at_birth,
        moves=plan.moves,
        outside=course.migration,
    )
    return Projection(areas.populations, areas.births, areas.deaths)


def all_migrants(plan: Plan, course: Course, made: Projection) -> Floats:
    """Net migrants by age at the end of each year, moves between units among them."""
    if plan.moves is None:
        return course.migration
    survival, people = survival_of(course), made.populations
    stayed = np.empty_like(course.migration)
    stayed[..., 1:] = people[:, :-1, :, :-1] * survival[..., 1:]
    stayed[..., -1] += people[:, :-1, :, -1] * survival[..., -1]
    stayed[..., 0] = made.births * survival[..., 0]
    found: Floats = people[:, 1:] - stayed
    return found


def _in_fives(plan: Plan, course: Course) -> Projection:
    """Five-year groups and steps at the mean rates of their years, single years and days between by lines and splines."""
    years, steps = len(plan.years), -(-len(plan.years) // FIVE)
    at = np.minimum(np.arange(steps * FIVE), years - 1).reshape(steps, FIVE)
    width = np.append(np.full(OPEN // FIVE, FIVE), 1)
    made = project(
        group_ages(plan.population)[0],
        life_table(course.mortality[:, at].mean(axis=2), sex=("male", "female")).survival(FIVE),
        group_ages(course.fertility[:, at].mean(axis=2))[0] / width,
        plan.sex_ratio_at_birth,
        group_ages(course.migration[:, at].sum(axis=2))[0],
        migration_timing="even",
        step=FIVE,
    )
    births = np.repeat(made.births / FIVE, FIVE, axis=1)[:, :years]
    shape = (*made.deaths.shape[:2], 2, AGES)
    deaths = np.zeros(shape)
    deaths[..., : made.deaths.shape[-1]] = made.deaths / FIVE  # by group: only their sum is told
    return Projection(
        _each_day(plan.population, made.populations, FIVE, years),
        births,
        np.repeat(deaths, FIVE, axis=1)[:, :years],
    )


def _by_ratios(plan: Plan, before: Floats) -> Projection:
    """Cohort change ratios between two censuses; births and deaths are not known."""
    years, width = len(plan.years), plan.apart
    early, late = (group_ages(people, width=width)[0] for people in (before, plan.population))
    made = hamilton_perry(early, late, -(-years // width), width=width, limits=(0.1, 3.0))
    units = len(plan.population)
    nothing = np.full((units, years, 2), np.nan)
    return Projection(
        _each_day(plan.population, made, width, years),
        nothing,
        np.broadcast_to(nothing[..., None], (units, years, 2, AGES)),
    )


def _each_day(start: Floats, groups: Floats, width: int, years: int) -> Floats:
    """Single ages on each day (unit, year + 1, sex, age): groups split by a spline, days between by straight lines."""
    single = graduate(groups, ages=np.arange(0, OPEN + 1, width), method="monotone")
    single[:, 0] = start
    low, part = np.divmod(np.arange(years + 1), width)
    share = (part / width)[:, None, None]
    after = single[:, np.minimum(low + 1, single.shape[1] - 1)]
    found: Floats = single[:, low] * (1 - share) + after * share
    return found
