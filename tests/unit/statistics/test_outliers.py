"""Outliers of groups: undefined cases, few values, ties, masking."""

from __future__ import annotations

import numpy as np
import pytest

from tallymark.statistics import esd_steps, generalised_esd, modified_z, robust_z, series_outliers
from tallymark.statistics.time_series import fill_series


def test_modified_z_leaves_missing_values_aside() -> None:
    z = modified_z([[1, 2, np.nan, 4, 50], [3, 3, 3, 3, 9]])
    np.testing.assert_allclose(z[0], 0.6745 * (np.array([1, 2, np.nan, 4, 50]) - 3) / 1.5)
    assert np.isnan(z[1]).all(), "more than half are equal: no MAD"
    assert np.isnan(modified_z([np.nan, np.nan])).all()
    assert modified_z(np.zeros((2, 0))).shape == (2, 0)


def test_robust_z_survives_equal_values() -> None:
    z = robust_z([5.0, 5, 5, 5, 5, 5, 50])
    assert z[-1] > 5
    assert (z[:-1] == 0).all()
    assert (robust_z([7.0, 7, 7, 7]) == 0).all()
    assert np.isnan(robust_z([1.0, 2.0])).all()


def test_robust_z_believes_in_a_least_spread() -> None:
    """A month of 6 among fives is no outlier of a count, whose standard deviation is about √5."""
    values = np.array([5.0] * 11 + [6.0])
    assert robust_z(values)[-1] > 9
    assert robust_z(values, least=np.sqrt(np.median(values)))[-1] < 0.5


def test_robust_z_is_on_the_scale_of_a_normal_deviate_for_few_values() -> None:
    for n in range(3, 15):
        draws = np.random.default_rng(n).normal(size=(20_000, n))
        scale = np.ptp(draws, axis=1) / np.ptp(robust_z(draws), axis=1)
        assert np.mean(scale) == pytest.approx(1, abs=0.04), n


def test_outliers_that_mask_each_other() -> None:
    values = np.concatenate([np.random.default_rng(3).normal(10, 1, 15), [25, 26, 26.5]])
    steps = esd_steps(values, 5)
    assert steps.statistic[0] < steps.critical[0], "the first alone is hidden by the others"
    assert np.flatnonzero(generalised_esd(values, 5)).tolist() == [15, 16, 17]


def test_esd_does_groups_at_once_with_missing_values() -> None:
    rng = np.random.default_rng(4)
    groups = rng.normal(size=(2, 3, 30))
    groups[0, 1, 7], groups[1, 2, 3] = 15, np.nan
    mask = generalised_esd(groups, 4, alpha=0.01)
    assert mask.shape == groups.shape
    for at in np.ndindex(2, 3):
        np.testing.assert_array_equal(mask[at], generalised_esd(groups[at], 4, alpha=0.01))
    assert mask[0, 1, 7]
    assert not mask[1, 2, 3]


@pytest.mark.parametrize("values", [[], [1.0], [2.0, 2.0], [3.0] * 10, [np.nan] * 5, [1.0, np.inf, 2.0]])
def test_esd_finds_nothing_where_nothing_can_be_said(values: list[float]) -> None:
    assert not generalised_esd(values, 3).any()
    assert generalised_esd(values, 0).shape == (len(values),)


def test_esd_false_alarms() -> None:
    honest = np.random.default_rng(5).normal(size=(4000, 30))
    assert generalised_esd(honest, 3, alpha=0.05).any(axis=1).mean() == pytest.approx(0.05, abs=0.012)


def test_one_number_is_no_group() -> None:
    with pytest.raises(ValueError, match="values are a group"):
        modified_z(3.0)
    with pytest.raises(ValueError, match="alpha is an error rate"):
        generalised_esd([1, 2, 3], 1, alpha=1.0)


def test_series() -> None:
    months = np.arange(60)
    series = 100 + months + 20 * np.sin(months * np.pi / 6) + np.random.default_rng(6).normal(0, 2, 60)
    series[[17, 40]] += 60, -60
    series[5] = np.nan
    found = series_outliers(series, period=12)
    assert np.flatnonzero(found.outlier).tolist() == [17, 40]
    assert np.isfinite(found.filled).all()
    assert abs(found.filled[17] - (series[17] - 60)) < 8
    for short in ([], [1.0, 2.0], [5.0] * 20, [np.nan] * 6):
        assert not series_outliers(short, period=12).outlier.any()
    with pytest.raises(ValueError, match="values are one series"):
        series_outliers(np.ones((2, 3)))


def test_gaps_are_filled_by_straight_lines_without_a_season() -> None:
    np.testing.assert_allclose(fill_series([np.nan, 2, np.nan, np.nan, 8, np.nan]), [2, 2, 4, 6, 8, 8])
    assert np.isnan(fill_series([np.nan, np.nan])).all()
