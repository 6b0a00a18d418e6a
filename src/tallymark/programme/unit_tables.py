"""CSV files and sheets as tables of cells with their row numbers."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from tallymark.findings import Severity, Where, did_you_mean
from tallymark.programme.files import Folder
from tallymark.programme.written.place import WrittenUnits


@dataclass(frozen=True, slots=True)
class Table:
    """A table as text and numbers: the header, and each row with its number in the file."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Any, ...]], ...]

    def column(self, name: str) -> int | None:
        """The place of a column; None when there is none."""
        return self.header.index(name) if name in self.header else None


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


def no_column(folder: Folder, table: Table, column: str, path: tuple[str | int, ...]) -> None:
    """Finds that a column named at a path of the programme is not in the table."""
    near = did_you_mean(column, [name for name in table.header if name])
    known = ", ".join(name for name in table.header[:12] if name)
    folder.wrong(
        "unknown_name", folder.positions.where(*path), "{file} has no column '{column}'",
        "did you mean {near}?" if near else "its columns are {known}",
        file=table.name, column=column, near=", ".join(near), known=known,
    )  # fmt: skip
