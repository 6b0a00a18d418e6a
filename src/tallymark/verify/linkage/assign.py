"""From weighed pairs to groups: each record in one, and at most one record of a list that holds an event once."""

from __future__ import annotations

from collections.abc import Iterator

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def groups(left: Ints, right: Ints, weight: Floats, *, lists: Ints, unique: NDArray[np.bool_]) -> Ints:
    """The group of every record: the number of its first record.

    left, right, weight: pairs that count as matches, records by number. lists: record → its list; unique: list → whether
    two of its records may not share a group. Pairs are taken by weight, heaviest first; one that would bring two records
    of a unique list together is passed over. Ties go by record number.
    """
    order = np.lexsort((right, left, -weight))
    joined: Ints = _joined(left[order], right[order], lists, unique)
    return joined


def best_pairs(left: Ints, right: Ints, weight: Floats) -> NDArray[np.bool_]:
    """Which pairs of two unique lists are taken: the assignment with the greatest sum of weights.

    Kuhn's method on every set of records that compete, which a heaviest-first choice can get wrong (twins).
    """
    if not len(left):
        return np.zeros(0, bool)
    taken: NDArray[np.bool_] = (np.bincount(left)[left] == 1) & (np.bincount(right)[right] == 1)
    rest = np.flatnonzero(~taken)
    if len(rest):
        taken[rest[_chosen(left[rest], right[rest], weight[rest])]] = True
    return taken


def _chosen(left: Ints, right: Ints, weight: Floats) -> Ints:
    """Which of these pairs are taken: among pairs of one record its heaviest, else the best assignment."""
    _, a = np.unique(left, return_inverse=True)
    _, b = np.unique(right, return_inverse=True)
    many, size = int(a.max()) + 1, int(a.max()) + int(b.max()) + 2
    _, part = connected_components(
        coo_array((np.ones(len(a)), (a, many + b)), shape=(size, size)), directed=False
    )
    of = part[a]
    of_one = ((np.bincount(part[:many]) == 1) | (np.bincount(part[many:]) == 1))[of]
    order = np.flatnonzero(of_one)
    order = order[np.lexsort((b[order], a[order], -weight[order], of[order]))]
    first = np.diff(of[order], prepend=-1) != 0
    whole = [pairs[_assigned(a[pairs], b[pairs], weight[pairs])] for pairs in _contested(of, ~of_one)]
    return np.concatenate([order[first], *whole])


def _contested(of: Ints, which: NDArray[np.bool_]) -> Iterator[Ints]:
    rows = np.flatnonzero(which)
    rows = rows[np.argsort(of[rows], kind="stable")]
    if len(rows):
        yield from np.split(rows, np.flatnonzero(np.diff(of[rows])) + 1)


def _assigned(a: Ints, b: Ints, weight: Floats) -> Ints:
    rows, at = np.unique(a, return_inverse=True)
    columns, to = np.unique(b, return_inverse=True)
    table = np.zeros((len(rows), len(columns)))
    table[at, to] = weight - weight.min() + 1e-6 if weight.min() <= 0 else weight
    which = np.full(table.shape, -1)
    which[at, to] = np.arange(len(a))
    chosen = which[linear_sum_assignment(table, maximize=True)]
    return np.asarray(chosen[chosen >= 0])


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _joined(
    left: Ints, right: Ints, lists: Ints, unique: NDArray[np.bool_]
) -> Ints:  # pragma: no cover - compiled
    parent = np.arange(len(lists))
    holds = np.zeros(len(lists), np.int64)
    for record in range(len(lists)):
        if unique[lists[record]]:
            holds[record] = 1 << lists[record]
    for at in range(len(left)):
        a, b = left[at], right[at]
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        if a != b and holds[a] & holds[b] == 0:
            low, high = min(a, b), max(a, b)
            parent[high] = low
            holds[low] |= holds[high]
    for record in range(len(lists)):
        a = record
        while parent[a] != a:
            a = parent[a]
        parent[record] = a
    return parent
