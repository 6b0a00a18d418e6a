"""Workbooks as people make them: xlsx, xls, xlsb and ods, read by calamine; what is none is refused in one sentence."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)  # fmt: skip

from tallymark.errors import ReceiveError
from tallymark.findings import did_you_mean
from tallymark.sources.excel_errors import Failed, failed_cells, shows_failed
from tallymark.sources.grid import Chunk, Column, Merge, OpenedFile, Sheet, Wanted, headings_of
from tallymark.sources.spellings import fold
from tallymark.texts import Message

Cell = int | float | str | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None

OLE, ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
MOST_BYTES = 2 << 30
"""A workbook that unpacks to more is not opened: it is damaged, or meant to harm."""
MOST_CELLS = 60_000_000
"""Cells between A1 and a sheet's last cell; calamine keeps them all in memory."""
AT_ONCE = 50_000
TOO_BIG = "{file}: unpacks to more than 2 GB; a workbook of figures never does."
UNSEEN = (
    "in a workbook of the kind {kind} a formula that failed (#DIV/0!, #REF! …) cannot be told from an empty cell; "
    "save it as .xlsx to have such cells reported"
)
REFERENCE = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"')


def open_excel(path: Path) -> OpenedFile:
    """A workbook opened for reading.

    Errors: ReceiveError when it is not one, is encrypted, damaged, or unpacks to more than can be read.
    """
    _look_inside(path)
    try:
        book = CalamineWorkbook.from_path(path)
        names = _visible(book)
    except PasswordError as error:
        raise ReceiveError(
            "{file}: protected by a password. Save it without the password, and send it again.",
            file=path.name,
        ) from error
    except (CalamineError, OSError, ValueError) as error:
        raise ReceiveError(
            "{file}: not a workbook that can be read ({reason}).", file=path.name, reason=_first_line(error)
        ) from error
    if not names:
        raise ReceiveError("{file}: the workbook has no sheet of cells.", file=path.name)
    return OpenedFile(lambda wanted: _sheet(path, book, names, wanted), tuple(names))


def _look_inside(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(4096)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:512].lower()
    if not head.strip():
        raise ReceiveError("{file}: the file is empty.", file=path.name)
    if start.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<head")):
        what = Message("a web page with the name of a workbook")
    elif start.startswith((b"<?xml", b"<workbook")):
        what = Message("an XML file with the name of a workbook")
    elif start.startswith(b"%pdf"):
        what = Message("a PDF with the name of a workbook")
    elif head.startswith(OLE):
        return
    elif head.startswith(ZIP):
        _look_into_zip(path)
        return
    else:
        what = Message("no workbook (perhaps a text file with the name of one)")
    raise ReceiveError(
        "{file}: {what}. Open it in the spreadsheet, save it as .xlsx, and send that.",
        file=path.name,
        what=what,
    )


