"""Compiled loops over pairs of coded records: at which level a field agrees, and which pairs rules bring together.

A test is a row (level, way, column, most); the ways are those of `comparisons.Test`.
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
        a, b = left[at], right[at]
        for field in range(len(keys)):
            found = 1 + level(a, b, codes, texts, keys[field], tests, first[field], first[field + 1], row)
            for bit in range(agreeing.shape[1]):
                column = agreeing[field, bit]
                if column >= 0 and codes[a, column] >= 0 and codes[a, column] == codes[b, column]:
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
                if before(a, b, codes, rules, rule):
                    continue
                seen += 1
                if weigh[0] > -np.inf and not heavy(a, b, codes, weigh, row):
                    continue
                if many == len(pairs):
                    longer = np.empty((2 * many, 2), np.int64)
                    longer[:many] = pairs
                    pairs = longer
                pairs[many, 0], pairs[many, 1] = a, b
                many += 1
    return pairs[:many].copy(), seen


@compiled  # type: ignore[untyped-decorator]
def before(a: int, b: int, codes: Any, rules: Any, rule: int) -> Any:  # pragma: no cover - compiled
    """Whether an earlier rule brings two records together."""
    for at in range(rule):
        one, other = rules[at, 0], rules[at, 1]
        same = codes[a, one] == codes[b, one] and codes[a, one] >= 0
        if same and codes[a, other] == codes[b, other] and codes[a, other] >= 0:
            return True
    return False


@compiled  # type: ignore[untyped-decorator]
def heavy(a: int, b: int, codes: Any, weigh: Any, row: Any) -> Any:  # pragma: no cover - compiled
    """Whether two records weigh at least the least: what is cheap to know first, then the rest until it cannot be."""
    least, texts, keys, tests, first, bits, commonness, most, turn, prior = weigh
    total = prior
    for field in range(len(keys)):
        if codes[a, keys[field]] < 0 or codes[b, keys[field]] < 0:
            continue
        column = tests[first[field], 2]
        if codes[a, column] == codes[b, column]:
            total += bits[field, tests[first[field], 0]] + commonness[codes[a, column]]
        else:
            total += most[field]
    if total < least:
        return False
    for at in range(len(turn)):
        field = turn[at]
        column = tests[first[field], 2]
        if codes[a, column] == codes[b, column] or codes[a, keys[field]] < 0 or codes[b, keys[field]] < 0:
            continue
        found = level(a, b, codes, texts, keys[field], tests, first[field] + 1, first[field + 1], row)
        total += bits[field, found] - most[field]
        if total < least:
            return False
    return True


@compiled  # type: ignore[untyped-decorator]
def level(
    a: int, b: int, codes: Any, texts: Any, key: int, tests: Any, start: int, end: int, row: Any
) -> Any:  # pragma: no cover - compiled
    """The level at which a field of two records agrees; −1 where one says nothing. start, end: the tests to try."""
    if codes[a, key] < 0 or codes[b, key] < 0:
        return -1
    for at in range(start, end):
        column = tests[at, 2]
        if agrees(codes[a, column], codes[b, column], tests[at, 1], tests[at, 3], texts, row):
            return int(tests[at, 0])
    return 0


@compiled  # type: ignore[untyped-decorator]
def agrees(
    one: int, other: int, way: int, most: int, texts: Any, row: Any
) -> Any:  # pragma: no cover - compiled
    """Whether two codes of a column pass a test."""
    ends, letters, which, sets, _ = texts
    if way == SAME:
        return one == other and one >= 0
    if way == DAYS:
        return abs(np.int64(one) - np.int64(other)) <= most
    if way == SOUNDS:
        return _sounds(one, other, sets[0], sets[1])
    a, b = ends[one], ends[other]
    long, wide = ends[one + 1] - a, ends[other + 1] - b
    if way == BEGINS:
        return _shared(letters, a, b, min(long, wide)) == min(long, wide)
    if way == TURNED:
        return long == 8 and wide == 8 and _turned(letters, a, b)
    allowed = most if way == WITHIN else most * max(long, wide) // 100
    if abs(long - wide) > allowed:
        return False
    if max(_ones(which[one] & ~which[other]), _ones(which[other] & ~which[one])) > allowed:
        return False
    return _apart(letters, a, long, b, wide, allowed, row)


@compiled  # type: ignore[untyped-decorator]
def _apart(
    letters: Any, a: int, long: int, b: int, wide: int, allowed: int, row: Any
) -> Any:  # pragma: no cover - compiled
    """Whether the Levenshtein distance is at most so much: what both begin and end with is left out, then in a band.

    a, b: where the two texts begin in `letters`; long, wide: how many letters they have.
    """
    same = _shared(letters, a, b, min(long, wide))
    a, b, long, wide = a + same, b + same, long - same, wide - same
    while long and wide and letters[a + long - 1] == letters[b + wide - 1]:
        long, wide = long - 1, wide - 1
    if max(long, wide) <= allowed:
        return True
    if allowed <= 1 or not min(long, wide):
        return False
    far = allowed + 1
    for j in range(wide + 1):
        row[j] = min(j, far)
    for i in range(1, long + 1):
        low, high = max(1, i - allowed), min(wide, i + allowed)
        corner = row[low - 1]
        row[low - 1] = min(i, far) if low == 1 else far
        least = row[low - 1]
        for j in range(low, high + 1):
            above = row[j] if j < i + allowed else far
            row[j] = min(corner + (letters[a + i - 1] != letters[b + j - 1]), above + 1, row[j - 1] + 1, far)
            corner = above
            least = min(least, row[j])
        if least > allowed:
            return False
    return bool(row[wide] <= allowed)


@compiled  # type: ignore[untyped-decorator]
def _shared(letters: Any, a: int, b: int, many: int) -> Any:  # pragma: no cover - compiled
    """How many of so many letters two texts begin with alike."""
    for at in range(many):
        if letters[a + at] != letters[b + at]:
            return at
    return many


@compiled  # type: ignore[untyped-decorator]
def _turned(letters: Any, a: int, b: int) -> Any:  # pragma: no cover - compiled
    """Whether the second date is the first one, both as YYYYMMDD, with day and month turned."""
    same = True
    for at in range(8):
        same = same and letters[a + at] == letters[b + (at if at < 4 else 4 + (at - 2) % 4)]
    return same


@compiled  # type: ignore[untyped-decorator]
def _sounds(one: int, other: int, ends: Any, readings: Any) -> Any:  # pragma: no cover - compiled
    if ends[one + 1] - ends[one] < 2 and ends[other + 1] - ends[other] < 2:
        return False
    for i in range(ends[one], ends[one + 1]):
        for j in range(ends[other], ends[other + 1]):
            if readings[i] == readings[j]:
                return True
    return False


@compiled  # type: ignore[untyped-decorator]
def _ones(bits: Any) -> Any:  # pragma: no cover - compiled
    """How many bits are set, added up in pairs, fours and bytes (Warren 2012, §5-1)."""
    bits = bits - ((bits >> np.uint64(1)) & np.uint64(0x5555555555555555))
    bits = (bits & np.uint64(0x3333333333333333)) + ((bits >> np.uint64(2)) & np.uint64(0x3333333333333333))
    bits = (bits + (bits >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((bits * np.uint64(0x0101010101010101)) >> np.uint64(56))
