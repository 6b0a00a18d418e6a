"""The CSV tables of a scenario → arrays by unit, sex and single year of age; what cannot be read is found by row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tallymark.findings import Where, did_you_mean
from tallymark.population.arrays import Floats
from tallymark.programme.files import Folder, declared_file

ALL = ""
"""The unit of rows that hold for every unit."""
SEXES: Mapping[str, int] = {
    "1": 0, "m": 0, "male": 0, "males": 0, "男": 0, "男性": 0,
    "2": 1, "f": 1, "female": 1, "females": 1, "女": 1, "女性": 1,
}  # fmt: skip
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "unit": ("unit", "code", "area", "单位", "地区"),
    "year": ("year", "年份"),
    "sex": ("sex", "性别"),
    "age": ("age", "年龄"),
    "to": ("to", "destination", "迁入地", "去向"),
    "value": ("value", "population", "rate", "migrants", "share", "deaths", "births", "人口", "人数", "数值"),
}
PAIR = (HEADINGS["unit"], ("neighbour", "neighbor", "相邻单位", "邻近单位"))
_AGE = re.compile(r"(\d{1,3})(?:\s*[-–—~]\s*(\d{1,3})|\s*(\+|岁及以上|及以上))?\s*岁?")
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One value: of a unit (or all), a year (or every), a sex (or both), from an age on."""

    unit: str
    year: int | None
    sex: int | None
    age: int
    value: float
    line: int
    to: str = ALL
    """Of moves: where they go."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table's rows, its file, and the last age of each closed group that says so (`0-4`)."""

    name: str
    rows: tuple[Row, ...]

    def units(self) -> tuple[str, ...]:
        """Units in the order of the file, those that hold for all left out."""
        return tuple(dict.fromkeys(row.unit for row in self.rows if row.unit != ALL))

    def ages(self) -> Floats:
        """First ages of all groups."""
        return np.unique([row.age for row in self.rows]).astype(np.float64)


def read_table(
    folder: Folder, name: str, path: Sequence[str | int], *, needs: Sequence[str], signed: bool = False
) -> Table | None:
    """The rows of a declared CSV file; None where it is absent. Columns `needs`, `age` and a value must be there."""
    content = declared_file(folder, name, (*path, "file"))
    if content is None:
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        folder.wrong("unreadable", Where(file=name), "{file} is not in UTF-8", "save it as UTF-8", file=name)
        return None
    lines = list(csv.reader(io.StringIO(text)))
    places = _places(folder, name, lines[0] if lines else [], needs)
    if places is None:
        return None
    reader = _Reader(folder, name, places, signed)
    found = [row for number, cells in enumerate(lines[1:], 2) if (row := reader.row(cells, number))]
    reader.finish()
    return Table(name, tuple(found))


def read_pairs(folder: Folder, name: str, path: Sequence[str | int]) -> list[tuple[str, str, int]] | None:
    """Units that lie side by side, with their row, of a file with the columns unit and neighbour; None where absent."""
    content = declared_file(folder, name, (*path, "file"))
    if content is None:
        return None
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig", errors="replace"))))
    heads = [head.strip().lower() for head in (lines[0] if lines else [])]
    places = [next((heads.index(word) for word in words if word in heads), -1) for words in PAIR]
    if min(places) < 0:
        folder.wrong("source", Where(file=name, row=1), "the table has no column '{column}'", "its columns are {known}",
                     column=PAIR[places.index(-1)][0], known=", ".join(heads))  # fmt: skip
        return None
    rows = [
        (number, cells) for number, cells in enumerate(lines[1:], 2) if any(cell.strip() for cell in cells)
    ]
    found = []
    for number, cells in rows:
        one, other = (cells[at].strip() if at < len(cells) else "" for at in places)
        found.append((one, other, number))
    return found


def _places(folder: Folder, name: str, heads: Sequence[str], needs: Sequence[str]) -> dict[str, int] | None:
    said = [head.strip().lower() for head in heads]
    found = {
        column: next((said.index(word) for word in words if word in said), -1)
        for column, words in HEADINGS.items()
    }
    missing = [column for column in (*needs, "age", "value") if found[column] < 0]
    for column in missing:
        near = did_you_mean(column, said)
        folder.wrong(
            "source",
            Where(file=name, row=1),
            "the table has no column '{column}'",
            "did you mean {near}?" if near else "its columns are {known}",
            column=column,
            near=", ".join(near),
            known=", ".join(said),
        )
    return None if missing else {column: at for column, at in found.items() if at >= 0}


class _Reader:
    """Reads rows of one table, and remembers what stood twice."""

    def __init__(self, folder: Folder, name: str, places: Mapping[str, int], signed: bool) -> None:
        self.folder, self.name, self.places, self.signed = folder, name, places, signed
        self.seen: dict[tuple[str, str, int | None, int | None, int], int] = {}
        self.wrong = 0

    def row(self, cells: Sequence[str], line: int) -> Row | None:
        """The row, or None with a finding."""
        if not any(cell.strip() for cell in cells):
            return None
        texts = {column: cells[at].strip() if at < len(cells) else "" for column, at in self.places.items()}
        sex = self._sex(texts, line)
        age = self._age(texts["age"], line)
        value = self._value(texts["value"], line)
        year = self._year(texts.get("year", ""), line)
        if age is None or value is None or sex == -1 or year == -1:
            return None
        row = Row(texts.get("unit", ALL), year, sex, age, value, line, texts.get("to", ALL))
        key = (row.unit, row.to, row.year, row.sex, row.age)
        if key in self.seen:
            self._say(
                line,
                "the same unit, year, sex and age stand in row {first}, too",
                "keep one of them",
                first=self.seen[key],
            )
            return None
        self.seen[key] = line
        return row

    def finish(self) -> None:
        """Says how much was left unsaid."""
        if self.wrong > MOST_SHOWN:
            self.folder.wrong(
                "source",
                Where(file=self.name),
                "{count} more rows cannot be read",
                count=self.wrong - MOST_SHOWN,
            )

    def _sex(self, texts: Mapping[str, str], line: int) -> int | None:
        if "sex" not in texts:
            return None
        sex = SEXES.get(texts["sex"].lower())
        if sex is None:
            self._say(
                line, "'{value}' is no sex", "write male and female, m and f, or 1 and 2", value=texts["sex"]
            )
            return -1
        return sex

    def _age(self, text: str, line: int) -> int | None:
        match = _AGE.fullmatch(text)
        if match is None:
            self._say(line, "'{value}' is no age", "write 0, 0-4 or 85+", value=text)
            return None
        return int(match[1])

    def _value(self, text: str, line: int) -> float | None:
        try:
            value = float(text.replace(",", "").replace(" ", ""))
        except ValueError:
            self._say(
                line,
                "'{value}' is no number",
                "a missing value is not zero: find it out, or leave the unit out",
                value=text,
            )
            return None
        if not np.isfinite(value) or (value < 0 and not self.signed):
            self._say(line, "{value} cannot be: values are numbers from 0 on", value=text)
            return None
        return value

    def _year(self, text: str, line: int) -> int | None:
        if not text:
            return None
        if not re.fullmatch(r"\d{4}", text):
            self._say(line, "'{value}' is no year", "write 2025", value=text)
            return -1
        return int(text)

    def _say(self, line: int, template: str, hint: str = "", /, **values: Any) -> None:
        self.wrong += 1
        if self.wrong <= MOST_SHOWN:
            self.folder.wrong("source", Where(file=self.name, row=line), template, hint, **values)
