"""Probabilities of pairs that compete: a record has at most one match in a list that holds each event once.

Pairs are edges of a graph, a matching's weight the product of its pairs' odds; the probability of each pair over all
matchings is found by belief propagation (exact where pairs form no cycles; Bayati, Shah and Sharma 2008 for matchings).
Twins of one mother, alike in all that is written, then get half a match each and not one.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
SWEEPS = 25
STILL = 1e-12
"""A message that changes by less has come to rest."""
MOST_ODDS = 1e12


def matching_probabilities(left: Ints, right: Ints, odds: Floats) -> Floats:
    """Probability that each pair is a match, given the odds it would have without competition."""
    if not len(odds):
        return np.zeros(0)
    both: Floats = np.minimum(odds, MOST_ODDS)
    records = int(max(left.max(), right.max())) + 1
    one, other = (np.bincount(side, minlength=records)[side] for side in (left, right))
    near = np.flatnonzero((one > 1) | (other > 1))  # a pair that competes with none keeps its odds
    both[near] = _swept(_renumbered(left[near]), _renumbered(right[near]), both[near])
    probability: Floats = both / (1 + both)
    return probability


def _renumbered(records: Ints) -> Ints:
    """Records numbered among themselves: few of many compete, and sweeps go over all numbers."""
    there = np.bincount(records) > 0
    numbers: Ints = (np.cumsum(there) - 1)[records]
    return numbers


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _swept(left: Any, right: Any, weight: Any) -> Any:  # pragma: no cover - compiled
    """Odds of pairs after messages have gone to and fro until none changes, or SWEEPS times."""
    to_left, to_right = np.ones(len(weight)), np.ones(len(weight))
    if not len(weight):
        return weight
    by_left, by_right = np.empty(left.max() + 1), np.empty(right.max() + 1)
    for _ in range(SWEEPS):
        by_left[:], by_right[:] = 0.0, 0.0
        for at in range(len(weight)):
            by_left[left[at]] += weight[at] * to_left[at]
            by_right[right[at]] += weight[at] * to_right[at]
        moved = 0.0
        for at in range(len(weight)):
            one, other = to_left[at], to_right[at]
            from_left = 1 / (1 + max(by_left[left[at]] - weight[at] * one, 0.0))
            from_right = 1 / (1 + max(by_right[right[at]] - weight[at] * other, 0.0))
            # Halfway to the new messages: pairs in a cycle would swing otherwise.
            to_left[at], to_right[at] = np.sqrt(one * from_right), np.sqrt(other * from_left)
            moved = max(moved, abs(to_left[at] - one), abs(to_right[at] - other))
        if moved < STILL:
            break
    return weight * to_left * to_right
