"""Counts that stand out: probabilities added up, planted slips, masking, undefined series."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tallymark.statistics import count_surprises, count_tails, modified_z, pooled_dispersion


@pytest.mark.parametrize("dispersion", [0.0, 0.1, 2.0])
@pytest.mark.parametrize("mean", [0.0, 0.3, 4.0, 150.0])
def test_tails_are_sums_of_probabilities(mean: float, dispersion: float) -> None:
    counts = np.arange(0, 400)
    size = 1 / dispersion if dispersion else np.nan
    each = (
        stats.nbinom.pmf(counts, size, size / (size + mean))
        if dispersion
        else stats.poisson.pmf(counts, mean)
    )
    low, high = count_tails(counts, mean, dispersion=dispersion)
    np.testing.assert_allclose(low, np.cumsum(each), rtol=1e-9)
    np.testing.assert_allclose(high[1:], 1 - np.cumsum(each)[:-1], atol=1e-12)
    assert high[0] == 1


def test_undefined_tails() -> None:
    for arguments in ((-1, 5, 0), (np.nan, 5, 0), (3, -1, 0), (3, np.nan, 0), (3, 5, -0.1), (3, 5, np.nan)):
        assert np.isnan(count_tails(*arguments[:2], dispersion=arguments[2])).all()
    assert count_tails(2.5, 3.0) == (
        pytest.approx(stats.poisson.cdf(2, 3)),
        pytest.approx(stats.poisson.sf(2, 3)),
    )


def test_a_slipped_decimal_where_modified_z_cannot_see() -> None:
    """Half the months are 0: the MAD is 0. One in five months missing, too."""
    series = np.array([0, 0, 1, 0, 0, np.nan, 0, 2, 0, 0, 20, np.nan])
    assert np.isnan(modified_z(series)).all()
    found = count_surprises(series)
    assert np.nanargmin(found.p_high) == 10
    assert found.p_high[10] < 1e-5
    assert np.isnan(found.p_high[[5, 11]]).all()
    assert np.nanmin(np.delete(found.p_high, 10)) > 0.01


def test_low_values_and_pairs_that_mask_each_other() -> None:
    series = np.array([52, 47, 55, 0, 50, 49, 480, 46, 53, 500, 51, 48.0])
    found = count_surprises(series, dispersion=0.01)
    assert np.flatnonzero(found.p_high < 1e-4).tolist() == [6, 9]
    assert np.flatnonzero(found.p_low < 1e-4).tolist() == [3]


def test_exposure() -> None:
    days = np.array([31, 28, 31, 30, 31, 30, 31, 31.0])
    found = count_surprises(10 * days, exposure=days)
    np.testing.assert_allclose(found.expected, 10 * days)
    assert (found.p_low > 0.3).all()


def test_many_series_are_as_one_by_one() -> None:
    series = np.random.default_rng(0).poisson(5, (3, 4, 10)).astype(float)
    series[1, 2, 3] = np.nan
    together = count_surprises(series, dispersion=0.05)
    for part, one in zip(together, count_surprises(series[1, 2], dispersion=0.05), strict=True):
        assert part.shape == series.shape
        np.testing.assert_array_equal(part[1, 2], one)


@pytest.mark.parametrize("series", [[], [5, 6, 7, 8], [np.nan] * 12, [-1.0] * 9])
def test_too_little_to_judge_by(series: list[float]) -> None:
    found = count_surprises(series)
    assert np.isnan(found.p_low).all()
    assert np.isnan(found.p_high).all()
    assert pooled_dispersion(series) == 0


def test_pooled_dispersion() -> None:
    rng = np.random.default_rng(1)
    for truth in (0.0, 0.05, 0.3):
        mean = rng.uniform(5, 200, (800, 1))
        shape = rng.gamma(1 / truth, truth, (800, 24)) if truth else 1.0
        counts = rng.poisson(mean * shape * np.ones((800, 24))).astype(float)
        counts[:40, 7] *= 10
        assert pooled_dispersion(counts) == pytest.approx(truth, rel=0.15, abs=0.003)


def test_false_alarms_with_a_pooled_dispersion() -> None:
    rng = np.random.default_rng(2)
    counts = rng.poisson(rng.uniform(1, 60, (1500, 1)) * rng.gamma(10, 0.1, (1500, 12)))
    found = count_surprises(counts, dispersion=pooled_dispersion(counts))
    assert (2 * np.minimum(found.p_low, found.p_high) < 1e-3).mean() < 0.002
