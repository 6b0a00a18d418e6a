"""Which pairs are worth weighing, by compiled loops: those that some rule makes and whose weight is not below the least.

What is found is the same with or without this: a pair is left out only where its weight, found from the same levels and
the same probabilities, is below what is kept. Most pairs that rules make are, by far. Records of a rule's blocks are
copied behind each other first, as looking for them all over memory takes longer than comparing them.
"""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tallymark.programme.linkages import Field
from tallymark.verify.linkage import compiled
from tallymark.verify.linkage.blocking import Key, Rule, keys_of
from tallymark.verify.linkage.blocks import in_blocks
from tallymark.verify.linkage.coded import Coded, Codes, coded
from tallymark.verify.linkage.comparisons import Comparison, Test

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
SUFFIX = {"sounds": "_r", "days": "_d"}
"""Test → what its column is called beside the one it names."""
COST = {"same": 0, "days": 0, "turned": 1, "within": 2, "begins": 2, "sounds": 2, "near": 9}
"""Test → how dear it is, in no unit (`within` for each letter): fields that are dear for what they may take away come
last."""
SLACK = 1e-6
"""Bits by which a weight may be off in its last places."""
PIECE = 4e6
"""Pairs that one worker goes through at a time, those inside lists counted."""
RAREST = 1e-7
"""A value that is rarer counts as if it were as common as this."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Coded records and what is asked of pairs of them, in the form that compiled loops take."""

    records: Coded
    signs: NDArray[np.uint64]
    """[record, column of signs]: what is looked at before letters are."""
    written: Codes
    """[record, field]: what agrees to the letter where it is equal; −1 where nothing is said."""
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
        return held.ends, held.letters, (held.set_ends, held.readings), longest

    @property
    def asked(self) -> tuple[Ints, Ints, Ints]:
        return self.keys, self.tests, self.first


class Weighing(NamedTuple):
    """What pairs are weighed with, in the form that compiled loops take."""

    least: float
    texts: tuple[Any, ...]
    asked: tuple[Ints, Ints, Ints]
    bits: Floats
    """[field, level]: what it adds to the weight."""
    commonness: Floats
    """Text → what agreement on it adds, or takes away."""
    most: Floats
    """Field → the most that it adds where the records differ in it."""
    turn: Ints
    """Fields in the order in which they are looked at."""
    prior: float


class Together(NamedTuple):
    """Pairs that rules make, numbered through all lists, the lower number first.

    said: [pair, field] 1 + level, 0 where nothing is said (no column where pairs were not weighed); seen: how many
    pairs were looked at.
    """

    left: Ints
    right: Ints
    said: NDArray[np.uint8]
    seen: int


def records_of(
    comparisons: Sequence[Comparison], fields: Sequence[Field], tables: Mapping[str, pa.Table]
) -> Coded:
    """Everything coded that comparisons and rules of these fields may look at."""
    tests = [test for one in comparisons for level in one.levels for test in level.tests]
    days = [_column(test) for test in tests if test.way == "days"]
    names = [test.column for test in tests if test.way == "sounds"]
    texts = [key.column for key in keys_of(fields)]
    texts += [one.key for one in comparisons]
    texts += [_column(test) for test in tests if test.way not in SUFFIX] + names
    return coded(tables, texts, days, names)


