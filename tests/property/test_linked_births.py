"""Births on two lists with known truth: what the linkage itself gets wrong is put right in the number of all births."""

from __future__ import annotations

from functools import cache

import pytest

from tallymark.errors import AssessmentError
from tallymark.programme.linkages import Field, Linkage, RecordList
from tallymark.simulate.lists import FIELDS, SimulatedLists, simulate_lists
from tallymark.verify.linkage import Linked, link
from tallymark.verify.linkage.check import check_list, read_check
from tallymark.verify.linkage.completeness import completeness
from tallymark.verify.linkage.keys import key_table
from tallymark.verify.linkage.link import train
from tallymark.verify.linkage.review import review_list
from tallymark.verify.linkage.several import two_and_two

KINDS = {
    "mother": "name", "mother_id": "identity", "mother_born": "date", "child": "name", "born": "date",
    "sex": "category", "village": "category", "phone": "digits",
}  # fmt: skip
BIRTHS = 2_500


def births(lists: SimulatedLists, *, on: tuple[str, ...] = FIELDS) -> Linkage:
    held = tuple(RecordList(name, "record", {field: field for field in FIELDS}) for name in lists.tables)
    fields = tuple(Field(name, KINDS[name], telling=name in ("child", "sex")) for name in on)
    return Linkage("births", "birth_registration", held, fields)


@cache
def linked_and_truth(error: float, clustered: bool) -> tuple[Linked, SimulatedLists]:
    lists = simulate_lists(BIRTHS, seed=5, error=error, clustered=clustered, duplicates=0.01)
    return link(births(lists), lists.tables), lists


def test_clean_records_are_all_put_together() -> None:
    linked, lists = linked_and_truth(0.02, clustered=False)
    both = len(set(lists.truth["hospital"]) & set(lists.truth["registry"]))
    found = completeness(linked)
    assert found.known
    assert found.low <= BIRTHS <= found.high
    assert abs(found.both / both - 1) < 0.005
    assert abs(found.total / BIRTHS - 1) < 0.01
    for size, name in zip(found.sizes, ("hospital", "registry"), strict=True):
        assert abs(size / len(set(lists.truth[name])) - 1) < 0.005  # duplicates are out, twins stay


def test_errors_that_sit_together_are_seen_and_put_right() -> None:
    """Naive linkage has far too many births; the corrected number is near the truth, and the interval holds it.

    So much is lost that these lists alone cannot vouch for it, and that is said.
    """
    linked, _ = linked_and_truth(0.2, clustered=True)
    found = completeness(linked)
    assert linked.trained.clustered
    assert found.naive / BIRTHS > 1.08
    assert abs(found.total / BIRTHS - 1) < 0.02
    assert found.low <= BIRTHS <= found.high
    assert not found.known


def test_lists_that_say_little_are_put_right_too() -> None:
    """Five fields, a tenth wrong in a fifth of the records: naive linkage is off by 5 %, the corrected number is known."""
    lists = simulate_lists(BIRTHS, seed=5, error=0.1, clustered=True, duplicates=0.01)
    found = completeness(
        link(births(lists, on=("mother", "mother_id", "born", "sex", "village")), lists.tables)
    )
    assert found.naive / BIRTHS > 1.04
    assert abs(found.total / BIRTHS - 1) < 0.015
    assert found.low <= BIRTHS <= found.high
    assert found.known


def test_double_entries_that_differ_are_counted_as_such() -> None:
    """A fifth of fields wrong anywhere: double entries are taken for twins; as many as are expected are taken out."""
    linked, lists = linked_and_truth(0.2, clustered=False)
    found = completeness(linked)
    true = [len(set(lists.truth[name])) for name in ("hospital", "registry")]
    assert sum(found.counted) > sum(true)
    assert abs(sum(found.sizes) - sum(true)) < sum(found.counted) - sum(true)
    assert found.low <= BIRTHS <= found.high


def test_people_who_review_are_told_nothing_beforehand() -> None:
    linked, lists = linked_and_truth(0.1, clustered=False)
    listed = review_list(linked, lists.tables, many=40, seed=1)
    assert len(listed) == 40
    assert not {"weight", "probability", "taken"} & set(listed.column_names)
    assert listed["same"].null_count == 40
    assert {"hospital", "registry"} <= set(listed["one_list"].to_pylist())


@pytest.mark.parametrize("seed", [0, 1])
def test_the_same_seed_gives_the_same_groups(seed: int) -> None:
    lists = simulate_lists(400, seed=seed)
    first, again = (link(births(lists), lists.tables, seed=3).records for _ in range(2))
    assert first.equals(again)


def test_a_check_sample_settles_what_the_lists_cannot() -> None:
    """People who know the truth look for 150 unmatched records: the total is known, and nearer than the naive one.

    Eight draws, as the interval of one may well miss: all near the truth, and seven or more with it inside.
    """
    linked, lists = linked_and_truth(0.2, clustered=True)
    of = {
        name: dict(zip(lists.tables[name]["record"].to_pylist(), lists.truth[name].tolist(), strict=True))
        for name in lists.tables
    }
    held = 0
    for seed in range(1, 9):
        drawn = check_list(linked, lists.tables, many=150, seed=seed)
        name = "registry" if drawn["record"][0].as_py().startswith("R") else "hospital"
        (other,) = set(of) - {name}
        where = {birth: record for record, birth in of[other].items()}
        answers = [where.get(of[name][record], "none") for record in drawn["record"].to_pylist()]
        answered = drawn.set_column(drawn.column_names.index("found"), "found", [answers])
        found = completeness(linked, check=read_check(linked, answered))
        assert found.known
        assert found.blocking == 0
        assert abs(found.total / BIRTHS - 1) < 0.02
        held += found.low <= BIRTHS <= found.high
    assert held >= 7
    with pytest.raises(AssessmentError, match="nobody has looked"):
        read_check(linked, drawn)
    wrong = answered.set_column(0, "record", [["X1", *drawn["record"].to_pylist()[1:]]])
    with pytest.raises(AssessmentError, match="'X1', which is no unmatched record"):
        read_check(linked, wrong)


def test_three_lists_are_counted_two_and_two() -> None:
    lists = simulate_lists(500, seed=8, error=0.1, lists=("hospital", "registry", "household"))
    found = two_and_two(births(lists), lists.tables)
    assert len(found.totals) == 3
    assert all(one.low <= 500 <= one.high for one in found.totals.values())
    assert found.agree
    assert not found.apart


def test_matches_are_as_many_when_long_lists_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trained on a sixth of one list's records, as lists of a million are on fewer; in three worlds, so that chance is small.

    With both lists sampled, which makes as many pairs, these three had 3.3 % too many on average.
    """
    monkeypatch.setattr("tallymark.verify.linkage.patterns.TRAINING", 1_000)
    monkeypatch.setattr("tallymark.verify.linkage.patterns.TRAINED", 24_000)
    off = []
    for seed in (6, 7, 8):
        lists = simulate_lists(3_000, seed=seed, error=0.05)
        declared = births(lists)
        keys = {one.name: key_table(declared, one, lists.tables[one.name]) for one in declared.lists}
        trained = train(declared, keys, seed=0)
        assert trained.patterns.share < 0.2
        both = len(set(lists.truth["hospital"]) & set(lists.truth["registry"]))
        off.append(trained.model.matches / trained.patterns.share / both - 1)
    assert abs(sum(off) / len(off)) < 0.015
