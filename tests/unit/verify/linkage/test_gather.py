"""Groups by average weight, against the same rule with every average worked out anew at every step."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tallymark.verify.linkage.gather import MOST, UNSEEN, gathered

PAIRS = st.dictionaries(
    st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda pair: pair[0] < pair[1]),
    st.floats(-10, 40),
    max_size=30,
)


def twin(pairs: dict[tuple[int, int], float], many: int, held: list[int], unique: list[bool]) -> list[int]:
    groups = [{at} for at in range(many)]

    def average(one: set[int], other: set[int]) -> float:
        between = [min(pairs.get((min(a, b), max(a, b)), UNSEEN), MOST) for a in one for b in other]
        lists = [held[at] for at in (*one, *other)]
        if any(unique[each] and lists.count(each) > 1 for each in lists):
            return -np.inf
        return sum(between) / len(between)

    while True:
        best = max(combinations(groups, 2), key=lambda two: average(*two))
        if average(*best) <= 1e-12:
            break
        groups = [each for each in groups if each not in best] + [best[0] | best[1]]
        if len(groups) == 1:
            break
    return [min(next(group for group in groups if at in group)) for at in range(many)]


@settings(max_examples=150, deadline=None)
@given(PAIRS, st.lists(st.integers(0, 2), min_size=9, max_size=9), st.tuples(*[st.booleans()] * 3))
def test_groups_are_those_of_the_rule(
    pairs: dict[tuple[int, int], float], held: list[int], unique: tuple[bool, bool, bool]
) -> None:
    """Ties apart: weights are nudged so that no two averages are the same."""
    nudged = {
        pair: weight + 1e-4 * np.sqrt(2 + at) for at, (pair, weight) in enumerate(sorted(pairs.items()))
    }
    allowed = {
        (a, b): weight for (a, b), weight in nudged.items() if held[a] != held[b] or not unique[held[a]]
    }
    capped = {
        pair: min(weight, MOST - 1e-3 * (2 + sum(pair)) + 1e-5 * pair[0]) for pair, weight in allowed.items()
    }
    left, right = (np.array([pair[side] for pair in capped], np.int64) for side in (0, 1))
    found = gathered(
        left, right, np.array(list(capped.values()), float), lists=np.array(held), unique=np.array(unique)
    )
    assert found.tolist() == twin(capped, 9, held, list(unique))


def test_one_wrong_pair_does_not_join_two_families() -> None:
    """Two families of four, all alike within, and one pair between them nearly as heavy."""
    pairs = [(a, b, 9.0) for four in (range(4), range(4, 8)) for a, b in combinations(four, 2)]
    left, right, weight = (np.array(each) for each in zip(*pairs, (0, 7, 8.0), strict=True))
    found = gathered(left, right, weight, lists=np.zeros(8, np.int64), unique=np.array([False]))
    assert found.tolist() == [0] * 4 + [4] * 4
