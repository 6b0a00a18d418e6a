"""Whether the tables of a scenario fit each other and the method; what does not is found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tallymark.findings import Where, did_you_mean
from tallymark.programme.files import Folder
from tallymark.projection.grids import OPEN
from tallymark.projection.past import PAST
from tallymark.projection.reading import SECTION
from tallymark.projection.tables import Table
from tallymark.projection.written import WrittenProjection

MOST = 20
"""Findings of a kind that are told."""


def whole(folder: Folder, written: WrittenProjection) -> bool:
    """Whether the method has what it needs."""
    known = len(folder.findings)
    ratios = written.method == "hamilton_perry"
    needed = () if written.history is not None or ratios else ("mortality", "fertility")
    for name in needed:
        if getattr(written, name) is None:
            folder.wrong("source", folder.positions.where(SECTION), "the projection has no `{name}:`",
                         "declare the table, or `history:`, from which rates are made", name=name)  # fmt: skip
    if ratios and written.earlier is None:
        folder.wrong("source", folder.positions.where(SECTION, "method"),
                     "`hamilton_perry` needs an `earlier:` census to take change ratios from",
                     "declare it, five or ten years before the start")  # fmt: skip
    clash = [
        name for name in ("uncertainty", "moves", "history") if ratios and getattr(written, name) is not None
    ]
    if clash:
        folder.wrong("source", folder.positions.where(SECTION, clash[0]),
                     "`hamilton_perry` goes by change ratios alone and takes no `{name}:`", "leave one of them out",
                     name=clash[0])  # fmt: skip
    if written.step != 1 and written.moves is not None:
        folder.wrong("source", folder.positions.where(SECTION, "step"),
                     "moves between units go by single years: they do not fit steps of {step}", "leave `step:` out",
                     step=written.step)  # fmt: skip
    return len(folder.findings) == known


def ages_fit(folder: Folder, tables: Mapping[str, Table]) -> bool:
    """Whether the ages are ones that the methods can work on."""
    known = len(folder.findings)
    census = tables["population"].ages()
    deaths = tables["mortality"].ages() if "mortality" in tables else census
    earlier = tables["earlier"].ages() if "earlier" in tables else census
    for name, ages in (("population", census), ("earlier", earlier), ("mortality", deaths)):
        if ages[0] != 0 or len(ages) < 4:
            folder.wrong(
                "source",
                folder.positions.where(SECTION, name),
                "ages of this table start at {age}: it needs those from 0 on",
                age=int(ages[0]),
            )
    if census[-1] < OPEN and "mortality" not in tables and PAST + "mortality" not in tables:
        folder.wrong("source", folder.positions.where(SECTION, "population"),
                     "the census ends at {age} and over, and without death rates nobody can be carried beyond",
                     "declare `mortality:`, or single ages to 100", age=int(census[-1]))  # fmt: skip
    if any((np.diff(ages) > 1).any() and (ages[ages >= 5] % 5).any() for ages in (census, earlier)):
        folder.wrong(
            "source",
            folder.positions.where(SECTION, "population"),
            "age groups of the census must be single years or fives",
        )
    return len(folder.findings) == known


def places(folder: Folder, tables: Mapping[str, Table], units: Sequence[str]) -> bool:
    """Whether moves go between units of the census, and never more than all leave."""
    table, known = tables.get("moves"), len(folder.findings)
    if table is None:
        return True
    leaving: dict[tuple[str, int | None, int], float] = {}
    for row in table.rows:
        for name in (row.unit, row.to):
            if name not in units and len(folder.findings) - known < MOST:
                near = did_you_mean(name, units)
                folder.wrong("source", Where(file=table.name, row=row.line), "no unit is called '{name}'",
                             "did you mean {near}?" if near else "", name=name, near=", ".join(near))  # fmt: skip
        if row.unit != row.to:
            key = (row.unit, row.sex, row.age)
            leaving[key] = leaving.get(key, 0.0) + row.value
    for (unit, _, age), part in leaving.items():
        if part > 1 and len(folder.findings) - known < MOST:
            folder.wrong("source", Where(file=table.name, unit=unit),
                         "more than all leave '{unit}' at age {age}: the parts add to {part}",
                         "write parts of those who live there: 0.02 is two per cent", unit=unit, age=age,
                         part=round(part, 4))  # fmt: skip
    return len(folder.findings) == known


def apart(folder: Folder, written: WrittenProjection) -> bool:
    """Whether the earlier census lies whole years before the start."""
    one = written.earlier
    if one is None:
        return True
    years = written.start.year - one.date.year
    if years < 1 or (one.date.month, one.date.day) != (written.start.month, written.start.day):
        folder.wrong("period", folder.positions.where(SECTION, "earlier", "date"),
                     "an earlier census lies whole years before the start, and {date} does not lie so before {start}",
                     "leave `earlier:` out where the days differ", date=one.date, start=written.start)  # fmt: skip
    if written.method == "hamilton_perry" and years not in (5, 10):
        folder.wrong("period", folder.positions.where(SECTION, "earlier", "date"),
                     "change ratios need censuses five or ten years apart, not {years}",
                     "declare rates, and `method: cohort_component`", years=years)  # fmt: skip
        return False
    return years >= 1
