"""Compiled loops over pairs of coded records: at which level a field agrees, and which pairs rules bring together.

A test is a row (level, way, column, most, first column of its kind); the ways are those of `comparisons.Test`.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

WAYS = ("same", "within", "near", "begins", "sounds", "days", "turned")
SAME, WITHIN, NEAR, BEGINS, SOUNDS, DAYS, TURNED = range(len(WAYS))
compiled = numba.njit(cache=True, nogil=True)


@compiled  # type: ignore[untyped-decorator]
def levels(
    left: Any, right: Any, codes: Any, texts: Any, keys: Any, tests: Any, first: Any, agreeing: Any
) -> Any:  # pragma: no cover - compiled
    """For every pair and field 1 + its level (0 where nothing is said), and 16 << i where the field's i-th key agrees."""
    out = np.empty((len(left), len(keys)), np.int32)
    row = np.empty(texts[4] + 1, np.int64)
    for at in range(len(left)):
        a, b = codes[left[at]], codes[right[at]]
        for field in range(len(keys)):
            found = 1 + level(a, b, texts, keys[field], tests[first[field] : first[field + 1]], row)
            for bit in range(agreeing.shape[1]):
                column = agreeing[field, bit]
                if column >= 0 and a[column] >= 0 and a[column] == b[column]:
                    found += 16 << bit
            out[at, field] = found
    return out


@compiled  # type: ignore[untyped-decorator]
def together(
    order: Any, starts: Any, lists: Any, codes: Any, rules: Any, rule: int, within: bool, weigh: Any
) -> Any:  # pragma: no cover - compiled
    """Pairs that a rule brings together and none before it, whose weight is not below the least; how many were looked at.

    order, starts: the records of each block, by number. weigh: (least, weigher) where pairs are weighed at all.
    """
    pairs = np.empty((1024, 2), np.int64)
    many, seen = 0, 0
    row = np.empty(weigh[1][4] + 1, np.int64)
    for block in range(len(starts) - 1):
        end = starts[block + 1]
        for i in range(starts[block], end):
            a = order[i]
            for j in range(i + 1, end):
                b = order[j]
                if not within and lists[a] == lists[b]:
                    continue
                if before(codes[a], codes[b], rules, rule):
                    continue
                seen += 1
                if weigh[0] > -np.inf and not heavy(codes[a], codes[b], weigh, row):
                    continue
                if many == len(pairs):
                    longer = np.empty((2 * many, 2), np.int64)
                    longer[:many] = pairs
                    pairs = longer
                pairs[many, 0], pairs[many, 1] = a, b
                many += 1
    return pairs[:many].copy(), seen


@compiled  # type: ignore[untyped-decorator]
def before(a: Any, b: Any, rules: Any, rule: int) -> bool:  # pragma: no cover - compiled
    """Whether an earlier rule brings two records together."""
    for at in range(rule):
        one, other = rules[at, 0], rules[at, 1]
        if a[one] == b[one] and a[one] >= 0 and a[other] == b[other] and a[other] >= 0:
            return True
    return False


@compiled  # type: ignore[untyped-decorator]
def heavy(a: Any, b: Any, weigh: Any, row: Any) -> bool:  # pragma: no cover - compiled
    """Whether two records weigh at least the least: what is cheap to know first, then the rest until it cannot be."""
    least, texts, keys, tests, first, bits, commonness, most, turn, prior = weigh
    total = prior
    for field in range(len(keys)):
        if a[keys[field]] < 0 or b[keys[field]] < 0:
            continue
        column = tests[first[field], 2]
        if a[column] == b[column]:
            total += bits[field, tests[first[field], 0]] + commonness[a[column]]
        else:
            total += most[field]
    if total < least:
        return False
    for at in range(len(turn)):
        field = turn[at]
        column = tests[first[field], 2]
        if a[column] == b[column] or a[keys[field]] < 0 or b[keys[field]] < 0:
            continue
        found = level(a, b, texts, keys[field], tests[first[field] + 1 : first[field + 1]], row)
        total += bits[field, found] - most[field]
        if total < least:
            return False
    return True


