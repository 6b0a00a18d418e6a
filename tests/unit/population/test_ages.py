"""Ages grouped, graduated, smoothed and extended: laws, corners, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tallymark.population import (
    extend_open_group,
    graduate,
    group_ages,
    life_table,
    rescale_groups,
    smooth,
)

COUNTS = hnp.arrays(np.float64, 12, elements=st.floats(1, 1e6))
KEEPS_GROUPS = ["uniform", "sprague", "beers", "monotone"]


@settings(deadline=None, max_examples=40)
@given(COUNTS, st.sampled_from(KEEPS_GROUPS))
def test_groups_are_kept(counts: np.ndarray, method: str) -> None:
    single = graduate(counts, method=method)
    assert single.shape == (56,)
    np.testing.assert_allclose(group_ages(single)[0], counts, rtol=1e-9, atol=1e-6 * counts.max())


@settings(deadline=None, max_examples=40)
@given(COUNTS)
def test_monotone_is_never_negative(counts: np.ndarray) -> None:
    assert (graduate(counts, method="monotone") >= -1e-9 * counts.max()).all()


def test_composite_link_is_positive_and_smooth() -> None:
    ages = np.arange(60)
    truth = 1000 * np.exp(-(((ages - 25) / 15) ** 2))
    single = graduate(np.append(truth.reshape(-1, 5).sum(1), 3.0), method="pclm")
    np.testing.assert_allclose(single[:-1], truth, rtol=0.05, atol=7)
    assert (single > 0).all()


@pytest.mark.parametrize("method", ["uniform", "sprague", "beers", "beers-modified", "grabill", "monotone"])
def test_a_flat_population_stays_flat_and_many_are_each_alone(method: str) -> None:
    np.testing.assert_allclose(graduate(np.full(12, 5.0), method=method)[:-1], 1.0, rtol=5e-3)
    rng = np.random.default_rng(5)
    many = rng.uniform(10, 99, (2, 3, 12))
    np.testing.assert_allclose(graduate(many, method=method)[1, 2], graduate(many[1, 2], method=method))


def test_missing_spoils_no_more_than_it_must() -> None:
    counts = np.full(12, 10.0)
    counts[0] = np.nan
    single = graduate(counts)
    assert np.isnan(single[:5]).all()
    assert not np.isnan(single[20:]).any()


@pytest.mark.parametrize("method", ["carrier-farrag", "karup-king-newton", "arriaga"])
def test_tens_are_kept(method: str) -> None:
    counts = np.random.default_rng(3).uniform(50, 99, (4, 15))
    got, _ = smooth(counts, ages=range(0, 75, 5), method=method)
    np.testing.assert_allclose(
        got[:, :14].reshape(4, 7, 2).sum(-1), counts[:, :14].reshape(4, 7, 2).sum(-1), rtol=1e-12
    )
    np.testing.assert_array_equal(got[:, -1], counts[:, -1])


def test_an_odd_group_below_the_open_one_is_left_as_it_is() -> None:
    counts = np.random.default_rng(3).uniform(50, 99, 16)
    got, _ = smooth(counts, ages=range(0, 80, 5))
    assert got[14] == counts[14]
    assert np.isnan(smooth(counts, ages=range(0, 80, 5), tails="missing")[0][14])


def test_the_open_group_of_a_stable_population_comes_back() -> None:
    table = life_table(np.exp(-9.5 + 0.09 * np.arange(111)), a0=0.1)
    people = table.Lx * np.exp(-0.02 * (table.ages + 0.5)) * 1e5
    short = np.append(people[:80], people[80:].sum())
    for growth in (None, 0.02):
        got, ages = extend_open_group(short, table, growth=growth)
        assert ages.tolist() == list(range(111))
        np.testing.assert_allclose(got, people, rtol=0.004)
        np.testing.assert_allclose(got.sum(), people.sum())


def test_groups_gather_and_refuse_what_cannot_be_cut() -> None:
    got, ages = group_ages([1, 2, 3, 4, 5, 6, 7], ages=[0, 1, 5, 10, 15, 20, 25], width=10, open_age=20)
    assert (got.tolist(), ages.tolist()) == ([6, 9, 13], [0, 10, 20])
    with pytest.raises(ValueError, match="no group starts at age 5"):
        group_ages([1, 2, 3], ages=[0, 10, 20], width=5)
    with pytest.raises(ValueError, match="do not fit"):
        rescale_groups([1, 2, 3], [3, 3], group_ages=[0, 7])
    assert np.isnan(rescale_groups([0, 0, 3], [3, 3], group_ages=[0, 2])[:2]).all()
    assert rescale_groups([0, 0, 3], [0, 6], group_ages=[0, 2]).tolist() == [0, 0, 6]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: graduate(np.ones(12), method="spline"), "use one of uniform, sprague"),
        (lambda: graduate(np.ones(4)), "five closed five-year groups"),
        (lambda: graduate(np.ones(6), ages=[0, 3, 7, 10, 15, 20]), "no group starts at age 5"),
        (lambda: graduate(np.ones(12), method="beers-infants"), "start at 0, 1 and 5"),
        (lambda: smooth(np.ones(12), ages=range(0, 60, 5), method="greville"), "use one of carrier"),
        (lambda: smooth(np.ones(12), ages=range(0, 60, 5), method="zigzag", limits=(41, 55)), "no tens"),
        (lambda: smooth(np.ones(12)), "that 5 divides"),
        (
            lambda: extend_open_group(np.ones(5), life_table(np.ones(3)), ages=[0, 1, 2, 3, 9]),
            "no group that starts at 9",
        ),
    ],
)
def test_what_does_not_fit_is_said(call, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
