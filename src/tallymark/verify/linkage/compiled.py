"""Compiled loops over pairs of coded records: at which level a field agrees, and which pairs rules bring together.

A test is a row (level, way, column, most, sign), the last a column of signs; the ways are those of `comparisons.Test`.
Texts are (where they end, their letters, sets of readings, the longest).
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from tallymark.verify.linkage.coded import LONG

WAYS = ("same", "within", "near", "begins", "sounds", "days", "turned")
SAME, WITHIN, NEAR, BEGINS, SOUNDS, DAYS, TURNED = range(len(WAYS))
compiled = numba.njit(cache=True, nogil=True)
counting = numba.njit(cache=True, nogil=True, _nrt=False)
"""For what is called for every pair and makes no arrays: that arrays are in use is not counted, which took two thirds of
the time."""


EVERY, EACH, TOP = np.uint64(0x000F0F0F0F0F0F0F), np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
LOW, SEVEN, LAST = np.uint64(4), np.uint64(7), np.uint64(56)
"""Of signs: every other count of letters, a one in each byte, each byte's top bit; by how much to shift."""


@compiled  # type: ignore[untyped-decorator]
def signs_of(
    codes: Any, places: Any, of_sets: Any, signs: Any, made: Any
) -> None:  # pragma: no cover - compiled
    """Puts each record's signs of these columns into `made`, where it says something. signs: of texts, of sets."""
    texts, sets = signs
    for record in range(len(codes)):
        for at in range(len(places)):
            code = codes[record, places[at]]
            if code >= 0:
                made[record, at] = sets[code] if of_sets[at] else texts[code]


@compiled  # type: ignore[untyped-decorator]
def written(codes: Any, best: Any, keys: Any, made: Any) -> None:  # pragma: no cover - compiled
    """Puts what agrees to the letter where it is equal into `made`, for each record and field; −1 for nothing said."""
    for record in range(len(codes)):
        for field in range(len(keys)):
            made[record, field] = codes[record, best[field]] if codes[record, keys[field]] >= 0 else -1


@compiled  # type: ignore[untyped-decorator]
def levels(
    left: Any, right: Any, records: Any, texts: Any, asked: Any, agreeing: Any
) -> Any:  # pragma: no cover - compiled
    """For every pair and field 1 + its level (0 where nothing is said), and 16 << i where the field's i-th key agrees.

    records: codes, signs, and what is written in each field, of all; asked: (keys, tests, first).
    """
    codes, keys, first = records[0], asked[0], asked[2]
    out = np.empty((len(left), len(keys)), np.int32)
    row = np.empty(texts[3] + 1, np.int64)
    for at in range(len(left)):
        a, b = left[at], right[at]
        for field in range(len(keys)):
            found = 1 + level(a, b, records, texts, asked, field, first[field], row)
            for bit in range(agreeing.shape[1]):
                column = agreeing[field, bit]
                if column >= 0 and codes[a, column] >= 0 and codes[a, column] == codes[b, column]:
                    found += 16 << bit
            out[at, field] = found
    return out


@compiled  # type: ignore[untyped-decorator]
def together(
    starts: Any, lists: Any, records: Any, rules: Any, rule: int, within: bool, weigh: Any
) -> Any:  # pragma: no cover - compiled
    """Pairs that a rule brings together and none before it, whose weight is not below the least; with their levels.

    Records lie block behind block, so that a pair's are near each other; starts: where blocks begin; pairs are numbered
    by place. weigh: (least, weigher) where pairs are weighed at all. Last comes how many were looked at.
    """
    weighed = weigh[0] > -np.inf
    fields = len(weigh[2][0]) if weighed else 0
    pairs, said = np.empty((1024, 2), np.int64), np.empty((1024, fields), np.uint8)
    found = np.empty(len(weigh[2][0]), np.uint8)
    row = np.empty(weigh[1][3] + 1, np.int64)
    many, seen = 0, 0
    for block in range(len(starts) - 1):
        end = starts[block + 1]
        other = starts[block]
        for a in range(starts[block], end):
            other = max(other, a + 1)
            while not within and other < end and lists[other] == lists[a]:
                other += 1
            for b in range(other, end):
                if before(a, b, records[0], rules, rule):
                    continue
                seen += 1
                if weighed and not heavy(a, b, records, weigh, found, row):
                    continue
                if many == len(pairs):
                    pairs, said = _longer(pairs, many), _longer(said, many)
                pairs[many, 0], pairs[many, 1] = a, b
                said[many] = found[:fields]
                many += 1
    return pairs[:many].copy(), said[:many].copy(), seen


@compiled  # type: ignore[untyped-decorator]
def _longer(rows: Any, many: int) -> Any:  # pragma: no cover - compiled
    made = np.empty((2 * many, rows.shape[1]), rows.dtype)
    made[:many] = rows
    return made


@counting  # type: ignore[untyped-decorator]
def before(a: int, b: int, codes: Any, rules: Any, rule: int) -> Any:  # pragma: no cover - compiled
    """Whether an earlier rule brings two records together."""
    for at in range(rule):
        one, other = rules[at, 0], rules[at, 1]
        same = codes[a, one] == codes[b, one] and codes[a, one] >= 0
        if same and codes[a, other] == codes[b, other] and codes[a, other] >= 0:
            return True
    return False


