"""Every public kernel takes lists, scalars, masks, small and whole types, and keeps quiet."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from tallymark import statistics as tm

ONE: dict[str, Callable[[Any], Any]] = {
    "wilson": lambda x: tm.proportion_interval(x, 10),
    "clopper-pearson": lambda x: tm.proportion_interval(x, 10, method="clopper-pearson"),
    "jeffreys": lambda x: tm.proportion_interval(x, 10, method="jeffreys"),
    "poisson": lambda x: tm.poisson_interval(x),
    "byar": lambda x: tm.poisson_interval(x, method="byar"),
    "mean": lambda x: tm.mean_interval(x, 1.0, 5),
    "sex_ratio": lambda x: tm.sex_ratio(x, 10),
    "funnel": lambda x: tm.funnel_limits(x, 0.5),
    "funnel_rate": lambda x: tm.funnel_limits(x, 0.5, kind="rate"),
    "scores": lambda x: tm.funnel_scores(x, 10, 0.5),
    "position": lambda x: (tm.funnel_position(x, 10, 0.5),),
    "against": lambda x: (tm.against_benchmark(x, 10, 0.5),),
    "discovery": lambda x: (tm.false_discovery(x),),
    "ratio": lambda x: tm.standardised_ratio(
        np.ma.masked_invalid(np.ma.asarray(x, dtype=float))[..., None], [10], [1], [10]
    ),
}
AWKWARD = [
    0, -0.0, 1, 10, 11, -1, -5, 0.5, 1e-308, 5e-324, 1e15, 1e300, 1.7e308, float("nan"), float("inf"), float("-inf"),
]  # fmt: skip


@pytest.mark.parametrize("kernel", ONE.values(), ids=ONE.keys())
def test_nothing_warns_and_infinities_are_not_figures(kernel: Callable[[Any], Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for each in AWKWARD:
            alone = [np.asarray(part) for part in kernel(np.array([each]))]
            assert all(part.dtype == np.float64 for part in alone)
        together = kernel(np.array(AWKWARD))
    if kernel is ONE["discovery"]:
        return
    for at, each in enumerate(AWKWARD):
        if np.isnan(each):
            assert all(np.isnan(part[at]) for part in together)


@pytest.mark.parametrize("kernel", ONE.values(), ids=ONE.keys())
def test_types_of_the_same_number_give_the_same(kernel: Callable[[Any], Any]) -> None:
    want = np.array(kernel(np.array([1.0, 0.0])))
    for same in (
        [1, 0],
        (True, False),
        np.array([1, 0], np.int8),
        np.array([1, 0], np.float32),
        [Decimal(1), Decimal(0)],
    ):
        np.testing.assert_array_equal(np.array(kernel(same)), want)
    masked = np.array(kernel(np.ma.masked_array([1.0, 0.0], [True, False])))
    missing = np.array(kernel([np.nan, 0.0]))
    np.testing.assert_array_equal(masked, missing)
    np.testing.assert_array_equal(np.array(kernel([None, 0.0])), missing)


@pytest.mark.parametrize("name", [name for name in ONE if name != "discovery"])
def test_shapes_are_kept(name: str) -> None:
    kernel = ONE[name]
    assert all(np.ndim(part) == 0 and isinstance(part, float) for part in kernel(1))
    assert all(part.shape == (0,) for part in kernel([]))
    assert all(part.shape == (2, 3) for part in kernel(np.ones((2, 3))))
    assert all(part.shape == (0, 4) for part in kernel(np.ones((0, 4))))


def test_float32_keeps_no_rounding_of_its_own() -> None:
    x = np.array([123_456.75], np.float32)
    assert tm.poisson_interval(x)[0][0] == tm.poisson_interval(123_456.75)[0]
