"""The interval of a ratio of two counts of one total."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from tallymark.measure.uncertainty import limits
from tallymark.statistics.intervals import proportion_interval

BOYS_PER_GIRLS = SimpleNamespace(interval="ratio", denominator="girls", missing="partial", unsure=False)


def figures(boys: float, girls: float, *, complete: float = 1.0) -> dict[str, np.ndarray]:
    values = {
        "num": boys, "den": girls, "scaled_num": boys / complete, "scaled_den": girls / complete, "scale": 100.0,
        "worst": complete, "value": 100 * boys / girls if girls else np.nan,
    }  # fmt: skip
    return {name: np.array([value]) for name, value in values.items()}


def test_it_is_the_share_turned_into_a_ratio() -> None:
    low, high = limits(BOYS_PER_GIRLS, figures(560, 440))  # type: ignore[arg-type]
    share_low, share_high = proportion_interval(np.array([560.0]), np.array([1000.0]))
    assert low[0] == pytest.approx(100 * share_low[0] / (1 - share_low[0]))
    assert high[0] == pytest.approx(100 * share_high[0] / (1 - share_high[0]))
    assert low[0] < 100 * 560 / 440 < high[0]


def test_a_ratio_above_one_has_limits_and_the_inverse_has_the_inverse_limits() -> None:
    low, high = limits(BOYS_PER_GIRLS, figures(30, 10))  # type: ignore[arg-type]
    other_low, other_high = limits(BOYS_PER_GIRLS, figures(10, 30))  # type: ignore[arg-type]
    assert low[0] > 100
    assert low[0] * other_high[0] == pytest.approx(1e4)
    assert high[0] * other_low[0] == pytest.approx(1e4)


def test_nothing_counted_gives_no_limits() -> None:
    low, high = limits(BOYS_PER_GIRLS, figures(0, 0))  # type: ignore[arg-type]
    assert np.isnan(low[0])
    assert np.isnan(high[0])


def test_missing_reports_alone_do_not_narrow_it() -> None:
    low, high = limits(BOYS_PER_GIRLS, figures(56, 44))  # type: ignore[arg-type]
    partial_low, partial_high = limits(BOYS_PER_GIRLS, figures(56, 44, complete=0.5))  # type: ignore[arg-type]
    assert partial_low[0] <= low[0] + 1e-9
    assert partial_high[0] >= high[0] - 1e-9