@counting  # type: ignore[untyped-decorator]
def heavy(
    a: int, b: int, records: Any, weigh: Any, said: Any, row: Any
) -> Any:  # pragma: no cover - compiled
    """Whether two records weigh at least the least: what is cheap to know first, then the rest until it cannot be.

    said: where 1 + each field's level is put (0 where nothing is said); whole only for pairs that are heavy.
    """
    least, texts, asked, bits, commonness, most, turn, prior = weigh
    tests, first = asked[1], asked[2]
    written = records[2]
    total = prior
    for field in range(len(most)):
        said[field] = 0
        one, other = written[a, field], written[b, field]
        if one < 0 or other < 0:
            continue
        if one == other:
            best = tests[first[field], 0]
            total += bits[field, best] + commonness[one]
            said[field] = 1 + best
        else:
            total += most[field]
            said[field] = 255
    if total < least:
        return False
    for field in turn:
        if said[field] != 255:
            continue
        found = level(a, b, records, texts, asked, field, first[field] + 1, row)
        said[field] = 1 + found
        total += bits[field, found] - most[field]
        if total < least:
            return False
    return True


@counting  # type: ignore[untyped-decorator]
def level(
    a: int, b: int, records: Any, texts: Any, asked: Any, field: int, start: int, row: Any
) -> Any:  # pragma: no cover - compiled
    """The level at which a field of two records agrees; −1 where one says nothing. start: the test to begin with."""
    codes, signs, _ = records
    keys, tests, first = asked
    if codes[a, keys[field]] < 0 or codes[b, keys[field]] < 0:
        return -1
    for at in range(start, first[field + 1]):
        column, sign = tests[at, 2], tests[at, 4]
        one, other = codes[a, column], codes[b, column]
        if agrees(one, other, signs[a, sign], signs[b, sign], tests[at], texts, row):
            return int(tests[at, 0])
    return 0


@counting  # type: ignore[untyped-decorator]
def agrees(
    one: int, other: int, sign: Any, against: Any, test: Any, texts: Any, row: Any
) -> Any:  # pragma: no cover - compiled
    """Whether two codes of a column, with their signs, pass a test."""
    way, most = test[1], test[3]
    if way == SAME:
        return one == other and one >= 0
    if way == DAYS:
        return abs(np.int64(one) - np.int64(other)) <= most
    ends, letters, sets, _ = texts
    if way == SOUNDS:
        return (sign & against) != 0 and _sounds(one, other, sets[0], sets[1])
    more, fewer = unlike(sign, against)
    if way == BEGINS:
        if min(more, fewer) > 0:
            return False
    elif way == TURNED:
        if more + fewer > 0:
            return False
    else:
        long, wide = np.int64(sign >> LAST), np.int64(against >> LAST)
        allowed = most if way == WITHIN else most * max(long, wide) // 100
        if max(more, fewer) > allowed and max(long, wide) < LONG:
            return False
    a, b = ends[one], ends[other]
    long, wide = ends[one + 1] - a, ends[other + 1] - b
    if way == BEGINS:
        return _shared(letters, a, b, min(long, wide)) == min(long, wide)
    if way == TURNED:
        return long == 8 and wide == 8 and _turned(letters, a, b)
    allowed = most if way == WITHIN else most * max(long, wide) // 100
    if abs(long - wide) > allowed:
        return False
    return _apart(letters, a, long, b, wide, allowed, row)


@counting  # type: ignore[untyped-decorator]
def unlike(sign: Any, against: Any) -> Any:  # pragma: no cover - compiled
    """How many letters the first text has that the second has not, at least, and the other way round.

    Eight counts are taken from eight others at once: a byte's top bit stays where nothing had to be borrowed.
    """
    more, fewer = np.uint64(0), np.uint64(0)
    for _ in range(2):
        one, other = sign & EVERY, against & EVERY
        left, right = (one | TOP) - other, (other | TOP) - one
        kept = (left >> SEVEN) & EACH
        more += ((left & ((kept << SEVEN) - kept)) * EACH) >> LAST
        kept = (right >> SEVEN) & EACH
        fewer += ((right & ((kept << SEVEN) - kept)) * EACH) >> LAST
        sign, against = sign >> LOW, against >> LOW
    return np.int64(more), np.int64(fewer)


@counting  # type: ignore[untyped-decorator]
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


@counting  # type: ignore[untyped-decorator]
def _shared(letters: Any, a: int, b: int, many: int) -> Any:  # pragma: no cover - compiled
    """How many of so many letters two texts begin with alike."""
    for at in range(many):
        if letters[a + at] != letters[b + at]:
            return at
    return many


@counting  # type: ignore[untyped-decorator]
def _turned(letters: Any, a: int, b: int) -> Any:  # pragma: no cover - compiled
    """Whether the second date is the first one, both as YYYYMMDD, with day and month turned."""
    same = True
    for at in range(8):
        same = same and letters[a + at] == letters[b + (at if at < 4 else 4 + (at - 2) % 4)]
    return same


@counting  # type: ignore[untyped-decorator]
def _sounds(one: int, other: int, ends: Any, readings: Any) -> Any:  # pragma: no cover - compiled
    if ends[one + 1] - ends[one] < 2 and ends[other + 1] - ends[other] < 2:
        return False
    for i in range(ends[one], ends[one + 1]):
        for j in range(ends[other], ends[other + 1]):
            if readings[i] == readings[j]:
                return True
    return False
