"""Units and their changes as files have them (CSV, a sheet, DHIS2 JSON) → rows for `build_units`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from tallymark.findings import Severity, Where, did_you_mean
from tallymark.programme.files import Folder, read_bytes
from tallymark.programme.unit_paths import rows_of_paths
from tallymark.programme.written.place import WrittenUnits

Row = dict[str, Any]
CHANGE_COLUMNS = ("date", "kind", "of", "to", "weight", "parent", "reason")


@dataclass(frozen=True, slots=True)
class Table:
    """A table as text and numbers: the header, and each row with its number in the file."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Any, ...]], ...]

    def column(self, name: str) -> int | None:
        """The place of a column; None when there is none."""
        return self.header.index(name) if name in self.header else None


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


def declared_file(folder: Folder, name: str, path: tuple[str | int, ...]) -> bytes | None:
    """The content of a file that the programme names at `path`, noted for the hash; None with a finding when unusable."""
    where = folder.positions.where(*path)
    inside = Path(name)
    if inside.is_absolute() or ".." in inside.parts:
        folder.wrong(
            "outside",
            where,
            "'{file}' lies outside the programme's folder",
            "copy it into the folder",
            file=name,
        )
        return None
    target = folder.root / inside
    if not target.is_file():
        there = [item.relative_to(folder.root).as_posix() for item in folder.root.rglob(f"*{inside.suffix}")]
        near = did_you_mean(name, there)
        folder.wrong(
            "absent",
            where,
            "there is no file '{file}' in the programme's folder",
            "did you mean {near}?" if near else "put it beside the .yaml files",
            file=name,
            near=", ".join(near),
        )
        return None
    return read_bytes(folder, inside.as_posix(), target, where)


def read_csv(
    folder: Folder, name: str, content: bytes, *, header_row: int = 1, first_row: int | None = None
) -> Table:
    """A CSV file as a table; UTF-8 with or without mark, else GB18030 with a note; `,` `;` or tab."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
        folder.wrong(
            "encoding", Where(file=name, line=1), "{file} is not in UTF-8; it was read as GB18030",
            "save it as UTF-8 so that nobody has to guess", severity=Severity.NOTE, file=name,
        )  # fmt: skip
    head = text[:2000].split("\n")[min(header_row, text[:2000].count("\n") + 1) - 1]
    mark = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    lines, start = [], 1
    for cells in reader:
        lines.append((start, tuple(cells)))
        start = reader.line_num + 1
    return _table(name, lines, header_row, first_row)


def read_sheet(folder: Folder, units: WrittenUnits, content: bytes) -> Table | None:
    """A sheet of a workbook as a table (the first when none is named)."""
    where = folder.positions.where("units", "sheet")
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    except CalamineError as error:
        folder.wrong("unreadable", where, "{file} is no workbook: {why}", file=units.file, why=str(error))
        return None
    sheet = units.sheet or book.sheet_names[0]
    if sheet not in book.sheet_names:
        near = did_you_mean(sheet, book.sheet_names)
        folder.wrong(
            "absent",
            where,
            "{file} has no sheet '{sheet}'",
            "did you mean {near}?" if near else "sheets are {known}",
            file=units.file,
            sheet=sheet,
            near=", ".join(near),
            known=", ".join(book.sheet_names),
        )
        return None
    cells = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    lines = [(at, tuple(row)) for at, row in enumerate(cells, start=1)]
    return _table(str(units.file), lines, units.header_row, units.first_row)


def _table(
    name: str, lines: list[tuple[int, tuple[Any, ...]]], header_row: int, first_row: int | None
) -> Table:
    header = next((cells for line, cells in lines if line == header_row), ())
    first = first_row or header_row + 1
    rows = tuple(
        (line, cells)
        for line, cells in lines
        if line >= first and any(cell not in ("", None) for cell in cells)
    )
    return Table(name, tuple(" ".join(str(cell).split()) for cell in header), rows)


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
        return rows_of_paths(folder, table.name, table.rows, path, places) if path else []
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
            _no_column(folder, table, column, ("units", "columns", name))
    for order, name in enumerate(units.attributes):
        at = table.column(name)
        if at is None:
            _no_column(folder, table, name, ("units", "attributes", order))
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
            _no_column(folder, table, column, ("units", "path", level))
        else:
            found.append((level, at))
    return found


def _no_column(folder: Folder, table: Table, column: str, path: tuple[str | int, ...]) -> None:
    near = did_you_mean(column, [name for name in table.header if name])
    known = ", ".join(name for name in table.header[:12] if name)
    folder.wrong(
        "unknown_name", folder.positions.where(*path), "{file} has no column '{column}'",
        "did you mean {near}?" if near else "its columns are {known}",
        file=table.name, column=column, near=", ".join(near), known=known,
    )  # fmt: skip


def _from_dhis2(folder: Folder, units: WrittenUnits, levels: Sequence[str], content: bytes) -> list[Row]:
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
            _no_column(folder, table, name, ("units", "changes_file"))
            return []
    found: dict[tuple[str, ...], Row] = {}
    for line, cells in table.rows:
        said = {
            name: str(cells[at]).strip() if at is not None and at < len(cells) else ""
            for name, at in places.items()
        }
        # A split is many lines with one `of`, a merge many lines with one `to`, a move one line a unit.
        one = (
            said["of"]
            if said["kind"] == "split"
            else said["to"]
            if said["kind"] == "merge"
            else said["parent"]
        )
        key = (said["date"], said["kind"], one)
        change = found.setdefault(key, {
            "date": said["date"], "kind": said["kind"], "of": [], "to": [], "parent": said["parent"] or None,
            "reason": said["reason"] or None, "_file": table.name, "_line": line,
        })  # fmt: skip
        _add_line(change, said)
    return list(found.values())


def _add_line(change: Row, said: Mapping[str, str]) -> None:
    if said["of"] not in change["of"]:
        change["of"].append(said["of"])
    if said["to"] and said["to"] not in [share["unit"] for share in change["to"]]:
        try:
            weight = float(said["weight"] or 1)
        except ValueError:
            weight = float("nan")
        change["to"].append({"unit": said["to"], "weight": weight})


_FORMATS: dict[str, Callable[[Folder, WrittenUnits, Sequence[str], bytes], list[Row]]] = {
    "csv": _from_csv,
    "excel": _from_excel,
    "dhis2": _from_dhis2,
}
