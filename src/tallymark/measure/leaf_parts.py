"""The leaves of one month as they are kept: by unit code and categories, so that they outlive changes of boundaries."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.measure.adding import Summed
from tallymark.measure.grid import NEVER, Figures, Grid, Ints, order_of, roomy
from tallymark.measure.histogram import Leaves
from tallymark.measure.names import Names
from tallymark.measure.parts import bound, must_fit, scaled
from tallymark.store.partials import Partials, digest

Array = npt.NDArray[Any]
UNIT, ROWS, ARRIVED = "unit", "rows", "arrived"


@dataclass(frozen=True, slots=True)
class Codes:
    """What numbers of units and categories mean."""

    units: pa.Array
    categories: Sequence[str]
    known: str
    """A hash of which units there are."""

    @classmethod
    def of(cls, units: Sequence[str], categories: Sequence[str]) -> Codes:
        """The codes of units and categories, in the order of their numbers."""
        return cls(pa.array(units, pa.string()), categories, digest("\n".join(units)))


@dataclass(frozen=True, slots=True)
class Leaf:
    """A month's leaves."""

    keys: npt.NDArray[np.int64]
    """Unit, then each breakdown's category by number: a row a key, a column a cell."""
    rows: Ints
    arrived: Ints | None
    columns: Mapping[str, Array]
    places: Mapping[str, int]
    cells: str = ""
    """A hash of the cells that it was kept with."""
    there: Ints | None = None
    """Which of these cells are of units that are known."""


def places_of(leaves: Leaves) -> list[Ints]:
    """The places of each slot's cells, in the order that they are kept in."""
    grid, keys = leaves.figures.grid, leaves.figures.keys
    units, slots, *_ = grid.sizes
    unit, rest = np.divmod(keys, grid.stride(0))
    slot, category = np.divmod(rest, grid.stride(1))
    order = order_of((slot * units + unit) * grid.stride(1) + category, grid.cells)
    ends = np.searchsorted(slot[order], np.arange(slots + 1))
    return [order[low:high] for low, high in pairwise(ends.tolist())]


def months_of(leaves: Leaves, names: Names) -> list[Leaf]:
    """Leaves as those of each slot, their columns under the names that they are kept by."""
    figures, sizes = leaves.figures, leaves.figures.grid.sizes
    axes = [figures.on(axis) for axis in range(len(sizes))]
    places = {names.wholes[one.name]: one.places for one in leaves.sums}
    found = []
    for at in places_of(leaves):
        keys = np.stack([axis[at] for axis in (axes[0], *axes[2:])])
        columns = {names.leaves[name]: figures.counts[j].take(at) for j, name in enumerate(leaves.names)}
        columns |= {names.wholes[one.name]: figures.sums[j].take(at) for j, one in enumerate(leaves.sums)}
        arrived = None if leaves.arrived is None else leaves.arrived[at]
        found.append(Leaf(keys, figures.rows[at], arrived, columns, places))
    return found


def keep(partials: Partials, key: str, leaf: Leaf, codes: Codes, *, rows: int) -> str:
    """Keeps a month's leaves, and gives a hash of their cells; rows: how many the month has, of which some may be of
    units that are not known."""
    used, unit = np.unique(leaf.keys[0], return_inverse=True)
    texts = codes.units.take(pa.array(used))
    given: dict[str, Any] = {UNIT: pa.DictionaryArray.from_arrays(pa.array(unit.astype(np.int32)), texts)}
    said: dict[str, Any] = {"places": leaf.places, "categories": []}
    for at, axis in enumerate(leaf.keys[1:]):
        numbers, place = np.unique(axis, return_inverse=True)
        given[f"c{at}"] = place.astype(np.int32)
        said["categories"].append([codes.categories[number] for number in numbers])
    given[ROWS] = leaf.rows
    places = [given[name] for name in given if name not in (UNIT, ROWS)]
    said["cells"] = digest(
        *_bytes(texts), said["categories"], unit.tobytes(), *(one.tobytes() for one in places)
    )
    said["units"] = "" if int(leaf.rows.sum()) == rows else codes.known
    if leaf.arrived is not None:
        given[ARRIVED] = leaf.arrived
    table = pa.table(given | dict(leaf.columns)).replace_schema_metadata({"leaf": json.dumps(said)})
    partials.keep(key, table, packed=True)
    cells: str = said["cells"]
    return cells


