"""Lists of keys as whole numbers: each different text once, and of each record which texts it holds.

Equal texts have equal codes, so that agreement is found by comparing numbers. Where texts differ their signs are laid
side by side first (which letters, how many of each), and letters are looked up only where these are near.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle
from typing import Any

import numba
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tallymark.verify.linkage.letters import laid

Codes = NDArray[np.int32]
Ints = NDArray[np.int64]
NOTHING = -1
NO_DAY = np.iinfo(np.int32).min
LETTERS = 14
"""A text's sign counts letters by what is left of them when divided by this, four bits each, 15 meaning 15 or more."""
LONG = 255
"""A text's length as its sign has it, above the counts; this means so much or more."""

AT_ONCE = 4096
"""Records that are turned from columns to rows at a time: their part of all columns stays near."""


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
        return replace(self, codes=self.codes.take(which, axis=0), lists=self.lists[which])

    def place(self, column: str) -> int:
        """Where a column stands."""
        return self.columns.index(column)

    def column(self, column: str) -> Codes:
        """A column's codes, behind each other."""
        return np.ascontiguousarray(self.codes[:, self.place(column)])


def coded(
    tables: Mapping[str, pa.Table], texts: Iterable[str], days: Iterable[str], names: Iterable[str]
) -> Coded:
    """Lists of keys as codes: columns of texts, of days (`_d`), and names' sets of readings (`_r`)."""
    order = sorted(tables)
    lists = np.repeat(np.arange(len(order), dtype=np.int32), [len(tables[name]) for name in order])
    said, counted = [*dict.fromkeys(texts)], [*dict.fromkeys(days)]
    read = [*dict.fromkeys(f"{name}_r" for name in names)]
    columns = (*said, *counted, *read)
    whole = [
        pa.chunked_array([chunk for name in order for chunk in tables[name].column(column).chunks])
        for column in columns
    ]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        written = list(pool.map(_once, whole[: len(said)]))
        letters = pool.submit(_letters, [one.dictionary for one in written])
        sets = [pool.submit(_sets, one) for one in whole[len(said) + len(counted) :]]
        first = np.cumsum([0, *(len(one.dictionary) for one in written)])
        numbers = [
            *pool.map(_numbers, written, first.tolist()),
            *pool.map(_days, whole[len(said) :][: len(counted)]),
        ]
        held = _Sets.behind(one.result() for one in sets)
        codes = _row_by_row([*numbers, *held.of], pool)
        ends, written_letters, signs = letters.result()
    return Coded(
        columns, codes, ends, written_letters, signs, held.ends, held.readings, _set_signs(held.ends, held.readings),
        lists, tuple(order),
    )  # fmt: skip


def _numbers(column: pa.DictionaryArray, first: int) -> Codes:
    """A column's texts by number."""
    made: Codes = pc.fill_null(pc.add(column.indices, pa.scalar(first, pa.int32())), NOTHING).to_numpy()
    return made


def _days(column: pa.ChunkedArray) -> Codes:
    made: Codes = pc.fill_null(column, NO_DAY).to_numpy().astype(np.int32)
    return made


def _letters(pool: Sequence[pa.Array]) -> tuple[Ints, NDArray[np.uint8], NDArray[np.uint64]]:
    """Where each text ends, all texts' letters behind each other, and each text's sign."""
    ends, letters = laid([one.cast(pa.string()) for one in pool])
    return ends, letters, _signs(ends, letters)


def _row_by_row(columns: Sequence[Codes], pool: Executor) -> Codes:
    """Columns as rows, as pairs of records are looked at."""
    many = len(columns[0]) if columns else 0
    made: Codes = np.empty((many, len(columns)), np.int32)
    beside = np.stack(columns) if columns else np.empty((0, 0), np.int32)
    cuts = np.linspace(0, many, (os.cpu_count() or 1) + 1).astype(np.int64)
    list(pool.map(partial(_turned, beside, made), cuts[:-1], cuts[1:]))
    return made


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _turned(columns: Any, made: Any, first: Any, last: Any) -> None:  # pragma: no cover - compiled
    """Puts these records' columns beside each other, some records at a time, as memory is read in lines."""
    for start in range(first, last, AT_ONCE):
        for column in range(len(columns)):
            for record in range(start, min(start + AT_ONCE, last)):
                made[record, column] = columns[column, record]


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
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


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
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


@dataclass(frozen=True, slots=True)
class _Sets:
    """Sets of readings. of: column → record → its set; ends: set → where it ends in `readings`, after a first 0."""

    of: tuple[Codes, ...]
    ends: Ints
    readings: Codes

    @classmethod
    def behind(cls, parts: Iterable[_Sets]) -> _Sets:
        """Several columns' sets behind each other."""
        of, ends, readings = [], [np.zeros(1, np.int64)], [np.zeros(0, np.int32)]
        sets = letters = 0
        for part in parts:
            of += [np.where(one < 0, NOTHING, one + np.int32(sets)) for one in part.of]
            ends.append(part.ends[1:] + letters)
            readings.append(part.readings)
            sets, letters = sets + len(part.ends) - 1, letters + len(part.readings)
        return cls(tuple(of), np.concatenate(ends), np.concatenate(readings))


def _sets(whole: pa.ChunkedArray) -> _Sets:
    """Each record's set of readings: one for each way in which a list writes the name."""
    parts = [chunk.dictionary for chunk in whole.chunks]
    if all(part.equals(parts[0]) for part in parts[1:]):
        parts = parts[:1]
    first = np.cumsum([0, *(len(part) for part in parts[:-1])])
    sets = pa.concat_arrays(parts)
    which = [pc.fill_null(chunk.indices, NOTHING).to_numpy() for chunk in whole.chunks]
    place = np.concatenate(
        [np.where(one < 0, len(sets), one + at) for one, at in zip(which, cycle(first), strict=False)]
    )
    says = np.append(sets.is_valid().to_numpy(zero_copy_only=False), False)
    ends = np.append(0, np.cumsum(pc.fill_null(pc.list_value_length(sets), 0).to_numpy())).astype(np.int64)
    readings = pc.list_flatten(sets).dictionary_encode().indices.to_numpy().astype(np.int32)
    return _Sets((np.where(says, np.arange(len(says)), NOTHING)[place].astype(np.int32),), ends, readings)
