"""Laws of the kernels for data quality, lists and lots, on whatever Hypothesis thinks of."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tallymark.statistics import (
    chapman,
    copied_rows,
    count_surprises,
    dependence_band,
    generalised_esd,
    lincoln_petersen,
    log_linear_population,
    lqas_errors,
    lqas_rule,
    modified_z,
    population_interval,
    robust_z,
    stl,
)

COUNTS = st.integers(0, 500)
SERIES = arrays(np.float64, st.integers(5, 30), elements=COUNTS)
QUICK = settings(max_examples=60, deadline=None)


@QUICK
@given(COUNTS, COUNTS, st.data())
def test_no_total_is_below_those_seen(only1: int, only2: int, data: st.DataObject) -> None:
    both = data.draw(COUNTS)
    n1, n2, seen = only1 + both, only2 + both, only1 + only2 + both
    total, se = chapman(n1, n2, both)
    assert total >= seen - 1e-9
    assert se >= 0
    low, high = population_interval(max(total, seen), se, seen)
    assert seen <= low + 1e-9
    assert low <= high
    if both:
        assert lincoln_petersen(n1, n2, both)[0] >= seen - 1e-9
        assert dependence_band(n1, n2, both)[0] >= seen - 1e-6
        swapped = chapman(n2, n1, both)
        assert (total, se) == (np.float64(swapped[0]), np.float64(swapped[1])) or np.allclose(
            (total, se), swapped
        )


@QUICK
@given(st.integers(1, 60), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_no_other_decision_has_smaller_errors(n: int, one: float, other: float) -> None:
    lower, upper = sorted((one, other))
    if lower == upper:
        return
    decision, alpha, beta = lqas_rule(n, upper, lower)
    errors = np.add(*lqas_errors(n, np.arange(0, n + 2), upper, lower))
    assert 1 <= decision <= n
    assert alpha + beta <= errors[1 : n + 1].min() + 1e-11
    at_upper, at_lower = lqas_errors(n, np.arange(0, n + 2), upper, lower)
    assert (np.diff(at_upper) >= -1e-15).all()
    assert (np.diff(at_lower) <= 1e-15).all()


@QUICK
@given(st.integers(20, 400), st.integers(1, 20))
def test_a_lot_seen_whole_leaves_no_error_and_a_vast_one_is_as_good_as_endless(lot: int, n: int) -> None:
    """Between them errors fall by and large, not always: a lot of 32 with 3 drawn errs 0.0001 more than an endless one."""
    upper, lower = round(0.8 * lot) / lot, round(0.5 * lot) / lot
    whole = round(upper * lot)
    assert np.sum(lqas_errors(lot, whole, upper, lower, population=lot)) <= 1e-12
    decision = lqas_rule(n, upper, lower)[0]
    vast = lqas_errors(n, decision, upper, lower, population=lot * 10**6)
    np.testing.assert_allclose(vast, lqas_errors(n, decision, upper, lower), atol=1e-4)


@QUICK
@given(SERIES, st.floats(0.1, 50), st.floats(-1e3, 1e3))
def test_scale_and_origin_do_not_matter(values: np.ndarray, scale: float, origin: float) -> None:
    for method in (modified_z, robust_z):
        np.testing.assert_allclose(method(scale * values + origin), method(values), rtol=1e-6, atol=1e-6)


@QUICK
@given(SERIES, st.randoms(use_true_random=False))
def test_the_order_of_a_group_does_not_matter(values: np.ndarray, random) -> None:
    order = np.array(random.sample(range(len(values)), len(values)))
    np.testing.assert_allclose(modified_z(values[order]), modified_z(values)[order])
    assert sorted(values[generalised_esd(values, 3)]) == sorted(
        values[order][generalised_esd(values[order], 3)]
    )
    found, mixed = count_surprises(values), count_surprises(values[order])
    np.testing.assert_allclose(mixed.p_high, found.p_high[order], rtol=1e-6, atol=1e-12)


@QUICK
@given(arrays(np.float64, 7, elements=st.integers(1, 200)), st.permutations([0, 1, 2]))
def test_numbering_of_lists_does_not_matter(counts: np.ndarray, order: list[int]) -> None:
    patterns = np.array([[cell >> at & 1 for at in range(3)] for cell in range(1, 8)])
    total, se = log_linear_population(patterns, counts, terms=["12"])
    assert total >= counts.sum()
    named = f"{order.index(0) + 1}{order.index(1) + 1}"
    moved = log_linear_population(patterns[:, order], counts, terms=[named])
    np.testing.assert_allclose(moved, (total, se), rtol=1e-7)


@QUICK
@given(arrays(np.float64, (5, 30), elements=COUNTS), st.booleans())
def test_parts_of_a_series_add_up(values: np.ndarray, robust: bool) -> None:
    parts = stl(values, 6, robust=robust)
    np.testing.assert_allclose(parts.seasonal + parts.trend + parts.remainder, values, atol=1e-9)
    shifted = stl(values + 100, 6, robust=robust)
    if not robust:
        np.testing.assert_allclose(shifted.seasonal, parts.seasonal, atol=1e-8)
        np.testing.assert_allclose(shifted.trend, parts.trend + 100, atol=1e-8)


@QUICK
@given(arrays(np.float64, (12, 8), elements=st.integers(0, 2000)), st.integers(0, 11), st.integers(0, 11))
def test_a_copy_of_large_counts_is_found(values: np.ndarray, one: int, other: int) -> None:
    values[one] = np.arange(300, 308)
    values[other] = values[one]
    found = copied_rows(values)
    if one != other:
        assert (min(one, other), max(one, other)) in set(
            zip(found.first.tolist(), found.second.tolist(), strict=True)
        )
