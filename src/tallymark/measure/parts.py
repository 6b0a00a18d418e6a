"""Parts: figures of one month or period, by unit and category, as they are kept and read again."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tallymark.measure.grid import Figures, Ints, order_of, roomy
from tallymark.measure.patterns import TooVaried
from tallymark.store.partials import Partials, digest

KEYS = ("unit", "category", "rows")
FULL = float(1 << 62)
"""Sums of whole numbers stay below."""

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Part:
    """Figures of one stretch of time: a row for each unit and category, in this order, and named columns."""

    unit: npt.NDArray[np.int32]
    category: npt.NDArray[np.int32]
    """By the numbers of the plan; 0 in a total."""
    rows: Ints
    """How many rows each figure rests on: no count is greater."""
    columns: Mapping[str, Array | pa.ChunkedArray]
    """As NumPy has them, or as they were read."""
    places: Mapping[str, int]
    """Columns of whole numbers → how many places they have behind the point."""

    @property
    def cells(self) -> str:
        """A hash of what its rows stand for."""
        return digest(self.unit.tobytes(), self.category.tobytes(), self.rows.tobytes())

    def table(self, categories: Sequence[str]) -> pa.Table:
        """As it is kept; categories: names by number."""
        used = np.unique(self.category).tolist()
        said = {
            "cells": self.cells,
            "places": self.places,
            "categories": {str(at): categories[at] for at in used},
        }
        given = {name: getattr(self, name) for name in KEYS} | dict(self.columns)
        return pa.table(given).replace_schema_metadata({"part": json.dumps(said)})

    def joined(self, other: Part | None) -> Part:
        """This one with the columns of another of the same rows, too."""
        if other is None or other.cells != self.cells:
            return self
        return replace(
            self, columns={**other.columns, **self.columns}, places={**other.places, **self.places}
        )


def read(
    partials: Partials, key: str, categories: Mapping[str, int], wanted: Collection[str] | None = None
) -> Part | None:
    """A part that is kept, with all columns of it that ever were, or those kept with some of the wanted; None when
    there is none."""
    found: Part | None = None
    first = ""
    for table in partials.packs(key, wanted):
        said = json.loads((table.schema.metadata or {}).get(b"part", b"{}"))
        if not said or (found is not None and said["cells"] != first):
            continue
        columns = {name: table.column(name) for name in table.column_names if name not in KEYS}
        if found is not None:
            found = replace(
                found, columns={**found.columns, **columns}, places={**found.places, **said["places"]}
            )
            continue
        first, rows = said["cells"], {name: numbers(table.column(name)) for name in KEYS}
        turned = {int(at): categories.get(name, -1) for at, name in said["categories"].items()}
        if any(at != number for at, number in turned.items()):
            if min(turned.values()) < 0:
                return None
            turn = np.zeros(max(turned) + 1, np.int32)
            turn[list(turned)] = list(turned.values())
            rows["category"] = turn[rows["category"]]
        found = Part(**rows, columns=columns, places=said["places"])
    return found


def numbers(column: Array | pa.ChunkedArray) -> Array:
    """A column as NumPy has it, without a copy where it is in one piece."""
    if isinstance(column, np.ndarray):
        return column
    alone: Array = column.chunk(0).to_numpy() if column.num_chunks == 1 else column.to_numpy()
    return alone


def split(
    figures: Figures, names: Sequence[str], wholes: Sequence[tuple[str, int]], *, total: bool
) -> list[Part]:
    """Figures by unit, slot and category as a part a slot; names: of counts (empty ones are left out), and of sums with
    their places. Figures without a category are left out but in a total."""
    units, slots, categories = figures.grid.sizes
    shown = np.flatnonzero(figures.keys >= 0 if total else (figures.keys >= 0) & (figures.on(2) > 0))
    keys = figures.keys[shown]
    unit, rest = np.divmod(keys, slots * categories)
    slot, category = np.divmod(rest, categories)
    order = order_of((slot * units + unit) * categories + category, figures.grid.cells)
    ends = np.searchsorted(slot[order], np.arange(slots + 1))
    found = []
    for low, high in pairwise(ends.tolist()):
        mine = order[low:high]
        at = shown[mine]
        columns = {name: figures.counts[j].take(at) for j, name in enumerate(names) if name}
        columns |= {name: figures.sums[j].take(at) for j, (name, _) in enumerate(wholes)}
        found.append(
            Part(
                unit[mine].astype(np.int32),
                category[mine].astype(np.int32),
                figures.rows[at],
                columns,
                dict(wholes),
            )
        )
    return found


def added(parts: Sequence[Part], names: Iterable[str], sizes: tuple[int, int]) -> Part:
    """The sum of parts over units and categories: columns of these names; sizes: how many there are of both.

    Errors: TooVaried where a sum might leave 64 bits.
    """
    from tallymark.engine import kernel  # needed here only, and slow to import

    units, categories = sizes
    keys = [part.unit.astype(np.int64) * categories + part.category for part in parts]
    there = np.zeros(units * categories, np.bool_)
    for one in keys:
        there[one] = True
    every, known = np.flatnonzero(there), np.zeros(units * categories, np.int64)
    known[every] = np.arange(len(every))
    targets = [known[one] for one in keys]
    rows = np.zeros(len(every), np.int64)
    for part, at in zip(parts, targets, strict=True):
        kernel.add(part.rows, at, rows)
    kind = roomy(int(rows.max(initial=0)))
    columns: dict[str, Array] = {}
    places: dict[str, int] = {}
    for name in names:
        whole = any(name in part.places for part in parts)
        if whole:
            places[name] = max(part.places[name] for part in parts)
            must_fit(
                bound([(numbers(part.columns[name]), places[name] - part.places[name]) for part in parts])
            )
        into = np.zeros(len(every), np.int64 if whole else kind)
        for part, at in zip(parts, targets, strict=True):
            values = numbers(part.columns[name])
            kernel.add(scaled(values, places[name] - part.places[name]) if whole else values, at, into)
        columns[name] = into
    unit, category = np.divmod(every, categories)
    return Part(unit.astype(np.int32), category.astype(np.int32), rows, columns, places)


def bound(given: Sequence[tuple[Array, int]]) -> float:
    """What no sum of some of these whole numbers exceeds, each with so many more places behind the point."""
    return sum(float(np.abs(values.astype(np.float64)).sum()) * 10.0**more for values, more in given)


def must_fit(most: float) -> None:
    """TooVaried where whole numbers up to so many might leave 64 bits."""
    if most >= FULL:
        raise TooVaried


def scaled(values: Array, more: int) -> Array:
    """Whole numbers with so many more places behind the point."""
    return values if not more else values * 10**more
