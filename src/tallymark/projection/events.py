"""Tables of events (deaths, births) → tables of rates, those of small units drawn towards all together or neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tallymark.findings import Where, did_you_mean
from tallymark.population import shrink_rates
from tallymark.population.arrays import Floats
from tallymark.programme.files import Folder, Path_
from tallymark.projection.grids import cells_of
from tallymark.projection.tables import ALL, Row, Table, read_pairs
from tallymark.projection.written import WrittenEvents

Beside = NDArray[np.bool_]
FEMALE = 1


def rates_of_events(
    folder: Folder, table: Table, census: Table, units: Sequence[str], *, written: WrittenEvents, path: Path_
) -> Table | None:
    """The table with rates in place of events: events ÷ (people counted × years); None with a finding where it cannot be.

    Births (no sex in the table) are of women. With `toward: together` each unit's rates are the pattern of all units
    times its own level, drawn to 1 as far as chance explains the difference (Marshall 1991); with `neighbours` drawn to
    the level around it.
    """
    ages, known = table.ages(), census.ages()
    if not np.isin(ages, known).all() or any(row.year is not None for row in table.rows):
        folder.wrong("source", folder.positions.where(*path),
                     "events are set against the people counted: their ages have to start where ages of the census do, "
                     "without years")  # fmt: skip
        return None
    beside = None
    if written.toward == "neighbours":
        beside = _beside(folder, units, written, path)
        if beside is None:
            return None
    born = all(row.sex is None for row in table.rows)
    rows: list[Row] = []
    for sex in (FEMALE,) if born else (0, FEMALE):
        seen, exposed = _seen(table, units, sex, ages), _people(census, units, sex, ages, open_last=not born)
        rates = _rates(seen, written.years * exposed, ages, written, beside)
        rows += [
            Row(unit, None, None if born else sex, int(age), float(rates[at, place]), 0)
            for at, unit in enumerate(units)
            for place, age in enumerate(ages)
        ]
    return replace(table, rows=tuple(rows))


def _rates(
    seen: Floats, exposed: Floats, ages: Floats, written: WrittenEvents, beside: Beside | None
) -> Floats:
    if written.toward == "none":
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(exposed > 0, seen / np.where(exposed > 0, exposed, 1.0), 0.0)
    bands = np.unique(np.searchsorted(ages, [band for band in written.bands if band <= ages[-1]]))
    return shrink_rates(seen, exposed, neighbours=beside, bands=bands.tolist()).rates


def _seen(table: Table, units: Sequence[str], sex: int, ages: Floats) -> Floats:
    cells = cells_of(table)
    year = next(iter(cells))[1]
    return np.array([[cells.get((unit, year, sex), {}).get(int(age), 0.0) for age in ages] for unit in units])


def _people(census: Table, units: Sequence[str], sex: int, ages: Floats, *, open_last: bool) -> Floats:
    """People counted in the groups of `ages`; the last is open, or as wide as the one before."""
    cells, known = cells_of(census), census.ages()
    year = next(iter(cells))[1]
    found = np.array([[cells[unit, year, sex][int(age)] for age in known] for unit in units])
    last = np.inf if open_last or len(ages) < 2 else 2 * ages[-1] - ages[-2]
    groups = pairwise([*ages, last])
    return np.stack([found[:, (known >= low) & (known < high)].sum(axis=1) for low, high in groups], axis=1)


def _beside(folder: Folder, units: Sequence[str], written: WrittenEvents, path: Path_) -> Beside | None:
    """Which units lie side by side, both ways; None with a finding where the table is absent or names another."""
    if written.neighbours is None:
        folder.wrong("source", folder.positions.where(*path), "`toward: neighbours` needs the table of `neighbours:`",
                     "add a CSV file with the columns unit and neighbour")  # fmt: skip
        return None
    pairs = read_pairs(folder, written.neighbours.file, (*path, "neighbours"))
    if pairs is None:
        return None
    at = {unit: place for place, unit in enumerate(units)}
    found = np.zeros((len(units), len(units)), dtype=bool)
    for one, other, line in pairs:
        for name in (one, other):
            if name not in at:
                near = did_you_mean(name, units)
                folder.wrong("source", Where(file=written.neighbours.file, row=line), "no unit is called '{name}'",
                             "did you mean {near}?" if near else "", name=name or ALL, near=", ".join(near))  # fmt: skip
                return None
        found[at[one], at[other]] = found[at[other], at[one]] = True
    return found
