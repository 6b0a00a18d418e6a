"""How much likelier a figure is if it was mistyped: against sums over all counts that it may have been."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tallymark.verify.patterns.mistyped import FACTORS, Figures, mistyped

NONE = np.array([np.nan])


def figures(value: float, mean: float, part: float = np.nan, *, a: float = 9.0, b: float = 1.0) -> Figures:
    shape = (NONE, NONE) if np.isnan(part) else (np.array([a]), np.array([b]))
    return Figures(np.array([value]), np.array([mean]), np.array([1e-9]), np.array([part]), *shape)


def test_a_0_is_as_likely_left_out_as_counts_say() -> None:
    lower = [np.exp(-3 / each) for each in FACTORS]  # P(0) of Poisson counts of a mean so many times smaller
    ratio = (sum(lower) + 1) / (len(FACTORS) + 1) / np.exp(-3)
    assert mistyped(figures(0, 3), high=False) == pytest.approx(np.log(ratio), abs=1e-5)


@pytest.mark.parametrize("high", [False, True])
def test_honest_figures_are_no_likelier_mistyped_on_average(high: bool) -> None:
    # What makes 1 ÷ the ratio a bound of the chance: over all counts and parts its mean is 1 (at most: a part left
    # behind by a whole that fell is larger than it, and told as that).
    n, x = (each.ravel().astype(float) for each in np.meshgrid(np.arange(300), np.arange(300)))
    n, x = n[x <= n], x[x <= n]
    of = [np.full(n.shape, each) for each in (1.0, 1e-9, 9.0, 1.0)]
    likelier = mistyped(Figures(n, of[0], of[1], x, of[2], of[3]), high=high)
    honest = stats.poisson.logpmf(n, 1.0) + stats.betabinom.logpmf(x, n, 9.0, 1.0)
    mean = float(np.exp(honest + likelier).sum())
    assert (0.2 < mean <= 1) if not high else mean == pytest.approx(1, abs=0.03)


def test_a_part_that_was_left_behind_says_more_than_one_that_came_along() -> None:
    behind, none, along = (mistyped(figures(12, 3, part), high=True)[0] for part in (3, np.nan, 11))
    assert behind > none + 2
    assert along < 0 < none


def test_a_moderate_rise_of_a_large_figure_is_rare_but_hardly_mistyped() -> None:
    assert [round(float(stats.poisson.cdf(*each)), 4) for each in ((28, 50), (1, 10))] == [0.0005, 0.0005]
    large, small = (mistyped(figures(value, mean), high=False)[0] for value, mean in ((28, 50), (1, 10)))
    assert small > large + 1
