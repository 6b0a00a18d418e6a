"""Too little variation: exact small cases, honest and made-up series."""

from __future__ import annotations

from itertools import product
from math import factorial

import numpy as np
import pytest

from tallymark.statistics import count_dispersion, share_dispersion


def test_mean_and_variance_given_the_total_are_exact() -> None:
    """Every way 5 events fall into 4 months of unequal length: X² has mean n − 1 and Haldane's variance."""
    share, total = np.array([0.1, 0.2, 0.3, 0.4]), 5
    ratios, chances = [], []
    for counts in product(range(total + 1), repeat=4):
        if sum(counts) == total:
            ratios.append(3 * count_dispersion(counts, exposure=share).ratio)
            chances.append(
                factorial(total) * np.prod([p**k / factorial(k) for p, k in zip(share, counts, strict=True)])
            )
    mean = np.dot(ratios, chances)
    assert mean == pytest.approx(3)
    variance = 2 * 3 + (np.sum(1 / share) - 16 - 8 + 2) / total
    assert np.dot((np.array(ratios) - mean) ** 2, chances) == pytest.approx(variance)


def test_every_month_the_same() -> None:
    found = count_dispersion([100.0] * 12)
    assert found.ratio == 0
    assert found.p_low < 1e-6
    assert found.p_high == pytest.approx(1)
    assert count_dispersion([1, 1, 1, 1]).p_low > 0.05, "4 events in 4 months may well fall so"
    assert count_dispersion([1] * 12).p_low < 0.001


def test_honest_and_lively_series() -> None:
    rng = np.random.default_rng(0)
    honest = count_dispersion(rng.poisson(30, (5000, 12)))
    assert (honest.p_low < 0.01).mean() == pytest.approx(0.01, abs=0.005)
    assert (honest.p_high < 0.01).mean() == pytest.approx(0.01, abs=0.005)
    lively = count_dispersion(rng.poisson(30 * rng.gamma(20, 1 / 20, (5000, 12))))
    assert (lively.p_low < 0.01).mean() < 0.001
    smoothed = count_dispersion(np.round(30 + rng.normal(0, 2, (500, 12))))
    assert (smoothed.p_low < 0.01).mean() > 0.75


def test_shares() -> None:
    rng = np.random.default_rng(1)
    trials = rng.integers(20, 80, (4000, 10))
    honest = share_dispersion(rng.binomial(trials, 0.8), trials)
    assert (honest.p_low < 0.01).mean() == pytest.approx(0.01, abs=0.005)
    assert share_dispersion(0.8 * trials[0], trials[0]).ratio == pytest.approx(0)
    assert np.isnan(share_dispersion(trials, trials).ratio).all(), "all perfect: nothing varies"


def test_what_is_missing_is_left_out_and_few_say_nothing() -> None:
    with_gap = count_dispersion([3, np.nan, 5, 2, 6, -1])
    assert with_gap == count_dispersion([3, 5, 2, 6])
    for counts in ([3, 4, 5], [0, 0, 0, 0, 0], [np.nan] * 9, []):
        assert np.isnan(count_dispersion(counts)[:3]).all()
        assert np.isnan(share_dispersion(counts, 10)[:3]).all()
    assert count_dispersion([3, 5, 2, 6, 9], exposure=[1, 1, 1, 1, 0]).n == 4
