"""Rank sets and expected ranks: by hand, at the corners, and against slow obvious twins."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from tallymark.statistics import expected_ranks, rank_sets
from tallymark.statistics.rank_pairs import critical_value, settled, simulated
from tallymark.statistics.ranking import MOST_STEPPED, _beyond, _studentised_range

Floats = NDArray[np.float64]
METHODS = ("stepdown", "single-step", "marginal", "tukey")
WORLDS = 100


@pytest.mark.parametrize("method", METHODS)
def test_far_apart_and_alike(method: str) -> None:
    low, high = rank_sets([10, 30, 20, 20.1], [0.5, 0.5, 0.5, 0.5], method=method)
    assert low.tolist() == [4, 1, 2, 2]
    assert high.tolist() == [4, 1, 3, 3]


@pytest.mark.parametrize("method", METHODS)
def test_missing_is_not_ranked_and_does_not_count(method: str) -> None:
    low, high = rank_sets([1, np.nan, 3, 2, 9], [0.01, 1, 0.01, np.nan, -1], method=method)
    assert np.isnan(low[[1, 3, 4]]).all()
    assert np.isnan(high[[1, 3, 4]]).all()
    assert (low[2], high[2], low[0], high[0]) == (1, 1, 2, 2)


@pytest.mark.parametrize("method", METHODS)
def test_corners(method: str) -> None:
    assert rank_sets([], [], method=method)[0].shape == (0,)
    assert [float(side[0]) for side in rank_sets([5], [1], method=method)] == [1, 1]
    low, high = rank_sets([5, 5, 4], [0, 0, 0], method=method)
    assert low.tolist() == [1, 1, 3]
    assert high.tolist() == [2, 2, 3]
    low, high = rank_sets([7, 7, 7], [1e100, 1, 0], method=method)
    assert low.tolist() == [1, 1, 1]
    assert high.tolist() == [3, 3, 3]


def test_the_seed_fixes_the_sets() -> None:
    rng = np.random.default_rng(3)
    x, se = rng.normal(size=60), rng.gamma(2, 0.1, 60)
    np.testing.assert_equal(rank_sets(x, se, seed=5), rank_sets(x, se, seed=5))


def test_methods_are_ordered_by_width() -> None:
    rng = np.random.default_rng(4)
    x, se = rng.normal(size=60), rng.gamma(2, 0.1, 60)
    width = {m: float(np.subtract(*rank_sets(x, se, method=m)[::-1]).mean()) for m in METHODS}
    assert width["marginal"] < width["stepdown"] <= width["single-step"] <= width["tukey"]


def _pairs_twin(x: Floats, se: Floats, level: float, *, seed: int, stepdown: bool) -> float:
    """The critical value with every difference of every draw in one table."""
    draws = np.random.default_rng(seed).standard_normal((10_000, len(x))) * se
    spread = np.hypot(se[:, None], se)
    pairs = np.where((spread > 0) & ~np.eye(len(x), dtype=bool), 1 / np.where(spread > 0, spread, 1), 0)
    size = (draws[:, :, None] - draws[:, None, :]) * pairs
    distance, critical = (x[:, None] - x) * pairs, np.inf
    while True:
        lower = np.quantile((size * (distance <= critical)).max(axis=(1, 2)), level)
        if not stepdown or lower >= critical:
            return float(lower)
        critical = lower


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    n=st.integers(2, 20),
    level=st.sampled_from([0.6, 0.9, 0.95, 0.998]),
    stepdown=st.booleans(),
)
def test_large_differences_are_all_found(seed: int, n: int, level: float, stepdown: bool) -> None:
    """The same draws give the same critical value as a table of all differences, certain units among them, too."""
    rng = np.random.default_rng(seed)
    x, se = rng.normal(size=n) * rng.choice([0.1, 3]), rng.gamma(0.5, 1, n) * (rng.random(n) > 0.2)
    slow = _pairs_twin(x, se, level, seed=7, stepdown=stepdown)
    assert critical_value(x, se, level, seed=7, stepdown=stepdown) == pytest.approx(slow, rel=1e-9)


def test_thousands_of_units_by_stepdown() -> None:
    """No wider than Tukey's form, with the true ranks inside; and quick enough to be used."""
    rng = np.random.default_rng(5)
    truth, se = rng.normal(size=7_000), rng.gamma(2, 0.1, 7_000)
    x = truth + rng.normal(size=7_000) * se
    started = time.process_time()
    low, high = rank_sets(x, se)
    assert time.process_time() - started < 3  # 0.5 s alone on one core
    wide_low, wide_high = rank_sets(x, se, method="tukey")
    rank = stats.rankdata(-truth, method="min")
    assert ((low <= rank) & (rank <= high)).all()
    assert (high - low).sum() < (wide_high - wide_low).sum()
    assert ((wide_low <= low) & (high <= wide_high)).mean() > 0.999


