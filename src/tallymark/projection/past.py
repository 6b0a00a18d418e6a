"""The tables of past years → a `History`, from which rates to come and how far they wander are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tallymark.findings import Where
from tallymark.population import History, life_table, net_migration
from tallymark.population.arrays import Floats
from tallymark.programme.files import Folder
from tallymark.projection import grids
from tallymark.projection.tables import Table
from tallymark.projection.written import WrittenProjection

PAST = "history."
"""Before the names of its tables."""


def history_of(
    folder: Folder, written: WrittenProjection, tables: Mapping[str, Table], units: Sequence[str]
) -> History | None:
    """What is known of the past; None with a finding where its years do not fit together."""
    people, deaths = tables[PAST + "population"], tables[PAST + "mortality"]
    ends, years = _years(people), _years(deaths)
    known = (
        len(ends) > len(years) >= 2
        and ends == list(range(written.start.year - len(ends) + 1, written.start.year + 1))
        and years == ends[-len(years) :]
    )
    if not known:
        folder.wrong("source", Where(file=people.name),
                     "a history needs people of each year until {last}, and rates of two years or more until then, "
                     "without gaps",
                     "rates of a year are of the twelve months before its day", last=written.start.year)  # fmt: skip
        return None
    mortality = grids.death_rates(deaths, units, years)
    usual = {"smoothing": "none", "graduation": "monotone"}
    each = [grids.people(people, units, **usual, mx=_near(mortality, years, end), year=end) for end in ends]
    counted = np.stack(each, axis=1)
    women = counted[:, -1, 1]
    fertility = grids.fertility_rates(tables[PAST + "fertility"], units, years, women)
    moved = tables.get(PAST + "migration")
    return History(
        counted,
        mortality,
        fertility,
        grids.migrants(moved, units, years)
        if moved is not None
        else _left_over(counted[:, -len(years) - 1 :], mortality, fertility, written.sex_ratio_at_birth),
    )


def _years(table: Table) -> list[int]:
    return sorted({row.year for row in table.rows if row.year is not None})


def _near(mortality: Floats, years: Sequence[int], end: int) -> Floats:
    """Death rates of the year that is known nearest to an end."""
    return np.asarray(mortality[:, max(end - years[0], 0)])


def _left_over(people: Floats, mortality: Floats, fertility: Floats, ratio: float) -> Floats:
    """Net migrants (unit, year, sex, age) that explain the populations of consecutive years."""
    survival = life_table(mortality, sex=("male", "female")).survival()
    nobody = np.zeros(people[:, 1:, :, 0].shape)
    older = net_migration(people[:, :-1], people[:, 1:], survival, nobody)  # age 0 waits for births
    women = (people[:, :-1, 1] + people[:, 1:, 1] - older[:, :, 1]) / 2
    births = (fertility * women).sum(axis=-1)[..., None] * np.array([ratio, 1.0]) / (1 + ratio)
    return net_migration(people[:, :-1], people[:, 1:], survival, births)
