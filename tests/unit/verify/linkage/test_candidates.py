"""The compiled loops against slow twins: levels against the same tests in SQL, pairs worth weighing against all pairs."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from splink import DuckDBAPI

from tallymark.engine.duckdb import connect
from tallymark.programme.linkages import Field, Linkage, RecordList
from tallymark.simulate.lists import FIELDS, simulate_lists
from tallymark.verify.linkage import candidates, compiled
from tallymark.verify.linkage.blocking import Key, Rule
from tallymark.verify.linkage.candidates import found_levels, pairs_together, records_of, walk, weighing
from tallymark.verify.linkage.coded import Coded, coded
from tallymark.verify.linkage.comparisons import comparison
from tallymark.verify.linkage.keys import key_table
from tallymark.verify.linkage.reading import levels
from tallymark.verify.linkage.scoring import Weights, score_pairs, weighed_in_full

KINDS = {
    "mother": "name", "mother_id": "identity", "mother_born": "date", "child": "text", "born": "date",
    "sex": "category", "village": "category", "phone": "digits",
}  # fmt: skip
DECLARED = tuple(Field(name, kind) for name, kind in KINDS.items())  # type: ignore[arg-type]
COMPARED = tuple(comparison(field, "duckdb") for field in DECLARED)
RULES = (
    Rule((Key("phone", "phone"),), 1), Rule((Key("mother", "mother_k"), Key("born", "born_y")), 1),
    Rule((Key("village", "village"), Key("born", "born")), 1),
)  # fmt: skip


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    lists = simulate_lists(400, seed=3, error=0.3, duplicates=0.02)
    held = tuple(RecordList(name, "record", {field: field for field in FIELDS}) for name in lists.tables)
    declared = Linkage("births", "birth_registration", held, DECLARED)
    return {one.name: key_table(declared, one, lists.tables[one.name]) for one in held}


def test_levels_are_those_of_sql(tables: dict[str, pa.Table]) -> None:
    """Every field of 20,000 pairs, most of them no match, with homophones, turned dates and blanks among them."""
    draw = np.random.default_rng(1)
    every = pa.concat_tables([tables[name] for name in sorted(tables)])
    left, right = (draw.integers(0, len(every), 20_000) for _ in range(2))
    near, far, *_ = pairs_together(walk(COMPARED, RULES, records_of(COMPARED, DECLARED, tables)), within=True)
    left = np.concatenate([left, near])
    right = np.concatenate([right, far])
    pairs = pa.table(
        {f"{what}_{side}": every.column(column).take(pa.array(at))
         for side, at in (("l", left), ("r", right))
         for what, column in (("list", "source_dataset"), ("record", "unique_id"))}
    )  # fmt: skip
    slow = levels(COMPARED, tables, pairs)
    fast = found_levels(walk(COMPARED, RULES, records_of(COMPARED, DECLARED, tables)), left, right) - 1
    for at, one in enumerate(COMPARED):
        assert fast[:, at].tolist() == slow.column(one.field.name).to_pylist(), one.field.name
        assert set(fast[:, at].tolist()) == set(range(-1, one.count))


@pytest.mark.parametrize("within", [True, False])
@pytest.mark.parametrize("piece", [candidates.PIECE, 30.0])
def test_pairs_are_those_of_the_rules_once_each(
    tables: dict[str, pa.Table], monkeypatch: pytest.MonkeyPatch, within: bool, piece: float
) -> None:
    """However many workers share a rule's blocks."""
    monkeypatch.setattr(candidates, "PIECE", piece)
    rows = [row for name in sorted(tables) for row in tables[name].to_pylist()]
    left, right, _, seen = pairs_together(
        walk(COMPARED, RULES, records_of(COMPARED, DECLARED, tables)), within=within
    )
    twin = {
        (a, b)
        for a, one in enumerate(rows)
        for b, other in enumerate(rows[a + 1 :], a + 1)
        if within or one["source_dataset"] != other["source_dataset"]
        if any(all(one[k.column] is not None and one[k.column] == other[k.column] for k in rule.keys) for rule in RULES)
    }  # fmt: skip
    assert seen == len(left) == len(twin)
    assert set(zip(left.tolist(), right.tolist(), strict=True)) == twin


