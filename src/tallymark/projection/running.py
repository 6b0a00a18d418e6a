"""A plan run: every scenario projected, the main one with futures around it, and brought to the whole where declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from tallymark.population import (
    AgeGroup,
    Backtest,
    Forecast,
    History,
    Projection,
    backtest,
    forecast,
    project,
    reconcile,
)
from tallymark.population.arrays import Floats
from tallymark.population.choosing import CANDIDATES
from tallymark.projection.courses import MAIN
from tallymark.projection.scenario import Plan
from tallymark.projection.ways import all_migrants, carried_on, survival_of

LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
EVENTS = ("births", "deaths")
OLDEST = 100
HORIZONS, CHOOSING, TRIED = (5, 10, 20), 3, 300
PYRAMID = {
    f"{sex}:{age}": AgeGroup(age, age + 5 if age < OLDEST else None, sex)
    for sex in (0, 1)
    for age in range(0, OLDEST + 1, 5)
}
"""Five-year groups of each sex, whose futures pyramids show."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a plan comes to.

    scenarios: populations (unit, year + 1, sex, age), births and deaths of each; sums: (unit, year + 1, group) of each,
    the groups of the plan, then births and deaths of the year that ends there (NaN at the start). futures: of the
    main scenario, None without declared uncertainty. bands: (unit, sex, five-year group, level) of futures on the last
    day, for pyramids, and those of all units together; empty without futures. said: people of each unit at the start
    as the same rates would have said from an earlier census.
    """

    plan: Plan
    scenarios: Mapping[str, Projection]
    sums: Mapping[str, Floats]
    futures: Forecast | None
    bands: Floats
    total_bands: Floats
    said: Floats | None = None
    tried: tuple[Backtest, ...] = ()
    """What the history's earlier years would have said of its end."""

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the columns of sums."""
        return (*self.plan.groups, *EVENTS)


def run_scenarios(plan: Plan) -> Result:
    """The result of a plan; the same plan gives the same numbers."""
    scenarios = {name: carried_on(plan, course) for name, course in plan.courses.items()}
    plain = {name: _sums(plan, one) for name, one in scenarios.items()}
    futures = None if plan.paths is None else _futures(plan, scenarios[MAIN])
    said = None if plan.earlier is None or plan.ratios is not None else _said(plan)
    tried = () if plan.history is None else _tried(plan, plan.history)
    nothing = np.empty((len(plan.units), 2, 0, len(LEVELS)))
    each, together = (nothing, nothing[0]) if futures is None else _bands(plan, futures)
    futures = None if futures is None else _told(plan, futures)
    if plan.whole is None:
        return Result(
            plan, scenarios, plain, futures, bands=each, total_bands=together, said=said, tried=tried
        )
    main = scenarios[MAIN]
    scenarios[MAIN] = main._replace(populations=reconcile(main.populations, plan.whole))
    sums = plain | {MAIN: _sums(plan, scenarios[MAIN])}
    if futures is not None:
        futures = _scaled(futures, plain[MAIN], sums[MAIN])
    return Result(plan, scenarios, sums, futures, bands=each, total_bands=together, said=said, tried=tried)


def _said(plan: Plan) -> Floats:
    """People at the start, by the first year's rates from the earlier census."""
    earlier, course = plan.earlier, plan.courses[MAIN]
    if earlier is None:
        return np.empty(0)
    steps = [0] * (plan.dates[0].year - earlier.date.year)
    made = project(
        earlier.population,
        survival_of(course)[:, steps],
        course.fertility[:, steps],
        plan.sex_ratio_at_birth,
        course.migration[:, steps],
    )
    found: Floats = made.populations[:, -1].sum(axis=(-1, -2))
    return found


def _tried(plan: Plan, history: History) -> tuple[Backtest, ...]:
    """Back-tests over ten and twenty years, as far as the history reaches, each method chosen by what was known then."""
    horizons = [years for years in HORIZONS if years <= history.years - 2 * CHOOSING]
    return tuple(
        backtest(
            history,
            years,
            candidates=CANDIDATES,
            sex_ratio_at_birth=plan.sex_ratio_at_birth,
            futures=TRIED,
            seed=plan.seed,
        )
        for years in horizons
    )


def _futures(plan: Plan, made: Projection) -> Forecast:
    course = plan.courses[MAIN]
    return forecast(
        plan.population,
        survival_of(course),
        course.fertility,
        plan.sex_ratio_at_birth,
        migration=all_migrants(plan, course, made),
        migration_pattern=plan.who_moves,
        paths=plan.paths or {},
        groups={name: group for name, (_, group) in plan.groups.items()} | PYRAMID,
        levels=LEVELS,
        futures=plan.futures,
        seed=plan.seed,
    )


def _bands(plan: Plan, futures: Forecast) -> tuple[Floats, Floats]:
    """Quantiles of the pyramid's groups on the last day, by unit and of all together."""
    own = slice(len(plan.groups), len(plan.groups) + len(PYRAMID))
    each, total = futures.quantiles[:, -1, own], futures.total[-1, own]
    return each.reshape(len(plan.units), 2, -1, len(LEVELS)), total.reshape(2, -1, len(LEVELS))


def _told(plan: Plan, futures: Forecast) -> Forecast:
    """Futures without the pyramid's groups."""
    at = [*range(len(plan.groups)), -2, -1]
    return replace(
        futures,
        groups=(*plan.groups, *EVENTS),
        quantiles=futures.quantiles[:, :, at],
        mean=futures.mean[:, :, at],
        deviation=futures.deviation[:, :, at],
        total=futures.total[:, at],
        total_mean=futures.total_mean[:, at],
        total_deviation=futures.total_deviation[:, at],
    )


def _sums(plan: Plan, made: Projection) -> Floats:
    """Sums of the plan's groups, then births and deaths."""
    columns = [_group(made.populations, group) for _, group in plan.groups.values()]
    nothing = np.full((len(plan.units), 1), np.nan)
    columns.append(np.concatenate([nothing, made.births.sum(axis=-1)], axis=1))
    columns.append(np.concatenate([nothing, made.deaths.sum(axis=(-1, -2))], axis=1))
    return np.stack(columns, axis=-1)


def _group(people: Floats, group: AgeGroup) -> Floats:
    sexes = slice(None) if group.sex is None else slice(group.sex, group.sex + 1)
    found: Floats = people[..., sexes, group.first : group.beyond].sum(axis=(-1, -2))
    return found


def _scaled(futures: Forecast, before: Floats, after: Floats) -> Forecast:
    """Futures moved with the main scenario to the whole, each group by its own factor."""
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(before > 0, after / before, 1.0)
        whole = np.where(before.sum(0) > 0, after.sum(0) / before.sum(0), 1.0)
    return replace(
        futures,
        quantiles=futures.quantiles * factor[..., None],
        mean=futures.mean * factor,
        deviation=futures.deviation * factor,
        total=futures.total * whole[..., None],
        total_mean=futures.total_mean * whole,
        total_deviation=futures.total_deviation * whole,
    )