def _look_into_zip(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > MOST_BYTES:
                raise ReceiveError(TOO_BIG, file=path.name)
            for part in parts:
                if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
                    _look_for_far_cells(path, archive, part)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise ReceiveError(
            "{file}: damaged; it cannot be unpacked ({reason}).", file=path.name, reason=_first_line(error)
        ) from error
    except (EOFError, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
        raise ReceiveError(
            "{file}: damaged; it ends too early or its content is broken.", file=path.name
        ) from error


def _look_for_far_cells(path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """A single cell far off makes a sheet of thousands of millions of cells."""
    last_row, last_column, rest, unpacked = 0, 0, b"", 0
    with archive.open(part) as file:
        while block := file.read(4 << 20):
            unpacked += len(block)
            if unpacked > MOST_BYTES:
                raise ReceiveError(TOO_BIG, file=path.name)
            text = rest + block
            for letters_, row in REFERENCE.findall(text):
                last_row = max(last_row, int(row))
                last_column = max(last_column, _column_number(letters_))
            rest = text[-64:]
    if last_row * last_column > MOST_CELLS:
        raise ReceiveError(
            "{file}: a sheet reaches to row {row}, column {column}; there is a stray cell far from the table. "
            "Delete the empty rows and columns behind the table, and send it again.",
            file=path.name,
            row=last_row,
            column=last_column,
        )


def _column_number(letters_: bytes) -> int:
    number = 0
    for letter in letters_:
        number = number * 26 + letter - 64
    return number


def _visible(book: CalamineWorkbook) -> list[str]:
    sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    shown = [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
    return shown + [sheet.name for sheet in sheets if sheet.visible != SheetVisibleEnum.Visible]


def _sheet(path: Path, book: CalamineWorkbook, names: Sequence[str], wanted: Wanted) -> Sheet:
    name, notes = _named(path, names, wanted.sheet)
    try:
        found: CalamineSheet = book.get_sheet_by_name(name)
        rows: list[list[Cell]] = found.to_python(skip_empty_area=False)
        ranges = found.merged_cell_ranges
        _put_failed(rows, failed_cells(path, name))
    except (CalamineError, OSError, ValueError) as error:
        raise ReceiveError(
            "{file}: sheet “{sheet}” cannot be read ({reason}).",
            file=path.name,
            sheet=name,
            reason=_first_line(error),
        ) from error
    first_row = wanted.first_row or wanted.header_row + 1
    above = [[_text(cell) for cell in row] for row in rows[: max(first_row, wanted.header_row + 1)]]
    if len(above) < wanted.header_row:
        raise ReceiveError(
            "{file}: sheet “{sheet}” has no row {row} with headings.",
            file=path.name,
            sheet=name,
            row=wanted.header_row,
        )
    merged = [Merge(top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in ranges or ()]
    headings = headings_of(above, wanted.header_row, first_row, merged)
    if not shows_failed(path):
        notes.append((UNSEEN, {"kind": path.suffix.lower()}))
    return Sheet(name, headings, _chunks(rows, first_row), first_row, notes=notes)


def _put_failed(rows: list[list[Cell]], failed: Failed) -> None:
    """Puts what the spreadsheet shows where a formula failed into the empty cells that calamine gives for it."""
    for (row, column), shown in failed.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = shown


def _named(
    path: Path, names: Sequence[str], wanted: str | None
) -> tuple[str, list[tuple[str, dict[str, object]]]]:
    """The sheet meant: by its name, or by the only one that differs in case, spaces or accents alone."""
    if wanted is None:
        return names[0], []
    if wanted in names:
        return wanted, []
    alike = [name for name in names if fold(name).replace(" ", "") == fold(wanted).replace(" ", "")]
    if len(alike) == 1:
        note = "sheet “{found}” was read as “{wanted}”"
        return alike[0], [(note, {"found": alike[0], "wanted": wanted})]
    near = did_you_mean(wanted, names)
    template = "{file}: no sheet “{sheet}”. The sheets are {have}."
    if near:
        template = "{file}: no sheet “{sheet}”. Did you mean {near}? The sheets are {have}."
    raise ReceiveError(
        template,
        file=path.name,
        sheet=wanted,
        near=", ".join(f"“{name}”" for name in near),
        have=", ".join(f"“{name}”" for name in names),
    )


def _chunks(rows: list[list[Cell]], first_row: int) -> Iterator[Chunk]:
    for start in range(first_row - 1, len(rows), AT_ONCE):
        part = rows[start : start + AT_ONCE]
        columns = tuple(_column(cells) for cells in zip(*part, strict=True))
        yield Chunk(np.arange(start + 1, start + 1 + len(part), dtype=np.int64), columns)


def _column(cells: tuple[Cell, ...]) -> Column:
    numbers = np.array([cell if type(cell) in (float, int) else np.nan for cell in cells], np.float64)
    texts = pa.array([_text(cell) for cell in cells], pa.string())
    return Column(texts, None if np.isnan(numbers).all() else numbers)


def _text(cell: Cell) -> str | None:
    if isinstance(cell, str):
        return cell or None
    if cell is None:
        return None
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ", "seconds")
    return str(cell)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
