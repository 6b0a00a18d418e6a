"""Comparisons: with a benchmark, of two estimates, of many at once; ratios of counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tallymark.statistics import (
    against_benchmark,
    count_ratio,
    difference_interval,
    difference_probability,
    false_discovery,
    poisson_interval,
    proportion_interval,
    quantile_groups,
    ratio_interval,
    sex_ratio,
)

DISCOVERY = ("benjamini-hochberg", "benjamini-yekutieli", "storey")


def _proportion(x: float, n: float) -> tuple[float, float, float]:
    return (x / n, *proportion_interval(x, n))  # type: ignore[return-value]


def test_against_a_benchmark() -> None:
    low, high = [0.8, 0.7, 0.5, np.nan, 0.75], [0.9, 0.8, 0.6, 0.9, 0.75]
    assert against_benchmark(low, high, 0.75).tolist()[:3] == [1, 0, -1]
    assert np.isnan(against_benchmark(low, high, 0.75)[3])
    assert against_benchmark(low, high, 0.75)[4] == 0  # a limit on the benchmark is not beyond it
    assert against_benchmark(low, high, 0.75, direction="lower").tolist()[:3] == [-1, 0, 1]
    assert np.isnan(against_benchmark(0.8, 0.9, np.nan))
    with pytest.raises(ValueError, match="use one of higher, lower, none"):
        against_benchmark(0.8, 0.9, 0.7, direction="up")


def test_difference_of_proportions_is_newcombes() -> None:
    """56/70 and 48/80, 9/10 and 3/10, 10/10 and 0/20: Newcombe 1998, table II, method 10."""
    cases = [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 20), 0.6791, 1.0),
    ]
    for first, second, low, high in cases:
        got = difference_interval(_proportion(*first), _proportion(*second))
        assert got[1:] == pytest.approx((low, high), abs=6e-5)


def test_ratio_of_two_estimates() -> None:
    first, second = (2.0, 1.0, 4.0), (1.0, 0.5, 2.0)
    assert ratio_interval(first, first) == pytest.approx(
        (1.0, *_turned(ratio_interval(first, first))), rel=1e-12
    )
    value, low, high = ratio_interval(first, second)
    assert value == 2
    assert low < 2 < high
    assert ratio_interval(second, first) == pytest.approx((1 / value, 1 / high, 1 / low))


def _turned(estimate: tuple[float, float, float]) -> tuple[float, float]:
    """The limits of the inverse ratio, which for like estimates are the limits themselves."""
    return 1 / estimate[2], 1 / estimate[1]


def test_ratios_at_the_corners() -> None:
    nothing, some = (0.0, 0.0, 3.7), (5.0, 1.6, 11.7)
    assert ratio_interval(nothing, some)[:2] == (0, 0)
    assert ratio_interval(nothing, some)[2] > 0
    assert ratio_interval(some, nothing)[0] == np.inf
    assert ratio_interval(some, nothing)[1] > 0
    assert ratio_interval(some, nothing)[2] == np.inf
    assert np.isnan(ratio_interval(nothing, nothing)).all()
    assert np.isnan(ratio_interval(some, (np.nan, 1, 2))).all()
    assert np.isnan(ratio_interval(some, (1.0, 2.0, 3.0))).all()
    assert np.isnan(difference_interval(some, (1.0, 0.5, np.inf))).all()
    doubled = ratio_interval((4.0, 3.0, 5.0), (1.0, 0.5, 2.0))
    around = [ratio_interval((4.0, 3.0, 5.0), (1.0, 0.5, 2.0 + step))[1] for step in (-1e-7, 1e-7)]
    assert around[0] == pytest.approx(doubled[1], rel=1e-6)
    assert around[1] == pytest.approx(doubled[1], rel=1e-6)


@given(x=st.integers(0, 300), y=st.integers(0, 300), n=st.integers(300, 2_000))
def test_two_like_groups_are_not_told_apart_and_order_turns_the_sign(x: int, y: int, n: int) -> None:
    first, second = _proportion(x, n), _proportion(y, n)
    value, low, high = difference_interval(first, second)
    assert low <= value <= high
    assert difference_interval(second, first) == pytest.approx((-value, -high, -low))
    same = difference_interval(first, first)
    assert same[1] <= 0 <= same[2]
    if x + y:
        value, low, high = ratio_interval(first, second)
        assert low <= value * (1 + 1e-12)
        assert value <= high * (1 + 1e-12)


def test_sex_ratio_by_hand() -> None:
    value, low, high = sex_ratio(520, 480)
    p_low, p_high = proportion_interval(520, 1_000)
    assert value == pytest.approx(520 / 480)
    assert (low, high) == pytest.approx((p_low / (1 - p_low), p_high / (1 - p_high)))
    assert sex_ratio([0, 7, 0, np.nan, -1], [5, 0, 0, 5, 5])[0].tolist()[:2] == [0, np.inf]
    nobody = np.array(sex_ratio([0, np.nan, -1], [0, 5, 5]))
    assert np.isnan(nobody).all()
    one_sided = sex_ratio([0, 7], [5, 0])
    assert (one_sided[1][0], one_sided[2][1]) == (0, np.inf)
    assert one_sided[1][1] > 0
    assert np.isfinite(one_sided[2][0])


@given(boys=st.integers(1, 10**6), girls=st.integers(1, 10**6))
def test_sex_ratio_of_the_other_sex_is_the_inverse(boys: int, girls: int) -> None:
    value, low, high = sex_ratio(boys, girls)
    assert low < value < high
    assert sex_ratio(girls, boys) == pytest.approx((1 / value, 1 / high, 1 / low), rel=1e-9)


def test_ratio_of_two_rates_is_where_the_binomial_test_turns() -> None:
    """11 events in 800 person-years, 21 in 3,011: at each limit, what was seen or more extreme has probability 2.5 %."""
    got = count_ratio(11, 21, 800, 3_011)
    assert got[0] == pytest.approx(11 / 800 / (21 / 3_011))
    share = [limit * 800 / (limit * 800 + 3_011) for limit in got]
    assert stats.binom.sf(10, 32, share[1]) == pytest.approx(0.025)
    assert stats.binom.cdf(11, 32, share[2]) == pytest.approx(0.025)
    for method in ("jeffreys", "wilson"):
        value, low, high = count_ratio(11, 21, 800, 3_011, method=method)
        assert value == pytest.approx(got[0])
        assert got[1] < low < high < got[2]
    assert np.isnan(count_ratio(1, 2, [0, -1, np.nan], 1.0)).all()


@pytest.mark.parametrize("method", ["benjamini-hochberg", "benjamini-yekutieli"])
@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_discoveries_are_scipys(method: str, p: list[float]) -> None:
    want = stats.false_discovery_control(p, method={"benjamini-hochberg": "bh"}.get(method, "by"))
    np.testing.assert_allclose(false_discovery(p, method=method), want, rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("method", DISCOVERY)
def test_missing_tests_do_not_count(method: str) -> None:
    p = np.array([[0.01, np.nan, 0.04, 0.9, 2.0], [0.5, 0.001, 0.2, 0.6, 0.03]])
    got = false_discovery(p, method=method)
    assert np.isnan(got[0, [1, 4]]).all()
    np.testing.assert_allclose(got[0, [0, 2, 3]], false_discovery([0.01, 0.04, 0.9], method=method))
    np.testing.assert_allclose(got[1], false_discovery(p[1], method=method))
    assert np.isnan(false_discovery([np.nan], method=method)).all()


def test_false_discoveries_stay_below_the_share_asked_and_storey_finds_more() -> None:
    rng = np.random.default_rng(3)
    null = rng.random((200, 400)) < 0.5
    z = rng.standard_normal((200, 400)) + np.where(null, 0, 3)
    p = 2 * stats.norm.sf(np.abs(z))
    found = {}
    for method in DISCOVERY:
        called = false_discovery(p, method=method) <= 0.1
        share = (called & null).sum(axis=1) / np.fmax(called.sum(axis=1), 1)
        assert share.mean() < 0.11
        found[method] = called.sum()
    assert found["benjamini-yekutieli"] < found["benjamini-hochberg"] < found["storey"]


def test_quantile_groups_by_hand() -> None:
    values = [50, 40, 40, 30, np.nan, 20, 10]
    assert quantile_groups(values, 3)[[0, 1, 2, 3, 5, 6]].tolist() == [1, 1, 1, 2, 3, 3]
    assert np.isnan(quantile_groups(values, 3)[4])
    assert quantile_groups(values, 3, first="lowest")[[0, 1, 2, 3, 5, 6]].tolist() == [3, 2, 2, 2, 1, 1]
    assert np.isnan(quantile_groups(values, 7)).all()
    assert quantile_groups([[1, 2], [4, 3]], 2).tolist() == [[2, 1], [1, 2]]


@given(n=st.integers(2, 200), groups=st.integers(2, 20))
def test_groups_are_as_even_as_they_can_be(n: int, groups: int) -> None:
    got = quantile_groups(np.arange(float(n)), groups)
    if n < groups:
        assert np.isnan(got).all()
        return
    sizes = np.bincount(got.astype(int), minlength=groups + 1)[1:]
    assert sizes.max() - sizes.min() <= 1
    assert got[-1] == 1
    assert got[0] == groups


def test_rates_compared_hold_at_few_events() -> None:
    """Limits of a difference of two rates from exact limits of each cover the truth at least nearly as often as told."""
    rng = np.random.default_rng(4)
    first, second = rng.poisson(3, 20_000), rng.poisson(5, 20_000)
    _, low, high = difference_interval((first, *poisson_interval(first)), (second, *poisson_interval(second)))
    assert ((low <= -2) & (high >= -2)).mean() > 0.95


@given(st.floats(-5, 5), st.floats(1e-6, 3), st.floats(1e-6, 3))
def test_p_agrees_with_the_interval(apart: float, down: float, up: float) -> None:
    p = float(difference_probability(apart, apart - down, apart + up))
    assert 0 <= p <= 1
    outside = apart - down > 0 or apart + up < 0
    if abs(p - 0.05) > 1e-9:
        assert (p < 0.05) == outside
    assert p == float(difference_probability(-apart, -apart - up, -apart + down))


def test_p_of_a_difference_by_hand() -> None:
    assert difference_probability(1.96, 0.0, 4.0) == pytest.approx(0.05, abs=1e-4)
    assert difference_probability([0.0, 1.0, np.nan], [-1.0, 1.0, 0.0], [1.0, 2.0, 1.0]).tolist()[:2] == [
        1.0,
        0.0,
    ]
    assert np.isnan(difference_probability(np.nan, 0.0, 1.0))