def walk(
    comparisons: Sequence[Comparison], rules: Sequence[Rule], records: Coded,
    agreeing: Sequence[Sequence[Key]] = (),
) -> Walk:  # fmt: skip
    """What is asked of pairs of records."""
    tests = [test for one in comparisons for level in one.levels for test in level.tests]
    signed = list(dict.fromkeys(_column(test) for test in tests if test.way not in ("same", "days")))
    rows = [
        [one.count - 1 - at, compiled.WAYS.index(test.way), records.place(_column(test)), test.most,
         signed.index(_column(test)) if _column(test) in signed else 0]
        for one in comparisons
        for at, level in enumerate(one.levels)
        for test in level.tests
    ]  # fmt: skip
    many = [sum(len(level.tests) for level in one.levels) for one in comparisons]
    bits = np.full((len(comparisons), max((len(keys) for keys in agreeing), default=0)), -1, np.int64)
    for at, keys in enumerate(agreeing):
        bits[at, : len(keys)] = [records.place(key.column) for key in keys]
    return Walk(
        records,
        signs=_signs(records, signed),
        written=_written(records, comparisons),
        keys=np.array([records.place(one.key) for one in comparisons], np.int64),
        tests=np.array(rows, np.int64),
        first=np.concatenate([[0], np.cumsum(many)]).astype(np.int64),
        rules=np.array([[records.place(rule.keys[at].column) for at in (0, -1)] for rule in rules], np.int64),
        agreeing=bits,
    )


def _signs(records: Coded, columns: Sequence[str]) -> NDArray[np.uint64]:
    """Each record's signs in these columns; 0 where it says nothing."""
    made = np.zeros((len(records.codes), max(len(columns), 1)), np.uint64)
    of_sets = np.array([column.endswith(SUFFIX["sounds"]) for column in columns], bool)
    places = np.array([records.place(column) for column in columns], np.int64)
    _in_parts(
        len(made),
        lambda here: compiled.signs_of(
            records.codes[here], places, of_sets, (records.signs, records.set_signs), made[here]
        ),
    )
    return made


