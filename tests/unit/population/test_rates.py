"""Vital rates: by hand, how they round, laws, and a simulation for the number of births needed."""

from __future__ import annotations

import numpy as np
import pytest

from tallymark.population import (
    age_specific_rates,
    average_population,
    births_by_order,
    births_needed,
    child_mortality,
    crude_rates,
    general_fertility,
    gross_reproduction,
    infant_mortality,
    life_table,
    mean_age_at_birth,
    net_migration,
    net_reproduction,
    project,
    total_fertility,
)
from tallymark.statistics import sex_ratio


def test_crude_rates_use_the_average_population() -> None:
    people = average_population([1000, 0], [1040, 0])
    rates = crude_rates([15, 1], [5, 1], people)
    np.testing.assert_allclose([rate[0] for rate in rates], [15 / 1.02, 5 / 1.02, 10 / 1.02])
    assert all(np.isnan(rate[1]) for rate in rates)


@pytest.mark.parametrize(
    ("rounding", "growth_of", "expected"),
    [
        ("half-up", "events", (12.35, 6.06, 6.28)),
        ("half-up", "rates", (12.35, 6.06, 6.29)),
        ("half-even", "events", (12.34, 6.06, 6.28)),
    ],
)
def test_rounding_is_explicit(rounding: str, growth_of: str, expected: tuple[float, ...]) -> None:
    """12.345 and 6.062 per 1,000: the growth of a printed table depends on when it is rounded."""
    got = crude_rates(12345, 6062, 1_000_000, decimals=2, rounding=rounding, growth_of=growth_of)
    assert tuple(round(float(rate), 6) for rate in got) == expected


def test_half_up_takes_the_decimal_not_the_double() -> None:
    assert crude_rates(1005, 0, 1_000_000, decimals=2).birth == 1.01  # 1.005 is below a half as a double
    assert crude_rates(0, 0, 1000, decimals=2).growth == 0
    assert crude_rates(0, 1005, 1_000_000, decimals=2).growth == -1.01


def test_fertility_and_reproduction() -> None:
    ages, rates = np.arange(15, 50, 5), np.array([0.05, 0.1, 0.1, 0.05, 0.02, 0.01, 0.0])
    assert total_fertility(rates, width=5) == pytest.approx(1.65)
    assert gross_reproduction(rates, sex_ratio_at_birth=1.0, width=5) == pytest.approx(0.825)
    assert mean_age_at_birth(rates, ages=ages, width=5) == pytest.approx(
        (0.05 * 17.5 + 0.1 * 22.5 + 0.1 * 27.5 + 0.05 * 32.5 + 0.02 * 37.5 + 0.01 * 42.5) / 0.33
    )
    nobody_dies = life_table(np.append(np.zeros(100), 0.1), a0=0.5)
    net = net_reproduction(rates, nobody_dies, ages=ages, sex_ratio_at_birth=1.0, width=5)
    assert net == pytest.approx(0.825)
    with pytest.raises(ValueError, match="do not fit the ages"):
        net_reproduction(rates, nobody_dies, width=5)


def test_orders_add_to_all() -> None:
    rng = np.random.default_rng(1)
    births, women = rng.integers(0, 50, (3, 4, 35)), rng.integers(100, 900, (3, 35))
    got = births_by_order(births, women)
    np.testing.assert_allclose(got.shares.sum(-1), 1)
    rates = age_specific_rates(births.sum(1), women)
    np.testing.assert_allclose(got.fertility.sum(-1), total_fertility(rates))
    assert general_fertility(10, [100, 400]) == 20


def test_infants_and_children() -> None:
    assert infant_mortality(8, 1000) == 8
    assert infant_mortality(8, 1000, 2000, share_before=0.25) == pytest.approx(8000 / 1250)
    assert np.isnan(infant_mortality(0, 0))
    with pytest.raises(ValueError, match="needs `births_before`"):
        infant_mortality(8, 1000, share_before=0.2)
    table = life_table([0.05, 0.01, 0.002, 0.3], ages=[0, 1, 5, 10])
    under_five, one_to_four = child_mortality(table), child_mortality(table, after=1)
    infant = 1000 * table.qx[0]
    assert under_five == pytest.approx(infant + (1 - infant / 1000) * one_to_four)
    with pytest.raises(ValueError, match="must start groups"):
        child_mortality(table, before=4)


def test_so_many_births_give_the_interval_asked_for() -> None:
    births = births_needed([0.1, 0.05, 0.02], ratio=1.06)
    assert births.tolist() == [1728.0, 6912.0, 43200.0]
    _, low, high = sex_ratio(births * 1.06 / 2.06, births / 2.06)
    np.testing.assert_allclose((high - low) / 2, [0.1, 0.05, 0.02], rtol=0.01)
    assert np.isnan(births_needed(0))
    assert np.isnan(births_needed(np.nan))


def test_migration_is_what_the_projection_was_given() -> None:
    rng = np.random.default_rng(4)
    people, survival = rng.uniform(50, 99, (2, 20)), rng.uniform(0.8, 1, (1, 2, 20))
    moved = rng.normal(0, 5, (1, 2, 20))
    got = project(people, survival, np.full((1, 20), 0.05), 1.05, moved)
    back = net_migration(people, got.populations[1], survival[0], got.births[0])
    np.testing.assert_allclose(back, moved[0], atol=1e-9)
