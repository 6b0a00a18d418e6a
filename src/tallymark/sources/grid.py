"""What every reader yields: a sheet of headings and chunks of cells, whatever the file was."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

LABEL = 80
"""Longer headings and cells are cut when they are shown."""


@dataclass(frozen=True, slots=True)
class Column:
    """Cells of one column: text (NULL where blank) and, where the file says so itself, the number they hold."""

    text: pa.Array
    number: Floats | None = None
    """NaN where the cell does not hold a number; None when no cell does."""

    def take(self, rows: npt.NDArray[np.intp]) -> Column:
        """The cells of some rows."""
        return Column(self.text.take(pa.array(rows)), None if self.number is None else self.number[rows])


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a sheet; `rows` are numbered as people count them in the file."""

    rows: Ints
    columns: tuple[Column, ...]

    def take(self, rows: npt.NDArray[np.intp]) -> Chunk:
        """Some of its rows."""
        return Chunk(self.rows[rows], tuple(column.take(rows) for column in self.columns))


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's heading: what it is called when shown, and every name by which a declaration may mean it."""

    label: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Misfit:
    """A row that does not fit the columns of its file, as text."""

    row: int
    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table in a file. `chunks` may be read once; `misfits` and `notes` are complete when it has been."""

    name: str
    """Empty for files without sheets."""
    headings: tuple[Heading, ...]
    chunks: Iterable[Chunk]
    first_row: int
    misfits: list[Misfit] = field(default_factory=list)
    lettered: bool = True
    """Whether its cells have addresses such as B7."""
    notes: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    """What the reader did by itself: message template and its values."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of a file a table of a source speaks of, counted from 1 as people do."""

    sheet: str | None = None
    header_row: int = 1
    first_row: int | None = None


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A delivery that could be opened. `sheet` reads one table of it."""

    sheet: Callable[[Wanted], Sheet]
    sheet_names: tuple[str, ...] = ()


def letters(column: int) -> str:
    """A column's letters as spreadsheets write them: 0 → A, 26 → AA."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def shown(text: str) -> str:
    """A cell or heading short enough to be shown in a message."""
    flat = " ".join(text.split())
    return flat if len(flat) <= LABEL else flat[: LABEL - 1] + "…"


def headings_of(
    rows: Sequence[Sequence[str | None]], header_row: int, first_row: int, merged: Sequence[Merge] = ()
) -> tuple[Heading, ...]:
    """Headings from the rows above the data: the header row itself, with what stands over and under it.

    Where heading cells are merged, a column also goes by “over / under”, and by what stands under alone.
    `rows` are the file's rows from the first; blanks at the right end are dropped.
    """
    own = _row(rows, header_row)
    over = _spread(_row(rows, header_row - 1), header_row - 1, merged) if header_row > 1 else []
    spread = _spread(own, header_row, merged)
    under = _row(rows, header_row + 1) if first_row > header_row + 1 else []
    width = max((len(row) for row in (own, spread, under)), default=0)
    found = [_heading(at, own, spread, over, under) for at in range(width)]
    while found and not found[-1].names:
        found.pop()
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range of cells, rows and columns counted from 1 and 0, both ends counted."""

    top: int
    left: int
    bottom: int
    right: int


def _row(rows: Sequence[Sequence[str | None]], number: int) -> list[str | None]:
    if not 1 <= number <= len(rows):
        return []
    return [(cell or "").strip() or None for cell in rows[number - 1]]


def _spread(row: list[str | None], number: int, merged: Sequence[Merge]) -> list[str | None]:
    """A heading row with the text of merged cells in each of their columns."""
    out = list(row)
    for merge in merged:
        if merge.top <= number <= merge.bottom and merge.right > merge.left and merge.left < len(row):
            out += [None] * (merge.right + 1 - len(out))
            for at in range(merge.left, merge.right + 1):
                out[at] = out[at] or row[merge.left]
    return out


def _heading(
    at: int,
    own: list[str | None],
    spread: list[str | None],
    over: list[str | None],
    under: list[str | None],
) -> Heading:
    def cell(row: list[str | None]) -> str | None:
        return row[at] if at < len(row) else None

    mine, wide, above, below = cell(own), cell(spread), cell(over), cell(under)
    names = [mine] if mine else []
    if wide and below and len(below) <= LABEL:
        names += [f"{wide} / {below}", below]
    if mine and above and above != mine:
        names.append(f"{above} / {mine}")
    label = mine or (f"{wide} / {below}" if wide and below else wide) or letters(at)
    return Heading(shown(label), tuple(dict.fromkeys(names)))
