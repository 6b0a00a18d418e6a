"""Two lists: enumeration, undefined figures, strata, linkage errors, dependence."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from tallymark.statistics import (
    chapman,
    dependence_band,
    dependent_population,
    lincoln_petersen,
    linkage_corrected,
    population_interval,
    stratified_chapman,
)  # fmt: skip


def test_textbook() -> None:
    total, se = lincoln_petersen(200, 150, 50)
    assert total == 600
    assert se == pytest.approx(np.sqrt(200 * 150 * 150 * 100 / 50**3))
    total, se = chapman(200, 150, 50)
    assert total == pytest.approx(201 * 151 / 51 - 1)
    assert se == pytest.approx(np.sqrt(201 * 151 * 150 * 100 / (51**2 * 52)))


def test_chapman_is_unbiased_when_lists_could_cover_all() -> None:
    """Every way the second list of 30 can meet 25 of 50 people; Lincoln–Petersen is 1 % too high."""
    people, n1, n2 = 50, 25, 30
    both = np.arange(max(0, n1 + n2 - people), n1 + 1)
    chance = np.array([comb(n1, m) * comb(people - n1, n2 - m) / comb(people, n2) for m in both])
    totals, errors = chapman(n1, n2, both)
    assert (totals * chance).sum() == pytest.approx(people, rel=1e-12)
    variance = ((totals - people) ** 2 * chance).sum()
    assert (errors**2 * chance).sum() == pytest.approx(variance, rel=1e-9), (
        "Seber's variance is unbiased, too"
    )
    assert (lincoln_petersen(n1, n2, both)[0] * chance).sum() > people * 1.005


@pytest.mark.parametrize(
    "lists", [(10, 10, 11), (10, 5, 6), (-1, 5, 0), (np.nan, 5, 1), (np.inf, 5, 1), (5, 5, np.nan)]
)
def test_undefined(lists: tuple[float, float, float]) -> None:
    for method in (lincoln_petersen, chapman):
        assert np.isnan(method(*lists)).all()
    assert np.isnan(dependent_population(*lists, odds_ratio=1)).all()
    assert np.isnan(linkage_corrected(*lists, found=0.9)).all()
    assert np.isnan(dependence_band(*lists)).all()


def test_nobody_in_both() -> None:
    assert np.isnan(lincoln_petersen(10, 10, 0)).all()
    assert chapman(10, 10, 0)[0] == 120
    assert chapman(0, 0, 0) == (0, 0)
    assert np.isnan(dependent_population(10, 10, 0, odds_ratio=1)).all()


def test_arrays_broadcast() -> None:
    total, se = chapman(np.full((2, 1), 100), [50, 60, 70], 40)
    assert total.shape == se.shape == (2, 3)


def test_strata_take_away_the_bias_of_unequal_chances() -> None:
    """Town: 9 in 10 on each list; hills: 3 in 10. Together the lists look more alike than they are."""
    town, hills = (900, 900, 810), (300, 300, 90)
    pooled, _ = chapman(1200, 1200, 900)
    total, se = stratified_chapman(*np.transpose([town, hills]))
    assert pooled == pytest.approx(1600, abs=1)
    assert total == pytest.approx(2000, abs=6)
    assert se == pytest.approx(np.hypot(chapman(*town)[1], chapman(*hills)[1]))
    assert np.isnan(stratified_chapman([10, np.nan], [10, 10], [5, 5])).all()


def test_intervals_never_go_below_those_seen() -> None:
    total, se = chapman(20, 15, 12)
    low, high = population_interval(total, se, 23)
    assert 23 < low < total < high
    assert population_interval(50.0, 0.0, 50) == (50, 50)
    assert np.isnan(population_interval(40.0, 1.0, 50)).all()
    with pytest.raises(ValueError, match="level"):
        population_interval(1, 1, 1, level=95)


def test_intervals_cover() -> None:
    rng = np.random.default_rng(0)
    people, p, q = 400, 0.4, 0.3
    on1, on2 = rng.random((4000, people)) < p, rng.random((4000, people)) < q
    n1, n2, both = on1.sum(1), on2.sum(1), (on1 & on2).sum(1)
    low, high = population_interval(*chapman(n1, n2, both), n1 + n2 - both)
    assert ((low <= people) & (people <= high)).mean() == pytest.approx(0.95, abs=0.015)


def test_missed_links_overstate_and_the_correction_does_not() -> None:
    rng = np.random.default_rng(1)
    runs, people = 3000, 2000
    on1, on2 = rng.random((runs, people)) < 0.6, rng.random((runs, people)) < 0.7
    n1, n2, true = on1.sum(1), on2.sum(1), (on1 & on2).sum(1)
    linked = rng.binomial(true, 0.9) + rng.binomial(n1 - true, 0.02)
    checked = rng.binomial(500, 0.9, runs) / 500
    naive, naive_se = chapman(n1, n2, linked)
    total, se = linkage_corrected(n1, n2, linked, found=checked, false=0.02, found_se=np.sqrt(0.09 / 500))
    assert naive.mean() > 1.08 * people
    assert total.mean() == pytest.approx(people, rel=0.003)
    assert (np.abs(naive - people) < 1.96 * naive_se).mean() < 0.05
    assert (np.abs(total - people) < 1.96 * se).mean() == pytest.approx(0.95, abs=0.02)


def test_perfect_linkage_is_chapman() -> None:
    assert linkage_corrected(200, 150, 50, found=1.0) == pytest.approx(chapman(200, 150, 50))
    assert np.isnan(linkage_corrected(200, 150, 50, found=0.1, false=0.2)).all()
    assert np.isnan(linkage_corrected(200, 150, 50, found=1.2)).all()


def test_dependence() -> None:
    assert dependent_population(200, 150, 50, odds_ratio=1)[0] == pytest.approx(
        lincoln_petersen(200, 150, 50)[0]
    )
    low, middle, high = dependent_population(200, 150, 50, odds_ratio=[0.5, 1, 2])[0]
    assert (low, middle, high) == (450, 600, 900)
    band = dependence_band(200, 150, 50)
    assert band[0] < 450 < 900 < band[1]
    assert dependence_band(200, 150, 50, odds_ratios=(2.0, 0.5)) == band
    assert np.isnan(dependent_population(200, 150, 50, odds_ratio=-1)).all()
    assert np.isfinite(dependent_population(50, 150, 50, odds_ratio=2)).all(), (
        "list 1 inside list 2: nobody unseen"
    )


@pytest.mark.filterwarnings("error")
def test_no_warning_storm() -> None:
    """Every mix of odd figures gives numbers or NaN, quietly; masked figures are missing."""
    odd = np.array([np.nan, np.inf, -np.inf, 0, 1, 2, 1e9, 1e300, -1e300, 1e-300, 0.5, -3])
    one, two, three = np.meshgrid(odd, odd, odd)
    for method in (lincoln_petersen, chapman, population_interval, dependence_band, stratified_chapman):
        method(one, two, three)
    linkage_corrected(one, two, three, found=0.9, false=0.01)
    dependent_population(one, two, three, odds_ratio=odd)
    assert np.isnan(chapman(np.ma.masked_equal([10.0, 20.0], 20.0), 10, 5)[0]).tolist() == [False, True]
