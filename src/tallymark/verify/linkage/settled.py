"""Which compared pairs are matches beyond doubt, and which then are none; the rest stay open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tallymark.verify.linkage.patterns import Patterns

Floats = NDArray[np.float64]
BY_CHANCE = 15.0
"""Bits beyond which a pair beside a settled one is no chance agreement: a twin, or the same event listed twice."""
SETTLED = 7.0
"""Bits by which a pair must beat both even odds and every other pair of its two records to be taken as settled."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Pairs by pattern: settled as matches, settled as none, and open; `loose`: the open pairs, by place."""

    match: Floats
    none: Floats
    open: Floats
    loose: NDArray[np.int64]
    records: tuple[int, int] = (0, 0)
    """Records on the left, and on the right, of open pairs."""
    times: Floats | None = None
    """How often each pattern's open pairs are counted, where they are drawn again."""


def settle(patterns: Patterns, bits: Floats) -> Counts:
    """Pairs that are matches beyond doubt (each record's best by far), the other pairs of their records, and the rest.

    bits: pattern → odds of a match, in bits.
    """
    weight = bits[patterns.of]
    records = int(max(patterns.left.max(initial=0), patterns.right.max(initial=0))) + 1
    sure = (
        (weight > SETTLED) & _leads(patterns.left, weight, records) & _leads(patterns.right, weight, records)
    )
    taken = np.zeros(records, bool)
    taken[patterns.left[sure]] = taken[patterns.right[sure]] = True
    beside = ~sure & (taken[patterns.left] | taken[patterns.right])
    none, rest = beside & (weight < BY_CHANCE), ~sure & ~beside
    many = len(patterns.blocked)
    match, unlike, still = (
        np.bincount(patterns.of[which], minlength=many).astype(np.float64) for which in (sure, none, rest)
    )
    sides = len(np.unique(patterns.left[rest])), len(np.unique(patterns.right[rest]))
    return Counts(match, unlike, still, np.flatnonzero(rest), sides)


def _leads(record: NDArray[np.int64], weight: Floats, records: int) -> NDArray[np.bool_]:
    """Whether each pair beats every other pair of its record by SETTLED."""
    best = np.full(records, -np.inf)
    np.maximum.at(best, record, weight)
    first = weight == best[record]
    second = np.full(records, -np.inf)
    np.maximum.at(second, record, np.where(first, -np.inf, weight))
    several = np.bincount(record[first], minlength=records) > 1
    leads: NDArray[np.bool_] = first & ~several[record] & (weight > second[record] + SETTLED)
    return leads
