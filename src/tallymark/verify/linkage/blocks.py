"""Records that agree in one or two columns, put behind each other by compiled loops, and how many pairs they make."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

compiled = numba.njit(cache=True, nogil=True)


@compiled  # type: ignore[untyped-decorator]
def in_blocks(one: Any, other: Any, lists: Any, within: bool) -> Any:  # pragma: no cover - compiled
    """Records that agree in two columns with another (of another list, unless within): block behind block, each in order.

    With them where blocks begin. Sorted by counting, first by one column, then by the other. other: of no length where
    one column is all that is asked.
    """
    alone = len(other) == 0
    other = one if alone else other
    order = np.flatnonzero((one >= 0) & (other >= 0))
    if not within:
        order = _shared(order, one, lists)
    if not alone:
        order = order if within else _shared(order, other, lists)
        order = _counted(order, other)
    order = _counted(order, one)
    kept, starts = np.empty(len(order), np.int64), np.empty(len(order) + 1, np.int64)
    many, blocks, at = 0, 0, 0
    while at < len(order):
        end = at + 1
        first, second = one[order[at]], other[order[at]]
        while end < len(order) and one[order[end]] == first and other[order[end]] == second:
            end += 1
        if end - at > 1 and (within or lists[order[at]] != lists[order[end - 1]]):
            starts[blocks] = many
            blocks += 1
            kept[many : many + end - at] = order[at:end]
            many += end - at
        at = end
    starts[blocks] = many
    return kept[:many].copy(), starts[: blocks + 1].copy()


@compiled  # type: ignore[untyped-decorator]
def _shared(order: Any, codes: Any, lists: Any) -> Any:  # pragma: no cover - compiled
    """Of these records those whose code is in several lists: the rest need no sorting."""
    if not len(order):
        return order
    least, most = codes[order[0]], codes[order[0]]
    for record in order:
        least, most = min(least, codes[record]), max(most, codes[record])
    held = np.full(most - least + 1, -1, np.int32)
    for record in order:
        code = codes[record] - least
        if held[code] == -1:
            held[code] = lists[record]
        elif held[code] != lists[record]:
            held[code] = -2
    made, many = np.empty_like(order), 0
    for record in order:
        if held[codes[record] - least] == -2:
            made[many] = record
            many += 1
    return made[:many]


@compiled  # type: ignore[untyped-decorator]
def _counted(order: Any, codes: Any) -> Any:  # pragma: no cover - compiled
    """Records in order of their codes, those with the same code as they were."""
    if not len(order):
        return order
    least, most = codes[order[0]], codes[order[0]]
    for record in order:
        least, most = min(least, codes[record]), max(most, codes[record])
    place = np.zeros(most - least + 2, np.int64)
    for record in order:
        place[codes[record] - least + 1] += 1
    place = np.cumsum(place)
    made = np.empty_like(order)
    for record in order:
        to = codes[record] - least
        made[place[to]] = record
        place[to] += 1
    return made


@compiled  # type: ignore[untyped-decorator]
def pairs_in(order: Any, starts: Any, lists: Any, within: bool) -> Any:  # pragma: no cover - compiled
    """How many pairs blocks make."""
    pairs = 0.0
    for block in range(len(starts) - 1):
        at, end = starts[block], starts[block + 1]
        every = float(end - at)
        pairs += every * (every - 1) / 2
        while at < end and not within:
            same = at
            while same < end and lists[order[same]] == lists[order[at]]:
                same += 1
            own = float(same - at)
            pairs -= own * (own - 1) / 2
            at = same
    return pairs
