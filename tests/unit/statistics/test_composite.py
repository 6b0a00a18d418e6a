"""Composite scores, sensitivity to weights, small figures, pooled years: by hand and against slow twins."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallymark.statistics import aggregate, normalise, pooled_years, ranks, too_small, weight_sensitivity
from tallymark.statistics.composite import REACH_ZERO, SCALES


def test_scales_by_hand() -> None:
    v = [10, 20, 40, np.nan]
    np.testing.assert_allclose(normalise(v), [0, 1 / 3, 1, np.nan])
    np.testing.assert_allclose(normalise(v, direction="lower"), [1, 2 / 3, 0, np.nan])
    np.testing.assert_allclose(normalise([1, 2, 3], method="z"), [-1, 0, 1])
    np.testing.assert_allclose(normalise(v, method="rank"), [0, 0.5, 1, np.nan])
    np.testing.assert_allclose(normalise(v, method="percentile"), [1 / 6, 0.5, 5 / 6, np.nan])
    np.testing.assert_allclose(normalise(v, method="target", target=20), [0.5, 1, 1, np.nan])
    np.testing.assert_allclose(normalise([5, 20], method="target", target=10, direction="lower"), [1, 0.5])
    two = normalise([[1, 4], [3, 2]], direction=["higher", "lower"])
    assert two.tolist() == [[0, 0], [1, 1]]


@pytest.mark.parametrize("method", [m for m in SCALES if m != "target"])
def test_scales_say_nothing_where_all_are_alike(method: str) -> None:
    found = normalise([3, 3, 3], method=method)
    assert np.isnan(found).all() if method != "percentile" else (found == 0.5).all()
    assert normalise(np.empty(0), method=method).shape == (0,)


def test_aggregates_by_hand() -> None:
    scaled = [[0.2, 0.8], [0.5, 0.5], [0.9, np.nan]]
    np.testing.assert_allclose(aggregate(scaled, [1, 1]), [0.5, 0.5, np.nan])
    np.testing.assert_allclose(aggregate(scaled, [1, 1], method="geometric"), [0.4, 0.5, np.nan])
    np.testing.assert_allclose(aggregate(scaled, [1, 3], method="minimum"), [0.2, 0.5, np.nan])


@pytest.mark.parametrize("scale", REACH_ZERO)
def test_a_geometric_mean_of_what_reaches_zero_is_refused(scale: str) -> None:
    with pytest.raises(ValueError, match=r"has no meaning.*normalise by 'percentile'"):
        aggregate([[0.5, 0.5]], [1, 1], method="geometric", scale=scale)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="figures above 0"):
        aggregate([[0.0, 0.5]], [1, 1], method="geometric")
    with pytest.raises(ValueError, match="one for each indicator"):
        aggregate([[1, 2]], [1, -1])
    with pytest.raises(ValueError, match="one for all or one for each"):
        normalise([[1, 2]], direction=["higher", "up"])
    with pytest.raises(ValueError, match="a target belongs"):
        normalise([1, 2], target=3)
    with pytest.raises(ValueError, match="number above 0"):
        normalise([1, 2], method="target", target=0)
    with pytest.raises(ValueError, match="0 or more"):
        normalise([-1, 2], method="target", target=3)
    with pytest.raises(ValueError, match="not known"):
        aggregate([[1]], [1], method="harmonic")


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), n=st.integers(1, 6), lines=st.integers(1, 5), spread=st.floats(0, 0.9))
def test_no_weights_go_beyond_the_bounds(seed: int, n: int, lines: int, spread: float) -> None:
    """Corners of the box of factors reach the extremes; pairs alike in their lines reach them exactly."""
    rng = np.random.default_rng(seed)
    available = rng.integers(1, 5, lines) * np.ones((n, 1))
    if rng.random() < 0.5:
        available = available * (rng.random((n, lines)) > 0.3)
        available[:, 0] = 2
    earned, fixed = available * np.round(rng.random((n, lines)), 1), np.round(rng.normal(size=n), 1)
    moved = weight_sensitivity(earned, available, spread=spread, fixed=fixed, full=100, draws=50)
    corners = [np.array(f) for f in itertools.product([1 - spread, 1 + spread], repeat=lines)]
    scores = np.array([100 * (earned @ f) / (available @ f) + fixed for f in corners])
    places = np.stack([ranks(np.round(row, 9), omega=0) for row in scores])
    assert (moved.best <= places.min(axis=0)).all()
    assert (moved.worst >= places.max(axis=0)).all()
    assert ((moved.best <= moved.rank_low) & (moved.rank_high <= moved.worst)).all()
    assert (moved.score_low >= scores.min(axis=0) - 1e-9).all()
    assert (moved.score_high <= scores.max(axis=0) + 1e-9).all()
    if n == 2:
        above = scores[:, 1] - scores[:, 0]
        certain = (above.min() > 1e-6) or (above.max() < -1e-6)
        if (available[0] == available[1]).all() and np.abs(above).min() > 1e-6:
            assert (moved.best[0] == moved.worst[0]) == certain


def test_weights_that_do_not_move_move_nothing() -> None:
    earned, available = np.array([[1.0, 3], [2, 1], [4, 0], [np.nan, 1]]), np.array([[4.0, 4]])
    moved = weight_sensitivity(earned, available, spread=0)
    np.testing.assert_allclose(moved.score_low[:3], [4, 3, 4])
    assert moved.rank_low[:3].tolist() == moved.best[:3].tolist() == [1, 3, 1]
    assert moved.same[:3].tolist() == [1, 1, 1]
    assert all(np.isnan(part[3]) for part in moved)
    assert np.isnan(weight_sensitivity([[np.nan]], [[1]]).best).all()
    with pytest.raises(ValueError, match="share of a weight"):
        weight_sensitivity(earned, available, spread=1)


def test_a_unit_that_is_better_on_every_line_is_always_above() -> None:
    moved = weight_sensitivity([[3, 3, 3], [2, 2, 2], [4, 2, 2.9]], [[5, 5, 5]], spread=0.9)
    assert moved.best[0] == 1
    assert moved.worst[1] == 3 == moved.best[1]
    assert (moved.best[2], moved.worst[2]) == (1, 2)


def test_too_small() -> None:
    codes = too_small([1, 5, np.nan, 9, 8], [9, 40, 3, 9, np.nan], least_cases=10, least_events=2)
    assert codes.tolist() == [1, 0, 4, 1, 4]
    assert too_small([9, 3], [9, 9], least_events=1).tolist() == [2, 0]
    assert too_small([3, 3, 3], [9, 9, 9], [0, 0, np.nan], [5, 9, 1], widest=8).tolist() == [0, 3, 3]
    assert too_small([0], [0]).tolist() == [0]


def test_pooled_years() -> None:
    """As few years as hold enough; a missing year ends the pooling and is not none."""
    events = [[1, 2, 3], [np.nan, 2, 0], [1, 2, np.nan], [0, 0, 0]]
    x, e, used = pooled_years(events, [[10, 11, 12]] * 4, least=4)
    np.testing.assert_array_equal(x, [5, 2, np.nan, 0])
    np.testing.assert_array_equal(e, [23, 23, np.nan, 33])
    assert used.tolist() == [2, 2, 0, 3]
    assert pooled_years(events, 1.0, least=4, most=1)[2].tolist() == [1, 1, 0, 1]
    with pytest.raises(ValueError, match="at least one year"):
        pooled_years([1], [1], least=1, most=0)
