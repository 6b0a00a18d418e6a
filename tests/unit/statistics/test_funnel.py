"""Funnels: limits that agree with intervals, over-dispersion, corners."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallymark.statistics import (
    funnel_limits,
    funnel_position,
    funnel_scores,
    overdispersion,
    poisson_interval,
    proportion_interval,
)

KINDS = ("proportion", "ratio", "rate")


@given(
    n=st.integers(1, 5_000),
    share=st.floats(0, 1),
    target=st.floats(0.001, 0.999),
    level=st.sampled_from([0.95, 0.998]),
)
def test_a_proportion_is_outside_where_its_interval_leaves_the_target_out(
    n: int, share: float, target: float, level: float
) -> None:
    x = round(share * n)
    low, high = funnel_limits(n, target, level=level)
    below, above = proportion_interval(x, n, level=level)
    if min(abs(x / n - low), abs(x / n - high)) > 1e-9:
        assert (x / n < low) == (above < target)
        assert (x / n > high) == (below > target)


@given(x=st.integers(0, 2_000), expected=st.floats(0.01, 2_000), level=st.sampled_from([0.95, 0.998]))
def test_a_count_is_outside_where_its_interval_leaves_the_target_out(
    x: int, expected: float, level: float
) -> None:
    low, high = funnel_limits(expected, 1.0, kind="ratio", level=level)
    below, above = poisson_interval(x, level=level)
    if min(abs(below / expected - 1), abs(above / expected - 1)) > 1e-9:
        assert (x / expected < low) == (above < expected)
        assert (x / expected > high) == (below > expected)


@pytest.mark.parametrize("kind", KINDS)
def test_undefined_is_nan_and_quiet(kind: str) -> None:
    low, high = funnel_limits([0, -1, np.nan, np.inf, 10, 10], [0.5, 0.5, 0.5, 0.5, np.nan, -0.1], kind=kind)
    assert np.isnan(low).all()
    assert np.isnan(high).all()
    assert np.isnan(funnel_position([1, 1, np.nan, -1], [0, np.nan, 5, 5], 0.5, kind=kind)).all()


def test_targets_at_the_ends() -> None:
    assert funnel_limits(10, 0.0) == (0, 0)
    assert funnel_limits(10, 1.0) == (1, 1)
    assert np.isnan(funnel_limits(10, 1.1)[0])
    assert funnel_limits(10, 0.0, kind="rate") == (0, 0)
    assert funnel_limits(10, 1.1, kind="rate")[0] > 0


@pytest.mark.parametrize("kind", KINDS)
@given(
    size=st.floats(0.5, 1e7), target=st.floats(0.01, 0.99), phi=st.floats(1.01, 30), tau2=st.floats(1e-6, 0.5)
)
def test_over_dispersion_widens(kind: str, size: float, target: float, phi: float, tau2: float) -> None:
    plain = funnel_limits(size, target, kind=kind)
    for how in ({"phi": phi}, {"tau2": tau2}, {"phi": phi, "tau2": tau2}):
        low, high = funnel_limits(size, target, kind=kind, **how)
        assert 0 <= low <= plain[0] <= target <= plain[1] <= high
        assert kind != "proportion" or high <= 1


def test_without_extra_spread_phi_is_about_one_and_tau2_about_nothing() -> None:
    rng = np.random.default_rng(5)
    n = rng.integers(50, 500, 4_000)
    z, s = funnel_scores(rng.binomial(n, 0.8), n, 0.8)
    phi, tau2 = overdispersion(z, s, winsorise=0.0)
    assert phi == pytest.approx(1, abs=0.08)
    assert tau2 < 1e-4


def test_extra_spread_between_units_is_found() -> None:
    rng = np.random.default_rng(6)
    expected = rng.uniform(100, 400, 4_000)
    true = np.exp(rng.normal(0, 0.2, 4_000))
    z, s = funnel_scores(rng.poisson(expected * true), expected, 1.0, kind="ratio")
    phi, tau2 = overdispersion(z, s, winsorise=0.0)
    assert phi > 5
    assert tau2 == pytest.approx(0.04, rel=0.15)


def test_units_that_are_missing_do_not_count_and_axes_are_kept() -> None:
    z, s = np.array([[1.0, np.nan, -2.0, 0.5], [3.0, 1.0, 1.0, np.nan]]), np.full((2, 4), 0.1)
    phi, tau2 = overdispersion(z, s, winsorise=0.1)
    for at in range(2):
        known = ~np.isnan(z[at])
        assert (phi[at], tau2[at]) == pytest.approx(overdispersion(z[at][known], s[at][known], winsorise=0.1))
    assert np.isnan(overdispersion([1.0], [0.1])).all()
    assert np.isnan(overdispersion([np.nan, np.nan], [0.1, 0.1])).all()
    assert overdispersion([1.0, -1.0], [0.1, 0.2], winsorise=0.0)[0] == 1


def test_a_unit_without_events_has_a_finite_score() -> None:
    z, s = funnel_scores([0, 0, 11, np.nan], [100, 10, 10, 10], [0.1, 0.1, 0.5, 0.5])
    assert np.isfinite(z[:2]).all()
    assert np.isnan(z[2:]).all()
    assert np.isnan(s[2:]).all()
    assert np.isfinite(funnel_scores(0, 10, 1, kind="ratio")[0])


def test_wrong_words_and_shares_are_refused() -> None:
    with pytest.raises(ValueError, match="use one of proportion, ratio, rate"):
        funnel_limits(1, 1, kind="mean")
    with pytest.raises(ValueError, match="use one of winsorise, truncate"):
        overdispersion([1, 2], [1, 1], trim="cut")
    with pytest.raises(ValueError, match="share cut at each end"):
        overdispersion([1, 2], [1, 1], winsorise=0.5)
