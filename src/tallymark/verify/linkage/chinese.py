"""Keys of many short Chinese names at once: each different character is read once, then columns are put together."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tallymark.verify.linkage.letters import characters, in_order
from tallymark.verify.linkage.names import MOST_READINGS, UNNAMED, ways

Ints = NDArray[np.int64]
LONGEST = 4
QUICK = f"^[\u4e00-\u9fff]{{1,{LONGEST}}}$|^[\u4e00-\u9fff]+({'|'.join(UNNAMED)})$"
"""Names that are read here, and those of children without one; others are read one by one, with the same keys (a test
compares them)."""


def chinese_keys(names: pa.Array, nothing: list[str]) -> list[pa.Array]:
    """As `names.name_keys`, in columns: written, key, readings, how many, letters; NULL for those that say nothing."""
    blank = pc.or_(
        pc.is_in(names, value_set=pa.array(nothing)),
        pc.match_substring_regex(names, f"({'|'.join(UNNAMED)})$"),
    )
    held = names.filter(pc.invert(blank))
    columns = [held, *_read(held)]
    places = pc.if_else(blank, None, pc.subtract(pc.cumulative_sum(pc.invert(blank).cast(pa.int64())), 1))
    return [column.take(places) for column in columns]


def _read(names: pa.Array) -> list[pa.Array]:
    """Key, readings, how many, letters of names that are read."""
    letters = characters(names, LONGEST)
    there = np.bincount(letters.ravel()) > 0
    different, place = np.flatnonzero(there), (np.cumsum(there) - 1)[letters]
    spoken = [ways(chr(each)) if each else ("",) for each in different]
    many = np.array([len(each) for each in spoken], np.int64)
    start = np.concatenate([[0], np.cumsum(many)])[:-1]
    sounds = pa.array([way for each in spoken for way in each], pa.string())
    key = _joined(sounds, start[place])
    readings = _readings(sounds, start[place], many[place])
    return [key, readings, pc.list_value_length(readings), in_order(key)]


def _joined(sounds: pa.Array, which: Ints) -> pa.Array:
    return pc.binary_join_element_wise(*[sounds.take(pa.array(column)) for column in which.T], "")


def _readings(sounds: pa.Array, start: Ints, many: Ints) -> pa.Array:
    """Every way in which each name may be read, once each: the last character's ways change first."""
    ways_of = np.minimum(many.prod(axis=1), MOST_READINGS)
    row = np.repeat(np.arange(len(many)), ways_of)
    turn = np.arange(len(row)) - np.repeat(np.cumsum(ways_of) - ways_of, ways_of)
    which = np.empty((len(row), many.shape[1]), np.int64)
    for at in range(many.shape[1] - 1, -1, -1):
        which[:, at] = start[row, at] + turn % many[row, at]
        turn = turn // many[row, at]
    said = _joined(sounds, which)
    coded = said.dictionary_encode().indices.to_numpy().astype(np.int64)
    _, first = np.unique(row * (int(coded.max(initial=0)) + 1) + coded, return_index=True)
    kept = np.sort(first)
    ends = np.cumsum(np.bincount(row[kept], minlength=len(many)))
    return pa.ListArray.from_arrays(
        pa.array(np.concatenate([[0], ends]), pa.int32()), said.take(pa.array(kept))
    )
