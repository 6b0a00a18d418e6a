"""Standardised rates and ratios at the corners, and the laws they keep."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallymark.statistics import (
    directly_standardised_rate,
    poisson_interval,
    repeated_events,
    standardised_ratio,
)

METHODS = ("dobson", "fay-feuer")
AGES = st.integers(2, 8)


@pytest.mark.parametrize("method", METHODS)
def test_by_hand(method: str) -> None:
    """Two ages, weights ¼ and ¾: ¼ × 2/100 + ¾ × 8/200 = 0.035."""
    rate, low, high = directly_standardised_rate([2, 8], [100, 200], [1, 3], method=method)
    assert rate == pytest.approx(0.035)
    assert 0 < low < rate < high


@pytest.mark.parametrize("method", METHODS)
def test_no_event_has_an_upper_limit_and_is_not_missing(method: str) -> None:
    rate, low, high = directly_standardised_rate([0, 0], [100, 200], [1, 1], method=method)
    assert (rate, low) == (0, 0)
    assert high == pytest.approx(poisson_interval(0)[1] * 0.5 / 100)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("events", "people", "standard"),
    [
        ([1, np.nan], [10, 10], [1, 1]),
        ([1, 1], [10, np.nan], [1, 1]),
        ([1, 1], [10, 10], [1, np.nan]),
        ([1, 1], [10, 0], [1, 1]),
        ([1, -1], [10, 10], [1, 1]),
        ([1, 1], [10, 10], [0, 0]),
        ([1, 1], [10, 10], [-1, 2]),
        ([1, np.inf], [10, 10], [1, 1]),
        (np.ma.masked_array([1, 1], [False, True]), [10, 10], [1, 1]),
    ],
)
def test_undefined_is_nan(method: str, events: object, people: object, standard: object) -> None:
    got = directly_standardised_rate(events, people, standard, method=method)  # type: ignore[arg-type]
    assert np.isnan(got).all()


def test_an_age_that_does_not_count_needs_nobody() -> None:
    with_empty = directly_standardised_rate([2, 8, 0], [100, 200, 0], [1, 3, 0])
    assert with_empty == pytest.approx(directly_standardised_rate([2, 8], [100, 200], [1, 3]))


def test_areas_broadcast_and_one_missing_area_leaves_the_others() -> None:
    events = np.array([[2, 8], [np.nan, 1], [0, 3]])
    rate, low, high = directly_standardised_rate(events, [[100, 200]], [1, 3])
    assert rate.shape == low.shape == high.shape == (3,)
    assert list(np.isnan(rate)) == [False, True, False]


def test_limits_of_counts_as_asked() -> None:
    """At equal rates and weights like the population the rate is the crude one, and so are its limits."""
    people = np.array([100.0, 300.0])
    for counts, method in (("exact", "exact"), ("byar", "byar"), ("published", "byar")):
        got = directly_standardised_rate([5, 15], people, people, counts=counts)
        assert got[1:] == pytest.approx(tuple(np.divide(poisson_interval(20, method=method), 400)), rel=1e-12)
    few = directly_standardised_rate([2, 6], people, people)
    assert few[1:] == pytest.approx(tuple(np.divide(poisson_interval(8), 400)), rel=1e-12)


def test_the_jump_at_ten_events_is_as_told() -> None:
    exact, byar = poisson_interval(10), poisson_interval(10, method="byar")
    assert abs(byar[0] / exact[0] - 1) < 0.004
    assert abs(byar[1] / exact[1] - 1) < 0.0003


@given(data=st.data(), ages=AGES)
def test_the_rate_is_a_mean_of_age_specific_rates_and_fay_feuer_holds_it(
    data: st.DataObject, ages: int
) -> None:
    events = np.array(data.draw(st.lists(st.integers(0, 50), min_size=ages, max_size=ages)))
    people = np.array(data.draw(st.lists(st.integers(50, 10_000), min_size=ages, max_size=ages)))
    standard = np.array(data.draw(st.lists(st.integers(1, 500), min_size=ages, max_size=ages)))
    for method in METHODS:
        rate, low, high = directly_standardised_rate(events, people, standard, method=method)
        rates = events / people
        assert rates.min() * (1 - 1e-12) <= rate <= rates.max() * (1 + 1e-12)
        assert low <= rate <= high
        again = directly_standardised_rate(events[::-1], people[::-1], 7 * standard[::-1], method=method)
        assert again == pytest.approx((rate, low, high), rel=1e-9, abs=1e-15)


def test_repeated_events_by_hand() -> None:
    """Three people once, one person four times: seven events, variance 3 × 1 + 1 × 16."""
    assert repeated_events([3, 1], [1, 4]) == (7, 19)
    wider = directly_standardised_rate([7.0], [100], [1], event_variance=[19.0])
    plain = directly_standardised_rate([7.0], [100], [1])
    assert wider[2] - wider[0] == pytest.approx((plain[2] - plain[0]) * np.sqrt(19 / 7))


def test_ratio_by_hand() -> None:
    """Expected 100 × 1/50 + 200 × 3/100 = 8; observed 4 + 8 = 12."""
    ratio, low, high = standardised_ratio([4, 8], [100, 200], [1, 3], [50, 100])
    assert ratio == pytest.approx(1.5)
    assert (low, high) == pytest.approx(tuple(np.divide(poisson_interval(12), 8)))
    assert standardised_ratio(12, [100, 200], [1, 3], [50, 100]) == pytest.approx((ratio, low, high))


def test_ratio_of_nothing_observed_and_of_nothing_expected() -> None:
    ratio, low, high = standardised_ratio([0, 0], [100, 200], [1, 3], [50, 100])
    assert (ratio, low) == (0, 0)
    assert high == pytest.approx(poisson_interval(0)[1] / 8)
    assert np.isnan(standardised_ratio([1, 1], [100, 200], [0, 0], [50, 100])).all()
    assert np.isnan(standardised_ratio([1, 1], [0, 0], [1, 3], [50, 100])).all()


@pytest.mark.parametrize(
    ("observed", "people", "cases", "whole"),
    [
        ([np.nan, 1], [100, 200], [1, 3], [50, 100]),
        ([1, -1], [100, 200], [1, 3], [50, 100]),
        ([1, 1], [np.nan, 200], [1, 3], [50, 100]),
        ([1, 1], [100, 200], [np.nan, 3], [50, 100]),
        ([1, 1], [100, 200], [1, 3], [0, 100]),
    ],
)
def test_undefined_ratios(
    observed: list[float], people: list[float], cases: list[float], whole: list[float]
) -> None:
    assert np.isnan(standardised_ratio(observed, people, cases, whole)).all()


def test_an_age_without_people_expects_nothing_whatever_the_reference() -> None:
    got = standardised_ratio([4, 0], [100, 0], [1, np.nan], [50, 0])
    assert got[0] == pytest.approx(2.0)


def test_wrong_shapes_and_words_are_refused() -> None:
    with pytest.raises(ValueError, match="last axis of observed is age: 2 long"):
        standardised_ratio([1, 2, 3], [100, 200], [1, 3], [50, 100])
    with pytest.raises(ValueError, match="use one of dobson, fay-feuer"):
        directly_standardised_rate([1], [1], [1], method="keyfitz")
    with pytest.raises(ValueError, match="use one of published, exact, byar"):
        directly_standardised_rate([1], [1], [1], counts="wald")
    with pytest.raises(ValueError, match="last axis is age"):
        directly_standardised_rate(1, 2, 3)
