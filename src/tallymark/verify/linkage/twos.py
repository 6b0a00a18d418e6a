"""Groups of any size, those of two being as likely beforehand as such groups are, and not as pairs of any group are.

Somebody with six records makes fifteen pairs. Where some have many records, a pair of the list is therefore far likelier
to be a match than are two records that nothing else joins, of which there are many. How many groups of two there are
is estimated from those found, each counting by its own probability, as is the share of matches in a mixture. Only what
was joined is looked at again: nothing is joined that is not above the threshold by its weight alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tallymark.verify.linkage.gather import gathered

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
ROUNDS = 50
STILL = 1e-6
"""A number of groups that changes by less has come to rest."""


def grouped(
    left: Ints, right: Ints, weight: Floats, *, lists: Ints, unique: NDArray[np.bool_], threshold: float, prior: float
) -> Ints:  # fmt: skip
    """The group of every record, as `gathered` has it. weight: bits; prior: of a match, as the weights have it."""
    group = gathered(left, right, weight - threshold, lists=lists, unique=unique)
    alone = np.bincount(group, minlength=len(group))[group] <= 2
    possible = _possible(lists[alone], unique)
    near = alone[left] & alone[right]
    a, b, bits = left[near], right[near], weight[near]
    if not len(bits) or possible < 1:
        return group
    shift = min(_shift(bits[group[a] == group[b]], possible, prior), 0.0)
    again = gathered(a, b, bits + shift - threshold, lists=lists, unique=unique)
    made: Ints = np.where(alone, again, group)
    return made


def _possible(lists: Ints, unique: NDArray[np.bool_]) -> float:
    """Pairs of these records that may share a group."""
    many = len(lists)
    apart = np.bincount(lists, minlength=len(unique))[unique].astype(float)
    return many * (many - 1) / 2 - float((apart * (apart - 1) / 2).sum())


def _shift(bits: Floats, possible: float, prior: float) -> float:
    """By how much two records that nothing else joins are likelier to be one than any pair is (bits)."""
    many, shift = float(len(bits)), 0.0
    for _ in range(ROUNDS):
        # Half a group more, as nothing seen is not nothing there (Jeffreys).
        shift = float(np.log2((many + 0.5) / possible) - np.log2(prior))
        odds = np.exp2(np.clip(bits + shift, -60, 60))
        before, many = many, float((odds / (1 + odds)).sum())
        if abs(many - before) < STILL:
            break
    return shift
