"""Groups of two: as likely beforehand as such groups are, where large groups make most of the pairs."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from tallymark.verify.linkage.twos import grouped

ONE = np.zeros(1, bool)


def sizes(pairs: dict[tuple[int, int], float], records: int, prior: float) -> list[int]:
    left, right = (np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))
    group = grouped(
        left, right, np.array(list(pairs.values())), lists=np.zeros(records, np.int64), unique=ONE, threshold=0.0, prior=prior
    )  # fmt: skip
    assert (group == np.array([np.flatnonzero(group == each)[0] for each in group])).all()
    return np.bincount(group)[group].tolist()


def test_two_records_that_nothing_else_joins_are_less_likely_one_than_pairs_of_large_groups() -> None:
    """Ten people with six records each, two with two, 400 with one: 152 pairs, of which two are groups of two."""
    records = 10 * 6 + 2 * 2 + 400
    pairs = {pair: 12.0 for at in range(10) for pair in combinations(range(6 * at, 6 * at + 6), 2)}
    pairs |= {(60, 61): 15.0, (62, 63): 15.0, (100, 101): 1.5}
    found = sizes(pairs, records, 152 / (records * (records - 1) / 2))
    assert found[:60] == [6] * 60
    assert found[60:64] == [2] * 4  # they are sure whatever is thought beforehand
    assert found[100:102] == [1, 1]  # log2(2.5 / 152) + 0.4 + 1.5 is far below even odds


def test_where_all_groups_are_of_two_nothing_changes() -> None:
    records = 2 * 100
    pairs = {(2 * at, 2 * at + 1): 20.0 for at in range(99)} | {(198, 199): 0.3}
    assert sizes(pairs, records, 100 / (records * (records - 1) / 2)) == [2] * records


def test_a_list_without_pairs() -> None:
    assert sizes({}, 3, 0.1) == [1, 1, 1]
