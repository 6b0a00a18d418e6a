"""Loops over rows that neither SQL nor NumPy has words for, compiled by Numba.

Imported only where there is enough to count: importing Numba takes longer than small tables take in SQL. What was
compiled is kept on disk beside this module (or in the user's cache); where neither can be written, it is compiled anew.
Only `spell` checks its bounds, as a file's statistics might be wrong; all else is counted here. Places are unsigned, as a
signed one may count from the end, and that test keeps the loops from running over whole vectors (7 times slower).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
import numpy.typing as npt
from numpy import uint64

Array = npt.NDArray[Any]

HELD = 64
"""Cells that are held together while rows are counted."""

Loop = TypeVar("Loop", bound=Callable[..., Any])


def _compiled(loop: Loop) -> Loop:
    """The loop, compiled when it is first called with arrays of these types."""
    try:
        made: Loop = numba.njit(loop, cache=True, nogil=True)
    except RuntimeError:  # no folder that can be written, so nothing is kept
        made = numba.njit(loop, nogil=True)
    return made


@_compiled
def spell(out: Array, at: Array, low: int, shares: Array) -> bool:
    """Adds to every row the share of its value: out[i] += shares[at[i] − low]; whether all values have one."""
    many = uint64(len(shares))
    for i in range(len(out)):
        place = uint64(at[i] - low)
        if place >= many:
            return False
        out[i] += shares[place]
    return True


@_compiled
def find(keys: Array, known: Array, cells: Array, many: int) -> int:
    """Replaces keys by the positions of their cells (−1 for a key below 0), new cells at the end; gives how many.

    known: key → position or −1; cells: position → key, of which `many` are filled.
    """
    for i in range(len(keys)):
        key = keys[i]
        position = -1
        if key >= 0:
            position = known[uint64(key)]
            if position < 0:
                position = many
                known[uint64(key)] = many
                cells[uint64(many)] = key
                many += 1
        keys[i] = position
    return many


@_compiled
def count(positions: Array, codes: Array, table: Array, counts: Array, first: int) -> None:
    """Adds to every row's cell what its code counts: counts[first + j, position] += table[code, j].

    Columns are far apart, so the cells used last are held together and written when others take their place.
    """
    width, start = uint64(table.shape[1]), uint64(first)
    held, owners = np.zeros((HELD, table.shape[1]), counts.dtype), np.full(HELD, -1, np.int64)
    for i in range(len(positions) + HELD):
        # After the last row every cell that is held gives way to none.
        position = positions[i] if i < len(positions) else i - len(positions) - 2 * HELD
        if position == -1:
            continue
        slot = uint64(position) & uint64(HELD - 1)
        if owners[slot] != position:
            if owners[slot] >= 0:
                owner = uint64(owners[slot])
                for j in range(width):
                    counts[start + j, owner] += held[slot, j]
                    held[slot, j] = 0
            owners[slot] = position
        if position >= 0:
            code = uint64(codes[i])
            for j in range(width):
                held[slot, j] += table[code, j]


@_compiled
def earliest(positions: Array, times: Array, first: Array) -> None:
    """Keeps the earliest time of every cell."""
    for i in range(len(positions)):
        if positions[i] >= 0:
            position = uint64(positions[i])
            first[position] = min(first[position], times[i])


@_compiled
def pour(source: Array, rows: Array, targets: Array, counts: Array) -> None:
    """Adds places of every column to others: counts[j, targets[i]] += source[j, rows[i]]; none for a target below 0."""
    for j in range(uint64(source.shape[0])):
        for i in range(len(rows)):
            if targets[i] >= 0:
                counts[j, uint64(targets[i])] += source[j, uint64(rows[i])]
