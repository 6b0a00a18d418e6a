"""Choosing among pairs that compete, against every matching written out."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallymark.verify.linkage.assign import best_pairs, groups
from tallymark.verify.linkage.compete import matching_probabilities

EDGES = st.lists(
    st.tuples(st.integers(0, 3), st.integers(4, 7), st.floats(0.1, 30)),
    min_size=1,
    max_size=7,
    unique_by=lambda e: e[:2],
)


def matchings(edges: list[tuple[int, int, float]]) -> list[tuple[int, ...]]:
    """Every set of edges in which no record stands twice."""
    found = []
    for many in range(len(edges) + 1):
        for chosen in combinations(range(len(edges)), many):
            ends = [end for at in chosen for end in edges[at][:2]]
            if len(ends) == len(set(ends)):
                found.append(chosen)
    return found


@given(EDGES)
def test_the_assignment_has_the_greatest_weight(edges: list[tuple[int, int, float]]) -> None:
    left, right, weight = (np.array(each) for each in zip(*edges, strict=True))
    taken = best_pairs(left, right, weight)
    best = max(sum(edges[at][2] for at in chosen) for chosen in matchings(edges))
    assert weight[taken].sum() == pytest.approx(best, abs=1e-3)
    ends = [*left[taken], *right[taken]]
    assert len(ends) == len(set(ends))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.floats(0.01, 1e6)), min_size=1, max_size=5, unique_by=lambda e: e[0]
    )
)
def test_probabilities_on_a_star_are_those_of_all_matchings(star: list[tuple[int, float]]) -> None:
    """One record of the right list, several of the left: no cycles, so belief propagation is exact."""
    left = np.array([at for at, _ in star])
    odds = np.array([each for _, each in star])
    found = matching_probabilities(left, np.full(len(star), 9), odds)
    assert found == pytest.approx(odds / (1 + odds.sum()), rel=2e-3)


def test_twins_that_are_alike_get_half_a_match_each() -> None:
    left, right = np.array([0, 0, 1, 1]), np.array([2, 3, 2, 3])
    assert matching_probabilities(left, right, np.full(4, 1e9)) == pytest.approx([0.5] * 4, abs=0.02)


def test_a_group_holds_one_record_of_a_list() -> None:
    lists = np.array([0, 0, 1, 2])
    found = groups(
        np.array([0, 1, 2]), np.array([2, 2, 3]), np.array([9.0, 8.0, 7.0]),
        lists=lists, unique=np.array([True, True, True]),
    )  # fmt: skip
    assert found.tolist() == [0, 1, 0, 0]
    free = groups(
        np.array([0, 1, 2]), np.array([2, 2, 3]), np.array([9.0, 8.0, 7.0]),
        lists=lists, unique=np.array([False, True, True]),
    )  # fmt: skip
    assert len(set(free.tolist())) == 1
