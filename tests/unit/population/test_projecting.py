"""Projection: small enough to check by hand, against a slow and obvious twin, and its laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tallymark.population import project

YEARS, AGES = 4, 6


def twin(people, survival, fertility, ratio, migration, timing, step):
    """One dictionary of people by sex and age, a year at a time."""
    people = {(sex, age): people[sex, age] for sex in (0, 1) for age in range(AGES)}
    history, born, died = [dict(people)], [], []
    for year in range(YEARS):
        half = 0.5 if timing == "even" else 0.0
        start = {key: people[key] + half * migration[year][key] for key in people}
        end, dead = {}, {}
        for sex in (0, 1):
            for age in range(1, AGES):
                at_risk = start[sex, age - 1] + (start[sex, age] if age == AGES - 1 else 0)
                end[sex, age] = at_risk * survival[year][sex, age]
                dead[sex, age] = at_risk - end[sex, age]
        later = {key: end.get(key, 0.0) + (1 - half) * migration[year][key] for key in people}
        counted = later if timing == "even" else {(1, age): end.get((1, age), 0.0) for age in range(AGES)}
        births = 0.0
        for age in range(AGES):
            at_end = counted[1, age] if age else 0.0
            births += step * fertility[year][age] * (start[1, age] + at_end) / 2
        boys = births * ratio / (1 + ratio)
        for sex, babies in ((0, boys), (1, births - boys)):
            later[sex, 0] = babies * survival[year][sex, 0] + (1 - half) * migration[year][sex, 0]
            dead[sex, 0] = babies * (1 - survival[year][sex, 0])
        people = later
        history.append(dict(people))
        born.append((boys, births - boys))
        died.append(dead)
    return history, born, died


def within(low: float, high: float, *shape: int):
    return hnp.arrays(np.float64, shape, elements=st.floats(low, high, width=32))


@settings(max_examples=40, deadline=None)
@given(
    within(0, 1000, 2, AGES),
    within(0, 1, YEARS, 2, AGES),
    within(0, 0.5, YEARS, AGES),
    st.floats(0.5, 2),
    within(-50, 50, YEARS, 2, AGES),
    st.sampled_from(["end", "even"]),
    st.sampled_from([1, 5]),
)
def test_it_is_its_obvious_twin_and_people_balance(
    people, survival, fertility, ratio, migration, timing, step
) -> None:
    got = project(people, survival, fertility, ratio, migration, migration_timing=timing, step=step)
    history, born, died = twin(people, survival, fertility, ratio, migration, timing, step)
    as_array = [[[year[sex, age] for age in range(AGES)] for sex in (0, 1)] for year in history]
    np.testing.assert_allclose(got.populations, as_array, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(got.births, born, rtol=1e-9, atol=1e-9)
    dead = [[[year[sex, age] for age in range(AGES)] for sex in (0, 1)] for year in died]
    np.testing.assert_allclose(got.deaths, dead, rtol=1e-9, atol=1e-9)
    people_total = got.populations.sum((1, 2))
    moved = migration.sum((1, 2)) + got.births.sum(1) - got.deaths.sum((1, 2))
    np.testing.assert_allclose(np.diff(people_total), moved, atol=1e-6)


def test_by_hand() -> None:
    """Ten women aged 1 have half a child each; everyone lives, one man comes."""
    survival, fertility = np.ones((1, 2, 3)), np.array([[0, 0.5, 0]])
    migration = np.zeros((1, 2, 3))
    migration[0, 0, 2] = 1
    got = project([[4, 0, 2], [6, 10, 0]], survival, fertility, 1.0, migration)
    # women aged 1: ten at the start, six at the end
    assert got.births.tolist() == [[2.0, 2.0]]
    assert got.populations[1].tolist() == [[2, 4, 3], [2, 6, 10]]
    assert got.deaths.sum() == 0


def test_leading_axes_broadcast() -> None:
    rng = np.random.default_rng(1)
    people, survival = rng.uniform(1, 9, (3, 1, 2, 5)), rng.uniform(0.5, 1, (4, 7, 2, 5))
    fertility = rng.uniform(0, 0.2, (7, 5))
    got = project(people, survival, fertility, [1.05] * 7)
    assert got.populations.shape == (3, 4, 8, 2, 5)
    alone = project(people[2, 0], survival[1], fertility, 1.05)
    np.testing.assert_array_equal(got.populations[2, 1], alone.populations)
    np.testing.assert_array_equal(got.deaths[2, 1], alone.deaths)


def test_missing_stays_missing_and_does_not_spread_further_than_it_must() -> None:
    people = np.ones((2, 5))
    people[0, 2] = np.nan
    got = project(people, np.ones((2, 2, 5)), np.full((2, 5), 0.1))
    assert np.isnan(got.populations[:, 0].sum(-1)).all()
    assert not np.isnan(got.populations[:, 1]).any()
    assert np.isnan(got.populations[1, 0]).tolist() == [False, False, False, True, False]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"population": np.ones((3, 5))}, "two sexes"),
        ({"survival": np.ones((2, 2, 4))}, "survival needs the axes"),
        ({"survival": np.full((2, 2, 5), 1.2)}, "between 0 and 1, and there is one of 1.2"),
        ({"fertility": np.ones((3, 5))}, "fertility needs the axes"),
        ({"fertility": np.full((2, 5), -0.1)}, "cannot be negative"),
        ({"sex_ratio_at_birth": 0}, "boys per girl"),
        ({"sex_ratio_at_birth": [1.0, 1.0, 1.0]}, "sex_ratio_at_birth has shape"),
        ({"migration": np.ones((2, 5))}, "migration needs the axes"),
        ({"migration": np.ones((3, 2, 5))}, "migration has shape"),
        ({"migration_timing": "start"}, "use one of end, even"),
    ],
)
def test_what_does_not_fit_is_said(change: dict, words: str) -> None:
    given = {"population": np.ones((2, 5)), "survival": np.ones((2, 2, 5)), "fertility": np.ones((2, 5))}
    with pytest.raises(ValueError, match=words):
        project(**{**given, **change})
