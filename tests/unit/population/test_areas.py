"""Areas that exchange people, parts that add to the whole, rates of small places."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tallymark.population import project, project_areas, reconcile, shrink_rates, whole_persons

AREAS, YEARS, AGES = 3, 4, 12


def inputs(seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        "population": rng.uniform(50, 99, (AREAS, 2, AGES)),
        "survival": rng.uniform(0.8, 1, (AREAS, YEARS, 2, AGES)),
        "fertility": rng.uniform(0, 0.1, (AREAS, YEARS, AGES)),
    }


def test_without_moves_each_area_is_alone() -> None:
    given_, outside = inputs(), np.random.default_rng(1).normal(0, 2, (AREAS, YEARS, 2, AGES))
    got = project_areas(**given_, moves=np.zeros((AREAS, AREAS, 2, AGES)), outside=outside)
    alone = project(**given_, migration=outside)
    np.testing.assert_allclose(got.populations, alone.populations, rtol=1e-12)
    np.testing.assert_allclose(got.deaths, alone.deaths, rtol=1e-12)
    assert not got.moved.any()


def test_moves_make_nobody_and_lose_nobody() -> None:
    given_ = inputs()
    moves = np.random.default_rng(2).uniform(0, 0.3, (YEARS, AREAS, AREAS, 2, AGES))
    got = project_areas(**given_, moves=moves)
    np.testing.assert_allclose(got.moved.sum(axis=0), 0, atol=1e-9)
    change = np.diff(got.populations.sum((0, 2, 3)))
    np.testing.assert_allclose(change, (got.births.sum((0, 2)) - got.deaths.sum((0, 2, 3))), atol=1e-9)
    assert (got.populations > 0).all()


def test_alike_areas_are_their_whole() -> None:
    given_ = inputs()
    same = {name: np.repeat(values[:1], AREAS, axis=0) for name, values in given_.items()}
    moves = np.full((AREAS, AREAS, 2, AGES), 0.1)
    got = project_areas(**same, moves=moves)
    alone = project(**{name: values[0] for name, values in same.items()})
    np.testing.assert_allclose(got.populations.sum(0), AREAS * alone.populations, rtol=1e-12)


def test_one_move_by_hand() -> None:
    people = np.zeros((2, 2, 3))
    people[0, 0, 0] = 10
    moves = np.zeros((2, 2, 2, 3))
    moves[0, 1, 0, 1] = 0.3  # a boy who has become one moves from the first to the second
    got = project_areas(people, np.ones((2, 1, 2, 3)), np.zeros((2, 1, 3)), moves=moves)
    assert got.populations[:, 1, 0, 1].tolist() == [7.0, 3.0]
    with pytest.raises(ValueError, match="together at most 1"):
        project_areas(people, np.ones((2, 1, 2, 3)), np.zeros((2, 1, 3)), moves=np.full((2, 2, 2, 3), 1.2))


@settings(deadline=None)
@given(
    hnp.arrays(np.float64, (4, 5), elements=st.integers(-500, 500)),
    hnp.arrays(np.float64, 5, elements=st.integers(-900, 900)),
)
def test_parts_add_to_the_whole(parts: np.ndarray, whole: np.ndarray) -> None:
    parts, whole = parts / 7, whole / 7
    got = reconcile(parts, whole, method="plus-minus")
    np.testing.assert_allclose(got.sum(0), whole, atol=1e-9)
    positive = reconcile(np.abs(parts), np.abs(whole))
    np.testing.assert_allclose(positive.sum(0), np.abs(whole), atol=1e-9)
    assert (positive >= 0).all()
    people = whole_persons(np.abs(parts))
    assert (np.abs(people - np.abs(parts)) < 1).all()
    np.testing.assert_array_equal(people.sum(0), np.floor(np.abs(parts).sum(0) + 0.5))


def test_plus_minus_keeps_signs_and_does_nothing_where_nothing_is_amiss() -> None:
    parts = np.array([3.0, -1.0, 2.0])
    assert reconcile(parts, 4.0, method="plus-minus").tolist() == parts.tolist()
    got = reconcile(parts, 1.0, method="plus-minus")
    assert got.sum() == pytest.approx(1.0)
    assert np.sign(got).tolist() == [1, -1, 1]
    with pytest.raises(ValueError, match="use method `plus-minus`"):
        reconcile(parts, 1.0)
    with pytest.raises(ValueError, match="further from the parts"):
        whole_persons([1.2, 1.3], total=9)


def test_small_areas_are_drawn_to_the_whole_and_large_ones_are_not() -> None:
    rng = np.random.default_rng(3)
    people = np.concatenate([np.full((30, 20), 40.0), np.full((10, 20), 40_000.0)])
    level = rng.lognormal(0, 0.2, 40)
    truth = 0.01 * level[:, None] * np.ones(20)
    events = rng.poisson(truth * people)
    got = shrink_rates(events, people)
    raw = events.sum(1) / people.sum(1)
    better = np.abs(got.rates[:, 0] - truth[:, 0])[:30].mean()
    assert better < 0.6 * np.abs(raw - truth[:, 0])[:30].mean()
    np.testing.assert_allclose(got.rates[30:, 0], raw[30:], rtol=0.03)
    assert (got.variance[:30].mean() > got.variance[30:].mean()).all()


def test_bands_neighbours_and_nobody() -> None:
    people = np.full((4, 10), 1e5)
    events = np.full((4, 10), 500.0)
    events[0, 5:] = 2000
    got = shrink_rates(events, people, bands=(0, 5))
    assert got.ratio[0, 1] > 1.5 > got.ratio[0, 0] > 0.9
    beside = np.zeros((4, 4), dtype=bool)
    beside[0, 1] = beside[1, 0] = True
    near = shrink_rates(events, people, neighbours=beside)
    assert near.ratio.shape == (4, 1)
    people[3], events[3] = 0, 0
    assert shrink_rates(events, people).ratio[3, 0] == 1
    with pytest.raises(ValueError, match="are a square"):
        shrink_rates(events, people, neighbours=beside[:2])
