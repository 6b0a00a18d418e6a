"""Texts by their letters: many at once, as they lie behind each other in a column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numba
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]
compiled = numba.njit(cache=True, nogil=True)


def laid(columns: Sequence[pa.Array]) -> tuple[Ints, Bytes]:
    """Where each text of these columns ends in the letters, which begin with those of the first; and the letters.

    Ends come after a first 0. A text that is not there has none.
    """
    ends, letters, before = [np.zeros(1, np.int64)], [np.zeros(0, np.uint8)], 0
    for column in columns:
        _, offsets, written = column.buffers()
        if not len(column) or written is None:
            ends.append(np.full(len(column), before))
            continue
        own = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1].astype(
            np.int64
        )
        letters.append(np.frombuffer(written, np.uint8)[own[0] : own[-1]])
        ends.append(own[1:] - own[0] + before)
        before = int(ends[-1][-1])
    return np.concatenate(ends), np.concatenate(letters)


def all_different(texts: pa.Array) -> bool:
    """Whether no text is there twice; True is certain, False may be two texts with the same number by chance."""
    numbers = np.sort(_numbered(*laid([texts])))
    return not bool((numbers[1:] == numbers[:-1]).any())


def in_order(texts: pa.Array) -> pa.Array:
    """Each text's letters in order; texts are ASCII."""
    ends, letters = laid([texts])
    _ordered(ends, letters)
    offsets = pa.py_buffer(ends.astype(np.int32))
    valid = None if not texts.null_count else pa.py_buffer(np.packbits(texts.is_valid(), bitorder="little"))
    return pa.StringArray.from_buffers(len(texts), offsets, pa.py_buffer(letters), valid)


def characters(texts: pa.Array, longest: int) -> NDArray[np.uint32]:
    """[text, place]: the characters of texts of at most so many, each of three bytes in UTF-8; 0 behind the last."""
    ends, letters = laid([texts])
    parts = letters.reshape(-1, 3).astype(np.uint32)
    many = np.diff(ends) // 3
    row = np.repeat(np.arange(len(many)), many)
    made = np.zeros((len(many), longest), np.uint32)
    made[row, np.arange(len(row)) - ends[:-1][row] // 3] = (
        (parts[:, 0] & 0x0F) << 12 | (parts[:, 1] & 0x3F) << 6 | parts[:, 2] & 0x3F
    )
    return made


@compiled  # type: ignore[untyped-decorator]
def _numbered(ends: Any, letters: Any) -> Any:  # pragma: no cover - compiled
    """A number of each text, the same for the same text (FNV-1a, of eight bytes)."""
    made = np.empty(len(ends) - 1, np.uint64)
    for text in range(len(made)):
        number = np.uint64(0xCBF29CE484222325)
        for at in range(ends[text], ends[text + 1]):
            number = (number ^ np.uint64(letters[at])) * np.uint64(0x100000001B3)
        made[text] = number
    return made


@compiled  # type: ignore[untyped-decorator]
def _ordered(ends: Any, letters: Any) -> None:  # pragma: no cover - compiled
    """Puts each text's letters in order, where they lie."""
    for text in range(len(ends) - 1):
        for at in range(ends[text] + 1, ends[text + 1]):
            letter, to = letters[at], at
            while to > ends[text] and letters[to - 1] > letter:
                letters[to] = letters[to - 1]
                to -= 1
            letters[to] = letter
