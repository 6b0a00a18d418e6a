"""Births on two lists with known truth: what the linkage itself gets wrong is put right in the number of all births."""

from __future__ import annotations

import pytest

from tallymark.programme.linkages import Field, Linkage, RecordList
from tallymark.simulate.lists import FIELDS, SimulatedLists, simulate_lists
from tallymark.verify.linkage import Linked, link
from tallymark.verify.linkage.completeness import completeness
from tallymark.verify.linkage.review import review_list

KINDS = {
    "mother": "name", "mother_id": "identity", "mother_born": "date", "child": "name", "born": "date",
    "sex": "category", "village": "category", "phone": "digits",
}  # fmt: skip
BIRTHS = 2_500


def births(lists: SimulatedLists) -> Linkage:
    held = tuple(RecordList(name, "record", {field: field for field in FIELDS}) for name in lists.tables)
    fields = tuple(Field(name, KINDS[name], telling=name in ("child", "sex")) for name in FIELDS)
    return Linkage("births", "birth_registration", held, fields)


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
    """Naive linkage has far too many births; the corrected number is near the truth, and the interval holds it."""
    linked, _ = linked_and_truth(0.2, clustered=True)
    found = completeness(linked)
    assert linked.trained.clustered
    assert found.naive / BIRTHS > 1.08
    assert abs(found.total / BIRTHS - 1) < 0.3 * (found.naive / BIRTHS - 1)
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
