"""Groups of any size from weighed pairs: two groups become one while the average weight between their records says so.

Joining whatever a chain of pairs connects puts strangers together as soon as one pair in a thousand is wrong. The average
over all pairs of two groups (Sokal and Michener 1958) asks every record: those below even odds count against, and pairs
that no rule brought together count a little against, being rarer among matches than among others.
"""

from __future__ import annotations

import heapq
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
MOST = 15.0
"""Bits that one pair counts for at most, so that a few agreements on a rare name don't outvote all other records."""
UNSEEN = -2.0
"""Bits that a pair counts for which no rule brought together. Tuned on the historical set of `docs/linkage.md`."""


def gathered(left: Ints, right: Ints, weight: Floats, *, lists: Ints, unique: NDArray[np.bool_]) -> Ints:
    """The group of every record: the number of its first record.

    left, right: pairs of records by number, each once; weight: bits above the threshold, light pairs included. lists:
    record → its list; unique: list → whether two of its records may not share a group.
    """
    holds = np.where(unique[lists], np.int64(1) << lists, 0).astype(np.int64)
    order = np.lexsort((right, left))
    parent = _gathered(left[order], right[order], np.minimum(weight[order], MOST) - UNSEEN, holds)
    first = np.full(len(lists), len(lists), np.int64)
    np.minimum.at(first, parent, np.arange(len(lists)))
    groups: Ints = first[parent]
    return groups


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _gathered(left: Any, right: Any, excess: Any, holds: Any) -> Any:  # pragma: no cover - compiled
    """Roots of records. excess: weights above `UNSEEN`, so that unseen pairs add nothing to a sum."""
    many = len(holds)
    parent, size = np.arange(many), np.ones(many, np.int64)
    sums = {np.int64(-1): 0.0}
    heads, tails = np.full(many, -1), np.full(many, -1)
    following, to = np.full(2 * len(left), -1), np.empty(2 * len(left), np.int64)
    heap = [(0.0, np.int64(0), np.int64(0))]
    heap.pop()
    for at in range(len(left)):
        a, b = left[at], right[at]
        sums[min(a, b) * many + max(a, b)] = excess[at]
        for side in range(2):
            one, node = (a if side == 0 else b), 2 * at + side
            to[node] = b if side == 0 else a
            if heads[one] < 0:
                heads[one] = node
            else:
                following[tails[one]] = node
            tails[one] = node
        if excess[at] + UNSEEN > 0:
            heap.append((-(excess[at] + UNSEEN), a, b))
    heapq.heapify(heap)
    while len(heap):
        said, a, b = heapq.heappop(heap)
        key = min(a, b) * many + max(a, b)
        if parent[a] != a or parent[b] != b or key not in sums or holds[a] & holds[b]:
            continue
        average = sums[key] / (size[a] * size[b]) + UNSEEN
        if average < -said:  # one of the two has grown since
            if average > 0:
                heapq.heappush(heap, (-average, a, b))
            continue
        _joined(a, b, many, parent, size, holds, sums, heads, tails, following, to, heap)
    for record in range(many):
        root = record
        while parent[root] != root:
            root = parent[root]
        parent[record] = root
    return parent


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _joined(
    a: Any, b: Any, many: Any, parent: Any, size: Any, holds: Any, sums: Any, heads: Any, tails: Any,
    following: Any, to: Any, heap: Any,
) -> Any:  # fmt: skip  # pragma: no cover - compiled
    """The second group joins the first: what lies between it and others is added to theirs."""
    sums.pop(min(a, b) * many + max(a, b))
    parent[b] = a
    size[a] += size[b]
    holds[a] |= holds[b]
    node = heads[b]
    while node >= 0:
        other = to[node]
        while parent[other] != other:
            parent[other] = parent[parent[other]]
            other = parent[other]
        key = min(b, other) * many + max(b, other)
        if other != a and key in sums:
            joint = min(a, other) * many + max(a, other)
            found = sums.pop(key) + sums.get(joint, 0.0)
            sums[joint] = found
            average = found / (size[a] * size[other]) + UNSEEN
            if average > 0:
                heapq.heappush(heap, (-average, min(a, other), max(a, other)))
        node = following[node]
    if heads[b] >= 0:
        following[tails[a]] = heads[b]
        tails[a] = tails[b]
