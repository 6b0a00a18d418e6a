"""Organisation units → units.csv: code, name, parent, level, dates, groups and data sets as attributes."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tallymark.findings import Finding, Severity, Where
from tallymark.programme.dhis2.metadata import Json, Metadata
from tallymark.programme.dhis2.names import slug, unique_names

FIXED = ("unit", "code", "name_en", "name_zh", "parent", "level", "opened", "closed")
YES = "yes"


@dataclass(frozen=True, slots=True)
class UnitTable:
    """levels: codes and titles, highest first; attributes: column → title; rows as written."""

    levels: tuple[tuple[str, str], ...]
    attributes: Mapping[str, str]
    reporting: Mapping[str, str]
    """Data set → the attribute that says who reports it."""
    rows: Sequence[Mapping[str, str]]
    findings: tuple[Finding, ...]


def unit_table(units: Sequence[Json], metadata: Metadata, levels: Sequence[str], file: str) -> UnitTable:
    """The units with a column for every group set, every group in no set, and every data set that not all report."""
    depths = {one["id"]: _depth(one) for one in units}
    named = _levels(max(depths.values(), default=1), levels or metadata.levels)
    sets, findings = _group_columns(metadata, file)
    lowest = {uid for uid, depth in depths.items() if depth == len(named)}
    partial = [one for one in metadata.data_sets if one.units and not lowest <= one.units]
    reporting = {one.uid: f"reports_{slug(one.title.en)}" for one in partial}
    columns = {**sets.titles, **{reporting[one.uid]: f"Reports {one.title.en}" for one in partial}}
    attributes = {
        one["id"]: {
            **sets.of_unit.get(one["id"], {}),
            **{reporting[said.uid]: YES for said in partial if one["id"] in said.units},
        }
        for one in units
    }
    rows = [_row(one, named[depths[one["id"]] - 1][0], attributes[one["id"]]) for one in units]
    return UnitTable(named, columns, reporting, rows, findings)


def write_units(table: UnitTable, path: Path, words: Mapping[str, str]) -> None:
    """Write units.csv, with the Chinese of the names that the words know."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, (*FIXED, *table.attributes), lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows({**row, "name_zh": words.get(row["name_en"], "")} for row in table.rows)


@dataclass(frozen=True, slots=True)
class _Groups:
    titles: Mapping[str, str]
    of_unit: Mapping[str, Mapping[str, str]]


def _group_columns(metadata: Metadata, file: str) -> tuple[_Groups, tuple[Finding, ...]]:
    names = unique_names(((uid, name) for uid, (name, _) in metadata.group_sets.items()), FIXED)
    titles = {names[uid]: name for uid, (name, _) in metadata.group_sets.items()}
    of_unit: dict[str, dict[str, str]] = {}
    findings: list[Finding] = []
    for uid, (name, groups) in metadata.group_sets.items():
        for group in groups:
            title, members = metadata.groups.get(group, (group, frozenset()))
            for unit in sorted(members):
                first = of_unit.setdefault(unit, {}).setdefault(names[uid], title)
                if first != title:
                    findings.append(_in_two(file, unit, first=first, second=title, group_set=name))
    grouped = {group for _, groups in metadata.group_sets.values() for group in groups}
    alone = {uid: said for uid, said in metadata.groups.items() if uid not in grouped}
    own = unique_names(((uid, f"group {name}") for uid, (name, _) in alone.items()), (*FIXED, *titles))
    for uid, (name, members) in alone.items():
        titles[own[uid]] = name
        for unit in members:
            of_unit.setdefault(unit, {})[own[uid]] = YES
    return _Groups(titles, of_unit), tuple(findings)


def _in_two(file: str, unit: str, **values: str) -> Finding:
    return Finding(
        "dhis2.unit_in_two_groups",
        Severity.WARNING,
        "unit {unit} is in two groups of “{group_set}”: {first} and {second}; the first is kept",
        "take it out of one of them in DHIS2",
        {"unit": unit, **values},
        Where(file=file, unit=unit),
    )


def _depth(one: Json) -> int:
    return int(one.get("level") or str(one.get("path", "")).count("/") or 1)


def _levels(depth: int, names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    titles = [names[i] if i < len(names) else f"Level {i + 1}" for i in range(depth)]
    return tuple((slug(title).replace("_", "-"), title) for title in titles)


def _row(one: Json, level: str, attributes: Mapping[str, str]) -> Mapping[str, str]:
    return {
        "unit": one["id"],
        "code": str(one.get("code") or ""),
        "name_en": " ".join(str(one["name"]).split()),
        "name_zh": "",
        "parent": (one.get("parent") or {}).get("id", ""),
        "level": level,
        "opened": str(one.get("openingDate") or "")[:10],
        "closed": str(one.get("closedDate") or "")[:10],
        **attributes,
    }
