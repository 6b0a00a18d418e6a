"""Text tables: encoding and delimiter found, cells read by Arrow in blocks, rows that do not fit kept aside."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from tallymark.errors import ReceiveError
from tallymark.sources.encodings import delimiter_of, encoding_of, first_records
from tallymark.sources.grid import (
    Chunk,
    Column,
    Ints,
    Merge,
    Misfit,
    OpenedFile,
    Sheet,
    Wanted,
    headings_of,
)  # fmt: skip
from tallymark.texts import Message

BLOCK = 16 << 20
LONGEST = 32_767
"""Bytes in a cell that spreadsheets allow."""
LOOK_AT = 200
"""So many records decide how many columns the file has."""


def open_csv(path: Path) -> OpenedFile:
    """A text table opened for reading.

    Errors: ReceiveError when it is empty, no text, or no table.
    """
    encoding = encoding_of(path)
    return OpenedFile(lambda wanted: _sheet(path, encoding, wanted))


def _sheet(path: Path, encoding: str, wanted: Wanted) -> Sheet:
    delimiter = delimiter_of(path, encoding, wanted.header_row)
    first_row = wanted.first_row or wanted.header_row + 1
    head = first_records(path, encoding, delimiter, first_row + LOOK_AT)
    shift = 1 if head and head[0] and head[0][0].lower().startswith("sep=") and len(head[0]) <= 2 else 0
    header_row, first_row = wanted.header_row + shift, first_row + shift
    if len(head) < header_row:
        raise ReceiveError("{file}: there is no row {row} with headings.", file=path.name, row=header_row)
    filled: list[list[str | None]] = [[cell.strip() or None for cell in row] for row in head]
    headings = headings_of(filled, header_row, first_row, _merges(filled, header_row, first_row))
    lengths = [len(row) for row in head[first_row - 1 :]]
    width = max(len(headings), max(set(lengths), key=lengths.count) if lengths else 0)
    sheet = Sheet("", headings, (), first_row)
    if encoding not in ("utf-8", "utf-8-sig"):
        sheet.notes.append(("the file was read as {encoding}", {"encoding": encoding}))
    chunks = _chunks(path, encoding, delimiter, width, first_row, sheet.misfits)
    return replace(sheet, chunks=chunks)


def _merges(rows: list[list[str | None]], header_row: int, first_row: int) -> list[Merge]:
    """A text file does not say which cells were merged: with rows under the header, blanks continue the cell before."""
    if first_row <= header_row + 1:
        return []
    found, row = [], rows[header_row - 1]
    start = None
    for at, cell in enumerate([*row, "end"]):
        if cell is not None:
            if start is not None and at - start > 1:
                found.append(Merge(header_row, start, header_row, at - 1))
            start = at
    return found


def _chunks(
    path: Path, encoding: str, delimiter: str, width: int, first_row: int, misfits: list[Misfit]
) -> Iterator[Chunk]:
    names = [str(at) for at in range(width)]
    odd: list[tuple[int, str]] = []

    def keep(row: pacsv.InvalidRow) -> str:
        odd.append((row.number, row.text))
        return "skip"

    arrow = "utf8" if encoding in ("utf-8", "utf-8-sig") else encoding
    options = {
        "read_options": pacsv.ReadOptions(
            use_threads=False,
            block_size=BLOCK,
            column_names=names,
            skip_rows_after_names=first_row - 1,
            encoding=arrow,
        ),
        "parse_options": pacsv.ParseOptions(
            delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=keep
        ),
        "convert_options": pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    }
    following, settled = first_row, 0
    odd_quotes = _odd_quotes(path)
    try:
        with pacsv.open_csv(path, **options) as reader:
            for batch in reader:
                others = [number for number, _ in odd if number >= following]
                rows = _row_numbers(following, batch.num_rows, others)
                if batch.num_rows:
                    following = int(rows[-1]) + 1
                    if odd_quotes:
                        _stop_at_open_quote(path, batch, rows)
                    yield Chunk(rows, tuple(Column(column) for column in batch.columns))
                if odd[settled:]:
                    yield from _fitted(path, odd[settled:], delimiter, width, misfits)
                    settled = len(odd)
    except pa.ArrowInvalid as error:
        raise _unreadable(path, error) from error
    if odd[settled:]:
        yield from _fitted(path, odd[settled:], delimiter, width, misfits)


def _row_numbers(first: int, count: int, taken: list[int]) -> Ints:
    """Numbers of `count` rows from `first`, leaving out those of rows that did not fit."""
    others = np.array(taken, np.int64)
    numbers = np.arange(first, first + count + len(others), dtype=np.int64)
    return np.setdiff1d(numbers, others, assume_unique=True)[:count]


def _fitted(
    path: Path, odd: list[tuple[int, str]], delimiter: str, width: int, misfits: list[Misfit]
) -> Iterator[Chunk]:
    """Rows with another number of cells: short ones are filled up, long ones fit when what is too much is blank."""
    rows, numbers = [], []
    for number, text in odd:
        if text.count('"') % 2 and ("\n" in text or len(text) > LONGEST):
            raise _open_quote(path, number)
        cells = _split(path, number, text, delimiter)
        if any(cell.strip() for cell in cells[width:]):
            misfits.append(Misfit(number, text))
        elif any(cell.strip() for cell in cells):
            rows.append((cells + [""] * width)[:width])
            numbers.append(number)
    if rows:
        columns = tuple(Column(pa.array(list(column), pa.string())) for column in zip(*rows, strict=True))
        yield Chunk(np.array(numbers, np.int64), columns)


def _split(path: Path, number: int, text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error as error:
        raise ReceiveError(
            "{file}: row {row} cannot be read ({reason}).", file=path.name, row=number, reason=error
        ) from error


def _odd_quotes(path: Path) -> bool:
    """Whether a file has an odd number of quotation marks, so that one may be open to the end."""
    count = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            count += block.count(b'"')
    return count % 2 == 1


def _stop_at_open_quote(path: Path, batch: pa.RecordBatch, rows: Ints) -> None:
    """Refuses a file in which a cell has swallowed line ends though its quotation marks are not in pairs."""
    for column in batch.columns:
        several = pc.or_(pc.match_substring(column, "\n"), pc.greater(pc.binary_length(column), LONGEST))
        several = several.to_numpy(zero_copy_only=False)
        if several.any():
            raise _open_quote(path, int(rows[several.argmax()]))


def _open_quote(path: Path, row: int) -> ReceiveError:
    return ReceiveError(
        "{file}: in row {row} a quotation mark opens and never closes, so that the rows behind it cannot be "
        "told apart. Repair it, and send the file again.",
        file=path.name,
        row=row,
    )


def _unreadable(path: Path, error: pa.ArrowInvalid) -> ReceiveError:
    reason: object = error
    if "straddling" in str(error):
        reason = Message("a row is longer than 16 MB; perhaps a quotation mark opens and never closes")
    return ReceiveError("{file}: cannot be read as a table ({reason}).", file=path.name, reason=reason)
