"""Loops over the bytes of Parquet pages, compiled by Numba: page headers, and dictionary indices bit by bit.

What bytes say about themselves is not believed: every place is held against the end, and −1 told where they leave it.
Format: https://parquet.apache.org/docs/file-format/ (page headers are Thrift's compact protocol; indices and levels are
the hybrid of runs and packed bits).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numpy import int64, uint64

from tallymark.engine.kernel import compiled

Array = npt.NDArray[Any]
Whole = Any
"""Whole numbers, Python's or of 64 bits: compiled, they are the same."""

KIND, UNPACKED, PACKED, VALUES, ENCODING, LEVELS, BODY = range(7)
"""What is known of a page: kind, lengths of its body unpacked and as stored, values, encodings, and where its body is."""

KNOWN = 7
DEEPEST = 8
"""Structures within structures of a page header, at most; there are three."""

WIDEST = 24
"""Bits of an index, at most: more than any dictionary here needs."""

TOLD, BITS, RUNS = range(3)
"""How a page's numbers stand: as its first byte says; bits one after another; runs of bits behind their length."""


@compiled
def _varint(data: Array, at: int) -> tuple[Whole, Whole]:
    """A number of seven bits a byte, and where it ends; −1 where the data end before it."""
    value, shift = uint64(0), uint64(0)
    while at < len(data) and shift < uint64(63):
        byte = uint64(data[uint64(at)])
        value |= (byte & uint64(127)) << shift
        at += 1
        if byte < uint64(128):
            return int64(value), at
        shift += uint64(7)
    return int64(-1), at


@compiled
def headers(data: Array, pages: Array) -> int:
    """Fills `pages` with what the headers of a column chunk's pages say; gives how many there are.

    −1 where there are more than room is for, or where the data are none that these headers may have.
    """
    at: Whole = 0
    many = 0
    path, last = np.zeros(DEEPEST, np.int64), np.zeros(DEEPEST, np.int64)
    while at < len(data):
        if many == len(pages):
            return -1
        page, depth = pages[many], 0
        page[:] = -1
        last[:] = 0
        while depth >= 0:
            if at >= len(data):
                return -1
            head = int64(data[uint64(at)])
            at += 1
            if head == 0:
                depth -= 1
                continue
            kind, step = head & 15, head >> 4
            if step == 0:
                number, at = _varint(data, at)
                step = (number >> 1) ^ -(number & 1)
                last[depth] = 0
            last[depth] += step
            if kind == 12:
                if depth + 1 == DEEPEST:
                    return -1
                path[depth], depth = last[depth], depth + 1
                last[depth] = 0
            elif kind == 5 or kind == 4 or kind == 6:
                number, at = _varint(data, at)
                value = (number >> 1) ^ -(number & 1)
                field = last[depth]
                if depth == 0 and 1 <= field <= 3:
                    page[KIND + field - 1] = value
                elif depth == 1 and (path[0] == 5 or path[0] == 7) and 1 <= field <= 3:
                    page[VALUES + field - 1] = value
            elif kind == 8:
                number, at = _varint(data, at)
                if number < 0 or number > len(data) - at:
                    return -1
                at += number
            elif kind != 1 and kind != 2:
                return -1
        page[BODY] = at
        if page[PACKED] < 0 or page[UNPACKED] < 0 or page[PACKED] > len(data) - at:
            return -1
        at += page[PACKED]
        many += 1
    return many


@compiled
def _eight(data: Array, at: int) -> uint64:
    """Eight bytes as a number, those beyond the end as zeros."""
    if at + 8 <= len(data):
        head = uint64(at)
        return (
            uint64(data[head])
            | uint64(data[head + uint64(1)]) << uint64(8)
            | uint64(data[head + uint64(2)]) << uint64(16)
            | uint64(data[head + uint64(3)]) << uint64(24)
            | uint64(data[head + uint64(4)]) << uint64(32)
            | uint64(data[head + uint64(5)]) << uint64(40)
            | uint64(data[head + uint64(6)]) << uint64(48)
            | uint64(data[head + uint64(7)]) << uint64(56)
        )
    found = uint64(0)
    for byte in range(len(data) - at):
        found |= uint64(data[uint64(at + byte)]) << uint64(8 * byte)
    return found


