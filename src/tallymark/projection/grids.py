"""Rows of tables → arrays by single year of age to 100 and over: people, death rates, fertility, migrants."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from tallymark.findings import Where
from tallymark.population import extend_open_group, graduate, graduate_rates, group_ages, life_table, smooth
from tallymark.population.arrays import Floats
from tallymark.programme.files import Folder
from tallymark.projection.tables import ALL, Table

OPEN = 100
AGES = OPEN + 1
EVERY_YEAR = TOGETHER = -1

Spread = Callable[[Floats, Floats, int, int], Floats]
"""First ages and values of groups, the unit's place (−1: all) and the year (−1: every one) → values of single years."""
Cells = Mapping[tuple[str, int, int], dict[int, float]]
"""(unit, year, sex) → value at the first age of each group."""


def cells_of(table: Table) -> Cells:
    """The values of a table by unit, year (−1: every year) and sex; rows without sex hold for both."""
    found: dict[tuple[str, int, int], dict[int, float]] = {}
    for row in table.rows:
        for sex in (0, 1) if row.sex is None else (row.sex,):
            key = (row.unit, EVERY_YEAR if row.year is None else row.year, sex)
            found.setdefault(key, {})[row.age] = row.value
    return found


def complete(folder: Folder, table: Table, units: Sequence[str], *, for_all: bool) -> bool:
    """Whether every unit (or all of them together) has every age of the table, in every year; finds what is missing."""
    cells, ages = cells_of(table), sorted({row.age for row in table.rows})
    years = sorted({year for _, year, _ in cells})
    known = len(folder.findings)
    if not ages:
        folder.wrong("source", Where(file=table.name), "the table has no rows")
    for unit in units:
        for year in years:
            for sex in (0, 1):
                own = cells.get((unit, year, sex)) or (cells.get((ALL, year, sex)) if for_all else None)
                gone = [age for age in ages if own is None or age not in own]
                if gone and len(folder.findings) - known < 20:
                    folder.wrong(
                        "source",
                        Where(file=table.name, unit=unit or None),
                        "unit '{unit}' has no {sex} at age {age}: a missing value is not zero",
                        "add the row; where nobody is there, write 0",
                        unit=unit or "*",
                        sex=("men", "women")[sex],
                        age=gone[0],
                    )
    return len(folder.findings) == known


def people(
    table: Table,
    units: Sequence[str],
    *,
    smoothing: str,
    graduation: str,
    mx: Floats,
    year: int | None = None,
) -> Floats:
    """People (unit, sex, age) by single years to 100 and over, of a year (the last when left out); an open group below
    is extended by death rates `mx`.
    """
    cells, ages = cells_of(table), table.ages()
    last = max(known for _, known, _ in cells) if year is None else year
    counts = np.array(
        [[[cells[unit, last, sex][int(age)] for age in ages] for sex in (0, 1)] for unit in units]
    )
    if smoothing != "none":
        counts, ages = smooth(counts, ages=ages, method=smoothing)
    if (np.diff(ages) > 1).any():
        counts = graduate(counts, ages=ages, method=graduation)
        ages = np.arange(ages[0], ages[-1] + 1)
    if ages[-1] > OPEN:
        return group_ages(counts, ages=ages, width=1, open_age=OPEN)[0]
    if ages[-1] < OPEN:
        return extend_open_group(counts, life_table(mx, sex=("male", "female")), ages=ages)[0]
    return counts


def death_rates(table: Table, units: Sequence[str], years: Sequence[int]) -> Floats:
    """Death rates (unit, year, sex, age) by single years; groups are joined by straight lines of their logarithms."""
    return _by_year(
        table,
        units,
        years,
        lambda ages, rates, *_: np.exp(_through_middles(ages, np.log(np.maximum(rates, 1e-7)), rates)),
    )