def _in_parts(many: int, do: Callable[[slice], None]) -> None:
    """Something done to so many records, a part by each worker."""
    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(do, (slice(many * at // workers, many * (at + 1) // workers) for at in range(workers))))


def _written(records: Coded, comparisons: Sequence[Comparison]) -> Codes:
    best = np.array([records.place(one.levels[0].tests[0].column) for one in comparisons], np.int64)
    keys = np.array([records.place(one.key) for one in comparisons], np.int64)
    made: Codes = np.empty((len(records.codes), len(comparisons)), np.int32)
    _in_parts(len(made), lambda here: compiled.written(records.codes[here], best, keys, made[here]))
    return made


def found_levels(of: Walk, left: Ints, right: Ints) -> NDArray[np.int32]:
    """[pair, field]: 1 + level, 0 where nothing is said; with 16 << i where the i-th key of `agreeing` agrees."""
    workers = os.cpu_count() or 1
    records, texts = (of.records.codes, of.signs, of.written), of.texts

    def part(at: int) -> NDArray[np.int32]:
        here = slice(len(left) * at // workers, len(left) * (at + 1) // workers)
        found: NDArray[np.int32] = compiled.levels(
            left[here], right[here], records, texts, of.asked, of.agreeing
        )
        return found

    with ThreadPoolExecutor(workers) as pool:
        return np.concatenate(list(pool.map(part, range(workers))))


def pairs_together(of: Walk, *, within: bool, weigh: Weighing | None = None) -> Together:
    """Pairs that rules make. within: inside a list as well. weigh: as `weighing` gives it, to leave out light pairs."""
    weigh = weigh if weigh is not None else _weightless(of)
    held = of.records

    def blocks(at: int) -> list[_Piece]:
        first, second = of.rules[at]
        one = np.ascontiguousarray(held.codes[:, first])
        other = np.ascontiguousarray(held.codes[:, second]) if second != first else one[:0]
        return _pieces(at, *in_blocks(one, other, held.lists, within))

    room = _Room()
    every: tuple[NDArray[Any], ...] = (held.codes, of.signs, of.written)

    def weighed(piece: _Piece) -> Together:
        order = piece.order
        records = tuple(room.taken(at, rows, order) for at, rows in enumerate(every))
        pairs, said, seen = compiled.together(
            piece.starts, held.lists[order], records, of.rules, piece.rule, within, weigh
        )
        return Together(order[pairs[:, 0]], order[pairs[:, 1]], said, int(seen))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        pieces = [piece for of_rule in pool.map(blocks, range(len(of.rules))) for piece in of_rule]
        parts = list(pool.map(weighed, pieces))
    left, right, said = (np.concatenate([part[at] for part in parts]) for at in range(3))
    return Together(left, right, said, sum(part.seen for part in parts))


class _Room(threading.local):
    """Each worker's own memory, used again for one piece after another: new memory costs as much as filling it."""

    def __init__(self) -> None:
        self.held: dict[int, NDArray[Any]] = {}

    def taken(self, at: int, rows: NDArray[Any], order: Ints) -> NDArray[Any]:
        """Some rows behind each other, where the last ones for this place were."""
        room = self.held.get(at)
        if room is None or len(room) < len(order):
            room = self.held[at] = np.empty((len(order), rows.shape[1]), rows.dtype)
        made: NDArray[Any] = np.take(rows, order, axis=0, out=room[: len(order)], mode="clip")
        return made


class _Piece(NamedTuple):
    """Some blocks of a rule: its records behind each other, and where blocks begin and the last one ends."""

    rule: int
    order: Ints
    starts: Ints


def _pieces(rule: int, order: Ints, starts: Ints) -> list[_Piece]:
    """A rule's blocks in pieces of about PIECE pairs, so that no worker is left alone with a coarse rule."""
    pairs = np.cumsum(np.diff(starts).astype(np.float64) ** 2)
    many = int(pairs[-1] // PIECE) + 1 if len(pairs) else 1
    cuts = np.searchsorted(pairs, pairs[-1] * np.arange(1, many) / many) + 1 if many > 1 else []
    bounds = np.unique([0, *cuts, len(starts) - 1])
    if len(bounds) < 2:
        return [_Piece(rule, order, starts)]
    return [
        _Piece(rule, order[starts[low] : starts[high]], starts[low : high + 1] - starts[low])
        for low, high in itertools.pairwise(bounds)
    ]


def weighing(
    of: Walk, comparisons: Sequence[Comparison], agree: Sequence[Floats], chance: Sequence[Floats],
    *, prior: float, least: float,
) -> Weighing:  # fmt: skip
    """What pairs are weighed with, from probabilities of levels in matches and others, and how common each value is."""
    most_levels = max(one.count for one in comparisons)
    bits, most = np.zeros((len(comparisons), most_levels)), np.zeros(len(comparisons))
    commonness = np.zeros(len(of.records.signs))
    for at, one in enumerate(comparisons):
        bits[at, : one.count] = np.log2(agree[at] / chance[at])
        most[at] = bits[at, : one.count - 1].max()
        if one.levels[0].often:
            column = of.records.column(one.levels[0].often)
            column = column[column >= 0]
            first = int(column.min(initial=len(commonness)))
            many = np.bincount(column - first)
            said = np.flatnonzero(many)
            share = np.maximum(many[said] / max(int(many.sum()), 1), RAREST)
            commonness[first + said] = np.log2(chance[at][-1]) - np.log2(share)
    cost = np.array([sum(_cost(test) for level in one.levels for test in level.tests) for one in comparisons])
    turn = np.argsort(cost / np.maximum(most - bits[:, 0], SLACK), kind="stable").astype(np.int64)
    odds = float(np.log2(prior / (1 - prior)))
    return Weighing(least - SLACK, of.texts, of.asked, bits, commonness, most, turn, odds)


def _weightless(of: Walk) -> Weighing:
    none = np.zeros(len(of.keys))
    turn = np.zeros(0, np.int64)
    return Weighing(-np.inf, of.texts, of.asked, np.zeros((len(of.keys), 1)), none, none, turn, 0.0)


def _cost(test: Test) -> int:
    return COST[test.way] * (test.most if test.way == "within" else 1)


def _column(test: Test) -> str:
    return test.column + SUFFIX.get(test.way, "")
