"""Which pairs are worth weighing, by compiled loops: those that some rule makes and whose weight is not below the least.

What engines weigh is the same with or without this: a pair is left out only where its weight, found from the same
levels and the same probabilities, is below what is kept. Most pairs that rules make are, by far.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tallymark.verify.linkage import compiled
from tallymark.verify.linkage.blocking import Key, Rule
from tallymark.verify.linkage.coded import Coded, coded
from tallymark.verify.linkage.comparisons import Comparison, Test

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
SUFFIX = {"sounds": "_r", "days": "_d"}
"""Test → what its column is called beside the one it names."""
COST = {"same": 0, "days": 0, "turned": 1, "within": 2, "begins": 2, "sounds": 2, "near": 9}
"""Test → how dear it is, in no unit: fields with dear ones come last."""
SLACK = 1e-6
"""Bits by which a weight may be off in its last places."""
RAREST = 1e-7
"""A value that is rarer counts as if it were as common as this."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Coded records and what is asked of pairs of them, in the form that compiled loops take."""

    records: Coded
    keys: Ints
    """Field → the column in which it says something."""
    tests: Ints
    first: Ints
    """Field → where its tests begin."""
    rules: Ints
    agreeing: Ints
    """[field, bit]: columns of the field's blocking keys, −1 beyond them."""

    @property
    def texts(self) -> tuple[Any, ...]:
        held = self.records
        longest = int(np.diff(held.ends).max(initial=0))
        return held.ends, held.letters, held.which, (held.set_ends, held.readings), longest


def walk(
    comparisons: Sequence[Comparison], rules: Sequence[Rule], tables: Mapping[str, pa.Table],
    agreeing: Sequence[Sequence[Key]] = (),
) -> Walk:  # fmt: skip
    """Everything coded that comparisons and rules look at."""
    tests = [test for one in comparisons for level in one.levels for test in level.tests]
    days = [_column(test) for test in tests if test.way == "days"]
    names = [test.column for test in tests if test.way == "sounds"]
    texts = [key.column for rule in rules for key in rule.keys]
    texts += [one.key for one in comparisons]
    texts += [_column(test) for test in tests if test.way not in SUFFIX] + names
    records = coded(tables, texts, days, names)
    rows = [
        [one.count - 1 - at, compiled.WAYS.index(test.way), records.place(_column(test)), test.most]
        for one in comparisons
        for at, level in enumerate(one.levels)
        for test in level.tests
    ]
    many = [sum(len(level.tests) for level in one.levels) for one in comparisons]
    bits = np.full((len(comparisons), max((len(keys) for keys in agreeing), default=0)), -1, np.int64)
    for at, keys in enumerate(agreeing):
        bits[at, : len(keys)] = [records.place(key.column) for key in keys]
    return Walk(
        records,
        keys=np.array([records.place(one.key) for one in comparisons], np.int64),
        tests=np.array(rows, np.int64),
        first=np.concatenate([[0], np.cumsum(many)]).astype(np.int64),
        rules=np.array([[records.place(rule.keys[at].column) for at in (0, -1)] for rule in rules], np.int64),
        agreeing=bits,
    )


def found_levels(of: Walk, left: Ints, right: Ints) -> NDArray[np.int32]:
    """[pair, field]: 1 + level, 0 where nothing is said; with 16 << i where the i-th key of `agreeing` agrees."""
    found: NDArray[np.int32] = compiled.levels(
        left, right, of.records.codes, of.texts, of.keys, of.tests, of.first, of.agreeing
    )
    return found


def pairs_together(of: Walk, *, within: bool, weigh: tuple[Any, ...] | None = None) -> tuple[Ints, Ints, int]:
    """Pairs that rules make, numbered through all lists, the lower number first; how many were looked at.

    within: pairs inside a list as well. weigh: as `weighing` gives it, to leave out the light ones.
    """
    weigh = weigh if weigh is not None else _weightless(of)

    def one(at: int) -> tuple[Ints, int]:
        order, starts = _blocks(of.records, of.rules[at])
        made: tuple[Ints, int] = compiled.together(
            order, starts, of.records.lists, of.records.codes, of.rules, at, within, weigh
        )
        return made

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = list(pool.map(one, range(len(of.rules))))
    pairs = np.concatenate([part for part, _ in parts] or [np.zeros((0, 2), np.int64)])
    return pairs[:, 0], pairs[:, 1], sum(seen for _, seen in parts)


def weighing(
    of: Walk, comparisons: Sequence[Comparison], agree: Sequence[Floats], chance: Sequence[Floats],
    *, prior: float, least: float,
) -> tuple[Any, ...]:  # fmt: skip
    """What pairs are weighed with: bits of levels, commonness of values, most that a field adds, in what order."""
    most_levels = max(one.count for one in comparisons)
    bits, most = np.zeros((len(comparisons), most_levels)), np.zeros(len(comparisons))
    commonness = np.zeros(len(of.records.which))
    for at, one in enumerate(comparisons):
        bits[at, : one.count] = np.log2(agree[at] / chance[at])
        most[at] = bits[at, : one.count - 1].max()
        if one.levels[0].often:
            column = of.records.codes[:, of.records.place(one.levels[0].often)]
            said, many = np.unique(column[column >= 0], return_counts=True)
            share = np.maximum(many / max(int(many.sum()), 1), RAREST)
            commonness[said] = np.log2(chance[at][-1]) - np.log2(share)
    cost = [sum(COST[test.way] for level in one.levels for test in level.tests) for one in comparisons]
    turn = np.argsort(cost, kind="stable").astype(np.int64)
    odds = float(np.log2(prior / (1 - prior)))
    return least - SLACK, of.texts, of.keys, of.tests, of.first, bits, commonness, most, turn, odds


def _weightless(of: Walk) -> tuple[Any, ...]:
    many = len(of.keys)
    none = np.zeros(many)
    turn = np.zeros(0, np.int64)
    return -np.inf, of.texts, of.keys, of.tests, of.first, np.zeros((many, 1)), none, none, turn, 0.0


def _blocks(records: Coded, columns: Ints) -> tuple[Ints, Ints]:
    """Records that agree on both columns, block behind block, each in order; where blocks begin."""
    one, other = (records.codes[:, at].astype(np.int64) for at in columns)
    known = np.flatnonzero((one >= 0) & (other >= 0))
    block = one[known] * (int(other.max(initial=0)) + 1) + other[known]
    order = np.argsort(block, kind="stable")
    sorted_blocks = block[order]
    starts = np.flatnonzero(np.diff(sorted_blocks, prepend=-1))
    return known[order], np.append(starts, len(order)).astype(np.int64)


def _column(test: Test) -> str:
    return test.column + SUFFIX.get(test.way, "")