def test_only_pairs_that_weigh_too_little_are_left_out(tables: dict[str, pa.Table]) -> None:
    """Weights added up from levels and from how common each value is."""
    draw, of = np.random.default_rng(2), walk(COMPARED, RULES, records_of(COMPARED, DECLARED, tables))
    agree, chance = ([draw.dirichlet(np.full(one.count, 0.6)) + 1e-4 for one in COMPARED] for _ in range(2))
    left, right, *_ = pairs_together(of, within=True)
    weight = np.full(len(left), np.log2(0.01 / 0.99))
    found = found_levels(of, left, right) - 1
    for at, one in enumerate(COMPARED):
        bits = np.log2(agree[at] / chance[at])
        weight += np.where(found[:, at] < 0, 0.0, bits[found[:, at]])
        if one.levels[0].often:
            column = of.records.codes[:, of.records.place(one.levels[0].often)]
            share = np.bincount(column[column >= 0]) / (column >= 0).sum()
            top = found[:, at] == one.count - 1
            weight[top] += np.log2(chance[at][-1]) - np.log2(share[column[left[top]]])
    for least in (-10.0, 0.0, 5.0):
        weigh = weighing(of, COMPARED, agree, chance, prior=0.01, least=least)
        kept = pairs_together(of, within=True, weigh=weigh)
        said = set(zip(kept[0].tolist(), kept[1].tolist(), strict=True))
        heavy = weight >= least
        assert said == set(zip(left[heavy].tolist(), right[heavy].tolist(), strict=True))
        assert (kept.said == found_levels(of, kept.left, kept.right)).all()
        assert 0 < len(said) < len(left)


def distance(a: str, b: str) -> int:
    """Levenshtein's, as the recurrence says it."""
    row = list(range(len(b) + 1))
    for i, one in enumerate(a, 1):
        corner, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            corner, row[j] = row[j], min(corner + (one != other), row[j] + 1, row[j - 1] + 1)
    return row[-1]


def texts_of(held: Coded) -> tuple[object, ...]:
    longest = int(np.diff(held.ends).max())
    return held.ends, held.letters, (held.set_ends, held.readings), longest


LETTERS = "abcopAB19"
"""Some count as one where letters are counted: a and o, b and p."""


@settings(max_examples=300, deadline=None)
@given(st.text(LETTERS, min_size=1, max_size=40), st.text(LETTERS, min_size=1, max_size=40))
def test_distances_within_a_bound(a: str, b: str) -> None:
    held = coded({"only": pa.table({"x": [a, b]})}, ["x"], [], [])
    one, other = held.codes[:, 0]
    signs, row, texts = held.signs[[one, other]], np.zeros(50, np.int64), texts_of(held)

    def agrees(way: int, most: int) -> bool:
        return bool(compiled.agrees(one, other, *signs, np.array([0, way, 0, most, 0]), texts, row))

    more, fewer = compiled.unlike(*signs)
    assert max(more, fewer) <= distance(a, b)
    for most in range(5):
        assert agrees(compiled.WITHIN, most) == (distance(a, b) <= most)
    for most in (20, 34, 50):
        assert agrees(compiled.NEAR, most) == (100 * distance(a, b) <= most * max(len(a), len(b)))
    assert agrees(compiled.BEGINS, 0) == (a.startswith(b) or b.startswith(a))


def test_letters_that_are_too_many_to_count_and_long_texts() -> None:
    """Sixteen and more of a letter count as fifteen; texts of 255 letters and more are looked at letter by letter."""
    for a, b in (
        ("a" * 20, "a" * 17),
        ("a" * 300, "a" * 200),
        ("ab" * 150, "ab" * 149 + "ba"),
        ("a" * 260, "b" * 260),
    ):
        held = coded({"only": pa.table({"x": [a, b]})}, ["x"], [], [])
        one, other = held.codes[:, 0]
        asked = (one, other, *held.signs[[one, other]])
        row = np.zeros(320, np.int64)
        for most in (0, 2, 3, 50):
            test = np.array([0, compiled.WITHIN, 0, most, 0])
            assert compiled.agrees(*asked, test, texts_of(held), row) == (distance(a, b) <= most)


@pytest.mark.parametrize(("lists", "many"), [(("hospital", "registry"), 200), (("hospital",), 10)])
def test_weights_are_those_of_splink_itself(
    tables: dict[str, pa.Table], lists: tuple[str, ...], many: int
) -> None:
    """Splink given rules, comparisons and what commonness counts for, and left to itself: the same pairs and weights."""
    some = {name: tables[name] for name in lists}
    draw = np.random.default_rng(3)
    agree, chance = (
        tuple(np.sort(draw.dirichlet(np.full(one.count, 0.6)) + 1e-3) for one in COMPARED) for _ in range(2)
    )
    weights = Weights(agree, tuple(each[::-1] for each in chance), 0.001)
    here = score_pairs(COMPARED, RULES, some, weights, least=-10.0, within=True)
    there = weighed_in_full(
        COMPARED, RULES, some, weights, api=DuckDBAPI(connect()), least=-10.0, within=True
    )
    assert len(here.left) > many
    assert (here.left == there.left).all()
    assert (here.right == there.right).all()
    assert np.abs(here.weight - there.weight).max() < 1e-9
