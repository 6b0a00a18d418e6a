"""A match of two bad records, from what matches of a good and a bad one show: damage done once, and done twice.

Pairs of two bad records are mostly lost, so they cannot be learnt from those seen. But what a bad record keeps of a
good one is seen, and two records damaged apart agree where both kept what was true: a key agrees in both as often as
in one, squared. Where neither kept it they agree by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from tallymark.verify.linkage.patterns import Category

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Doubling:
    """A field's categories as demands: agree at least at this level, and in these keys."""

    levels: Ints
    """Demand → its level, one more than a category's; 0 demands not even that both say something."""
    meets: Floats
    """[demand, category]: whether the category meets it."""
    exactly: Floats
    """[demand, demand]: takes shares that meet demands to shares that meet them and no more."""
    into: Ints
    """Demand → the category nearest to just meeting it."""
    said: int
    """The demand that both say something."""
    bare: Ints
    """Demand → the same without its level, beyond that both say something."""

    def twice(self, good: Floats, once: Floats, chance: Floats) -> Floats:
        """Shares of categories among matches of two bad records.

        good, once: among matches of two good ones, and of a good and a bad one; chance: in pairs drawn by chance.
        """
        kept, damaged, drawn = self.meets @ good, self.meets @ once, self.meets @ chance
        both_say = damaged[self.said] ** 2 / max(kept[self.said], 1e-12)
        share = (damaged / max(damaged[self.said], 1e-12)) / np.maximum(kept / kept[self.said], 1e-12)
        share = np.minimum(share, 1.0)
        alike = np.minimum(drawn / max(drawn[self.said], 1e-12), 0.5)
        met = kept / kept[self.said] * (share**2 + (1 - share) ** 2 * alike / (1 - alike)) * both_say
        met = np.where(self.levels == 0, np.where(self.bare == self.said, 1.0, met[self.bare]), met)
        shares = np.bincount(self.into, np.maximum(self.exactly @ met, 0.0), len(good)) + 1e-12
        made: Floats = shares / shares.sum()
        return made


def doubling(categories: Sequence[Category]) -> Doubling:
    """What damage done twice means for a field with these categories."""
    bits = np.array([reduce(lambda code, key: 2 * code + key, one.keys, 0) for one in categories])
    levels = np.array([one.level + 1 for one in categories])
    keys = 1 << len(categories[0].keys)
    level = np.repeat(np.arange(max(levels.max(), 1) + 1), keys)
    key = np.tile(np.arange(keys), len(level) // keys)
    into = [
        max(range(len(bits)), key=lambda at: _nearness(int(bits[at]), int(levels[at]), need=need))
        for need in zip(key.tolist(), level.tolist(), strict=True)
    ]
    exactly: Floats = np.linalg.inv(_meeting(level, key, level, key)).astype(np.float64)
    return Doubling(
        levels=level, meets=_meeting(level, key, levels, bits), exactly=exactly, into=np.array(into),
        said=keys, bare=keys + key,
    )  # fmt: skip


def _meeting(level: Ints, key: Ints, levels: Ints, bits: Ints) -> Floats:
    meets = (levels[None, :] >= level[:, None]) & ((bits[None, :] & key[:, None]) == key[:, None])
    made: Floats = meets.astype(np.float64)
    return made


def _nearness(bits: int, level: int, *, need: tuple[int, int]) -> tuple[bool, int, int]:
    """How near a category comes to just meeting a demand: no other keys, as many of its own, about its level."""
    return (bits & ~need[0]) == 0, (bits & need[0]).bit_count(), -abs(level - need[1])
