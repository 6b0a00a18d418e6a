"""Hamilton–Perry, histories and outlooks: by hand, laws, corners."""

from __future__ import annotations

import numpy as np
import pytest

from tallymark.population import History, Method, hamilton_perry, life_table, outlook, project


def test_a_stable_population_goes_on_growing() -> None:
    """Where every step is like the last, ratios are survival, and the projection is the stable population."""
    ages = np.arange(0, 105, 5)
    people = np.exp(-0.02 * ages) * np.exp(-((ages / 90) ** 4)) * 1000
    before = np.stack([1.05 * people, people])
    growth = np.exp(0.02 * 5)
    got = hamilton_perry(before, before * growth, 4)
    for step in range(5):
        np.testing.assert_allclose(got[step], before * growth ** (step + 1), rtol=1e-12)


def test_by_hand() -> None:
    before, now = np.ones((2, 12)), np.ones((2, 12))
    before[:, 2], now[:, 3] = 4, 2
    now[:, 0] = 3
    got = hamilton_perry(before, now, 1)
    # the group that was 4 became 2; groups 3–8 of women are 7 people with 3 children of each sex
    expected = np.array([0, 3, 1, 0.5, 2, 1, 1, 1, 1, 1, 1, 1])
    expected[11] = (1 + 1) * (1 / 2)
    expected[0] = 3 / 7 * expected[3:9].sum()
    np.testing.assert_allclose(got[1], np.stack([expected, expected]))


def test_limits_and_missing() -> None:
    before, now = np.ones((2, 12)), np.ones((2, 12))
    now[0, 5] = 9
    assert hamilton_perry(before, now, 1)[1, 0, 5] == 9
    assert hamilton_perry(before, now, 1, limits=(0.5, 2))[1, 0, 5] == 2
    before[0, 4] = 0  # nobody was there who could have become nine
    got = hamilton_perry(before, now, 1)
    assert np.isnan(got[1, 0, 5])
    assert not np.isnan(got[1, 1]).any()
    now[0, 4] = 0
    assert hamilton_perry(before, now, 1)[1, 0, 5] == 0
    with pytest.raises(ValueError, match="do not reach past the childbearing ages"):
        hamilton_perry(np.ones((2, 6)), np.ones((2, 6)), 1)


def made_up(years: int = 12, units: int = 3) -> History:
    """Units whose rates are known to change by nothing but a steady decline."""
    ages = np.arange(101)
    mx = np.minimum(4e-5 * np.exp(0.093 * ages) + 0.003 * (ages == 0), 0.7)
    decline = np.exp(-0.01 * np.arange(years))
    mortality = np.broadcast_to(mx * decline[:, None, None], (units, years, 2, 101))
    bell = 0.08 * np.exp(-(((ages - 29) / 6) ** 2)) * ((ages >= 15) & (ages < 50))
    fertility = np.broadcast_to(bell * np.exp(0.01 * np.arange(years))[:, None], (units, years, 101))
    migration = np.zeros((units, years, 2, 101))
    migration[:, :, :, 20:30] = 2.0
    start = life_table(mx).Lx * 1000 * np.ones((units, 2, 1))
    survival = life_table(mortality, sex=("male", "female")).survival()
    people = project(start, survival, fertility, 1.05, migration).populations
    return History(people, np.array(mortality), np.array(fertility), migration)


def test_an_outlook_goes_on_as_the_past_did() -> None:
    history = made_up()
    ahead = outlook(history, 5, method=Method(damping=1.0))
    expected = history.fertility[:, -1, None] * np.exp(0.01 * np.arange(1, 6))[:, None]
    np.testing.assert_allclose(ahead.fertility, expected, rtol=1e-3)
    rates = history.mortality[:, -1, None] * np.exp(-0.01 * np.arange(1, 6))[:, None, None]
    survival = life_table(rates, sex=("male", "female")).survival()
    np.testing.assert_allclose(ahead.survival, survival, atol=2e-4)
    np.testing.assert_allclose(ahead.migration, history.migration[:, :5])
    assert ahead.paths["fertility"].sd < 1e-4
    np.testing.assert_allclose(ahead.migration_pattern.sum((-1, -2)), 1)


def test_damping_levels_off() -> None:
    ahead = outlook(made_up(), 60, method=Method(damping=0.8))
    level = ahead.fertility.sum(-1)[0]
    assert level[-1] / level[-2] - 1 < 1e-6
    assert level[-1] < level[0] * 1.06


def test_histories_cut_and_add() -> None:
    history = made_up()
    early = history.until(4)
    assert (early.years, history.until(0).years) == (8, 12)
    np.testing.assert_array_equal(early.population[:, -1], history.population[:, -5])
    country = history.together()
    np.testing.assert_allclose(country.population.sum(), history.population.sum())
    np.testing.assert_allclose(country.mortality[0], history.mortality[0])
    with pytest.raises(ValueError, match="fertility has shape"):
        History(history.population, history.mortality, history.fertility[:, 1:], history.migration)
    with pytest.raises(ValueError, match="two years of rates"):
        history.until(11)
    with pytest.raises(ValueError, match="one year or more"):
        outlook(history, 0)