@compiled
def _packed(data: Array, at: Whole, width: Whole, out: Array) -> None:
    """Fills `out` with numbers of so many bits each, which start at a byte."""
    bits, mask = uint64(width), (uint64(1) << uint64(width)) - uint64(1)
    whole = len(out) // 8
    half, shift = 4 * width // 8, uint64(4 * width % 8)
    if width > 15:
        whole = 0
    for group in range(whole):
        head, first = at + group * width, uint64(8 * group)
        low = _eight(data, head)
        high = low >> (uint64(4) * bits) if width <= 8 else _eight(data, head + half) >> shift
        for k in range(4):
            out[first + uint64(k)] = (low >> (uint64(k) * bits)) & mask
        for k in range(4):
            out[first + uint64(4 + k)] = (high >> (uint64(k) * bits)) & mask
    for i in range(8 * whole, len(out)):
        bit = i * width
        out[uint64(i)] = (_eight(data, at + (bit >> 3)) >> uint64(bit & 7)) & mask


@compiled
def _hybrid(data: Array, at: Whole, width: Whole, out: Array) -> Whole:
    """Fills `out` with numbers of so many bits, in runs and packed; gives where they end, or −1."""
    if width == 0:
        out[:] = 0
        return at
    filled, many = 0, len(out)
    while filled < many:
        head, at = _varint(data, at)
        if head < 2:
            return -1
        room = many - filled
        if head & 1:
            groups = head >> 1
            take = min(room, 8 * min(groups, room // 8 + 1))
            if (take * width + 7) // 8 > len(data) - at:
                return -1
            _packed(data, at, width, out[filled : filled + take])
            at = min(at + groups * width, len(data)) if groups < len(data) else len(data)
        else:
            take, length = min(room, head >> 1), (width + 7) // 8
            if length > len(data) - at:
                return -1
            value = _eight(data, at) & ((uint64(1) << uint64(8 * length)) - uint64(1))
            if value >> uint64(width):
                return -1
            out[filled : filled + take] = value
            at += length
        filled += take
    return at


@compiled
def _spread(out: Array, there: Array, present: int, absent: int) -> None:
    """Moves the first `present` numbers to the rows that have one, and puts `absent` into all others."""
    source = present - 1
    for i in range(len(out) - 1, -1, -1):
        if there[i]:
            out[i] = out[source]
            source -= 1
        else:
            out[i] = absent


@compiled
def _levels(data: Array, there: Array) -> tuple[Whole, Whole]:
    """How many rows have a value (−1 for damage), and where the levels end. Fills `there` unless all have one."""
    many = len(there)
    if len(data) < 4:
        return -1, 0
    end = 4 + int64(_eight(data, 0) & uint64(0xFFFFFFFF))
    if end > len(data):
        return -1, 0
    levels = data[4:end]
    head, after = _varint(levels, 0)
    if head > 0 and head & 1 == 0 and head >> 1 >= many and after < len(levels) and levels[after] == 1:
        return many, end
    if _hybrid(levels, 0, 1, there) < 0:
        return -1, 0
    present: Whole = 0
    for i in range(many):
        present += int64(there[i])
    return present, end


@compiled
def unpack(data: Array, optional: bool, form: int, out: Array, absent: int, there: Array) -> Whole:
    """Fills `out` with the numbers of a data page, `absent` for rows that have none; gives how many have none, or −1.

    form: how numbers stand. there: room for whether rows have a value, as long as `out`.
    """
    at, present, width = 0, len(out), int64(1)
    if optional:
        present, at = _levels(data, there)
        if present < 0:
            return -1
    found = out[:present]
    if form == BITS:
        if (present + 7) // 8 > len(data) - at:
            return -1
        _packed(data, at, 1, found)
    elif present:
        if form == RUNS:
            at += 4
        elif at < len(data):
            width, at = int64(data[at]), at + 1
        else:
            return -1
        if width > min(WIDEST, 8 * out.itemsize) or at > len(data) or _hybrid(data, at, width, found) < 0:
            return -1
    if present < len(out):
        _spread(out, there, present, absent)
    return len(out) - present


@compiled
def lengths(data: Array, ends: Array) -> Whole:
    """Where texts end that stand one after another, each behind its length of four bytes, if the lengths were left out;
    gives the bytes of all of them, or −1. ends[0] is 0."""
    at: Whole = 0
    total: Whole = 0
    ends[0] = 0
    for i in range(1, len(ends)):
        if len(data) - at < 4:
            return -1
        length = int64(_eight(data, at) & uint64(0xFFFFFFFF))
        if length > len(data) - at - 4:
            return -1
        total += length
        at += 4 + length
        ends[i] = total
    return total


@compiled
def texts(data: Array, ends: Array, into: Array) -> None:
    """The bytes of texts without their lengths (see `lengths`)."""
    for i in range(len(ends) - 1):
        for j in range(ends[i], ends[i + 1]):
            into[uint64(j)] = data[uint64(4 * (i + 1) + j)]
