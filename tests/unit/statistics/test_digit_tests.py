"""Digits: by hand, by a naive count, on honest and on made-up figures."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tallymark.statistics import benford, orders_of_magnitude, terminal_digits


def test_terminal_digits_by_hand() -> None:
    values = np.array([120, 130, 140, 155, 101, 102, 103, 104, 106, 107] * 3 + [99, 100.5, np.nan])
    found = terminal_digits(values)
    counts = np.array([9, 3, 3, 3, 3, 3, 3, 3, 0, 0])
    expected = stats.chisquare(counts)
    assert found.n == 30
    assert (found.statistic, found.p) == pytest.approx((expected.statistic, expected.pvalue))
    assert found.cramers_v == pytest.approx(np.sqrt(expected.statistic / (30 * 9)))
    assert found.mad == pytest.approx(np.abs(counts / 30 - 0.1).mean())
    np.testing.assert_allclose(found.shares, counts / 30)


def test_places_groups_and_expected_shares() -> None:
    rng = np.random.default_rng(0)
    values = rng.integers(1000, 9999, (2, 3, 500))
    tens = terminal_digits(values, place=1)
    assert tens.p.shape == (2, 3)
    assert tens.p[1, 2] == terminal_digits(values[1, 2] // 10).p
    assert (terminal_digits(np.full(50, 120), expected=np.r_[0.91, np.full(9, 0.01)]).p) > 0.01


def test_a_tenth_rounded_to_zero_is_found() -> None:
    values = np.random.default_rng(1).integers(200, 900, 2000)
    values[::10] = values[::10] // 10 * 10
    found = terminal_digits(values)
    assert found.p < 1e-6
    assert found.cramers_v == pytest.approx(0.1, abs=0.02)


def test_few_figures_say_nothing() -> None:
    for values in ([], [100] * 19, [5] * 1000, [np.nan] * 30):
        found = terminal_digits(values)
        assert np.isnan([found.p, found.cramers_v, found.mad]).all()
        assert np.isnan(benford([0.0] * 30).p)


def test_benford_by_hand() -> None:
    powers = [2.0**power for power in range(200)]
    found = benford(powers)
    digits = [int(f"{value:e}"[0]) for value in powers]
    counts = np.array([digits.count(digit) for digit in range(1, 10)])
    expected = stats.chisquare(counts, 200 * np.log10(1 + 1 / np.arange(1, 10)))
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.p == pytest.approx(expected.pvalue)
    assert found.p > 0.99
    second = benford(powers, digit=2)
    digits = [int(f"{value:e}"[2]) for value in powers]
    np.testing.assert_allclose(second.shares, [digits.count(digit) / 200 for digit in range(10)])


def test_digits_of_fractions_and_signs() -> None:
    values = np.array([0.00312, -31.2, 312, 3.12e20, 1000, 9.9999999999999, 1e-5] * 5)
    found = benford(values)
    assert found.n == 35
    assert found.shares[2] == pytest.approx(4 / 7)
    assert found.shares[0] + found.shares[8] == pytest.approx(3 / 7)


def test_figures_of_one_size_do_not_follow_and_are_told_by_their_orders() -> None:
    villages = np.random.default_rng(2).normal(5000, 500, 400)
    assert benford(villages).p < 1e-10
    assert orders_of_magnitude(villages) < 0.3
    assert orders_of_magnitude(np.exp(np.random.default_rng(3).normal(6, 2, 400))) > 2
    assert np.isnan(orders_of_magnitude([0, np.nan]))
    with pytest.raises(ValueError, match="digit is 1"):
        benford([1], digit=3)