@pytest.mark.parametrize("n", [1_500, 40_000])
def test_units_drawn_only_where_they_are_far_out(n: int) -> None:
    """As many large differences as there must be, and the critical value of the studentised range."""
    errors, draws, looked_at = np.ones(n), 10_000, 2.0
    found = simulated(errors, looked_at, seed=3)
    each = np.bincount(found.pairs.draw, minlength=draws)
    assert abs(each.mean() - looked_at) < 4 * each.std() / np.sqrt(draws)
    critical = settled(np.zeros(n), errors, 0.95, found, stepdown=False)
    exact = _studentised_range(0.95, n) / np.sqrt(2)
    assert critical == pytest.approx(exact, abs=4 * 0.0095)  # the standard deviation of 10,000 draws
    assert (found.pairs.size >= found.floor).all()
    assert (found.pairs.above != found.pairs.below).all()


def test_a_draw_with_one_unit_very_far_out_has_all_its_pairs() -> None:
    """Nobody is drawn near the middle by itself: pairs with such a one come from draws that were filled up."""
    n = 1_500
    errors = np.geomspace(0.3, 3, n)
    found = simulated(errors, 200.0, seed=1, draws=2_000)
    plain = np.random.default_rng(9).standard_normal((100, n)) * errors
    spread = np.hypot(errors[:, None], errors)
    seen = [np.argwhere((row[:, None] - row) / spread >= found.floor)[:, 0] for row in plain]
    for units in (slice(0, 500), slice(500, 1_000), slice(1_000, n)):  # small, middle and large errors
        share = np.isin(found.pairs.above, np.arange(n)[units]).mean()
        each = [np.isin(one, np.arange(n)[units]).sum() / max(len(one), 1) for one in seen]
        assert share == pytest.approx(np.mean(each), abs=4 * np.std(each) / np.sqrt(len(each)))


def _marginal_twin(x: Floats, se: Floats, unit: int, level: float) -> tuple[int, int]:
    """Best and worst rank of one unit, its differences from the others simulated."""
    draws = np.random.default_rng(1).standard_normal((40_000, len(x))) * se
    others = np.arange(len(x)) != unit
    spread = np.hypot(se[others], se[unit])
    size, distance = (draws[:, others] - draws[:, [unit]]) / spread, (x[others] - x[unit]) / spread
    up, down = np.zeros((2, len(x) - 1), bool)
    while True:
        largest = np.maximum(size[:, ~up].max(axis=1, initial=0), -size[:, ~down].min(axis=1, initial=0))
        critical = np.quantile(largest, level)
        more = (distance > critical) & ~up, (distance < -critical) & ~down
        if not (more[0].any() or more[1].any()):
            return 1 + int(up.sum()), len(x) - int(down.sum())
        up, down = up | more[0], down | more[1]


def test_marginal_sets_against_simulation() -> None:
    rng = np.random.default_rng(8)
    off = 0
    for n in (2, 3, 10, 60):
        x, se = rng.normal(size=n), rng.gamma(2, 0.2, n) * (rng.random(n) > 0.1) + 1e-3
        low, high = rank_sets(x, se, method="marginal")
        for unit in range(min(n, 10)):
            slow = _marginal_twin(x, se, unit, 0.95)
            assert abs(low[unit] - slow[0]) <= 1
            assert abs(high[unit] - slow[1]) <= 1
            off += (low[unit], high[unit]) != slow
    assert off <= 2


def test_marginal_sets_of_thousands_in_one_step() -> None:
    rng = np.random.default_rng(9)
    n = MOST_STEPPED + 1
    x, se = rng.normal(size=n), rng.gamma(2, 0.1, n) + 0.01
    wide = [rank_sets(x, se, method="marginal"), rank_sets(x[:-1], se[:-1], method="marginal")]
    widths = [float((high - low).mean()) for low, high in wide]
    assert widths[1] <= widths[0] <= 1.05 * widths[1]


