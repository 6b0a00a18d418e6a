"""STL: its parts, many series at once, and a slow loess written out."""

from __future__ import annotations

import numpy as np
import pytest

from tallymark.statistics import stl
from tallymark.statistics.loess import smoother


@pytest.mark.parametrize("robust", [False, True])
@pytest.mark.parametrize("seasonal", [None, 7])
def test_many_series_are_as_one_and_parts_add_up(robust: bool, seasonal: int | None) -> None:
    months = np.arange(50)
    series = 50 + months + 9 * np.cos(months * np.pi / 6) + np.random.default_rng(0).normal(size=(2, 3, 50))
    together = stl(series, 12, seasonal=seasonal, robust=robust)
    np.testing.assert_allclose(together.seasonal + together.trend + together.remainder, series)
    alone = stl(series[1, 2], 12, seasonal=seasonal, robust=robust)
    for part, one in zip(together, alone, strict=True):
        np.testing.assert_allclose(part[1, 2], one, rtol=0, atol=1e-9)
    if seasonal is None:
        np.testing.assert_allclose(together.seasonal[..., :38], together.seasonal[..., 12:])


def test_robust_curves_leave_an_outlier_alone() -> None:
    months = np.arange(72)
    series = 10 * np.sin(months * np.pi / 6) + 0.1 * months + np.random.default_rng(1).normal(0, 0.5, 72)
    spoilt = series.copy()
    spoilt[30] += 50
    robust, plain = stl(spoilt, 12, robust=True), stl(spoilt, 12)
    assert robust.weights[30] < 1e-6
    assert abs(robust.remainder[30] - 50) < 3 < abs(plain.remainder[30] - 50)


def test_what_cannot_be_decomposed_is_not_a_number() -> None:
    two = np.stack([np.arange(30.0), np.where(np.arange(30) == 3, np.nan, 1.0)])
    found = stl(two, 12)
    assert np.isfinite(found.trend[0]).all()
    assert np.isnan(found.trend[1]).all()
    assert np.isnan(stl(np.ones(23), 12).seasonal).all()
    constant = stl(np.full(36, 4.0), 12, robust=True)
    np.testing.assert_allclose(constant.trend, 4)
    with pytest.raises(ValueError, match="period is 2 or more"):
        stl(np.ones(20), 1)


@pytest.mark.parametrize(("n", "window", "jump"), [(20, 7, 1), (20, 7, 3), (11, 25, 2), (5, 3, 1), (2, 7, 1)])
def test_a_slow_loess(n: int, window: int, jump: int) -> None:
    y = np.random.default_rng(2).normal(size=n)
    robustness = np.random.default_rng(3).uniform(0.1, 1, n)
    found = smoother(n, window=window, degree=1, jump=jump)(y, robustness)
    x = np.arange(1, n + 1)
    for at in range(0, n, jump):
        nearest = np.sort(np.argsort(np.abs(x - x[at]), kind="stable")[:window])
        reach = np.abs(x - x[at])[nearest].max() + max(0, (window - n) // 2)
        weight = np.clip(1 - (np.abs(x - x[at])[nearest] / reach) ** 3, 0, 1) ** 3 * robustness[nearest]
        weight[np.abs(x - x[at])[nearest] > 0.999 * reach] = 0
        if np.count_nonzero(weight) > 1:
            line = np.polyfit(x[nearest], y[nearest], 1, w=np.sqrt(weight))
            assert found[at] == pytest.approx(np.polyval(line, x[at])), at