@compiled  # type: ignore[untyped-decorator]
def level(a: Any, b: Any, texts: Any, key: int, tests: Any, row: Any) -> int:  # pragma: no cover - compiled
    """The level at which a field agrees; −1 where a record says nothing."""
    if a[key] < 0 or b[key] < 0:
        return -1
    for at in range(len(tests)):
        if agrees(a[tests[at, 2]], b[tests[at, 2]], tests[at, 1], tests[at, 3], texts, row):
            return int(tests[at, 0])
    return 0


@compiled  # type: ignore[untyped-decorator]
def agrees(
    one: int, other: int, way: int, most: int, texts: Any, row: Any
) -> bool:  # pragma: no cover - compiled
    """Whether two codes of a column pass a test."""
    ends, letters, which, sets, _ = texts
    if way == SAME:
        return one == other and one >= 0
    if way == DAYS:
        return abs(np.int64(one) - np.int64(other)) <= most
    if way == SOUNDS:
        return _sounds(one, other, sets[0], sets[1])
    a, b = letters[ends[one] : ends[one + 1]], letters[ends[other] : ends[other + 1]]
    if way == BEGINS:
        return _shared(a, b) == min(len(a), len(b))
    if way == TURNED:
        return len(b) == 8 and len(a) == 8 and _turned(a, b)
    allowed = most if way == WITHIN else most * max(len(a), len(b)) // 100
    if abs(len(a) - len(b)) > allowed:
        return False
    if max(_ones(which[one] & ~which[other]), _ones(which[other] & ~which[one])) > allowed:
        return False
    return _apart(a, b, allowed, row)


@compiled  # type: ignore[untyped-decorator]
def _apart(a: Any, b: Any, allowed: int, row: Any) -> bool:  # pragma: no cover - compiled
    """Whether the Levenshtein distance is at most so much: what both begin and end with is left out, then in a band."""
    same = _shared(a, b)
    a, b = a[same:], b[same:]
    while len(a) and len(b) and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    if max(len(a), len(b)) <= allowed:
        return True
    if allowed <= 1 or not min(len(a), len(b)):
        return False
    far = allowed + 1
    for j in range(len(b) + 1):
        row[j] = min(j, far)
    for i in range(1, len(a) + 1):
        low, high = max(1, i - allowed), min(len(b), i + allowed)
        corner = row[low - 1]
        row[low - 1] = min(i, far) if low == 1 else far
        least = row[low - 1]
        for j in range(low, high + 1):
            above = row[j] if j < i + allowed else far
            row[j] = min(corner + (a[i - 1] != b[j - 1]), above + 1, row[j - 1] + 1, far)
            corner = above
            least = min(least, row[j])
        if least > allowed:
            return False
    return bool(row[len(b)] <= allowed)


@compiled  # type: ignore[untyped-decorator]
def _shared(a: Any, b: Any) -> int:  # pragma: no cover - compiled
    """How many letters two texts begin with alike."""
    many = min(len(a), len(b))
    for at in range(many):
        if a[at] != b[at]:
            return at
    return many


@compiled  # type: ignore[untyped-decorator]
def _turned(a: Any, b: Any) -> bool:  # pragma: no cover - compiled
    for at in range(4):
        if a[at] != b[at]:
            return False
    return bool(a[4] == b[6] and a[5] == b[7] and a[6] == b[4] and a[7] == b[5])


@compiled  # type: ignore[untyped-decorator]
def _sounds(one: int, other: int, ends: Any, readings: Any) -> bool:  # pragma: no cover - compiled
    if ends[one + 1] - ends[one] < 2 and ends[other + 1] - ends[other] < 2:
        return False
    for i in range(ends[one], ends[one + 1]):
        for j in range(ends[other], ends[other + 1]):
            if readings[i] == readings[j]:
                return True
    return False


@compiled  # type: ignore[untyped-decorator]
def _ones(bits: Any) -> int:  # pragma: no cover - compiled
    """How many bits are set."""
    many = 0
    while bits:
        bits &= bits - np.uint64(1)
        many += 1
    return many
