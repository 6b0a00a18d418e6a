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
from tallymark.population import AgeGroup, History, Method, Outlook, RandomPath, choose_method, outlook
from tallymark.population.arrays import Floats
from tallymark.programme.files import Folder, Path_, declared_file
from tallymark.programme.texts import text_of
from tallymark.projection import checks, grids
from tallymark.projection.courses import MAIN, Course, course_of
from tallymark.projection.events import rates_of_events
from tallymark.projection.past import PAST, history_of
from tallymark.projection.reading import SECTION, read_scenario_file
from tallymark.projection.tables import Table, read_table
from tallymark.projection.written import WrittenCensus, WrittenProjection, WrittenTable
from tallymark.statistics import whipple

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
USUAL_FUTURES = 1000
ENOUGH = 6
"""Years of rates from which a method can be chosen by how it did."""


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
    step: int = 1
    moves: Floats | None = None
    """Part of those in a unit who move to another (from, to, sex, age)."""
    ratios: Floats | None = None
    """People (unit, sex, age) of the census before, where change ratios carry on; `apart` years before."""
    apart: int = 0
    history: History | None = None
    geometry: Path | None = None
    geometry_key: str | None = None
    who_moves: Floats | None = None
    """Whose migration wanders (unit, sex, age)."""


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
    if tables is None or not checks.whole(folder, written):
        return None
    census, years = tables["population"], _years(written)
    units = census.units() or ("",)
    tables = _with_rates(folder, written, tables, units)
    complete = [grids.complete(folder, census, units, for_all=False)]
    complete += [
        grids.complete(folder, table, units, for_all=name != "earlier")
        for name, table in tables.items()
        if name not in ("population", "whole", "moves")
    ]
    fit = all(complete) and checks.ages_fit(folder, tables) and checks.apart(folder, written)
    if not fit or not checks.places(folder, tables, units):
        return None
    history = history_of(folder, written, tables, units) if written.history else None
    if written.history and history is None:
        return None
    return _planned(folder, written, tables, units, years, history)


def _planned(
    folder: Folder,
    written: WrittenProjection,
    tables: Mapping[str, Table],
    units: tuple[str, ...],
    years: tuple[int, ...],
    history: History | None,
) -> Plan:
    census, uncertain = tables["population"], written.uncertainty
    ahead = None if history is None else _ahead(written, history, len(years))
    base = _base(written, tables, units, years, ahead)
    mx = base.mortality[:, 0]
    people = _people(census, written.population, units, mx)
    if ahead is None and "fertility" in tables:
        base = replace(base, fertility=grids.fertility_rates(tables["fertility"], units, years, people[:, 1]))
    earlier = _earlier(written, tables, units, mx)
    scenarios = {MAIN: written.main, **written.scenarios}
    ratios = written.method == "hamilton_perry" and earlier is not None
    return Plan(
        title=text_of(written.title, "Projection"),
        description=text_of(written.description, ""),
        units=units,
        titles={unit: text_of(written.units.get(unit), unit) for unit in units},
        years=years,
        dates=tuple(_day(written.start, later) for later in range(written.years + 1)),
        population=people,
        sex_ratio_at_birth=written.sex_ratio_at_birth,
        courses={
            name: course_of(base, one, name, years)
            for name, one in scenarios.items()
            if name == MAIN or not ratios
        },
        groups=_groups(folder, written),
        paths=_paths(written, ahead),
        futures=uncertain.futures if uncertain else USUAL_FUTURES if ahead is not None else 0,
        seed=uncertain.seed if uncertain else 1,
        whole=grids.whole(tables["whole"], [written.start.year + a for a in range(written.years + 1)])
        if "whole" in tables
        else None,
        earlier=earlier,
        whipple=_heaping(census, units),
        hash=hashlib.sha256(b"".join(folder.bytes[name] for name in sorted(folder.bytes))).hexdigest(),
        findings=(),
        step=written.step,
        moves=grids.moves(tables["moves"], units) if "moves" in tables else None,
        ratios=earlier.population if ratios and earlier is not None else None,
        apart=written.start.year - earlier.date.year if earlier is not None else 0,
        history=history,
        geometry=_geometry(folder, written),
        geometry_key=written.geometry.key if written.geometry else None,
        who_moves=None if ahead is None else ahead.migration_pattern,
    )


def _ahead(written: WrittenProjection, history: History, years: int) -> Outlook:
    """Rates to come, by the declared method."""
    chosen = written.history is not None and written.history.method == "chosen" and history.years >= ENOUGH
    method = choose_method(history, years) if chosen else Method()
    return outlook(history, years, method=method)


