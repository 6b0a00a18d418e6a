"""DHIS2 organisation units → rows for `build_units`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tallymark.programme.files import Folder
from tallymark.programme.written.place import WrittenUnits

Row = dict[str, Any]


def rows_of_dhis2(folder: Folder, units: WrittenUnits, levels: Sequence[str], content: bytes) -> list[Row]:
    """A row for every organisation unit of a JSON export, its id the code, its groups attributes."""
    where = folder.positions.where("units", "file")
    try:
        export = json.loads(content)
    except (ValueError, UnicodeDecodeError) as error:
        folder.wrong("unreadable", where, "{file} is not JSON: {why}", file=units.file, why=str(error))
        return []
    listed = export.get("organisationUnits") if isinstance(export, Mapping) else export
    if not isinstance(listed, list) or not all(
        isinstance(unit, Mapping) and unit.get("id") for unit in listed
    ):
        folder.wrong(
            "unreadable", where, "{file} has no list of organisation units with ids", file=units.file
        )
        return []
    groups = _groups(export) if isinstance(export, Mapping) else {}
    unique = {str(unit["id"]): unit for unit in listed}
    return [_dhis2_row(unit, levels, units, groups.get(code, {})) for code, unit in unique.items()]


def _dhis2_row(
    unit: Mapping[str, Any], levels: Sequence[str], units: WrittenUnits, groups: Mapping[str, str]
) -> Row:
    depth = int(unit.get("level") or str(unit.get("path", "")).count("/") or 1)
    parent = unit.get("parent")
    known = {**{key: value for key, value in unit.items() if isinstance(value, str | int)}, **groups}
    chosen = {name: known.get(name) for name in units.attributes} if units.attributes else groups
    return {
        **chosen,
        "unit": str(unit["id"]),
        "name": unit.get("displayName") or unit.get("name"),
        "level": levels[depth - 1] if depth <= len(levels) else f"level {depth}",
        "parent": parent.get("id") if isinstance(parent, Mapping) else parent,
        "opened": str(unit.get("openingDate") or "")[:10] or None,
        "closed": str(unit.get("closedDate") or "")[:10] or None,
        "_file": units.file,
    }


def _groups(export: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Unit → group set → group; a group of no set is an attribute of its own, `yes` for its members."""
    sets = {
        str(group.get("id")): str(one.get("name"))
        for one in export.get("organisationUnitGroupSets") or []
        for group in one.get("organisationUnitGroups") or []
    }
    found: dict[str, dict[str, str]] = {}
    for group in export.get("organisationUnitGroups") or []:
        name = str(group.get("name"))
        one = sets.get(str(group.get("id")))
        for unit in group.get("organisationUnits") or []:
            found.setdefault(str(unit.get("id")), {})[one or name] = name if one else "yes"
    return found
