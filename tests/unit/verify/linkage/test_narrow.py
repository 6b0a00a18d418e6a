"""Rules left out of large jobs: none where there are few pairs, and never more matches lost than the bound."""

from __future__ import annotations

import pytest

from tallymark.programme.linkages import Field, Linkage, RecordList
from tallymark.simulate.lists import FIELDS, simulate_lists
from tallymark.verify.linkage.candidates import pairs_together, walk
from tallymark.verify.linkage.keys import key_table
from tallymark.verify.linkage.link import Trained, train
from tallymark.verify.linkage.narrow import WORTH, narrowed

KINDS = {
    "mother": "name", "mother_id": "identity", "mother_born": "date", "child": "name", "born": "date",
    "sex": "category", "village": "category", "phone": "digits",
}  # fmt: skip


@pytest.fixture(scope="module")
def trained() -> Trained:
    lists = simulate_lists(1_500, seed=2, error=0.05)
    held = tuple(RecordList(name, "record", {field: field for field in FIELDS}) for name in lists.tables)
    fields = tuple(Field(name, KINDS[name]) for name in FIELDS)  # type: ignore[arg-type]
    declared = Linkage("births", "birth_registration", held, fields)
    return train(
        declared, {one.name: key_table(declared, one, lists.tables[one.name]) for one in held}, seed=0
    )


def test_small_jobs_keep_every_rule(trained: Trained) -> None:
    assert trained.narrowed.rules == trained.rules
    assert trained.narrowed.lost == 0
    assert trained.lost == 1 - trained.model.share_caught


def test_rules_go_that_bring_pairs_but_no_matches(trained: Trained) -> None:
    """Looked at pair by pair: of those that the model holds for matches, next to none are missed."""
    few = narrowed(trained.rules, trained.patterns, trained.model, few=0)
    assert 0 < len(few.rules) < len(trained.rules)
    assert 0 <= few.lost <= WORTH
    brought = {}
    for rules in (trained.rules, few.rules):
        left, right, *_ = pairs_together(walk(trained.comparisons, rules, trained.records), within=False)
        brought[rules] = set(zip(left.tolist(), right.tolist(), strict=True))
    assert brought[few.rules] < brought[trained.rules]
    patterns, match = trained.patterns, trained.model.counts.match
    settled = {
        pair
        for pair, pattern in zip(
            zip(patterns.left.tolist(), patterns.right.tolist(), strict=True), patterns.of, strict=True
        )
        if match[pattern] > 0
        and not trained.model.counts.open[pattern]
        and not trained.model.counts.none[pattern]
    }
    assert len(settled) > 700
    assert len(settled - brought[few.rules]) <= WORTH * match.sum()
