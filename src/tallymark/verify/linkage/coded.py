"""Lists of keys as whole numbers: each different text once, and of each record which texts it holds.

Equal texts have equal codes, so that agreement is found by comparing numbers. Where texts differ their signs are laid
side by side first (which letters, how many of each), and letters are looked up only where these are near.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numba
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Codes = NDArray[np.int32]
Ints = NDArray[np.int64]
NOTHING = -1
NO_DAY = np.iinfo(np.int32).min
LETTERS = 14
"""A text's sign counts letters by what is left of them when divided by this, four bits each, 15 meaning 15 or more."""
LONG = 255
"""A text's length as its sign has it, above the counts; this means so much or more."""


@dataclass(frozen=True, slots=True)
class Coded:
    """Records of all lists, one after the other in order of the lists' names, each a row of codes."""

    columns: tuple[str, ...]
    codes: Codes
    """[record, column]: −1 where nothing is said; days for columns of days; sets of readings for columns of those."""
    ends: Ints
    """Text → where its letters end in `letters`; they begin where those of the text before end. The first is 0."""
    letters: NDArray[np.uint8]
    signs: NDArray[np.uint64]
    """Text → its sign."""
    set_ends: Ints
    """Set of readings → where it ends in `readings`, as `ends`."""
    readings: Codes
    set_signs: NDArray[np.uint64]
    """Set of readings → a bit for each of them, by its number's last six bits."""
    lists: Codes
    """Record → the number of its list."""
    names: tuple[str, ...]
    """The lists' names, in order."""

    @property
    def sizes(self) -> Ints:
        """Records of each list."""
        return np.bincount(self.lists, minlength=len(self.names)).astype(np.int64)

    def rows(self, which: Ints) -> Coded:
        """Some of the records, in this order."""
        return replace(self, codes=self.codes[which], lists=self.lists[which])

    def place(self, column: str) -> int:
        """Where a column stands."""
        return self.columns.index(column)


def coded(
    tables: Mapping[str, pa.Table], texts: Iterable[str], days: Iterable[str], names: Iterable[str]
) -> Coded:
    """Lists of keys as codes: columns of texts, of days (`_d`), and names' sets of readings (`_r`)."""
    order = sorted(tables)
    many = sum(len(tables[name]) for name in order)
    columns = [*dict.fromkeys(texts), *dict.fromkeys(days), *dict.fromkeys(f"{name}_r" for name in names)]
    codes = np.empty((many, len(columns)), np.int32)
    pool: list[pa.Array] = []
    set_ends, readings = [np.zeros(1, np.int64)], [np.zeros(0, np.int32)]
    known = 0
    for at, column in enumerate(columns):
        whole = pa.chunked_array([chunk for name in order for chunk in tables[name].column(column).chunks])
        if pa.types.is_integer(whole.type):
            codes[:, at] = pc.fill_null(whole, NO_DAY).to_numpy()
        elif column.endswith("_r"):
            codes[:, at] = _sets(whole, set_ends, readings)
        else:
            found = _once(whole)
            codes[:, at] = pc.fill_null(pc.add(found.indices, known), NOTHING).to_numpy()
            pool.append(found.dictionary)
            known += len(found.dictionary)
    ends, letters = _letters(pool)
    lists = np.repeat(np.arange(len(order), dtype=np.int32), [len(tables[name]) for name in order])
    of_sets, flat = np.concatenate(set_ends), np.concatenate(readings)
    return Coded(
        tuple(columns), codes, ends, letters, _signs(ends, letters), of_sets, flat, _set_signs(of_sets, flat), lists,
        tuple(order),
    )  # fmt: skip


def _letters(pool: Sequence[pa.Array]) -> tuple[Ints, NDArray[np.uint8]]:
    """Where each text ends, and all texts' letters behind each other."""
    texts = pa.concat_arrays(
        [one.cast(pa.large_string()) for one in pool] or [pa.array([], pa.large_string())]
    )
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1].copy()
    letters = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    return ends, letters[: int(ends[-1])].copy()


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _signs(ends: Any, letters: Any) -> Any:  # pragma: no cover - compiled
    """Each text's length, and how often it has each letter."""
    made = np.zeros(len(ends) - 1, np.uint64)
    for text in range(len(made)):
        sign = np.uint64(min(ends[text + 1] - ends[text], LONG)) << np.uint64(4 * LETTERS)
        for at in range(ends[text], ends[text + 1]):
            place = np.uint64(4 * (letters[at] % LETTERS))
            if (sign >> place) & np.uint64(15) < np.uint64(15):
                sign += np.uint64(1) << place
        made[text] = sign
    return made


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _set_signs(ends: Any, readings: Any) -> Any:  # pragma: no cover - compiled
    """Each set's readings as bits: sets that share a reading share a bit."""
    made = np.zeros(len(ends) - 1, np.uint64)
    for one in range(len(made)):
        for at in range(ends[one], ends[one + 1]):
            made[one] |= np.uint64(1) << np.uint64(readings[at] & 63)
    return made


def _once(whole: pa.ChunkedArray) -> pa.DictionaryArray:
    """A column with each different text once, whichever list has it."""
    if not pa.types.is_dictionary(whole.type):
        return whole.combine_chunks().dictionary_encode()
    first = whole.chunk(0).dictionary
    if not all(chunk.dictionary.equals(first) for chunk in whole.chunks[1:]):
        whole = whole.unify_dictionaries()
    which = pa.concat_arrays([chunk.indices for chunk in whole.chunks])
    return pa.DictionaryArray.from_arrays(which, whole.chunk(0).dictionary)


def _sets(whole: pa.ChunkedArray, set_ends: list[Ints], readings: list[Codes]) -> Codes:
    """Each record's set of readings: one for each way in which a list writes the name."""
    parts = [chunk.dictionary for chunk in whole.chunks]
    held, before = sum(len(one) for one in set_ends) - 1, int(set_ends[-1][-1])
    first = held + np.cumsum([0, *(len(part) for part in parts)])
    sets = pa.concat_arrays(parts) if parts else pa.array([], pa.list_(pa.string()))
    set_ends.append(
        before + np.cumsum(pc.fill_null(pc.list_value_length(sets), 0).to_numpy()).astype(np.int64)
    )
    readings.append(pc.list_flatten(sets).dictionary_encode().indices.to_numpy().astype(np.int32))
    found = np.full(len(whole), NOTHING, np.int32)
    at = 0
    for part, chunk, start in zip(parts, whole.chunks, first, strict=False):
        which = pc.fill_null(chunk.indices, NOTHING).to_numpy()
        says = np.append(part.is_valid().to_numpy(zero_copy_only=False), False)[which]
        found[at : at + len(chunk)] = np.where(says, which + start, NOTHING)
        at += len(chunk)
    return found
