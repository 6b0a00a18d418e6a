"""Slope and relative index: by hand, laws, simulation where limits are approximate, corners."""

from __future__ import annotations

import numpy as np
import pytest

from tallymark.statistics import relative_index, slope_index

SCALES = ("linear", "log", "logit")
PEOPLE = np.array([100.0, 300.0, 200.0, 400.0])


def test_a_straight_line_by_hand() -> None:
    """Values on a line from 0.2 at the poorest to 0.6 at the richest: slope 0.4, ratio 3, with certainty."""
    share = PEOPLE / PEOPLE.sum()
    values = 0.2 + 0.4 * (np.cumsum(share) - share / 2)
    assert slope_index(values, 0.0, PEOPLE) == pytest.approx((0.4, 0.4, 0.4))
    assert relative_index(values, 0.0, PEOPLE) == pytest.approx((3.0, 3.0, 3.0))


@pytest.mark.parametrize("scale", SCALES)
def test_equal_groups_have_no_slope(scale: str) -> None:
    value, low, high = slope_index([0.3] * 4, 0.05, PEOPLE, scale=scale)
    assert value == pytest.approx(0, abs=1e-12)
    assert low < 0 < high
    value, low, high = relative_index([0.3] * 4, 0.01, PEOPLE, scale=scale)
    assert value == pytest.approx(1)
    assert low < 1 < high


@pytest.mark.parametrize("scale", SCALES)
def test_turning_the_order_turns_the_sign(scale: str) -> None:
    values, se = np.array([0.2, 0.35, 0.3, 0.55]), np.array([0.02, 0.03, 0.01, 0.02])
    value, low, high = slope_index(values, se, PEOPLE, scale=scale)
    assert slope_index(values[::-1], se[::-1], PEOPLE[::-1], scale=scale) == pytest.approx(
        (-value, -high, -low)
    )
    value, low, high = relative_index(values, se, PEOPLE, scale=scale)
    turned = relative_index(values[::-1], se[::-1], PEOPLE[::-1], scale=scale)
    assert turned == pytest.approx((1 / value, 1 / high, 1 / low))


@pytest.mark.parametrize("scale", ["log", "logit"])
def test_limits_are_those_of_a_long_simulation(scale: str) -> None:
    values, se = np.array([0.2, 0.35, 0.3, 0.55]), np.array([0.15, 0.2, 0.1, 0.15])
    forward = {"log": np.log, "logit": lambda p: np.log(p / (1 - p))}[scale]
    back = {"log": np.exp, "logit": lambda x: 1 / (1 + np.exp(-x))}[scale]
    share = PEOPLE / PEOPLE.sum()
    middle = np.cumsum(share) - share / 2
    root = np.sqrt(share)
    design = np.stack([root, root * middle], axis=1)
    noise = np.random.default_rng(1).standard_normal((200_000, 4)) * se
    a, b = np.linalg.lstsq(design, root[:, None] * (forward(values) + noise).T, rcond=None)[0]
    simulated = {"slope": back(a + b) - back(a), "relative": back(a + b) / back(a)}
    for index, name in ((slope_index, "slope"), (relative_index, "relative")):
        _, low, high = index(values, se, PEOPLE, scale=scale)
        want = np.quantile(simulated[name], [0.025, 0.975])
        np.testing.assert_allclose([low, high], want, atol=0.015 * (want[1] - want[0]))


@pytest.mark.parametrize("index", [slope_index, relative_index])
def test_undefined_is_nan(index: object) -> None:
    for values, se, people, scale in (
        ([0.2, np.nan, 0.3], 0.01, [1, 1, 1], "linear"),
        ([0.2, 0.3, 0.3], [0.01, np.nan, 0.01], [1, 1, 1], "linear"),
        ([0.2, 0.3, 0.3], [0.01, -0.01, 0.01], [1, 1, 1], "linear"),
        ([0.2, 0.3, 0.3], 0.01, [1, -1, 1], "linear"),
        ([0.2, 0.3, 0.3], 0.01, [0, 0, 1], "linear"),
        ([0.0, 0.3, 0.3], 0.01, [1, 1, 1], "log"),
        ([0.2, 1.0, 0.3], 0.01, [1, 1, 1], "logit"),
    ):
        assert np.isnan(index(values, se, people, scale=scale)).all()  # type: ignore[operator]


def test_a_group_without_people_does_not_count() -> None:
    assert slope_index([0.2, np.nan, 0.4], 0.01, [1, 0, 1]) == slope_index([0.2, 0.4], 0.01, [1, 1])


def test_places_broadcast() -> None:
    got = np.array(slope_index(np.full((5, 4), 0.3), 0.01, PEOPLE))
    assert got.shape == (3, 5)


def test_a_start_that_may_be_nothing_has_no_limits_of_its_ratio() -> None:
    assert np.isnan(relative_index([0.01, 0.2, 0.5], 0.2, [1, 1, 1])[1])
