"""How fields agree in pairs that are compared, and in pairs drawn by chance: counted patterns, all training needs.

A field's *category* says at once at which level it agrees (−1 where a record says nothing) and which of its blocking
keys agree, so that a pattern decides whether any rule brings the pair together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tallymark.verify.linkage.blocking import Key, Rule
from tallymark.verify.linkage.candidates import found_levels, pairs_together, walk
from tallymark.verify.linkage.coded import Coded
from tallymark.verify.linkage.comparisons import Comparison

TRAINING = 60_000
"""Records of a list up to which a model is trained on all pairs; of longer lists on a sample."""
TRAINED = 600_000
"""Pairs on which a model of two long lists is trained."""
CHANCE = 400_000
"""Pairs drawn by chance, to see how often fields agree in pairs that are no match."""
LARGEST = 2**62
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Category:
    """One way in which a field can come out: its level (best = highest, −1 nothing said) and which keys agree."""

    level: int
    keys: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Patterns:
    """Counted patterns. pattern[p, f]: the place in `categories[f]` of field f's category; blocked and chance: counts."""

    categories: tuple[tuple[Category, ...], ...]
    pattern: Ints
    blocked: Ints
    chance: tuple[Ints, ...]
    """Field → how many chance pairs came out in each of its categories."""
    keys: tuple[tuple[Key, ...], ...]
    """Field → its blocking keys that any rule uses, in the order of `Category.keys`."""
    possible: float
    """Pairs of records of different lists that there are."""
    left: Ints
    right: Ints
    """Each compared pair's records, numbered through all lists."""
    of: Ints
    """Each compared pair's pattern."""
    share: float
    """Share of the pairs that was looked at."""


def count_patterns(
    comparisons: Sequence[Comparison],
    rules: Sequence[Rule],
    records: Coded,
    *,
    seed: int,
) -> Patterns:
    """The patterns of all pairs that the rules make among (a sample of) the lists, and of pairs drawn by chance."""
    sampled, share = _sampled(records, rules, seed)
    sizes = sampled.sizes.tolist()
    keys = tuple(
        tuple(dict.fromkeys(k for rule in rules for k in rule.keys if k.field == one.field.name))
        for one in comparisons
    )
    of = walk(comparisons, rules, sampled, keys)
    left, right, *_ = pairs_together(of, within=len(sizes) == 1)
    order = np.argsort(left * len(sampled.codes) + right)
    left, right = left[order], right[order]
    counted, place, many = different(found_levels(of, left, right))
    drawn_left, drawn_right, possible = _chance(sizes, seed)
    drawn = found_levels(of, drawn_left, drawn_right)
    categories, pattern, chance = _coded(keys, counted, drawn)
    return Patterns(
        categories, pattern, many, chance, keys, possible, left=left, right=right, of=place, share=share
    )


def _sampled(records: Coded, rules: Sequence[Rule], seed: int) -> tuple[Coded, float]:
    """The records that a model is trained on, and the share of all pairs that they make.

    Of two long lists the shorter is sampled and the other kept whole: were both sampled, most records would be there
    without their match, and whoever is like it (a twin, a double entry) would be taken for it.
    """
    sizes = records.sizes
    if sizes.max(initial=0) <= TRAINING:
        return records, 1.0
    shares = np.full(len(sizes), TRAINING / float(sizes.max()))
    if len(sizes) == 2:
        shares = np.ones(2)
        shares[np.argmin(sizes)] = min(1.0, TRAINED / max(sum(rule.pairs for rule in rules), 1.0))
    draw = np.random.default_rng([seed, 1])
    first = np.cumsum(sizes) - sizes
    rows = [
        begin + np.sort(draw.permutation(int(size))[: round(share * size)])
        for begin, size, share in zip(first, sizes, shares, strict=True)
    ]
    return records.rows(np.concatenate(rows)), float(shares.prod() if len(sizes) == 2 else shares[0] ** 2)


def different(found: NDArray[Any]) -> tuple[NDArray[Any], Ints, Ints]:
    """Different rows of small whole numbers in order, each row's place among them, and how often each is there."""
    whole, size = np.zeros(len(found), np.int64), 1
    for column in found.T:
        there = np.bincount(column) > 0
        place, many = np.cumsum(there)[column] - 1, int(there.sum())
        if size * many > LARGEST:
            whole = np.unique(whole, return_inverse=True)[1]
            size = int(whole.max(initial=0)) + 1
        whole, size = whole * many + place, size * many
    _, first, place, many_of = np.unique(whole, return_index=True, return_inverse=True, return_counts=True)
    return found[first], place.astype(np.int64), many_of.astype(np.int64)


def _chance(sizes: Sequence[int], seed: int) -> tuple[Ints, Ints, float]:
    """Pairs drawn by chance, and how many pairs there are in all."""
    lists = range(len(sizes))
    pairs = list(combinations(lists, 2)) or [(0, 0)]
    weight = np.array([float(sizes[a]) * sizes[b] / (2 if a == b else 1) for a, b in pairs])
    draw = np.random.default_rng([seed, 2])
    many = np.minimum(weight, CHANCE * weight / max(weight.sum(), 1.0)).astype(int)
    first = np.concatenate([[0], np.cumsum(sizes)])
    left = [first[a] + draw.integers(0, max(sizes[a], 1), n) for (a, _), n in zip(pairs, many, strict=True)]
    right = [first[b] + draw.integers(0, max(sizes[b], 1), n) for (_, b), n in zip(pairs, many, strict=True)]
    one, other = np.concatenate(left), np.concatenate(right)
    apart = one != other
    return one[apart], other[apart], float(weight.sum())


def sided(condition: str) -> str:
    """Splink's `"x_l"` and `"x_r"` as columns of the aliases l and r."""
    out = []
    for part in condition.split('"'):
        out.append(part)
    for at in range(1, len(out), 2):
        name, side = out[at][:-2], out[at][-1]
        out[at] = f'{side}."{name}"'
    return "".join(out)


def _coded(
    keys: tuple[tuple[Key, ...], ...], counted: NDArray[np.int32], drawn: NDArray[np.int32]
) -> tuple[tuple[tuple[Category, ...], ...], Ints, tuple[Ints, ...]]:
    """Categories of each field, each pattern's place in them, and counts of chance pairs."""
    pattern = np.empty(counted.shape, np.int64, order="F")
    categories, chance = [], []
    for at in range(counted.shape[1]):
        many = np.bincount(drawn[:, at], minlength=int(counted[:, at].max(initial=0)) + 1)
        there = many > 0
        there[counted[:, at]] = True
        known = np.flatnonzero(there)
        pattern[:, at] = (np.cumsum(there) - 1)[counted[:, at]]
        categories.append(tuple(_category_of(int(code), len(keys[at])) for code in known))
        chance.append(many[known].astype(np.int64))
    return tuple(categories), pattern, tuple(chance)


def _category_of(code: int, bits: int) -> Category:
    return Category(code % 16 - 1, tuple(bool(code >> (4 + bit) & 1) for bit in range(bits)))
