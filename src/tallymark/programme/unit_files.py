"""Units and their changes as files have them (CSV, a sheet, DHIS2 JSON) → rows for `build_units`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tallymark.findings import Where
from tallymark.programme.files import Folder, declared_file
from tallymark.programme.unit_dhis2 import rows_of_dhis2
from tallymark.programme.unit_paths import rows_of_paths
from tallymark.programme.unit_tables import Table, no_column, read_csv, read_sheet
from tallymark.programme.written.place import WrittenUnits

Row = dict[str, Any]
CHANGE_COLUMNS = ("date", "kind", "of", "to", "weight", "of_weight", "parent", "reason")


def unit_rows(folder: Folder, units: WrittenUnits, levels: Sequence[str]) -> list[Row]:
    """The rows declared by the units' file and those written under `rows:`; problems go to the folder."""
    found: list[Row] = []
    if units.file:
        content = declared_file(folder, units.file, ("units", "file"))
        if content is not None:
            found = _FORMATS[units.format](folder, units, levels, content)
    names = set(type(units.columns).model_fields)
    for at, row in enumerate(units.rows):
        file, line, _ = folder.positions.at(("units", "rows", at))
        own = {key: value for key, value in row.items() if key in names or key in units.attributes}
        _extra_attributes(folder, units, row, own, at)
        found.append({**own, "_file": file, "_line": line})
    return found


def _extra_attributes(folder: Folder, units: WrittenUnits, row: Mapping[str, Any], own: Row, at: int) -> None:
    for key in row:
        if key not in own:
            folder.wrong(
                "unknown_key",
                folder.positions.where("units", "rows", at, key),
                "'{key}' is neither a column of units nor among their `attributes`",
                "add it to `attributes:`",
                key=key,
            )


def _from_csv(folder: Folder, units: WrittenUnits, levels: Sequence[str], content: bytes) -> list[Row]:
    table = read_csv(folder, str(units.file), content, header_row=units.header_row, first_row=units.first_row)
    return _from_table(folder, units, levels, table)


def _from_excel(folder: Folder, units: WrittenUnits, levels: Sequence[str], content: bytes) -> list[Row]:
    table = read_sheet(folder, units, content)
    return _from_table(folder, units, levels, table) if table else []


def _from_table(folder: Folder, units: WrittenUnits, levels: Sequence[str], table: Table) -> list[Row]:
    places = _columns(folder, units, table)
    if units.path:
        path = _path_columns(folder, units, levels, table)
        return rows_of_paths(folder, table.name, table.rows, path=path, attributes=places) if path else []
    if not {"unit", "level"} <= places.keys():
        return []
    return [
        {
            **{name: cells[at] for name, at in places.items() if at < len(cells)},
            "_file": table.name,
            "_line": line,
        }
        for line, cells in table.rows
    ]


def _columns(folder: Folder, units: WrittenUnits, table: Table) -> dict[str, int]:
    """Attribute and unit columns → place in the table; a column that was asked for and is not there is found."""
    places: dict[str, int] = {}
    written = units.columns.model_fields_set
    for name in type(units.columns).model_fields if not units.path else ():
        column = getattr(units.columns, name)
        at = table.column(column) if column else None
        if at is not None:
            places[name] = at
        elif name in ("unit", "level") or (name in written and column):
            no_column(folder, table, column, ("units", "columns", name))
    for order, name in enumerate(units.attributes):
        at = table.column(name)
        if at is None:
            no_column(folder, table, name, ("units", "attributes", order))
        else:
            places[name] = at
    return places


def _path_columns(
    folder: Folder, units: WrittenUnits, levels: Sequence[str], table: Table
) -> list[tuple[str, int]]:
    """Levels in order with the column that names the unit of each."""
    found = []
    for level in levels:
        column = (units.path or {}).get(level)
        if column is None:
            continue
        at = table.column(column)
        if at is None:
            no_column(folder, table, column, ("units", "path", level))
        else:
            found.append((level, at))
    return found


def change_rows(folder: Folder, units: WrittenUnits) -> list[Row]:
    """Changes written under `changes:` and in `changes_file`; lines of one date, kind and unit make one change."""
    found = []
    for at, change in enumerate(units.changes):
        file, line, _ = folder.positions.at(("units", "changes", at))
        found.append({**change.model_dump(), "_file": file, "_line": line})
    if units.changes_file:
        content = declared_file(folder, units.changes_file, ("units", "changes_file"))
        if content is not None:
            found += _changes(folder, read_csv(folder, units.changes_file, content))
    return found


def _changes(folder: Folder, table: Table) -> list[Row]:
    places = {name: table.column(name) for name in CHANGE_COLUMNS}
    for name in ("date", "kind", "of"):
        if places[name] is None:
            no_column(folder, table, name, ("units", "changes_file"))
            return []
    found: dict[tuple[str, ...], Row] = {}
    for line, cells in table.rows:
        said = {
            name: str(cells[at]).strip() if at is not None and at < len(cells) else ""
            for name, at in places.items()
        }
        # A split is many lines with one `of`, a merge many lines with one `to`, a move one line a unit.
        one = said[{"split": "of", "merge": "to"}.get(said["kind"], "parent")]
        change = found.setdefault(
            (said["date"], said["kind"], one),
            {
                "date": said["date"],
                "kind": said["kind"],
                "of": [],
                "to": [],
                "of_weights": [],
                "parent": said["parent"] or None,
                "reason": said["reason"] or None,
                "_file": table.name,
                "_line": line,
            },
        )
        _add_line(folder, change, said, Where(file=table.name, line=line))
    return list(found.values())


def _add_line(folder: Folder, change: Row, said: Mapping[str, str], where: Where) -> None:
    if said["of"] not in change["of"]:
        change["of"].append(said["of"])
        if said["of_weight"]:
            change["of_weights"].append(_weight(folder, said["of_weight"], where))
    if said["to"] and said["to"] not in [share["unit"] for share in change["to"]]:
        weight = _weight(folder, said["weight"], where) if said["weight"] else 1.0
        change["to"].append({"unit": said["to"], "weight": weight})


def _weight(folder: Folder, text: str, where: Where) -> float:
    try:
        return float(text)
    except ValueError:
        message = "'{key}' is a number; '{value}' is none"
        folder.wrong("wrong_value", where, message, "write a share such as 0.4", key="weight", value=text)
        return 1.0


_FORMATS: dict[str, Callable[[Folder, WrittenUnits, Sequence[str], bytes], list[Row]]] = {
    "csv": _from_csv,
    "excel": _from_excel,
    "dhis2": rows_of_dhis2,
}
