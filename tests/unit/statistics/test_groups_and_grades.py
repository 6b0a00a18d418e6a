"""Top and bottom groups, their probabilities, ranks after shrinkage, grades: by hand, at the corners, against twins."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tallymark.statistics import (
    bottom_group,
    expected_ranks,
    grades,
    group_probability,
    posterior_ranks,
    ranks,
    top_group,
)
from tallymark.statistics.grading import _best, _chance, _told_apart


def test_ranks_by_hand() -> None:
    assert ranks([5, 7, np.nan, 5]).tolist()[:2] == [2.5, 1]
    assert ranks([5, 7, 5], omega=0).tolist() == [2, 1, 2]
    assert ranks([5, 7, 5], omega=1, increasing=True).tolist() == [2, 3, 2]
    assert ranks([]).shape == (0,)
    with pytest.raises(ValueError, match="omega is between 0"):
        ranks([1], omega=2)


def test_who_may_be_in_a_group() -> None:
    x, se = [9, 8.9, 5, 1, np.nan], [0.1, 0.1, 0.1, 0.1, 1]
    assert top_group(x, se, k=1).tolist() == [True, True, False, False, False]
    assert bottom_group(x, se, k=1).tolist() == [False, False, False, True, False]
    assert top_group(x, se, k=9).tolist() == [True] * 4 + [False]
    with pytest.raises(ValueError, match="at least one unit"):
        top_group(x, se, k=0)


def test_group_probabilities() -> None:
    top, bottom = group_probability([1, 0, np.nan], [1, 1, 1], k=1)
    p = stats.norm.cdf(1 / np.sqrt(2))
    np.testing.assert_allclose(top[:2], [p, 1 - p], atol=0.015)
    np.testing.assert_allclose(bottom[:2], [1 - p, p], atol=0.015)
    assert np.isnan([top[2], bottom[2]]).all()
    top, bottom = group_probability([2, 2, 1], [0, 0, 0], k=1)
    assert (top.tolist(), bottom.tolist()) == ([0.5, 0.5, 0], [0, 0, 1])
    top, bottom = group_probability(np.arange(50.0), np.full(50, 9.0), k=7)
    assert top.sum() == pytest.approx(7) == bottom.sum()
    assert group_probability([1, 2], [1, 1], k=5)[0].tolist() == [1, 1]
    assert group_probability([], [], k=1)[0].shape == (0,)


def test_posterior_ranks_take_tiny_units_to_the_middle() -> None:
    """The highest estimate is a tiny unit's; after shrinkage it is no longer first."""
    estimate, se = [12, 9, 8, 7, 1, 2], [6, 0.1, 0.1, 0.1, 0.1, 0.1]
    found = posterior_ranks(estimate, se)
    assert found.argmin() == 1
    assert 1.5 < found[0] < 4
    assert found.sum() == pytest.approx(21)
    assert expected_ranks(estimate, np.square(se)).argmin() != 1 or found[0] > expected_ranks(
        estimate, np.square(se)
    )[0]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), n=st.integers(1, 7), trade=st.floats(0.01, 0.49))
def test_runs_are_the_best_of_all(seed: int, n: int, trade: float) -> None:
    """Wrong orders + trade × pairs not told apart is least among all cuts of the order."""
    rng = np.random.default_rng(seed)
    mean, variance = np.sort(rng.normal(size=n))[::-1], rng.uniform(0.01, 1, n)
    pairs = list(itertools.combinations(range(n), 2))
    wrong = {(i, j): float(_chance(mean[[i]], variance[[i]], mean[j], variance[j])[0]) for i, j in pairs}

    def loss(grade: np.ndarray) -> float:
        return sum(trade if grade[i] == grade[j] else wrong[i, j] for i, j in pairs)

    least = min(loss(np.cumsum([0, *cuts])) for cuts in itertools.product([0, 1], repeat=n - 1))
    found = np.searchsorted(_best(mean, variance, trade), np.arange(n), "right")
    assert loss(found) == pytest.approx(least)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), n=st.integers(1, 40), wrong=st.sampled_from([0.0, 0.01, 0.05, 0.2]))
def test_grades_keep_their_bound(seed: int, n: int, wrong: float) -> None:
    rng = np.random.default_rng(seed)
    mean, variance = np.round(rng.normal(size=n), 1), rng.gamma(1, 0.05, n)
    grade, rate = grades(mean, variance, wrong=wrong)
    assert rate <= wrong
    assert set(grade) == set(range(1, int(grade.max()) + 1))
    apart = [(i, j) for i in range(n) for j in range(n) if grade[i] < grade[j]]
    assert all(mean[i] > mean[j] for i, j in apart)
    if apart:
        each = [stats.norm.cdf((mean[j] - mean[i]) / np.sqrt(variance[i] + variance[j])) for i, j in apart]
        assert np.mean(each) == pytest.approx(rate)
    order = rng.permutation(n)
    np.testing.assert_array_equal(grades(mean[order], variance[order], wrong=wrong)[0], grade[order])


def test_grades_at_the_corners() -> None:
    assert grades([3, 2, 1], [0, 0, 0])[0].tolist() == [1, 2, 3]
    assert grades([1, 1, 1], [1, 1, 1])[0].tolist() == [1, 1, 1]
    found, rate = grades([np.nan, 4], [1, 1])
    assert (np.isnan(found[0]), found[1], rate) == (True, 1, 0)
    assert np.isnan(grades([], [])[1])
    assert _told_apart(np.array([3.0, 2.0, 1.0]), np.zeros(3), np.array([0, 1, 2])) == (3, 0.0)
    with pytest.raises(ValueError, match="share of pairs"):
        grades([1], [1], wrong=0.7)


def test_grades_are_right_as_often_as_they_say() -> None:
    """In simulated worlds the share of wrong orders between grades is about what was expected."""
    rng = np.random.default_rng(11)
    wrong, told = 0.0, 0
    for _ in range(60):
        truth, se = rng.normal(size=40), rng.uniform(0.1, 0.8, 40)
        noisy = truth + se * rng.normal(size=40)
        keep = 1 / (1 + se**2)
        grade, _ = grades(keep * noisy, keep * se**2, wrong=0.1)
        apart = grade[:, None] < grade[None, :]
        wrong, told = wrong + (apart & (truth[:, None] < truth[None, :])).sum(), told + apart.sum()
    assert 0.05 < wrong / told < 0.12
