"""A scenario file with its tables, resolved: everything that a projection needs, as arrays."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tallymark.errors import ProgrammeError
from tallymark.findings import Finding, errors_among
from tallymark.model.text import Text
from tallymark.population import AgeGroup, RandomPath
from tallymark.population.arrays import Floats
from tallymark.programme.files import Folder
from tallymark.programme.texts import text_of
from tallymark.projection import grids
from tallymark.projection.reading import SECTION, read_scenario_file
from tallymark.projection.tables import Table, read_table
from tallymark.projection.written import WrittenCensus, WrittenProjection, WrittenScenario, WrittenTable
from tallymark.statistics import whipple

MAIN = "main"
GROUPS: Mapping[str, tuple[Text, AgeGroup]] = {
    "total": (Text("Everybody", "总人口"), AgeGroup()),
    "infants": (Text("Infants (under 1)", "婴儿（不满1岁）"), AgeGroup(0, 1)),
    "under_five": (Text("Children under 5", "5岁以下儿童"), AgeGroup(0, 5)),
    "school_entrants": (Text("School entrants (age 6)", "入学儿童（6岁）"), AgeGroup(6, 7)),
    "women_15_49": (Text("Women aged 15–49", "15–49岁妇女"), AgeGroup(15, 50, sex=1)),
    "working_age": (Text("Aged 15–64", "15–64岁"), AgeGroup(15, 65)),
    "elders_65": (Text("Aged 65 and over", "65岁及以上"), AgeGroup(65)),
    "elders_80": (Text("Aged 80 and over", "80岁及以上"), AgeGroup(80)),
}
"""Age groups that every projection tells."""
KINDS = ("fertility", "mortality", "migration")


@dataclass(frozen=True, slots=True)
class Course:
    """One scenario's rates: mortality and migration (unit, year, sex, age), fertility (unit, year, age)."""

    title: Text
    description: Text
    mortality: Floats
    fertility: Floats
    migration: Floats


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier census: its day, and its people (unit, sex, age)."""

    date: dt.date
    population: Floats


@dataclass(frozen=True, slots=True)
class Plan:
    """A projection ready to be run. `years` are those that are lived through, `dates` the days people are counted on."""

    title: Text
    description: Text
    units: tuple[str, ...]
    titles: Mapping[str, Text]
    years: tuple[int, ...]
    dates: tuple[dt.date, ...]
    population: Floats
    sex_ratio_at_birth: float
    courses: Mapping[str, Course]
    groups: Mapping[str, tuple[Text, AgeGroup]]
    paths: Mapping[str, RandomPath] | None
    futures: int
    seed: int
    whole: Floats | None
    earlier: Earlier | None
    whipple: Floats | None
    hash: str
    findings: tuple[Finding, ...]


def load_plan(path: str | Path) -> Plan:
    """The plan that a scenario file declares.

    Errors: ProgrammeError carries every finding when any is an error.
    """
    folder, written = read_scenario_file(Path(path))
    plan = _resolve(folder, written) if written is not None else None
    errors = errors_among(folder.findings)
    if plan is None or errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise ProgrammeError(f"{errors[0]}{more}" if errors else "nothing is declared", folder.findings)
    return replace(plan, findings=tuple(folder.findings))


def _resolve(folder: Folder, written: WrittenProjection) -> Plan | None:
    tables = _tables(folder, written)
    if tables is None:
        return None
    census, years = tables["population"], _years(written)
    units = census.units() or ("",)
    checks = [grids.complete(folder, census, units, for_all=False)]
    checks += [
        grids.complete(folder, table, units, for_all=name != "earlier")
        for name, table in tables.items()
        if name not in ("population", "whole")
    ]
    if not all(checks) or not _ages_fit(folder, tables) or not _before(folder, written):
        return None
    mortality = grids.death_rates(tables["mortality"], units, years)
    people = _people(census, written.population, units, mortality[:, 0])
    base = Course(
        title=Text("Main", "主方案"),
        description=Text("", ""),
        mortality=mortality,
        fertility=grids.fertility_rates(tables["fertility"], units, years, people[:, 1]),
        migration=grids.migrants(tables["migration"], units, years)
        if "migration" in tables
        else np.zeros_like(mortality),
    )
    scenarios = {MAIN: written.main, **written.scenarios}
    uncertain = written.uncertainty
    return Plan(
        title=text_of(written.title, "Projection"),
        description=text_of(written.description, ""),
        units=units,
        titles={unit: text_of(written.units.get(unit), unit) for unit in units},
        years=years,
        dates=tuple(_day(written.start, ahead) for ahead in range(written.years + 1)),
        population=people,
        sex_ratio_at_birth=written.sex_ratio_at_birth,
        courses={name: _course(base, one, name, years) for name, one in scenarios.items()},
        groups=_groups(folder, written),
        paths=None if uncertain is None else _paths(written),
        futures=uncertain.futures if uncertain else 0,
        seed=uncertain.seed if uncertain else 0,
        whole=grids.whole(tables["whole"], [written.start.year + a for a in range(written.years + 1)])
        if "whole" in tables
        else None,
        earlier=_earlier(written, tables, units, mortality[:, 0]),
        whipple=_heaping(census, units),
        hash=hashlib.sha256(b"".join(folder.bytes[name] for name in sorted(folder.bytes))).hexdigest(),
        findings=(),
    )


def _people(table: Table, written: WrittenCensus, units: Sequence[str], mx: Floats) -> Floats:
    return grids.people(table, units, smoothing=written.smooth, graduation=written.graduate, mx=mx)


def _earlier(
    written: WrittenProjection, tables: Mapping[str, Table], units: Sequence[str], mx: Floats
) -> Earlier | None:
    if written.earlier is None:
        return None
    return Earlier(written.earlier.date, _people(tables["earlier"], written.earlier, units, mx))


def _tables(folder: Folder, written: WrittenProjection) -> dict[str, Table] | None:
    declared: dict[str, WrittenTable | None] = {
        "population": written.population,
        "earlier": written.earlier,
        "mortality": written.mortality,
        "fertility": written.fertility,
        "migration": written.migration,
        "whole": written.whole,
    }
    found, whole = {}, True
    for name, one in declared.items():
        if one is None:
            continue
        needs = ("year", "sex") if name == "whole" else ("sex",) if name != "fertility" else ()
        table = read_table(folder, one.file, (SECTION, name), needs=needs, signed=name == "migration")
        whole &= table is not None
        if table is not None:
            found[name] = table
    return found if whole and not errors_among(folder.findings) else None


def _ages_fit(folder: Folder, tables: Mapping[str, Table]) -> bool:
    """Whether the ages are ones that the methods can work on."""
    known = len(folder.findings)
    census, deaths = tables["population"].ages(), tables["mortality"].ages()
    earlier = tables["earlier"].ages() if "earlier" in tables else census
    for name, ages in (("population", census), ("earlier", earlier), ("mortality", deaths)):
        if ages[0] != 0 or len(ages) < 4:
            folder.wrong(
                "source",
                folder.positions.where(SECTION, name),
                "ages of this table start at {age}: it needs those from 0 on",
                age=int(ages[0]),
            )
    if any((np.diff(ages) > 1).any() and (ages[ages >= 5] % 5).any() for ages in (census, earlier)):
        folder.wrong(
            "source",
            folder.positions.where(SECTION, "population"),
            "age groups of the census must be single years or fives",
        )
    return len(folder.findings) == known


def _before(folder: Folder, written: WrittenProjection) -> bool:
    """Whether the earlier census lies whole years before the start."""
    one = written.earlier
    if one is None:
        return True
    years = written.start.year - one.date.year
    if years < 1 or (one.date.month, one.date.day) != (written.start.month, written.start.day):
        folder.wrong("period", folder.positions.where(SECTION, "earlier", "date"),
                     "an earlier census lies whole years before the start, and {date} does not lie so before {start}",
                     "leave `earlier:` out where the days differ", date=one.date, start=written.start)  # fmt: skip
    return years >= 1


def _years(written: WrittenProjection) -> tuple[int, ...]:
    """The calendar year in which most of each step lies."""
    return tuple(_middle(written.start, ahead) for ahead in range(written.years))


def _middle(start: dt.date, ahead: int) -> int:
    return (start + dt.timedelta(days=182)).year + ahead


def _day(start: dt.date, ahead: int) -> dt.date:
    leap = start.month == 2 and start.day == 29
    return start.replace(year=start.year + ahead, day=28 if leap and ahead % 4 else start.day)


def _course(base: Course, written: WrittenScenario, name: str, years: Sequence[int]) -> Course:
    first, at = years[0] - 1, np.asarray(years)
    fertility, mortality, migration = (_along(course, first, at) for course in (
        written.fertility.factor, written.mortality.factor, written.migration.factor))  # fmt: skip
    mortality = mortality * (1 - written.mortality.decline) ** np.arange(1, len(years) + 1)
    if written.fertility.total is not None:
        now = float(base.fertility[:, 0].sum(-1).mean())
        fertility = fertility * _along(written.fertility.total, first, at, now) / now
    for change in written.changes:
        holds = (at >= change.start) & (at <= (change.until or at[-1]))
        fertility = np.where(holds, fertility * change.fertility, fertility)
        mortality = np.where(holds, mortality * change.mortality, mortality)
        migration = np.where(holds, migration * change.migration, migration)
    return Course(
        title=text_of(written.title, name)
        if written.title
        else base.title
        if name == MAIN
        else Text(name, name),
        description=text_of(written.description, ""),
        mortality=base.mortality * mortality[:, None, None],
        fertility=base.fertility * fertility[:, None],
        migration=base.migration * migration[:, None, None],
    )


def _along(course: Mapping[int, float] | None, first: int, years: Floats, start: float = 1.0) -> Floats:
    """A declared course: straight lines from `start` in the year before the first to the declared years, then level."""
    if course is None:
        return np.full(len(years), start)
    known = {first: start, **course} if min(course) > first else dict(course)
    ordered = sorted(known)
    return np.interp(years, ordered, [known[year] for year in ordered])


def _groups(folder: Folder, written: WrittenProjection) -> dict[str, tuple[Text, AgeGroup]]:
    found = dict(GROUPS)
    for name, group in written.groups.items():
        low, high = group.ages[0] or 0, group.ages[1]
        if not 0 <= low <= (high if high is not None else grids.OPEN) <= grids.OPEN:
            folder.wrong("wrong_value", folder.positions.where(SECTION, "groups", name, "ages"),
                         "nobody is aged {low} to {high}", "write the first and the last age: [6, 14]",
                         low=low, high=high)  # fmt: skip
            continue
        sex = None if group.sex is None else ("male", "female").index(group.sex)
        found[name] = (
            text_of(group.title, name),
            AgeGroup(low, None if high is None else high + 1, sex),
        )
    return found


def _paths(written: WrittenProjection) -> dict[str, RandomPath]:
    uncertain = written.uncertainty
    return {
        kind: RandomPath(**path.model_dump())
        for kind in KINDS
        if uncertain is not None and (path := getattr(uncertain, kind)) is not None
    }


def _heaping(census: Table, units: Sequence[str]) -> Floats | None:
    """Whipple's index of each unit (1: no preference, 5: only ages that end in 0 and 5), where ages are single years."""
    ages = census.ages()
    if len(ages) < 63 or (np.diff(ages[:63]) > 1).any():
        return None
    cells = grids.cells_of(census)
    year = next(iter(cells))[1]
    counts = [[sum(cells[unit, year, sex][age] for sex in (0, 1)) for age in range(63)] for unit in units]
    return np.asarray(whipple(np.array(counts, dtype=float), np.arange(63)))
