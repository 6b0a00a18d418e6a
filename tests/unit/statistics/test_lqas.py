"""LQAS: brute force, undefined rules, what a broken peer gives, and clusters."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import comb

import numpy as np
import pytest

from tallymark.statistics import cluster_lqas_rule, lqas_errors, lqas_pass, lqas_plan, lqas_rule


def _fraction_errors(n: int, d: int, upper: Fraction, lower: Fraction) -> tuple[float, float]:
    def chance(k: int, p: Fraction) -> Fraction:
        return comb(n, k) * p**k * (1 - p) ** (n - k)

    return float(sum(chance(k, upper) for k in range(d))), float(
        sum(chance(k, lower) for k in range(d, n + 1))
    )


@pytest.mark.parametrize("n", [1, 2, 7, 19, 60])
def test_exact_fractions(n: int) -> None:
    upper, lower = Fraction(4, 5), Fraction(1, 2)
    every = [_fraction_errors(n, d, upper, lower) for d in range(1, n + 1)]
    decision, alpha, beta = lqas_rule(n, 0.8, 0.5)
    best = min(range(n), key=lambda at: round(sum(every[at]), 12))
    assert decision == best + 1
    assert (alpha, beta) == pytest.approx(every[best], rel=1e-12)
    for d in range(1, n + 1):
        assert lqas_errors(n, d, 0.8, 0.5) == pytest.approx(every[d - 1], rel=1e-12)


def test_small_lots_counted_out() -> None:
    """A lot of 9 of which 4 are looked at: every sample there is."""
    for right in range(10):
        passed = [sum(one < right for one in sample) >= 3 for sample in combinations(range(9), 4)]
        assert lqas_pass(4, 3, right / 9, population=9) == pytest.approx(np.mean(passed))
    alpha, beta = lqas_errors(4, 3, 0.75, 0.5, population=9)
    assert 1 - alpha == pytest.approx(lqas_pass(4, 3, 7 / 9, population=9)), (
        "0.75 × 9 = 6.75: at least 7 right"
    )
    assert beta == pytest.approx(lqas_pass(4, 3, 4 / 9, population=9)), "0.5 × 9 = 4.5: at most 4 right"


def test_everything_broadcasts_and_what_makes_no_sense_is_not_a_number() -> None:
    decision, alpha, beta = lqas_rule(
        [19, 0, 2.5, np.nan, 30, -1], 0.8, 0.5, population=[500, 9, 9, 9, 20, 9]
    )
    assert decision[0] == 13
    for part in (decision, alpha, beta):
        assert np.isnan(part[1:]).all()
    assert np.isnan(lqas_rule(19, 0.5, 0.8)).all(), "thresholds the wrong way round"
    assert np.isnan(lqas_rule(19, 0.5, 0.5)).all()
    assert np.isnan(lqas_rule(19, 1.1, 0.5)).all()
    assert lqas_rule(19, 1.0, 0.0)[1:] == (0, 0)
    assert lqas_rule(np.full((2, 1), 19), [0.8, 0.9, 0.7], 0.5)[0].shape == (2, 3)


def test_decisions_at_the_ends() -> None:
    assert lqas_errors(19, 0, 0.8, 0.5) == (0, 1), "everything passes"
    assert lqas_errors(19, 20, 0.8, 0.5) == (1, 0), "nothing passes"
    assert lqas_errors(5, 6, 0.8, 0.5, population=50) == (1, 0)
    assert np.isnan(lqas_errors(19, 2.5, 0.8, 0.5)).all()


def test_the_operating_characteristic_rises() -> None:
    chances = lqas_pass(19, 13, np.linspace(0, 1, 101))
    assert (np.diff(chances) >= 0).all()
    assert (chances[0], chances[-1]) == (0, 1)
    assert np.isnan(lqas_pass(19, 13, [np.nan, 1.5, -0.1])).all()


@pytest.mark.parametrize("population", [None, 80, 500])
def test_the_smallest_plan(population: int | None) -> None:
    plan = lqas_plan(0.8, 0.5, population=population)
    assert plan is not None
    assert plan.alpha <= 0.1 >= plan.beta
    for n in range(1, plan.n):
        errors = [lqas_errors(n, d, 0.8, 0.5, population=population) for d in range(1, n + 1)]
        assert all(alpha > 0.1 or beta > 0.1 for alpha, beta in errors)
    if population is None:
        assert (plan.n, plan.decision) == (19, 13), "the classic sample"


def test_no_plan() -> None:
    assert lqas_plan(0.8, 0.79, most=200) is None
    assert lqas_plan(0.5, 0.8) is None
    assert lqas_plan(0.8, 0.5, population=0) is None


def test_numbering_failures_as_successes_breaks_a_rule() -> None:
    """An R package's LQAS counts d as successes in one function and as failures in the next. The rule "pass with at most
    d failures" is not "pass with at least d successes" unless d is turned round: n − d."""
    decision, alpha, beta = lqas_rule(19, 0.8, 0.5)
    assert lqas_errors(19, 19 - 6, 0.8, 0.5) == pytest.approx((alpha, beta)), "at most 6 failures"
    mixed_alpha, mixed_beta = lqas_errors(19, 6, 0.8, 0.5)
    assert mixed_alpha < 1e-4
    assert mixed_beta > 0.96, "96 % of bad lots would pass"
    assert decision == 13


def test_a_normal_approximation_is_not_enough() -> None:
    """Errors from a normal curve, as some calculators give them, are off by a third at n = 19."""
    _, alpha, _ = lqas_rule(19, 0.95, 0.65)
    from math import erf, sqrt

    approximate = 0.5 * (1 + erf((15.5 - 19 * 0.95) / sqrt(2 * 19 * 0.95 * 0.05)))
    assert abs(approximate / alpha - 1) > 0.25


def test_clusters() -> None:
    assert cluster_lqas_rule(19, 1, 0.8, 0.5, icc=0) == pytest.approx(
        tuple(lqas_rule(19, 0.8, 0.5)), rel=1e-12
    )
    assert cluster_lqas_rule(19, 1, 0.8, 0.5, icc=0.3)[1] == pytest.approx(lqas_rule(19, 0.8, 0.5)[1])
    _, alpha, beta = cluster_lqas_rule(10, 6, 0.8, 0.5, icc=0.1)
    _, plain_alpha, plain_beta = lqas_rule(60, 0.8, 0.5)
    assert alpha + beta > 2 * (plain_alpha + plain_beta)
    assert np.isnan(cluster_lqas_rule(10, 6, 0.5, 0.8, icc=0.1)).all()


def test_clusters_simulated() -> None:
    rng = np.random.default_rng(0)
    decision, alpha, _ = cluster_lqas_rule(6, 10, 0.8, 0.5, icc=0.2)
    shares = rng.beta(0.8 * 4, 0.2 * 4, (200_000, 6))
    assert (rng.binomial(10, shares).sum(axis=1) < decision).mean() == pytest.approx(alpha, abs=0.003)
