"""Ranks, shrinkage, grades and sensitivity to weights timed."""

from __future__ import annotations

import numpy as np

from bench.statistics import Case, case
from tallymark.statistics import (
    eb_poisson,
    expected_ranks,
    grades,
    group_probability,
    poisson_gamma,
    rank_sets,
    weight_sensitivity,
)

MANY, FEW = 7_000, 40


def _estimates(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n)
    se = rng.gamma(2, 0.1, n) + 0.01
    return rng.standard_normal(n) + se * rng.standard_normal(n), se


@case("simultaneous rank sets of 7,000 units, step-down", under=1.0, beside="csranks: 12 GB for 700 units")
def sets_of_many() -> Case:
    estimate, se = _estimates(MANY)
    return lambda: rank_sets(estimate, se)


@case("simultaneous rank sets of 7,000 units, Tukey", under=1.0)
def tukey_sets_of_many() -> Case:
    estimate, se = _estimates(MANY)
    return lambda: rank_sets(estimate, se, method="tukey")


@case("simultaneous rank sets of 40 units, step-down", under=0.5)
def sets_of_few() -> Case:
    estimate, se = _estimates(FEW)
    return lambda: rank_sets(estimate, se)


@case("marginal rank sets of 7,000 units", under=1.0)
def marginal_sets_of_many() -> Case:
    estimate, se = _estimates(MANY)
    return lambda: rank_sets(estimate, se, method="marginal")


@case("expected ranks of 7,000 units", under=2.0)
def ranks_expected() -> Case:
    estimate, se = _estimates(MANY)
    return lambda: expected_ranks(estimate, se**2)


@case("chances of the top and bottom ten of 7,000 units", under=3.0)
def chances() -> Case:
    estimate, se = _estimates(MANY)
    return lambda: group_probability(estimate, se**2, k=10)


@case("grades of 1,000 units", under=2.0)
def grades_of_a_thousand() -> Case:
    estimate, se = _estimates(1_000)
    return lambda: grades(estimate, se**2)


@case("empirical Bayes rates of 7,000 areas, Marshall", under=0.01)
def marshall() -> Case:
    people, events = _rates()
    return lambda: eb_poisson(events, people)


@case("empirical Bayes rates of 7,000 areas, Poisson–gamma by maximum likelihood", under=0.5)
def maximum_likelihood() -> Case:
    people, events = _rates()
    return lambda: poisson_gamma(events, people)


@case("40 units × 36 lines under 2,000 other weights", under=0.2)
def other_weights() -> Case:
    points = np.random.default_rng(5).uniform(0, 3, (FEW, 36))
    return lambda: weight_sensitivity(points, np.full(points.shape, 3.0))


def _rates() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(6)
    people = rng.lognormal(8, 1, MANY)
    return people, rng.poisson(people * rng.gamma(4, 0.0025, MANY)).astype(float)
