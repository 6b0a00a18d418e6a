"""What came back from visits: a CSV file, or the workbook that `draw sheets` made, filled in."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

from python_calamine import CalamineError, load_workbook

from tallymark.cli.there import there
from tallymark.errors import TallymarkError

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
SHEET = "visits"


def returned_rows(path: Path) -> list[dict[str, str]]:
    """Rows by column name; of a workbook those of the sheet `visits`, or of its first. Empty rows are left out."""
    rows = _of_workbook(path) if path.suffix.lower() in WORKBOOKS else _of_csv(path)
    rows = [row for row in rows if any(row.values())]
    if not rows or "unit" not in rows[0]:
        raise TallymarkError("{file} has no rows with a column 'unit'", file=path)
    return rows


def _of_csv(path: Path) -> list[dict[str, str]]:
    try:
        with there(path).open(encoding="utf-8-sig", newline="") as file:
            return [
                {
                    (key or "").strip(): (value or "").strip()
                    for key, value in row.items()
                    if isinstance(value, str | None)
                }
                for row in csv.DictReader(file)
            ]
    except (UnicodeDecodeError, csv.Error) as error:
        raise TallymarkError("{file} cannot be read as CSV in UTF-8 ({why})", file=path, why=error) from None


def _of_workbook(path: Path) -> list[dict[str, str]]:
    try:
        book = load_workbook(str(there(path)))
        name = SHEET if SHEET in book.sheet_names else book.sheet_names[0]
        heading, *lines = book.get_sheet_by_name(name).to_python() or [[]]
    except (CalamineError, IndexError) as error:
        raise TallymarkError("{file} cannot be read as a workbook ({why})", file=path, why=error) from None
    names = [_text(cell) for cell in heading]
    return [dict(zip(names, map(_text, line), strict=False)) for line in lines]


def _text(cell: object) -> str:
    """A cell as it would stand in a CSV file: whole numbers without a point, yes and no, days as 2025-10-01."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell == int(cell):
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        cell = cell.date()
    return cell.isoformat() if isinstance(cell, dt.date) else str(cell).strip()
