"""Reported values of one dataset as an array: unit × slot of time × item, with what was reported for nothing as NaN."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tallymark.engine.interface import Engine
from tallymark.engine.sql import among, select
from tallymark.model.periods import Period
from tallymark.programme.resolved import Dataset, Programme
from tallymark.store import Store, stored

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SEASON = {"month": 12, "quarter": 4, "week": 52}
COUNTED = ("integer", "number")
LOOKED = "looked_values"
BROKEN = 0.05
"""Part of an item's figures that may have decimals before it is no count."""


@dataclass(frozen=True, slots=True)
class Grid:
    """values (units, slots, items); `parent` is the position of each unit's parent in `parents`, −1 without one.

    `told`: slots that findings are told of; earlier ones are only compared with. `season`: slots a year.
    """

    dataset: str
    units: tuple[str, ...]
    slots: tuple[str, ...]
    items: tuple[str, ...]
    values: Floats
    parents: tuple[str, ...]
    parent: Ints
    told: NDArray[np.bool_]
    season: int
    window: str
    """Code of the period that the told slots make together."""

    def item(self, name: str) -> Floats:
        """Values of one item (units, slots)."""
        return np.asarray(self.values[:, :, self.items.index(name)])

    def counted(self) -> NDArray[np.bool_]:
        """Which items are counts (items,): a rate or an amount with decimals in more than a few reports is none."""
        broken = np.isfinite(self.values) & (self.values != np.round(self.values))
        return np.asarray(broken.sum(axis=(0, 1)) <= BROKEN * np.isfinite(self.values).sum(axis=(0, 1)))

    def window_before(self) -> NDArray[np.bool_]:
        """The same slots a year before the told ones, as far as they are there."""
        before = np.zeros(len(self.slots), dtype=bool)
        at = np.flatnonzero(self.told) - self.season
        before[at[at >= 0]] = True
        return before & ~self.told


def read_grid(
    programme: Programme,
    store: Store,
    dataset: Dataset,
    *,
    period: Period,
    version: int,
    history: int,
    skip: Sequence[str],
    engine: Engine,
) -> Grid | None:
    """The values in force of a dataset of reports up to the end of a period; None without any."""
    items = tuple(name for name, item in dataset.items.items() if item.type in COUNTED and name not in skip)
    last = programme.calendar.months(period)[-1]
    engine.relation(LOOKED, stored(store, dataset, version))
    value = "CASE WHEN COUNT(value) = COUNT(*) THEN SUM(CAST(value AS DOUBLE)) END AS value"
    query = select("unit", "period", "item", "MIN(_month) AS month", value).from_(LOOKED)
    query = query.where(f"_month <= {last} AND _month > {last - history}", among("item", items))
    table = engine.rows(query.group_by("unit", "period", "item"))
    engine.drop([LOOKED])
    if not table.num_rows:
        return None
    return grid_of(programme, dataset, table, items=items, period=period)


def grid_of(
    programme: Programme, dataset: Dataset, table: pa.Table, *, items: tuple[str, ...], period: Period
) -> Grid:
    """The grid of rows unit, period, item, month, value."""
    units, unit_at = _coded(table.column("unit"))
    parent_of = [programme.units.parent_on(unit, period.end) or "" for unit in units]
    parents, parent_at = _coded(pa.chunked_array([pa.array(parent_of, pa.string())]))
    order = np.lexsort((np.arange(len(units)), parent_at))  # siblings side by side
    place = np.empty(len(units), np.int64)
    place[order] = np.arange(len(units))
    step = {"month": 1, "quarter": 3}.get(dataset.frequency or "", 0)
    slots, slot_at = _slots(programme, table, step)
    names = [name for name in items if pc.any(pc.equal(table.column("item"), name)).as_py()]
    item_at = pc.index_in(table.column("item"), pa.array(names, pa.string())).to_numpy()
    values = np.full((len(units), len(slots), len(names)), np.nan)
    amount = table.column("value").to_numpy()
    values[place[unit_at], slot_at, item_at.astype(np.int64)] = amount
    spans = [programme.calendar.parse(code) if code else None for code in slots]
    told = [span is not None and span.start >= period.start and span.end <= period.end for span in spans]
    parent = parent_at[order]
    return Grid(
        dataset.name,
        tuple(units[at] for at in order),
        tuple(slots),
        tuple(names),
        values,
        tuple(parents),
        np.where(np.array([parents[at] == "" for at in parent]), -1, parent),
        np.array(told, dtype=bool),
        SEASON.get(dataset.frequency or "", 1),
        period.code,
    )


def _coded(column: pa.ChunkedArray) -> tuple[list[str], Ints]:
    """Distinct words in order, and where each row's is."""
    words = sorted(pc.unique(column).to_pylist())
    return words, pc.index_in(column, pa.array(words, pa.string())).to_numpy().astype(np.int64)


def _slots(programme: Programme, table: pa.Table, step: int) -> tuple[list[str], Ints]:
    """Codes of the slots in order of time, with empty ones for months nobody reported, and each row's slot."""
    codes, at = _coded(table.column("period"))
    starts = [programme.calendar.parse(code).start for code in codes]
    months = np.array([start.year * 12 + start.month - 1 for start in starts], np.int64)
    if not step:
        order = np.argsort([start.toordinal() for start in starts], kind="stable")
        rank = np.empty(len(codes), np.int64)
        rank[order] = np.arange(len(codes))
        return [codes[place] for place in order], rank[at]
    where = months // step - months.min() // step
    named = dict(zip(where.tolist(), codes, strict=True))
    return [named.get(place, "") for place in range(int(where.max()) + 1)], where[at]