@pytest.mark.parametrize("method", METHODS)
def test_very_large_and_very_small_figures(method: str) -> None:
    """No overflow, and what is certain stays certain, whatever the scale."""
    x, se = np.array([3.0, 2.0, 1.0]), np.array([0.01, 0.01, 0.01])
    for scale in (1e307, 1e-300):
        low, high = rank_sets(x * scale, se * scale, method=method)
        assert low.tolist() == high.tolist() == [1, 2, 3]
    low, high = rank_sets([1e308, -1e308], [0, 0], method=method)
    assert low.tolist() == high.tolist() == [1, 2]


@pytest.mark.parametrize("method", ["stepdown", "single-step", "tukey"])
def test_simultaneous_coverage(method: str) -> None:
    """In 100 worlds of 12 units, all true ranks are inside at least (about) 90 % of the time."""
    truth, se = np.arange(12.0), np.linspace(0.3, 2.5, 12)
    rng = np.random.default_rng(6)
    ranks = 12 - truth
    inside = 0
    for world in range(WORLDS):
        low, high = rank_sets(truth + rng.normal(size=12) * se, se, level=0.9, method=method, seed=world)
        inside += bool(((low <= ranks) & (ranks <= high)).all())
    assert inside >= 0.9 * WORLDS - 2.5 * np.sqrt(WORLDS * 0.09)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32), n=st.integers(1, 80), kinds=st.integers(1, 5), reach=st.floats(0, 6))
def test_counting_beyond_against_all_pairs(seed: int, n: int, kinds: int, reach: float) -> None:
    rng = np.random.default_rng(seed)
    x = np.round(rng.normal(size=n), rng.integers(0, 3))
    variance = rng.choice(np.round(rng.gamma(1, 1, kinds), 1), n)
    spread = reach * np.sqrt(variance[:, None] + variance)
    slow = ((x[None, :] - x[:, None]) > spread).sum(axis=1)
    certain = np.abs(np.abs(x[None, :] - x[:, None]) - spread) > 1e-9  # on the border either side is right
    if certain[~np.eye(n, dtype=bool)].all():
        np.testing.assert_array_equal(_beyond(x, variance, reach), slow)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), n=st.integers(2, 25), method=st.sampled_from(METHODS))
def test_order_of_units_moves_nothing_else(seed: int, n: int, method: str) -> None:
    rng = np.random.default_rng(seed)
    x, se = rng.normal(size=n), np.full(n, 0.3)
    order = rng.permutation(n)
    low, high = rank_sets(x, se, method=method)
    other_low, other_high = rank_sets(x[order], se[order], method=method)
    # The simulated critical value moves in its third digit at most when the draws go to other units.
    assert np.abs(low[order] - other_low).max() <= 1
    assert np.abs(high[order] - other_high).max() <= 1
    rank = stats.rankdata(-x, method="min")
    assert ((low <= rank) & (rank <= high)).all()


def test_studentised_range_against_scipy() -> None:
    for n in (2, 3, 20, 500):
        assert _studentised_range(0.95, n) == pytest.approx(stats.studentized_range.ppf(0.95, n, np.inf))


def test_expected_ranks_by_hand() -> None:
    np.testing.assert_allclose(expected_ranks([3, 1, 2], [0, 0, 0]), [1, 3, 2])
    np.testing.assert_allclose(expected_ranks([2, 2, 1], [0, 0, 0]), [1.5, 1.5, 3])
    p = stats.norm.cdf(1 / np.sqrt(2))
    np.testing.assert_allclose(expected_ranks([1, 0, np.nan], [1, 1, 1])[:2], [2 - p, 1 + p])
    assert np.isnan(expected_ranks([1, 0, np.nan], [1, 1, 1])[2])
    assert expected_ranks(np.arange(301.0), np.ones(301)).sum() == pytest.approx(301 * 302 / 2)
    assert expected_ranks([], []).shape == (0,)


def test_wrong_words_are_refused() -> None:
    with pytest.raises(ValueError, match="use one of stepdown"):
        rank_sets([1], [1], method="stepwise")
    with pytest.raises(ValueError, match="confidence level"):
        rank_sets([1], [1], level=95)
    with pytest.raises(ValueError, match="one list"):
        rank_sets([[1]], [[1]])
