"""Intervals at the corners: nothing seen, everything seen, nobody there, huge counts, missing."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tallymark.statistics import mean_interval, poisson_interval, proportion_interval

PROPORTION = ("wilson", "clopper-pearson", "jeffreys")
POISSON = ("exact", "byar")
Z = 1.959963984540054


@pytest.mark.parametrize("method", PROPORTION)
def test_none_and_all_touch_the_ends_exactly(method: str) -> None:
    low, high = proportion_interval([0, 20], [20, 20], method=method)
    assert low[0] == 0
    assert high[1] == 1
    assert 0 < high[0] < 0.25
    assert 0.75 < low[1] < 1


@pytest.mark.parametrize("method", PROPORTION)
def test_undefined_is_nan_never_zero(method: str) -> None:
    x = [5, 0, np.nan, 5, -1, 7, np.inf, 1]
    n = [0, 0, 10, np.nan, 10, 6, 10, np.inf]
    low, high = proportion_interval(x, n, method=method)
    assert np.isnan(low).all()
    assert np.isnan(high).all()


def test_broadcasting_and_scalars() -> None:
    low, high = proportion_interval([[1], [2]], [10, 20, 30])
    assert low.shape == high.shape == (2, 3)
    assert isinstance(proportion_interval(1, 10)[0], float)
    assert isinstance(poisson_interval(3)[1], float)


@pytest.mark.parametrize("x", [1, 3, 10**9, 10**15 - 3, 10**15 - 1])
def test_wilson_keeps_its_digits_for_huge_n(x: int) -> None:
    """Against the textbook form in exact rational arithmetic (square root to 60 digits)."""
    n, z = 10**15, Fraction(Z)
    square = z * z * Fraction(x * (n - x), n) + z**4 / 4
    scale = 10**60
    root = Fraction(_isqrt(square.numerator * scale**2 // square.denominator), scale)
    low, high = (Fraction(x) + z * z / 2 - root) / (n + z * z), (Fraction(x) + z * z / 2 + root) / (n + z * z)
    got = proportion_interval(x, n)
    assert got[0] == pytest.approx(float(low), rel=1e-13)
    assert got[1] == pytest.approx(float(high), rel=1e-13)


def _isqrt(value: int) -> int:
    guess = 1 << (value.bit_length() // 2 + 1)
    while True:
        better = (guess + value // guess) // 2
        if better >= guess:
            return guess
        guess = better


@given(n=st.integers(1, 3000), data=st.data())
def test_exact_limits_against_scipys_binomial(n: int, data: st.DataObject) -> None:
    x = data.draw(st.integers(0, n))
    low, high = proportion_interval(x, n, method="clopper-pearson")
    if x > 0:
        assert stats.binom.sf(x - 1, n, low) == pytest.approx(0.025, rel=1e-6)
    if x < n:
        assert stats.binom.cdf(x, n, high) == pytest.approx(0.025, rel=1e-6)


@given(x=st.integers(0, 100_000))
def test_exact_limits_against_scipys_poisson(x: int) -> None:
    low, high = poisson_interval(x)
    assert stats.poisson.cdf(x, high) == pytest.approx(0.025, rel=1e-6)
    if x > 0:
        assert stats.poisson.sf(x - 1, low) == pytest.approx(0.025, rel=1e-6)


@pytest.mark.parametrize("method", PROPORTION)
@given(n=st.integers(1, 10**12), share=st.floats(0, 1), level=st.floats(0.5, 0.999))
def test_interval_holds_the_point_and_widens_with_the_level(
    method: str, n: int, share: float, level: float
) -> None:
    x = round(share * n)
    low, high = proportion_interval(x, n, level=level, method=method)
    assert 0 <= low <= x / n * (1 + 1e-12)
    assert x / n * (1 - 1e-12) <= high <= 1
    wider = proportion_interval(x, n, level=0.9999, method=method)
    assert wider[0] <= low * (1 + 1e-9)
    assert wider[1] >= high * (1 - 1e-9)


@given(quarters=st.integers(0, 10**7), extra=st.integers(1, 10**7))
def test_proportion_is_symmetric(quarters: int, extra: int) -> None:
    x, n = quarters / 4, (quarters + extra) / 4
    for method in PROPORTION:
        low, high = proportion_interval(x, n, method=method)
        other_low, other_high = proportion_interval(n - x, n, method=method)
        assert low == pytest.approx(1 - other_high, abs=1e-9)
        assert high == pytest.approx(1 - other_low, abs=1e-9)


@pytest.mark.parametrize("method", POISSON)
def test_counts_at_the_corners(method: str) -> None:
    low, high = poisson_interval([0, np.nan, -1, np.inf, 1e15], method=method)
    assert low[0] == 0
    assert 3.6 < high[0] < 3.7
    assert np.isnan(low[1:4]).all()
    assert np.isnan(high[1:4]).all()
    assert low[4] == pytest.approx(1e15 - Z * np.sqrt(1e15), rel=1e-12)


def test_byar_is_undefined_where_its_term_is_negative() -> None:
    low, high = poisson_interval(1, level=0.998, method="byar")
    assert np.isnan(low)
    assert high == pytest.approx(9.362180217908362)


def test_means() -> None:
    low, high = mean_interval(5.0, 1.0, [0, 1, np.nan, 10])
    assert np.isnan(low[:3]).all()
    assert (low[3], high[3]) == pytest.approx(stats.t.interval(0.95, 9, 5.0, 1 / np.sqrt(10)))
    assert mean_interval(5.0, 0.0, 3) == (5.0, 5.0)
    assert np.isnan(mean_interval(np.inf, 1.0, 3)[0])


@pytest.mark.parametrize("level", [0, 1, 95, -0.1, float("nan")])
def test_a_level_that_is_none_is_refused(level: float) -> None:
    with pytest.raises(ValueError, match="confidence level"):
        proportion_interval(1, 2, level=level)


def test_an_unknown_method_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="use one of wilson, clopper-pearson, jeffreys"):
        proportion_interval(1, 2, method="wald")
