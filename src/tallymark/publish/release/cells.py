"""The cells of a release: every published count of people once, with the unit, the period and what it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.programme.resolved import Measure, Programme
from tallymark.publish.release.people import Key, key_of

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
OF_ROW = ("unit", "period", "measure", "breakdown", "category")


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells sorted by key, unit and period; `cell_of` says for every row of the table which cell it is, −1 for none."""

    keys: tuple[Key, ...]
    measures: tuple[Measure, ...]
    """A measure that has the key, for each key."""
    units: tuple[str, ...]
    periods: tuple[str, ...]
    key: Ints
    unit: Ints
    period: Ints
    value: Floats
    cell_of: Ints
    detail: Ints
    """Cells of the same level and frequency have the same number."""
    total: Mask
    """Cells that are the total of some measure, whatever else they are."""

    def __len__(self) -> int:
        return len(self.value)

    @property
    def dataset(self) -> Ints:
        """The dataset of every cell, as a number."""
        names = [key.dataset for key in self.keys]
        return np.array([sorted(set(names)).index(name) for name in names], np.int64)[self.key]

    def tables_of(self, some: Mask) -> Mask:
        """All cells of the tables that some cells are in: the same level and frequency, the same key or a sister key.

        Sister keys differ in the value of one column: boys and girls.
        """
        groups: dict[tuple[str, str, frozenset[str], str], set[int]] = {}
        of_key: list[list[set[int]]] = []
        for at, key in enumerate(self.keys):
            own = []
            for condition in key.conditions:
                column = condition.split(" = ")[0] if " = " in condition else condition
                group = (key.dataset, key.quantity, key.conditions - {condition}, column)
                own.append(groups.setdefault(group, set()))
                own[-1].add(at)
            of_key.append(own)
        found = np.zeros(len(self), np.bool_)
        for at, detail in sorted(set(zip(self.key[some].tolist(), self.detail[some].tolist(), strict=True))):
            sisters = sorted({at}.union(*of_key[at]))
            found |= np.isin(self.key, sisters) & (self.detail == detail)
        return found

    @property
    def codes(self) -> Ints:
        """Key, unit and period of every cell as one number, rising."""
        return self.code(self.key, self.unit, self.period)

    def code(self, key: Ints, unit: Ints, period: Ints) -> Ints:
        """Key, unit and period as one number."""
        return (key * len(self.units) + unit) * len(self.periods) + period

    def find(self, codes: Ints) -> Ints:
        """The cells with these codes; −1 where there is none, or the code is negative."""
        own = self.codes
        at = np.minimum(np.searchsorted(own, codes), max(len(own) - 1, 0))
        if not len(own):
            return np.full(len(codes), -1, np.int64)
        return np.where(own[at] == codes, at, -1)


def cells_in(measures: pa.Table, programme: Programme, taken: Mask) -> Cells:
    """The cells of the rows taken that have a value; rows that count the same share a cell."""
    words = {name: _encoded(measures, name) for name in OF_ROW}
    value = np.asarray(measures.column("value").to_numpy(zero_copy_only=False), np.float64)
    rows = np.flatnonzero(taken & ~np.isnan(value))
    (units, unit), (periods, period) = words["unit"], words["period"]
    keys, key_of_row, named = _keys(programme, {name: words[name] for name in OF_ROW[2:]}, rows)
    codes = (key_of_row * len(units) + unit[rows]) * len(periods) + period[rows]
    _, first, cell = np.unique(codes, return_index=True, return_inverse=True)
    cell_of = np.full(measures.num_rows, -1, np.int64)
    cell_of[rows] = cell
    return Cells(
        keys=tuple(keys),
        measures=named,
        units=tuple(units),
        periods=tuple(periods),
        key=key_of_row[first],
        unit=unit[rows][first],
        period=period[rows][first],
        value=value[rows][first],
        cell_of=cell_of,
        detail=_details(measures, rows[first]),
        total=_totals(words["breakdown"], rows, cell, len(first)),
    )


def _totals(breakdown: tuple[Sequence[str], Ints], rows: Ints, cell: Ints, count: int) -> Mask:
    names, of_row = breakdown
    plain = np.array([not name for name in names], np.bool_)[of_row[rows]]
    return np.bincount(cell[plain], minlength=count) > 0


def _details(measures: pa.Table, row: Ints) -> Ints:
    (levels, level), (frequencies, frequency) = (_encoded(measures, name) for name in ("level", "frequency"))
    del levels
    return level[row] * len(frequencies) + frequency[row]


def _encoded(table: pa.Table, column: str) -> tuple[list[str], Ints]:
    encoded = pc.fill_null(table.column(column), "").combine_chunks().dictionary_encode()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy().astype(np.int64)


def _keys(
    programme: Programme, words: Mapping[str, tuple[Sequence[str], Ints]], rows: Ints
) -> tuple[list[Key], Ints, tuple[Measure, ...]]:
    (measures, measure), (breakdowns, breakdown), (categories, category) = words.values()
    together = (measure[rows] * len(breakdowns) + breakdown[rows]) * len(categories) + category[rows]
    kinds, kind_of_row = np.unique(together, return_inverse=True)
    found: dict[Key, int] = {}
    named: list[Measure] = []
    of_kind = np.empty(len(kinds), np.int64)
    for at, kind in enumerate(kinds.tolist()):
        rest, third = divmod(kind, len(categories))
        first, second = divmod(rest, len(breakdowns))
        one = programme.measures[measures[first]]
        key = key_of(one, breakdowns[second], categories[third])
        if key not in found:
            found[key] = len(found)
            named.append(one)
        of_kind[at] = found[key]
    return list(found), of_kind[kind_of_row], tuple(named)


def looked_up(table: pa.Table, cells: Cells, programme: Programme) -> Ints:
    """For rows of another table of measures (an earlier release): which of these cells each is, −1 for none."""
    units, periods = ({word: at for at, word in enumerate(words)} for words in (cells.units, cells.periods))
    numbers = {key: at for at, key in enumerate(cells.keys)}
    at: dict[str, Ints] = {}
    for name, known in (("unit", units), ("period", periods)):
        words, of_row = _encoded(table, name)
        at[name] = np.array([known.get(word, -1) for word in words], np.int64)[of_row]
    (measures, measure), (breakdowns, breakdown), (categories, category) = (
        _encoded(table, name) for name in OF_ROW[2:]
    )
    together = (measure * len(breakdowns) + breakdown) * len(categories) + category
    kinds, kind = np.unique(together, return_inverse=True)
    of_kind = np.full(len(kinds), -1, np.int64)
    for place, number in enumerate(kinds.tolist()):
        rest, third = divmod(number, len(categories))
        first, second = divmod(rest, len(breakdowns))
        one = programme.measures.get(measures[first])
        if one is not None:
            of_kind[place] = numbers.get(key_of(one, breakdowns[second], categories[third]), -1)
    key = of_kind[kind]
    there = (key >= 0) & (at["unit"] >= 0) & (at["period"] >= 0)
    return np.where(there, cells.find(np.where(there, cells.code(key, at["unit"], at["period"]), -1)), -1)
