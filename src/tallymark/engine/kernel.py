"""Loops over rows that neither SQL nor NumPy has words for, compiled by Numba.

Imported only where there is enough to count: importing Numba takes longer than small tables take in SQL. What was
compiled is kept on disk beside this module (or in the user's cache); where neither can be written, it is compiled anew.
Only `spell` and `total` check their bounds, as a file's statistics might be wrong; all else is counted here. Places are
unsigned: a signed one may count from the end, and that test keeps loops from running over whole vectors (7 times slower).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

import numba
import numpy as np
import numpy.typing as npt
from numba.np import linalg
from numpy import uint64

Array = npt.NDArray[Any]

HELD, FULL = 64, 255
"""Cells that are held together while rows are counted, and the most that a byte of them holds."""

Loop = TypeVar("Loop", bound=Callable[..., Any])


def _start_without_blas() -> None:
    """Loads the part of Numba that asks SciPy for a BLAS, and lets it find none.

    Importing `scipy.linalg` takes longer than loading all loops; without it Numba only adds up convolutions by itself.
    """

    def none() -> None:
        raise ImportError

    if "scipy.linalg" not in sys.modules:
        asked, linalg.ensure_blas = linalg.ensure_blas, none
        try:
            import_module("numba.np.arraymath")
        finally:
            linalg.ensure_blas = asked


_start_without_blas()


def compiled(loop: Loop) -> Loop:
    """The loop, compiled when it is first called with arrays of these types."""
    try:
        made: Loop = numba.njit(loop, cache=True, nogil=True)
    except RuntimeError:  # no folder that can be written, so nothing is kept
        made = numba.njit(loop, nogil=True)
    return made


@compiled
def spell(out: Array, at: Array, low: int, shares: Array) -> bool:
    """Adds to every row the share of its value: out[i] += shares[at[i] − low]; whether all values have one."""
    many = uint64(len(shares))
    for i in range(len(out)):
        place = uint64(at[i] - low)
        if place >= many:
            return False
        out[i] += shares[place]
    return True


@compiled
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


@compiled
def count(positions: Array, codes: Array, table: Array, counts: Array, rows: Array, first: int) -> int:
    """Adds to every row's cell what its code counts: counts[first + j, position] += byte j of table[code].

    table: pages of zeros and ones, eight to a whole number of 64 bits, which are added together; rows[position] grows by
    one a row where `first` is 0. Gives the greatest of the rows that were added to.
    Columns are far apart, so the cells used last are held together, and written when others take their place or before
    a byte can be full.
    """
    width, start = uint64(min(8 * table.shape[1], counts.shape[0] - first)), uint64(first)
    words = uint64(table.shape[1])
    held, owners = np.zeros((HELD, table.shape[1]), np.uint64), np.full(HELD, -1, np.int64)
    bytes_held, filled = held.view(np.uint8), np.zeros(HELD, np.int64)
    most = 0
    for i in range(len(positions) + HELD):
        # After the last row every cell that is held gives way to none.
        position = positions[i] if i < len(positions) else i - len(positions) - 2 * HELD
        if position == -1:
            continue
        slot = uint64(position) & uint64(HELD - 1)
        if owners[slot] != position or filled[slot] == FULL:
            if filled[slot]:
                owner = uint64(owners[slot])
                for j in range(width):
                    counts[start + j, owner] += bytes_held[slot, j]
                for j in range(words):
                    held[slot, j] = 0
                if first == 0:
                    rows[owner] += filled[slot]
                    most = max(most, rows[owner])
                filled[slot] = 0
            owners[slot] = position
        if position >= 0:
            code = uint64(codes[i])
            for j in range(words):
                held[slot, j] += table[code, j]
            filled[slot] += 1
    return most


@compiled
def cross(positions: Array, one: Array, low: int, shares: Array, codes: Array, counts: Array) -> None:
    """Counts every row by its cell and combination: counts[position, shares[one[i] − low] + codes[i]] += 1.

    `spell` has been there before: all values have a share.
    """
    for i in range(len(positions)):
        if positions[i] >= 0:
            code = shares[uint64(one[i] - low)] + codes[i]
            counts[uint64(positions[i]), uint64(code)] += 1


@compiled
def total(positions: Array, met: Array, at: Array, low: int, values: Array, sums: Array) -> bool:
    """Adds to every row's cell its value where `met` is 1: sums[position] += values[at − low]; whether all have one."""
    many = uint64(len(values))
    for i in range(len(positions)):
        if positions[i] >= 0 and met[i]:
            place = uint64(at[i] - low)
            if place >= many:
                return False
            sums[uint64(positions[i])] += values[place]
    return True


@compiled
def earliest(positions: Array, times: Array, first: Array) -> None:
    """Keeps the earliest time of every cell."""
    for i in range(len(positions)):
        if positions[i] >= 0:
            position = uint64(positions[i])
            first[position] = min(first[position], times[i])


@compiled
def rise(
    keys: Array, targets: Array, unit_apart: int, slot_apart: int, parents: Array, depth: Array, of: int
) -> None:
    """The key of the same slot and category of each unit's parent; −1 for units of other depths than `of`, or without."""
    for i in range(len(keys)):
        unit = uint64(keys[i]) // uint64(unit_apart)
        targets[i] = -1
        if depth[unit] == of:
            parent = parents[unit, uint64(keys[i]) % uint64(unit_apart) // uint64(slot_apart)]
            if parent >= 0:
                targets[i] = keys[i] + (parent - np.int64(unit)) * unit_apart


@compiled
def move(keys: Array, moved: Array, old_apart: int, unit_apart: int, slot_apart: int, places: Array) -> None:
    """Keys with another slot: slot → places[slot], in a grid with other distances of units; −1 for a place below 0."""
    for i in range(len(keys)):
        unit, rest = uint64(keys[i]) // uint64(old_apart), uint64(keys[i]) % uint64(old_apart)
        place = places[rest // uint64(slot_apart)]
        category = np.int64(rest % uint64(slot_apart))
        moved[i] = -1 if place < 0 else np.int64(unit) * unit_apart + place * slot_apart + category


@compiled
def split(keys: Array, found: Array, unit_apart: int, slot_apart: int) -> None:
    """Unit, slot and category of keys, as three rows."""
    for i in range(len(keys)):
        unit, rest = uint64(keys[i]) // uint64(unit_apart), uint64(keys[i]) % uint64(unit_apart)
        found[0, i] = unit
        found[1, i] = rest // uint64(slot_apart)
        found[2, i] = rest % uint64(slot_apart)


@compiled
def add(source: Array, targets: Array, into: Array) -> None:
    """Adds to other places: into[targets[i]] += source[i]; none for a target below 0."""
    for i in range(len(targets)):
        if targets[i] >= 0:
            into[uint64(targets[i])] += source[i]


@compiled
def pour(source: Array, targets: Array, counts: Array) -> None:
    """Adds every column to other places: counts[j, targets[i]] += source[j, i]; none for a target below 0."""
    for j in range(uint64(source.shape[0])):
        for i in range(len(targets)):
            if targets[i] >= 0:
                counts[j, uint64(targets[i])] += source[j, uint64(i)]
