"""The frame: levels, calendar, units, geometry."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from tallymark.findings import Severity
from tallymark.model.periods import FREQUENCIES, Calendar, DeclaredYear
from tallymark.model.units import Units, build_units
from tallymark.programme.files import Folder, declared_file
from tallymark.programme.texts import text_of
from tallymark.programme.unit_files import change_rows, unit_rows
from tallymark.programme.written.place import WrittenProgramme, WrittenUnits


def read_calendar(folder: Folder, programme: WrittenProgramme | None) -> Calendar:
    """The declared calendar; what cannot stand is found and left out."""
    if programme is None:
        return Calendar({}, (*FREQUENCIES,))
    written = programme.calendar
    years = {}
    for prefix, year in written.years.items():
        if not re.fullmatch(r"[A-Za-z][A-Za-z_]*", prefix) or prefix in FREQUENCIES:
            folder.wrong(
                "bad_name",
                folder.positions.where("programme", "calendar", "years", prefix),
                "'{name}' cannot stand before a year",
                "write letters only, e.g. SY for SY2025",
                name=prefix,
            )
        else:
            years[prefix] = DeclaredYear(year.start_month, year.named_by, text_of(year.title, prefix))
    frequencies = []
    for at, frequency in enumerate(written.frequencies):
        if frequency in FREQUENCIES or frequency in years:
            frequencies.append(frequency)
        else:
            folder.wrong("frequency", folder.positions.where("programme", "calendar", "frequencies", at),
                         "'{frequency}' is not a frequency", "frequencies are {known}", frequency=frequency,
                         known=", ".join([*FREQUENCIES, *years]))  # fmt: skip
    return Calendar(years, tuple(dict.fromkeys(frequencies)))


def read_levels(folder: Folder, programme: WrittenProgramme | None) -> tuple[str, ...]:
    """The codes of the levels, highest first."""
    levels: list[str] = []
    for at, level in enumerate(programme.levels if programme else ()):
        if level.code in levels:
            folder.wrong("duplicate", folder.positions.where("programme", "levels", at, "code"),
                         "level '{code}' stands twice", code=level.code)  # fmt: skip
        else:
            levels.append(level.code)
    return tuple(levels)


def read_units(folder: Folder, written: WrittenUnits | None, levels: Sequence[str]) -> Units | None:
    """The units of the programme; None when there are none to go by. Everything wrong with them is found."""
    if written is None or not levels:
        return None
    for level in written.path or {}:
        if level not in levels:
            folder.wrong(
                "unknown_name",
                folder.positions.where("units", "path", level),
                "there is no level '{name}'",
                "known are {known}",
                name=level,
                known=", ".join(levels),
            )
    before = len(folder.findings)
    rows = unit_rows(folder, written, levels)
    units, problems = build_units(rows, change_rows(folder, written), levels)
    folder.findings.extend(problems)
    if not len(units):
        if len(folder.findings) == before:
            folder.wrong("wrong_value", folder.positions.where("units"), "the programme has no units")
        return None
    if written.geometry:
        _check_geometry(folder, written, units)
    return units


def attribute_kinds(units: Units | None, written: WrittenUnits | None) -> dict[str, str]:
    """Unit attribute → text, or any where every value reads as a number."""
    if units is None:
        return dict.fromkeys(written.attributes if written else (), "any")
    found = dict.fromkeys(written.attributes if written else (), "text")
    for name, column in units.attributes.items():
        values = {value for value in column if value is not None}
        found[name] = "any" if all(map(_is_number, values)) else "text"
    return found


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _check_geometry(folder: Folder, written: WrittenUnits, units: Units) -> None:
    where = folder.positions.where("units", "geometry")
    content = declared_file(folder, str(written.geometry), ("units", "geometry"))
    if content is None:
        return
    try:
        features = json.loads(content).get("features")
    except (ValueError, UnicodeDecodeError, AttributeError):
        features = None
    if not isinstance(features, list):
        folder.wrong("geometry", where, "{file} is not GeoJSON with features", file=written.geometry)
        return
    codes = {_code(feature, written.geometry_key) for feature in features if isinstance(feature, Mapping)}
    matched = sum(code in codes for code in units.codes)
    if not matched:
        folder.wrong(
            "geometry", where, "none of the {count} features carries the code of a unit",
            "say under `geometry_key:` which property holds it; the feature's id when left out",
            severity=Severity.WARNING, count=len(features),
        )  # fmt: skip


def _code(feature: Mapping[str, object], key: str | None) -> str:
    properties = feature.get("properties")
    value = (
        feature.get("id") if key is None else properties.get(key) if isinstance(properties, Mapping) else None
    )
    return str(value)