def _base(
    written: WrittenProjection,
    tables: Mapping[str, Table],
    units: Sequence[str],
    years: Sequence[int],
    ahead: Outlook | None,
) -> Course:
    """Rates before any scenario: of the history's outlook, or of the tables (fertility waits for the women counted)."""
    empty = np.zeros((len(units), len(years), 2, grids.AGES))
    if ahead is not None:
        mortality, fertility, migration = ahead.mortality, ahead.fertility, ahead.migration
    else:
        mortality = grids.death_rates(tables["mortality"], units, years) if "mortality" in tables else empty
        fertility = empty[:, :, 1]
        migration = grids.migrants(tables["migration"], units, years) if "migration" in tables else empty
    return Course(Text("Main", "主方案"), Text("", ""), mortality, fertility, migration)


def _with_rates(
    folder: Folder, written: WrittenProjection, tables: dict[str, Table], units: Sequence[str]
) -> dict[str, Table]:
    """The tables, with rates in place of events."""
    found = dict(tables)
    for name in ("mortality", "fertility"):
        declared = getattr(written, name)
        if declared is not None and declared.events is not None and name in tables:
            path = (SECTION, name, "events")
            made = rates_of_events(
                folder, tables[name], tables["population"], units, written=declared.events, path=path
            )
            found[name] = made or tables[name]
    return found


def _geometry(folder: Folder, written: WrittenProjection) -> Path | None:
    """The file of the units' outlines."""
    if written.geometry is None:
        return None
    there = declared_file(folder, written.geometry.file, (SECTION, "geometry", "file")) is not None
    return folder.root / written.geometry.file if there else None


def _people(table: Table, written: WrittenCensus, units: Sequence[str], mx: Floats) -> Floats:
    return grids.people(table, units, smoothing=written.smooth, graduation=written.graduate, mx=mx)


def _earlier(
    written: WrittenProjection, tables: Mapping[str, Table], units: Sequence[str], mx: Floats
) -> Earlier | None:
    if written.earlier is None:
        return None
    return Earlier(written.earlier.date, _people(tables["earlier"], written.earlier, units, mx))


def _tables(folder: Folder, written: WrittenProjection) -> dict[str, Table] | None:
    names = ("population", "earlier", "mortality", "fertility", "migration", "moves", "whole")
    declared: dict[str, tuple[WrittenTable | None, Path_]] = {
        name: (getattr(written, name), (SECTION, name)) for name in names
    }
    if written.history is not None:
        past = ("population", "mortality", "fertility", "migration")
        declared |= {
            PAST + name: (getattr(written.history, name), (SECTION, "history", name)) for name in past
        }
    found, whole = {}, True
    for name, (one, path) in declared.items():
        if one is None:
            continue
        kind = name.removeprefix(PAST)
        needs = ("sex",) if kind != "fertility" else ()
        needs = ("year", *needs) if name == "whole" or name != kind else needs
        needs = ("unit", "to", *needs) if name == "moves" else needs
        table = read_table(folder, one.file, path, needs=needs, signed=kind == "migration")
        whole &= table is not None
        if table is not None:
            found[name] = table
    return found if whole and not errors_among(folder.findings) else None


def _years(written: WrittenProjection) -> tuple[int, ...]:
    """The calendar year in which most of each step lies."""
    return tuple(_middle(written.start, ahead) for ahead in range(written.years))


def _middle(start: dt.date, ahead: int) -> int:
    return (start + dt.timedelta(days=182)).year + ahead


def _day(start: dt.date, ahead: int) -> dt.date:
    leap = start.month == 2 and start.day == 29
    return start.replace(year=start.year + ahead, day=28 if leap and ahead % 4 else start.day)


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


def _paths(written: WrittenProjection, ahead: Outlook | None) -> dict[str, RandomPath] | None:
    """How far things wander: as declared, else as the history shows; None where neither says."""
    uncertain = written.uncertainty
    if uncertain is None and ahead is None:
        return None
    declared = {
        kind: RandomPath(**path.model_dump())
        for kind in KINDS
        if uncertain is not None and (path := getattr(uncertain, kind)) is not None
    }
    return {**(ahead.paths if ahead is not None else {}), **declared}


def _heaping(census: Table, units: Sequence[str]) -> Floats | None:
    """Whipple's index of each unit (1: no preference, 5: only ages that end in 0 and 5), where ages are single years."""
    ages = census.ages()
    if len(ages) < 63 or (np.diff(ages[:63]) > 1).any():
        return None
    cells = grids.cells_of(census)
    year = next(iter(cells))[1]
    counts = [[sum(cells[unit, year, sex][age] for sex in (0, 1)) for age in range(63)] for unit in units]
    return np.asarray(whipple(np.array(counts, dtype=float), np.arange(63)))
