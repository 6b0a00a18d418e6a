"""Tokens: linked nearly as well as names, and only where nobody can be told by how often a token occurs."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pytest

from tallymark.errors import AssessmentError
from tallymark.programme.linkages import Field, Linkage, RecordList
from tallymark.simulate.lists import FIELDS, SimulatedLists, simulate_lists
from tallymark.verify.linkage.token_link import link_tokens
from tallymark.verify.linkage.tokens import make_tokens, shared

KINDS = {
    "mother": "name", "mother_id": "identity", "mother_born": "date", "child": "name", "born": "date",
    "sex": "category", "village": "category", "phone": "digits",
}  # fmt: skip
KEY, OTHER = bytes(range(32)), bytes(32)


def linkage(*fields: str) -> Linkage:
    names = fields or FIELDS
    lists = tuple(
        RecordList(name, "record", {one: one for one in names}) for name in ("hospital", "registry")
    )
    return Linkage("births", "birth_registration", lists, tuple(Field(one, KINDS[one]) for one in names))  # type: ignore[arg-type]


def f1(lists: SimulatedLists) -> float:
    """Accuracy of a linkage on tokens alone, the offices' own numbers put back for the comparison only."""
    declared = linkage()
    made = {one.name: make_tokens(declared, one, lists.tables[one.name], KEY) for one in declared.lists}
    birth = {
        name: dict(zip(lists.tables[name]["record"].to_pylist(), lists.truth[name].tolist(), strict=True))
        for name in made
    }
    own = {
        name: dict(zip(*(each.own[column].to_pylist() for column in ("record", "own")), strict=True))
        for name, each in made.items()
    }
    linked = link_tokens({name: each.table for name, each in made.items()})
    pairs = linked.pairs.filter(linked.pairs["taken"])
    right = sum(
        birth["hospital"][own["hospital"][a]] == birth["registry"][own["registry"][b]]
        for a, b in zip(pairs["left"].to_pylist(), pairs["right"].to_pylist(), strict=True)
    )
    true = len(set(lists.truth["hospital"].tolist()) & set(lists.truth["registry"].tolist()))
    return 2 * right / (len(pairs) + true)


@pytest.mark.parametrize(("error", "least"), [(0.05, 0.985), (0.2, 0.95)])
def test_births_are_linked_on_tokens_alone(error: float, least: float) -> None:
    assert f1(simulate_lists(1_500, seed=11, error=error)) >= least


def test_an_office_gives_out_nothing_but_tokens_and_numbers_made_here() -> None:
    table = simulate_lists(300, seed=1).tables["hospital"]
    made = make_tokens(linkage(), linkage().lists[0], table, KEY)
    given = {text for column in made.table.columns for text in column.to_pylist() if text}
    told = {str(text) for column in table.columns for text in column.to_pylist() if text}
    assert not given & told
    assert sorted(made.own["own"].to_pylist()) == sorted(table["record"].to_pylist())
    assert made.own["own"].to_pylist() != table["record"].to_pylist()  # nor the order of the office's list
    assert all(len(text) == 30 for text in given if not text.isdigit() or len(text) > 7)


def test_another_key_or_another_purpose_gives_other_tokens() -> None:
    table = simulate_lists(100, seed=1).tables["hospital"]
    first = make_tokens(linkage(), linkage().lists[0], table, KEY)
    assert first.table == make_tokens(linkage(), linkage().lists[0], table, KEY).table
    other = Linkage("births", "vaccination", linkage().lists, linkage().fields)
    for again in (
        make_tokens(linkage(), linkage().lists[0], table, OTHER),
        make_tokens(other, other.lists[0], table, KEY),
    ):
        for kind in first.table.column_names[1:]:
            said = {text for text in first.table[kind].to_pylist() if text}
            assert not said & {text for text in again.table[kind].to_pylist() if text}
    with pytest.raises(AssessmentError, match="same key"):
        link_tokens({"a": first.table, "b": make_tokens(linkage(), linkage().lists[0], table, OTHER).table})


def test_a_token_of_a_surname_alone_is_opened_by_its_frequency() -> None:
    """Who knows how common surnames are puts tokens and surnames in the same order, and is right for half the records."""
    here, elsewhere = (simulate_lists(20_000, seed=seed, error=0.0) for seed in (1, 2))
    surnames = [name[0] for name in here.tables["registry"]["mother"].to_pylist() if name]
    public = [name[0] for name in elsewhere.tables["registry"]["mother"].to_pylist() if name]
    guessed = dict(
        zip(
            (name for name, _ in Counter(surnames).most_common()),
            (name for name, _ in Counter(public).most_common()),
            strict=False,
        )
    )
    opened = sum(guessed.get(name) == name for name in surnames) / len(surnames)
    assert opened > 0.4
    assert shared(pa.array(surnames)) > 0.99  # far beyond what is allowed


def test_kinds_of_token_that_many_share_are_refused() -> None:
    rows = pa.table({
        "record": [str(at) for at in range(900)], "mother": ["王芳", "李娜", "张伟"] * 300,
        "born": [f"2025-01-{1 + at % 3:02}" for at in range(900)], "mother_id": [f"id{at}" for at in range(900)],
    })  # fmt: skip
    with pytest.raises(AssessmentError, match="nearly unique"):
        make_tokens(linkage("mother", "born"), linkage("mother", "born").lists[0], rows, KEY)
    three = linkage("mother", "born", "mother_id")
    made = make_tokens(three, three.lists[0], rows, KEY)
    assert "mother+born" in made.refused
    assert "mother_id" in made.table.column_names
    assert not [name for name in made.table.column_names if name in ("mother", "born")]


def test_no_common_kind_and_three_lists_are_said() -> None:
    a = pa.table({"record": ["1"], "x": ["t"]})
    with pytest.raises(AssessmentError, match="no kind"):
        link_tokens({"a": a, "b": pa.table({"record": ["1"], "y": ["t"]})})
    with pytest.raises(AssessmentError, match="two lists"):
        link_tokens({"a": a, "b": a, "c": a})
