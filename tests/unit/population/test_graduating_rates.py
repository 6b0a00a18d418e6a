"""Rates of groups shared out to single years by who was in the groups."""

from __future__ import annotations

import numpy as np
import pytest

from tallymark.population import graduate, graduate_rates

FIVES = np.arange(15.0, 50.0, 5.0)


def _events(single: np.ndarray, people: np.ndarray) -> np.ndarray:
    return (single * people).reshape(*single.shape[:-1], -1, 5).sum(-1)


def test_groups_have_their_rates_by_the_people_in_them() -> None:
    people = np.linspace(200.0, 60.0, 35)
    single = 0.13 * np.exp(-(((np.arange(15, 50) - 27) / 6.0) ** 2))
    groups = _events(single, people) / people.reshape(-1, 5).sum(-1)
    got = graduate_rates(groups, people, ages=FIVES)
    np.testing.assert_allclose(_events(got, people), _events(single, people), rtol=1e-9)
    even = graduate(5 * groups, ages=FIVES, open_group=False, method="monotone")
    assert np.abs(got - single).sum() < np.abs(even - single).sum()


def test_the_total_is_kept_and_the_shape_is_by_people() -> None:
    people = np.linspace(200.0, 60.0, 35)
    shares = np.array([10.0, 30.0, 28.0, 18.0, 9.0, 4.0, 1.0])
    got = graduate_rates(shares, people, ages=FIVES, total=1.7)
    assert got.sum() == pytest.approx(1.7, rel=1e-10)
    rates = _events(got, people) / people.reshape(-1, 5).sum(-1)
    np.testing.assert_allclose(rates / rates.sum(), shares / 100, rtol=1e-8)


def test_even_people_make_it_the_plain_spline() -> None:
    rates = np.array([0.02, 0.1, 0.12, 0.07, 0.03, 0.008, 0.001])
    got = graduate_rates(rates, np.ones(35), ages=FIVES)
    plain = graduate(5 * rates, ages=FIVES, open_group=False, method="monotone")
    np.testing.assert_allclose(got, plain, rtol=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_never_negative_and_rows_stand_alone(seed: int) -> None:
    random = np.random.default_rng(seed)
    rates = random.uniform(0, 0.3, (3, 7)) * random.integers(0, 2, (3, 7))
    people = random.uniform(0, 1e6, (3, 35)) * random.integers(0, 3, (3, 35))
    got = graduate_rates(rates, people, ages=FIVES)
    assert (got >= 0).all()
    np.testing.assert_allclose(got[1], graduate_rates(rates[1], people[1], ages=FIVES), rtol=1e-6, atol=1e-9)


def test_a_group_without_people_is_shared_out_and_a_missing_one_is_missing() -> None:
    rates = np.array([[0.02, 0.1, 0.12, 0.07, 0.03, 0.008, 0.001]] * 2)
    people = np.ones(35)
    people[5:10] = 0
    rates[1, 3] = np.nan
    got = graduate_rates(rates, people, ages=FIVES)
    assert got[0, 5:10].mean() == pytest.approx(0.1)
    assert np.isnan(got[1]).all()


@pytest.mark.parametrize(
    ("rates", "people", "words"),
    [
        ([0.1, -0.1], np.ones(10), "cannot be negative"),
        ([0.1, 0.1], np.ones(9), "exposure has shape"),
        ([0.1, 0.1], -np.ones(10), "fewer people than none"),
        ([0.1], np.ones(5), "two age groups"),
        (0.1, np.ones(5), "two age groups"),
    ],
)
def test_what_cannot_be_is_said(rates: object, people: np.ndarray, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        graduate_rates(rates, people, ages=np.array([15.0, 20.0])[: np.size(rates)])