def _through_middles(ages: Floats, logs: Floats, rates: Floats) -> Floats:
    single = np.arange(AGES)
    if len(ages) == AGES and (np.diff(ages) == 1).all():
        return logs
    wide = np.append(np.diff(ages), min(1 / max(rates[-1], 0.05), 12.0) * 2)
    middle = ages + wide / 2
    slope = max((logs[-1] - logs[-2]) / (middle[-1] - middle[-2]), 0.0)
    found: Floats = np.interp(single + 0.5, middle, logs)
    beyond = single + 0.5 > middle[-1]
    found[beyond] = np.minimum(logs[-1] + slope * (single[beyond] + 0.5 - middle[-1]), np.log(0.9))
    # infants and young children stand for themselves
    for age, width, value in zip(ages, wide, logs, strict=True):
        if age + width <= 5:
            found[int(age) : int(age + width)] = value
    return found


def fertility_rates(table: Table, units: Sequence[str], years: Sequence[int], women: Floats) -> Floats:
    """Births a woman (unit, year, age) by single years, of women (unit, age) at the start.

    Rates of groups that were measured until the first year are births ÷ women of the group, and are shared out by the
    women who are there; those of later years are assumptions, and keep their sums.
    """

    def spread(ages: Floats, rates: Floats, unit: int, year: int) -> Floats:
        found = np.zeros(AGES)
        last = ages[-1] - ages[-2] if len(ages) > 1 else 5
        wide = np.append(np.diff(ages), last)
        if (wide == 1).all():
            single = rates
        elif len(ages) > 1 and year <= years[0]:
            here = women.sum(axis=0) if unit == TOGETHER else women[unit]
            single = graduate_rates(rates, here[int(ages[0]) : int(ages[-1] + last)], ages=ages)
        else:
            single = graduate(rates * wide, ages=ages, method="monotone", open_group=False)
        found[int(ages[0]) : int(ages[0]) + len(single)] = np.maximum(single, 0.0)
        return found

    found: Floats = _by_year(table, units, years, spread)[:, :, 1]
    return found


def migrants(table: Table, units: Sequence[str], years: Sequence[int]) -> Floats:
    """Net migrants a year (unit, year, sex, age), groups spread evenly; the open one over ten years."""

    def spread(ages: Floats, counts: Floats, unit: int, year: int) -> Floats:
        del unit, year
        found = np.zeros(AGES)
        wide = np.append(np.diff(ages), 1 if ages[-1] >= OPEN else min(10, AGES - ages[-1])).astype(int)
        for age, width, count in zip(ages.astype(int), wide, counts, strict=True):
            found[min(age, OPEN) : age + width] += count / width
        return found

    return _by_year(table, units, years, spread)


def _by_year(table: Table, units: Sequence[str], years: Sequence[int], spread: Spread) -> Floats:
    """Every unit's values in every year: straight between the table's years, level before and after."""
    cells, ages = cells_of(table), table.ages()
    known = sorted({year for _, year, _ in cells})
    found = np.empty((len(units), len(years), 2, AGES))
    for at, unit in enumerate(units):
        for sex in (0, 1):
            each = []
            for year in known:
                own = cells.get((unit, year, sex))
                values = own or cells[ALL, year, sex]
                each.append(
                    spread(ages, np.array([values[int(age)] for age in ages]), at if own else TOGETHER, year)
                )
            rows = np.array(each)
            if len(known) == 1:
                found[at, :, sex] = rows[0]
            else:
                for age in range(AGES):
                    found[at, :, sex, age] = np.interp(years, known, rows[:, age])
    return found


def moves(table: Table, units: Sequence[str]) -> Floats:
    """Parts of those who live in a unit who move to another in a year (from, to, sex, age), groups alike in all ages."""
    at = {unit: place for place, unit in enumerate(units)}
    ages = table.ages().astype(int)
    beyond = dict(zip(ages, [*ages[1:], AGES], strict=True))
    found = np.zeros((len(units), len(units), 2, AGES))
    for row in table.rows:
        for sex in (0, 1) if row.sex is None else (row.sex,):
            found[at[row.unit], at[row.to], sex, row.age : beyond[row.age]] = row.value
    return found


def whole(table: Table, years: Sequence[int]) -> Floats:
    """People of all units together (year, sex, age) by single years to 100 and over."""

    def to_the_open(ages: Floats, counts: Floats, unit: int, year: int) -> Floats:
        del unit, year
        return group_ages(counts, ages=ages, width=1, open_age=OPEN)[0]

    found: Floats = _by_year(table, (ALL,), years, to_the_open)[0]
    return found
