"""Whose figures they are: spellings of units matched to declared units, by code or by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.findings import did_you_mean
from tallymark.model.unit_tree import FIRST_DAY, LAST_DAY, day_number
from tallymark.model.units import Units
from tallymark.sources.cells import Cleaned, Verdicts, by_spelling
from tallymark.sources.grid import Bools, Column, Ints
from tallymark.sources.spellings import fold
from tallymark.sources.verdicts import Verdict
from tallymark.sources.words import TOTALS

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Names:
    """Folded spellings → places of units, for one dataset's level."""

    units: Units
    level: str | None
    aliases: Mapping[str, str]
    by_code: Mapping[str, list[int]]
    by_name: Mapping[str, list[int]]
    match: tuple[str, ...]
    """code, name or both, in the order tried."""

    def find(self, text: str) -> tuple[int, Verdict]:
        """The place of the unit a text means, -1 where it means none of the level."""
        if text in self.units.index and text not in self.aliases and "code" in self.match:
            return self._of_level([self.units.index[text]])
        word = fold(text)
        code = self.aliases.get(text) or self.aliases.get(word)
        if code is not None and code in self.units.index:
            return self._of_level([self.units.index[code]])
        for way in self.match:
            found = (self.by_code if way == "code" else self.by_name).get(word)
            if found:
                return self._of_level(found)
        return -1, Verdict.TOTAL_ROW if word in TOTALS else Verdict.UNKNOWN_UNIT

    def _of_level(self, found: list[int]) -> tuple[int, Verdict]:
        fitting = [at for at in found if self.level is None or self.units.levels[at] == self.level]
        if not fitting:
            return -1, Verdict.OTHER_LEVEL
        return (fitting[0], Verdict.OK) if len(fitting) == 1 else (-1, Verdict.UNCLEAR_UNIT)

    def suggestion(self, text: str, verdict: Verdict) -> str:
        """What the giver may have meant: units of nearly that name, or all of that very name."""
        word = fold(text)
        exact = [*self.by_code.get(word, ()), *self.by_name.get(word, ())]
        if verdict is Verdict.UNKNOWN_UNIT and not exact:
            level = self.level
            near = did_you_mean(word, self.by_name) or did_you_mean(word, self.by_code)
            exact = [
                at
                for name in near
                for at in (*self.by_name.get(name, ()), *self.by_code.get(name, ()))
                if level is None or self.units.levels[at] == level
            ]
        return ", ".join(self._shown(at) for at in dict.fromkeys(exact[:MOST_SHOWN]))

    def _shown(self, at: int) -> str:
        name = str(self.units.names[at])
        code = self.units.codes[at]
        return f"{name} ({code})" if name and name != code else code


def names_of(units: Units, *, level: str | None, match: tuple[str, ...], aliases: Mapping[str, str]) -> Names:
    """The spellings by which units may be named; aliases are compared folded, too."""
    by_code: dict[str, list[int]] = {}
    by_name: dict[str, list[int]] = {}
    for at, code in enumerate(units.codes):
        by_code.setdefault(fold(code), []).append(at)
    for at, name in enumerate(units.names):
        for text in dict.fromkeys(fold(text) for text in (name.en, name.zh) if text):
            by_name.setdefault(text, []).append(at)
    folded = {fold(text): code for text, code in aliases.items()}
    return Names(units, level, folded | dict(aliases), by_code, by_name, match)


def unit_places(column: Column, names: Names) -> Cleaned:
    """Place of each cell's unit among all units (int32, NULL where there is none)."""

    def read(spellings: pa.Array) -> tuple[pa.Array, Verdicts]:
        found = [names.find(text) for text in spellings.to_pylist()]
        places = np.fromiter((at for at, _ in found), np.int32, len(found))
        return pa.array(places, mask=places < 0), np.fromiter((v for _, v in found), np.uint8, len(found))

    return by_spelling(column.text, read, pa.int32())


def place_numbers(places: pa.Array) -> npt.NDArray[np.int32]:
    """Places as an array, -1 where there is no unit."""
    numbers: npt.NDArray[np.int32] = pc.fill_null(places, -1).to_numpy(zero_copy_only=False)
    return numbers


def standing(units: Units, places: npt.NDArray[np.int32], first: Ints, last: Ints) -> Bools:
    """Whether each unit stood on some day from `first` to `last` (days since 1970-01-01)."""
    opened = _days(units.opened, FIRST_DAY)
    closed = _days(units.closed, LAST_DAY)
    mask: Bools = (opened[places] <= last) & (closed[places] > first)
    return mask


def successors(units: Units, place: int) -> str:
    """The units that took over from one that ceased, for a hint; empty when none is declared."""
    code = units.codes[place]
    heirs = [
        share.unit
        for change in units.changes
        if code in ((change.of,) if isinstance(change.of, str) else change.of)
        for share in change.to
    ]
    return ", ".join(dict.fromkeys(heirs))


def _days(dates: tuple[dt.date | None, ...], absent: int) -> Ints:
    return np.fromiter((absent if day is None else day_number(day) for day in dates), np.int64, len(dates))
