"""Bunching above a threshold: honest figures pass, pushed ones are found, shares are not mistaken for it."""

from __future__ import annotations

import numpy as np
import pytest

from tallymark.statistics import bunching, bunching_of_shares


def _share_of_alarms(draw, runs: int = 200) -> float:
    return float(np.mean([draw(seed).p < 0.05 for seed in range(runs)]))


def test_honest_figures_seldom_alarm() -> None:
    rng = np.random.default_rng(0)
    assert _share_of_alarms(lambda seed: bunching(rng.normal(78, 9, 400), 80)) < 0.09
    assert _share_of_alarms(lambda seed: bunching(100 * rng.beta(8, 2, 400), 85)) < 0.09


def test_pushed_figures_are_found() -> None:
    values = np.random.default_rng(1).normal(78, 9, 800)
    pushed = np.where(
        (values >= 77) & (values < 80) & (np.random.default_rng(2).random(800) < 0.5), 80.3, values
    )
    found = bunching(pushed, 80)
    assert found.p < 1e-4
    assert found.ratio > 2
    assert found.excess == pytest.approx(((values >= 77) & (values < 80)).sum() / 2, rel=0.5)
    assert bunching(pushed, 70).p > 0.01, "a threshold nobody is paid for"


def test_shares_of_few_are_no_bunching() -> None:
    """With 4 to 10 trials the shares 3/4, 4/5, 6/8 lump just above 70 %: a plain density test is fooled."""
    rng = np.random.default_rng(3)
    plain, fair = [], []
    for _ in range(100):
        n = rng.integers(4, 11, 600)
        x = rng.binomial(n, rng.beta(12, 5, 600))
        plain.append(bunching(x / n, 0.75).p < 0.05)
        fair.append(bunching_of_shares(x, n, 0.75).p < 0.05)
    assert np.mean(plain) > 0.9
    assert np.mean(fair) < 0.12


def test_pushed_shares_are_found() -> None:
    rng = np.random.default_rng(4)
    n = rng.integers(20, 80, 800)
    x = rng.binomial(n, rng.beta(30, 10, 800))
    short = np.ceil(0.75 * n) - x
    pushed = np.where((short > 0) & (short <= 3) & (rng.random(800) < 0.6), np.ceil(0.75 * n), x)
    assert bunching_of_shares(x, n, 0.75).p > 0.01
    found = bunching_of_shares(pushed, n, 0.75)
    assert found.p < 1e-4


def test_meeting_a_target_exactly_is_above_it() -> None:
    values = np.concatenate(
        [np.linspace(60, 79.9, 100), np.full(60, 0.1 * 3 * 100 + 50), np.linspace(80.1, 95, 80)]
    )
    assert bunching(values, 80, reach=10).ratio > 2


@pytest.mark.parametrize("values", [[], [80.0] * 5, [80.0] * 100, [np.nan] * 50, list(range(81, 181))])
def test_nothing_can_be_said(values: list[float]) -> None:
    found = bunching(values, 80)
    assert np.isnan([found.ratio, found.p, found.excess]).all()
