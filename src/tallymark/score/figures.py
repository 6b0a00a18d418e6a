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
    asked = tuple(dict.fromkeys(names))
    figure = pc.index_in(table.column(key), value_set=pa.array(asked, pa.string()))
    unit = pc.index_in(table.column("unit"), value_set=pa.array(units, pa.string()))
    total = pc.equal(pc.fill_null(table.column("breakdown"), ""), "")
    known = pc.and_(pc.and_(pc.equal(table.column("period"), period), total), pc.is_valid(figure))
    rows = np.flatnonzero(pc.fill_null(pc.and_(known, pc.is_valid(unit)), False).to_numpy())
    of_figure, of_unit = _ints(figure, rows), _ints(unit, rows)
    there = np.unique(of_figure)
    wanted = tuple(asked[at] for at in there)
    at, shape = (np.searchsorted(there, of_figure), of_unit), (len(wanted), len(units))
    grids = {}
    for column in columns:
        grid = np.full(shape, np.nan)
        values = table.column(column).to_numpy()[rows]
        grid[at] = np.where(np.isfinite(values), values, np.nan)
        grids[column] = grid
    basis, bases = _basis(table.column("basis"), rows, at, shape)
    small = np.zeros(shape, np.bool_)
    if "small" in table.column_names:
        marked = pc.not_equal(pc.fill_null(table.column("small"), ""), "")
        small[at] = np.asarray(marked.to_numpy())[rows]
    return Figures(tuple(units), {name: i for i, name in enumerate(wanted)}, grids, basis, bases, small)


def _basis(
    column: pa.ChunkedArray,
    rows: NDArray[np.int64],
    at: tuple[NDArray[np.int64], NDArray[np.int64]],
    shape: tuple[int, int],
) -> tuple[Codes, tuple[str, ...]]:
    bases = (*BASES, *sorted(set(pc.unique(column).to_pylist()) - {None, *BASES}))
    codes = np.zeros(shape, np.int16)
    found = pc.index_in(column, value_set=pa.array(bases, pa.string()))
    codes[at] = _ints(pc.fill_null(found, MISSING), rows)
    return codes, bases


def _ints(column: pa.ChunkedArray, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """A column of whole numbers at some rows; NULL anywhere else is harmless."""
    whole: NDArray[np.int64] = pc.fill_null(column, -1).to_numpy()[rows].astype(np.int64)
    return whole
