"""Figures of all units side by side: from long tables to one array an indicator, in the units' order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int16]
BASES = ("missing", "reported", "partial")
"""What a figure rests on, in the order of their codes; a table's own further words follow."""
MISSING, REPORTED, PARTIAL = range(len(BASES))


@dataclass(frozen=True, slots=True)
class Figures:
    """Columns of numbers (figure × unit, NaN = missing) and what each rests on, for one period."""

    units: tuple[str, ...]
    index: Mapping[str, int]
    """Name of the indicator or measure → row."""
    columns: Mapping[str, Floats]
    basis: Codes
    bases: tuple[str, ...]
    """What the codes of `basis` stand for, `BASES` first."""
    small: NDArray[np.bool_]
    """Where a figure's own rule calls it too small to be scored."""

    def of(self, name: str, column: str = "value") -> Floats:
        """One column of a figure for every unit; NaN throughout when the table does not have it."""
        if name not in self.index or column not in self.columns:
            return np.full(len(self.units), np.nan)
        row: Floats = self.columns[column][self.index[name]]
        return row

    def basis_of(self, name: str) -> Codes:
        """What the figure rests on, as codes; missing where there is none."""
        if name not in self.index:
            return np.zeros(len(self.units), np.int16)
        row: Codes = self.basis[self.index[name]]
        return row

    def is_small(self, name: str) -> NDArray[np.bool_]:
        """Where the figure is too small to be scored."""
        if name not in self.index:
            return np.zeros(len(self.units), np.bool_)
        row: NDArray[np.bool_] = self.small[self.index[name]]
        return row


def gather(
    table: pa.Table,
    key: str,
    names: Iterable[str],
    *,
    period: str,
    units: Sequence[str],
    columns: Sequence[str],
) -> Figures:
    """The totals (no breakdown) of those named figures that the table has for a period.

    `key` is the table's naming column (indicator, measure). What is not finite is missing.
    """
    marks = [name for name in ("small",) if name in table.column_names]
    rows = table.select([key, "unit", "period", "breakdown", "basis", *marks, *columns])
    total = pc.equal(pc.fill_null(rows.column("breakdown"), ""), "")
    rows = rows.filter(pc.and_(pc.equal(rows.column("period"), period), total))
    present = set(pc.unique(rows.column(key)).to_pylist())
    wanted = tuple(name for name in dict.fromkeys(names) if name in present)
    figure = pc.index_in(rows.column(key), value_set=pa.array(wanted, pa.string()))
    unit = pc.index_in(rows.column("unit"), value_set=pa.array(units, pa.string()))
    known = pc.and_(pc.is_valid(figure), pc.is_valid(unit))
    rows, at = rows.filter(known), (_ints(figure.filter(known)), _ints(unit.filter(known)))
    shape = (len(wanted), len(units))
    grids = {}
    for column in columns:
        grid = np.full(shape, np.nan)
        values = rows.column(column).to_numpy()
        grid[at] = np.where(np.isfinite(values), values, np.nan)
        grids[column] = grid
    basis, bases = _basis(rows.column("basis"), at, shape)
    small = np.zeros(shape, np.bool_)
    for mark in marks:
        small[at] = np.asarray(pc.not_equal(pc.fill_null(rows.column(mark), ""), "").to_numpy())
    return Figures(tuple(units), {name: i for i, name in enumerate(wanted)}, grids, basis, bases, small)


def _basis(
    column: pa.ChunkedArray, at: tuple[NDArray[np.int64], NDArray[np.int64]], shape: tuple[int, int]
) -> tuple[Codes, tuple[str, ...]]:
    bases = (*BASES, *sorted(set(pc.unique(column).to_pylist()) - {None, *BASES}))
    codes = np.zeros(shape, np.int16)
    codes[at] = _ints(pc.fill_null(pc.index_in(column, value_set=pa.array(bases, pa.string())), MISSING))
    return codes, bases


def _ints(column: pa.ChunkedArray) -> NDArray[np.int64]:
    whole: NDArray[np.int64] = column.to_numpy().astype(np.int64)
    return whole
