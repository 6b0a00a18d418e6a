"""Units of a pyramid as the units.csv of a programme."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tallymark.errors import ProgrammeError
from tallymark.score.rbf.project import Place, Pyramid

Row = tuple[str, str, str, str, str]
COLUMNS = ("unit", "name_en", "parent", "level", "contract")


def write_units(
    pyramid: Pyramid, path: Path, *, levels: Sequence[str], signed: Mapping[str, Iterable[str]]
) -> int:
    """Write the units that signed and those above them to `path`; how many they are.

    levels: names of the depths, highest first. signed: what a unit signed as → the units; goes to the column `contract`,
    and where it is the name of a level, they are of that level at whatever depth they lie.
    Errors: ProgrammeError for a unit that the pyramid does not have, or one deeper than the levels.
    """
    role = {unit: word for word, units in signed.items() for unit in units}
    wanted = dict.fromkeys(above for unit in role for above in _steps(_place(pyramid, unit)))
    rows = [_row(_place(pyramid, unit), levels, role.get(unit, "")) for unit in wanted]
    rows.sort(key=lambda row: (levels.index(row[3]), row[0]))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    return len(rows)


def _row(place: Place, levels: Sequence[str], role: str) -> Row:
    steps = _steps(place)
    if len(steps) > len(levels):
        raise ProgrammeError(
            "unit '{unit}' lies {depth} deep; name that many levels", unit=place.unit, depth=len(steps)
        )
    level = role if role in levels else levels[len(steps) - 1]
    return place.unit, place.name, steps[-2] if len(steps) > 1 else "", level, role


def _steps(place: Place) -> list[str]:
    return place.path.strip("/").split("/")


def _place(pyramid: Pyramid, unit: str) -> Place:
    found = pyramid.places.get(unit)
    if found is None:
        raise ProgrammeError("there is no unit '{unit}' in the pyramid", unit=unit)
    return found
