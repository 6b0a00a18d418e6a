"""Randomness that anyone can derive again: SHA-256 in counter mode, whole numbers without modulo bias (docs/draws.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Thing = TypeVar("Thing")
FORMAT = "tallymark-draw-1"
SPACE = 1 << 256


class Stream:
    """Numbers from a seed and a label: block i is SHA-256(seed ‖ 00 ‖ label ‖ 00 ‖ i in decimal digits)."""

    def __init__(self, seed: bytes, label: str) -> None:
        self._prefix = seed + b"\0" + label.encode() + b"\0"
        self._next = 0

    def below(self, bound: int) -> int:
        """A number from 0 to bound − 1, each equally likely: blocks beyond the last whole multiple are passed over."""
        if bound < 1:
            raise ValueError(f"bound is at least 1, not {bound}")
        limit = SPACE - SPACE % bound
        while True:
            block = hashlib.sha256(self._prefix + str(self._next).encode()).digest()
            self._next += 1
            number = int.from_bytes(block, "big")
            if number < limit:
                return number % bound


def simple(things: Sequence[Thing], size: int, stream: Stream) -> list[Thing]:
    """`size` of the things without replacement, in the order drawn: the first steps of a Fisher–Yates shuffle."""
    pool = list(things)
    for place in range(min(size, len(pool))):
        other = place + stream.below(len(pool) - place)
        pool[place], pool[other] = pool[other], pool[place]
    return pool[:size]


def systematic(sizes: Sequence[int], count: int, stream: Stream) -> list[int]:
    """Places of `count` things drawn with probability count × size ÷ total: one random start, equal steps.

    With T the total, thing i covers count × size whole numbers; the points are start, start + T …, start below T.
    No size may be more than T ÷ count (such things are taken with certainty before).
    """
    total = sum(sizes)
    if not count:
        return []
    point, taken, covered = stream.below(total), [], 0
    for place, size in enumerate(sizes):
        covered += size * count
        if point < covered:
            taken.append(place)
            point += total
    return taken


def joined(seed: bytes, public: str) -> bytes:
    """The seed of a draw: SHA-256(format ‖ 00 ‖ secret seed ‖ 00 ‖ what the public event gave)."""
    return hashlib.sha256(FORMAT.encode() + b"\0" + seed + b"\0" + public.strip().encode()).digest()
