"""Shrinkage at the corners: nothing known, nobody alike, all alike, certain, and the laws it keeps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallymark.statistics import (
    beta_binomial,
    between_variance,
    eb_binomial,
    eb_poisson,
    heterogeneity,
    normal_normal,
    poisson_gamma,
    poisson_interval,
    random_effects,
)
from tallymark.statistics.between import METHODS

COUNTED: tuple[Any, ...] = (eb_poisson, eb_binomial, poisson_gamma, beta_binomial)


@pytest.mark.parametrize("shrink", COUNTED)
def test_unknown_units_stay_unknown_and_teach_nothing(shrink: Any) -> None:
    known = shrink([5, 1, 9], [10, 10, 12])
    mixed = shrink([5, np.nan, 1, 3, 9, -1], [10, 10, 10, 0, 12, 5])
    for whole, part in zip(mixed, known, strict=True):
        np.testing.assert_array_equal(whole[[0, 2, 4]], part)
        assert np.isnan(whole[[1, 3, 5]]).all()
    assert all(part.shape == (0,) for part in shrink([], []))
    assert all(np.isnan(part).all() for part in shrink([np.nan], [1]))


@pytest.mark.parametrize("shrink", COUNTED)
def test_units_alike_get_the_whole(shrink: Any) -> None:
    found = shrink([2, 3, 4], [20, 30, 40])
    np.testing.assert_allclose(found[0], 0.1)
    assert shrink([0, 0], [5, 9])[0].tolist() == [0, 0]


def test_alike_is_not_certain() -> None:
    """No difference between units is no certainty about what they share."""
    low, high = poisson_interval(9)
    found = poisson_gamma([2, 3, 4], [20, 30, 40])
    assert (found[2][0], found[3][0]) == pytest.approx((low / 90, high / 90))
    assert poisson_gamma([0, 0], [5, 9])[3][0] == pytest.approx(poisson_interval(0)[1] / 14)
    assert 0 < beta_binomial([3, 3], [3, 3])[2][0] < 1


def test_binomial_needs_no_more_events_than_trials() -> None:
    for shrink in (eb_binomial, beta_binomial):
        assert np.isnan(shrink([9, 1], [5, 5])[0][0])
    assert eb_binomial([1, 0], [1, 1])[0].tolist() == [0.5, 0.5]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), n=st.integers(2, 30))
def test_shrunk_lie_between_raw_and_whole(seed: int, n: int) -> None:
    """Small units go further, all stay inside; the order of units changes nothing."""
    rng = np.random.default_rng(seed)
    size = rng.integers(1, 500, n).astype(float)
    x = rng.binomial(size.astype(int), rng.beta(2, 5, n)).astype(float)
    order = rng.permutation(n)
    for shrink in COUNTED:
        shrunk = shrink(x, size)
        whole = x.sum() / size.sum()
        if shrink in (eb_poisson, eb_binomial):
            low, high = np.minimum(x / size, whole), np.maximum(x / size, whole)
            assert ((low - 1e-12 <= shrunk[0]) & (shrunk[0] <= high + 1e-12)).all()
        else:
            assert ((shrunk[2] <= shrunk[0]) & (shrunk[0] <= shrunk[3])).all()
        assert (shrunk[1] >= 0).all()
        for part, other in zip(shrunk, shrink(x[order], size[order]), strict=True):
            np.testing.assert_allclose(other, part[order], rtol=1e-4, atol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_variance_between_at_the_corners(method: str) -> None:
    assert np.isnan(between_variance([], [], method=method))
    assert np.isnan(between_variance([1, np.nan], [1, 1], method=method))
    assert between_variance([1, 1, 1], [1, 2, 3], method=method) == 0
    assert between_variance([0, 10, 20], [0.01] * 3, method=method) == pytest.approx(100, rel=0.5)
    assert between_variance([0, 10, 20, 7], [0.01, 0.01, 0.01, 0], method=method) == between_variance(
        [0, 10, 20], [0.01] * 3, method=method
    )
    assert np.isnan(random_effects([1], [1], method=method)).all()
    assert np.isnan(heterogeneity([1], [1], method=method)).all()


def test_reml_finds_the_higher_of_two_hills() -> None:
    """The maximum over a fine scan is never above the one found."""
    rng = np.random.default_rng(3)
    for _ in range(40):
        y, se = rng.standard_cauchy(5), rng.gamma(0.3, 2, 5) + 1e-3
        tau2 = between_variance(y, se)

        def fit(at: float, y: Any = y, v: Any = se**2) -> float:
            weight = 1 / (v + at)
            mean = (weight * y).sum() / weight.sum()
            return float(
                np.log(weight).sum() - np.log(weight.sum()) - (weight * (y - mean) ** 2).sum()
            )  # fmt: skip

        assert fit(tau2) >= max(fit(at) for at in [0.0, *np.geomspace(1e-6, 1e6, 3_000)]) - 1e-6


def test_normal_corners() -> None:
    shrunk, variance, low, high = normal_normal([1, 5, np.nan, 3], [0, 1, 1, -1])
    assert (shrunk[0], variance[0], low[0], high[0]) == (1, 0, 1, 1)
    assert np.isnan(shrunk[2:]).all()
    assert normal_normal([4], [2])[0].tolist() == [4]
    assert normal_normal([], [])[0].shape == (0,)
    with pytest.raises(ValueError, match="use one of REML"):
        normal_normal([1], [1], method="XX")
    with pytest.raises(ValueError, match="confidence level"):
        poisson_gamma([1], [1], level=95)
