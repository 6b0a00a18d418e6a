"""The frame: every unit that may be drawn, frozen with its stratum, cluster and size, and known by its hash."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from tallymark.errors import TallymarkError
from tallymark.findings import known_words

COLUMNS = ("unit", "name", "stratum", "cluster", "size")
LONGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """A unit of the frame."""

    unit: str
    name: str = ""
    stratum: str = ""
    cluster: str = ""
    size: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Frame:
    """Rows in the order of their codes."""

    rows: tuple[Row, ...]

    @property
    def hash(self) -> str:
        """SHA-256 of the lines `unit TAB stratum TAB cluster TAB size LF`, sorted by unit."""
        lines = "".join(f"{row.unit}\t{row.stratum}\t{row.cluster}\t{row.size}\n" for row in self.rows)
        return hashlib.sha256(lines.encode()).hexdigest()

    def groups(self, by: str) -> dict[str, list[Row]]:
        """Rows by stratum or cluster, groups in the order of their names."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(getattr(row, by), []).append(row)
        return dict(sorted(found.items()))


def frame_of(rows: Iterable[Mapping[str, str]], name: str) -> Frame:
    """The frame in rows with `unit`, perhaps `name`, `stratum`, `cluster`, `size`; errors say what is wrong where."""
    read = [_row(row, name, line) for line, row in enumerate(rows, 2)]
    if not read:
        raise TallymarkError("{file} holds no unit to draw from", file=name)
    twice = [unit for unit, count in Counter(row.unit for row in read).items() if count > 1]
    if twice:
        raise TallymarkError(
            "{file} lists {unit} more than once; each unit has one row", file=name, unit=twice[0]
        )
    return Frame(tuple(sorted(read, key=lambda row: row.unit)))


def _row(row: Mapping[str, str], name: str, line: int) -> Row:
    cells = {column: (row.get(column) or "").strip() for column in COLUMNS}
    if not cells["unit"]:
        raise TallymarkError("{file}:{line}: the unit is empty", file=name, line=line)
    bad = next((cell for cell in cells.values() if "\t" in cell or "\n" in cell), None)
    if bad is not None:
        raise TallymarkError(
            "{file}:{line}: “{cell}” holds a tab or a line break", file=name, line=line, cell=bad
        )
    try:
        size = Fraction(cells["size"].replace(",", "")) if cells["size"] else Fraction(1)
    except (ValueError, ZeroDivisionError):
        size = Fraction(-1)
    if size <= 0:
        raise TallymarkError(
            "{file}:{line}: size “{size}” is no number above 0; a unit of no size can never be drawn, "
            "so leave it out and say so",
            file=name,
            line=line,
            size=cells["size"],
        )
    return Row(cells["unit"], cells["name"], cells["stratum"], cells["cluster"], size)


def read_frame(path: Path) -> Frame:
    """The frame in a CSV file with a heading."""
    text = path.read_text(encoding="utf-8-sig", errors="strict") if path.is_file() else ""
    if not text.strip():
        raise TallymarkError("{file} is no CSV file with rows", file=path)
    reader = csv.DictReader(io.StringIO(text))
    headings = [(heading or "").strip() for heading in reader.fieldnames or []]
    if "unit" not in headings:
        raise TallymarkError(
            "{file} has no column 'unit'; {known}",
            file=path,
            known=known_words("unit", [each for each in headings if each]),
        )
    reader.fieldnames = headings
    return frame_of(reader, str(path))


def written_frame(frame: Frame) -> str:
    """The frame as CSV text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((row.unit, row.name, row.stratum, row.cluster, shown(row.size)) for row in frame.rows)
    return out.getvalue()


def shown(size: Fraction) -> str:
    """A size as people write it; exact."""
    if size.denominator == 1:
        return str(size.numerator)
    decimal = str(float(size))
    return decimal if Fraction(decimal) == size else str(size)


def uncovered(frame: Frame, universe: Sequence[str]) -> tuple[list[str], list[str]]:
    """Units of the universe that the frame lacks, and units of the frame that the universe lacks."""
    inside, all_units = {row.unit for row in frame.rows}, set(universe)
    return sorted(all_units - inside), sorted(inside - all_units)
