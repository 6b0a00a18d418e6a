"""Lists of keys as whole numbers: each different text once, and of each record which texts it holds.

Equal texts have equal codes, so that agreement is found by comparing numbers; letters are looked up where texts differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Codes = NDArray[np.int32]
Ints = NDArray[np.int64]
NOTHING = -1
NO_DAY = np.iinfo(np.int32).min
LETTERS = 64
"""A text's letters as a set of bits: a letter is known by its last six."""


@dataclass(frozen=True, slots=True)
class Coded:
    """Records of all lists, one after the other in order of the lists' names, each a row of codes."""

    columns: tuple[str, ...]
    codes: Codes
    """[record, column]: −1 where nothing is said; days for columns of days; sets of readings for columns of those."""
    ends: Ints
    """Text → where its letters end in `letters`; they begin where those of the text before end. The first is 0."""
    letters: NDArray[np.uint8]
    which: NDArray[np.uint64]
    """Text → its set of letters."""
    set_ends: Ints
    """Set of readings → where it ends in `readings`, as `ends`."""
    readings: Codes
    lists: Codes
    """Record → the number of its list."""

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
        if pa.types.is_list(whole.type):
            codes[:, at] = _sets(
                whole, codes[:, columns.index(column.removesuffix("_r"))], set_ends, readings
            )
        elif pa.types.is_integer(whole.type):
            codes[:, at] = pc.fill_null(whole, NO_DAY).to_numpy()
        else:
            found = whole.combine_chunks().dictionary_encode()
            codes[:, at] = pc.fill_null(pc.add(found.indices, known), NOTHING).to_numpy()
            pool.append(found.dictionary)
            known += len(found.dictionary)
    ends, letters = _letters(pool)
    lists = np.repeat(np.arange(len(order), dtype=np.int32), [len(tables[name]) for name in order])
    return Coded(
        tuple(columns), codes, ends, letters, _which(ends, letters),
        np.concatenate(set_ends), np.concatenate(readings), lists,
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


def _which(ends: Ints, letters: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Each text's letters as bits, so that texts with too many different letters need not be laid side by side."""
    bits = np.uint64(1) << (letters % LETTERS).astype(np.uint64)
    filled = np.flatnonzero(ends[1:] > ends[:-1])
    which = np.zeros(len(ends) - 1, np.uint64)
    if len(filled):
        which[filled] = np.bitwise_or.reduceat(bits, ends[filled])
    return which


def _sets(whole: pa.ChunkedArray, written: Codes, set_ends: list[Ints], readings: list[Codes]) -> Codes:
    """Each record's set of readings: one for each way in which the name is written."""
    spelt, first, place = np.unique(written, return_index=True, return_inverse=True)
    sets = whole.take(pa.array(first)).combine_chunks()
    before, held = int(set_ends[-1][-1]), sum(len(one) for one in set_ends) - 1
    flat = pc.list_flatten(sets).dictionary_encode()
    set_ends.append(
        before + np.cumsum(pc.fill_null(pc.list_value_length(sets), 0).to_numpy()).astype(np.int64)
    )
    readings.append(flat.indices.to_numpy().astype(np.int32))
    found = (held + place).astype(np.int32)
    found[spelt[place] < 0] = NOTHING
    return found
