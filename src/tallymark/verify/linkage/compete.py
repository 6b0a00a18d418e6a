"""Probabilities of pairs that compete: a record has at most one match in a list that holds each event once.

Pairs are edges of a graph, a matching's weight the product of its pairs' odds; the probability of each pair over all
matchings is found by belief propagation (exact where pairs form no cycles; Bayati, Shah and Sharma 2008 for matchings).
Twins of one mother, alike in all that is written, then get half a match each and not one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
SWEEPS = 25
MOST_ODDS = 1e12


def matching_probabilities(left: Ints, right: Ints, odds: Floats) -> Floats:
    """Probability that each pair is a match, given the odds it would have without competition."""
    if not len(odds):
        return np.zeros(0)
    weight = np.minimum(odds, MOST_ODDS)
    records = int(max(left.max(), right.max())) + 1
    to_left, to_right = np.ones(len(weight)), np.ones(len(weight))
    for _ in range(SWEEPS):
        from_left = 1 / (1 + _others(left, weight * to_left, records))
        from_right = 1 / (1 + _others(right, weight * to_right, records))
        # Halfway to the new messages: pairs in a cycle would swing otherwise.
        to_left, to_right = np.sqrt(to_left * from_right), np.sqrt(to_right * from_left)
    both = weight * to_left * to_right
    probability: Floats = both / (1 + both)
    return probability


def _others(record: Ints, value: Floats, records: int) -> Floats:
    """For each pair the sum over the other pairs of its record."""
    rest: Floats = np.maximum(np.bincount(record, value, records)[record] - value, 0.0)
    return rest