def _bytes(texts: pa.Array) -> list[bytes]:
    """What texts are, without looking at each of them."""
    return [part.to_pybytes() for part in texts.buffers() if part is not None]


def read(partials: Partials, key: str, codes: Codes) -> Leaf | None:
    """The leaves of a month that are kept, with all columns that ever were; None when there are none."""
    found: Leaf | None = None
    first = ""
    for table in partials.packs(key):
        said = json.loads((table.schema.metadata or {}).get(b"leaf", b"{}"))
        if (
            not said
            or said["units"] not in ("", codes.known)
            or (found is not None and said["cells"] != first)
        ):
            continue
        leaf = _leaf(table, said, codes)
        if leaf is None:
            continue
        if found is None:
            found, first = leaf, said["cells"]
        else:
            found = replace(
                found, columns={**found.columns, **leaf.columns}, places={**found.places, **leaf.places}
            )
    return found


def _leaf(table: pa.Table, said: Mapping[str, Any], codes: Codes) -> Leaf | None:
    """A kept table in the numbers of now; units that are no longer known are left out."""
    units = table.column(UNIT).combine_chunks()
    unit = (
        pc.index_in(units.dictionary, value_set=codes.units)
        .fill_null(-1)
        .to_numpy()[units.indices.to_numpy()]
    )
    numbers = {name: at for at, name in enumerate(codes.categories)}
    axes = [unit]
    for at, names in enumerate(said["categories"]):
        if not set(names) <= set(numbers):
            return None
        turn = np.array([numbers[name] for name in names], np.int64)
        axes.append(turn[table.column(f"c{at}").to_numpy()] if len(turn) else np.zeros(0, np.int64))
    keys, there = np.stack(axes).astype(np.int64), np.flatnonzero(unit >= 0)
    apart = {UNIT, ROWS, ARRIVED, *(f"c{at}" for at in range(len(axes) - 1))}
    columns = {name: table.column(name).to_numpy()[there] for name in table.column_names if name not in apart}
    arrived = table.column(ARRIVED).to_numpy()[there] if ARRIVED in table.column_names else None
    rows = table.column(ROWS).to_numpy()[there]
    return Leaf(keys[:, there], rows, arrived, columns, said["places"], said["cells"], there)


def gathered(found: Sequence[Leaf], names: Names, grid: Grid) -> Leaves:
    """The leaves of months, one a slot, as those of a strand whose columns have these names.

    Errors: TooVaried where sums might leave 64 bits.
    """
    many = sum(leaf.keys.shape[1] for leaf in found)
    most = max((int(leaf.rows.max(initial=0)) for leaf in found), default=0)
    figures = Figures.empty(grid, many, len(names.leaves), roomy(most), sums=len(names.wholes))
    timed = any(leaf.arrived is not None for leaf in found)
    arrived = np.full(many if timed else 0, NEVER)
    places = {
        whole: max((leaf.places[whole] for leaf in found), default=0) for whole in names.wholes.values()
    }
    for whole in names.wholes.values():
        must_fit(bound([(leaf.columns[whole], places[whole] - leaf.places[whole]) for leaf in found]))
    strides, head = [grid.stride(axis) for axis in range(len(grid.sizes))], 0
    for slot, leaf in enumerate(found):
        here = slice(head, head + leaf.keys.shape[1])
        figures.cells[here] = leaf.keys[0] * strides[0] + slot * strides[1]
        for axis, stride in zip(leaf.keys[1:], strides[2:], strict=True):
            figures.cells[here] += axis * stride
        figures.rows[here] = leaf.rows
        for j, name in enumerate(names.leaves.values()):
            figures.counts[j, here] = leaf.columns[name]
        for j, whole in enumerate(names.wholes.values()):
            figures.sums[j, here] = scaled(leaf.columns[whole], places[whole] - leaf.places[whole])
        if leaf.arrived is not None:
            arrived[here] = leaf.arrived
        head = here.stop
    sums = tuple(Summed(name, places[whole]) for name, whole in names.wholes.items())
    return Leaves(figures.filled(many), tuple(names.leaves), sums, arrived if timed else None)
