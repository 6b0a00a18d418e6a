"""Exact Poisson limits, fast: the same digits however they are found."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from tallymark.statistics import poisson_interval
from tallymark.statistics.poisson import count_limits, exact_limits

PI = Decimal("3.14159265358979323846264338327950288419716939937511")
LEVELS = (0.5, 0.8, 0.95, 0.998, 0.99999)


@pytest.mark.parametrize("level", LEVELS)
def test_large_counts_by_series_are_scipys(level: float) -> None:
    counts = np.concatenate([np.linspace(2_990, 3_010, 21), 10.0 ** np.arange(4, 16), [123_456.75, 3.3e7]])
    low, high = poisson_interval(counts, level=level)
    np.testing.assert_allclose(low, special.gammaincinv(counts, (1 - level) / 2), rtol=5e-14)
    np.testing.assert_allclose(high, special.gammainccinv(counts + 1, (1 - level) / 2), rtol=5e-14)


@pytest.mark.parametrize("level", [1 - 1e-9, 1 - 1e-12])
@pytest.mark.parametrize("count", [150_000, 2_000_000])
def test_far_tails_of_large_counts_which_scipy_has_wrong(level: float, count: int) -> None:
    """Of a million events and more SciPy is exact to 1e-14 of 1, which is not much of a tail of 5e-10."""
    low = float(poisson_interval(count, level=level)[0])
    beyond = Decimal((1 - level) / 2)
    assert float(_gamma_below(count, low) / beyond) == pytest.approx(1, abs=1e-9)
    scipys = float(special.gammaincinv(count, (1 - level) / 2))
    assert count < 1_000_000 or abs(float(_gamma_below(count, scipys) / beyond) - 1) > 1e-7


def _gamma_below(shape: int, x: float) -> Decimal:
    """P(a gamma variable is at most x), x below its mean, by the series of the lower incomplete gamma function."""
    with localcontext(prec=50):
        a, at = Decimal(shape), Decimal(x)
        stirling = 1 / (12 * a) - 1 / (360 * a**3) + 1 / (1260 * a**5)
        start = a * (at / a).ln() + (a - at) - (2 * PI * a).ln() / 2 - stirling
        term, total, step = Decimal(1), Decimal(1), 1
        while term > Decimal("1e-25"):
            term *= at / (a + step)
            total, step = total + term, step + 1
        return start.exp() * total


@pytest.mark.parametrize("top", [3, 700, 1e7])
def test_many_counts_are_found_as_one_by_one(top: float) -> None:
    rng = np.random.default_rng(1)
    for counts in (np.floor(rng.uniform(0, top, (40, 50))), rng.uniform(0, top, 2_000)):
        together = np.array(poisson_interval(counts))
        assert together.shape == (2, *counts.shape)
        single = np.array([poisson_interval(each) for each in counts.ravel()]).T
        np.testing.assert_array_equal(together.reshape(2, -1), single)


def test_missing_among_many_is_missing() -> None:
    counts = np.arange(2_000.0)
    counts[7] = np.nan
    low, high = poisson_interval(counts)
    assert list(np.flatnonzero(np.isnan(low))) == list(np.flatnonzero(np.isnan(high))) == [7]
    masked = poisson_interval(np.ma.masked_array([3, 5], [True, False]))
    assert np.isnan(masked[0][0])
    assert masked[0][1] == poisson_interval(5)[0]


@given(mean=st.floats(1e-4, 1e13), level=st.sampled_from(LEVELS))
def test_counts_at_the_limits_have_them(mean: float, level: float) -> None:
    """Turned round: the interval of the upper count begins at the mean, that of the lower ends there."""
    beyond = (1 - level) / 2
    low, high = (float(each) for each in count_limits(np.array(mean), beyond))
    assert 0 <= low <= mean * (1 + 1e-12) or level < 0.7
    assert float(exact_limits(np.array(high), beyond)[0]) == pytest.approx(mean, rel=1e-11)
    if low > 0:
        assert float(exact_limits(np.array(low), beyond)[1]) == pytest.approx(mean, rel=1e-11)
    else:
        assert float(exact_limits(np.array(0.0), beyond)[1]) >= mean * (1 - 1e-12)
