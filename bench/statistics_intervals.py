"""Intervals, standardised rates, life tables, funnels and samples timed."""

from __future__ import annotations

import numpy as np

from bench.statistics import Case, case
from tallymark.statistics import (
    directly_standardised_rate,
    false_discovery,
    funnel_limits,
    life_expectancy,
    poisson_interval,
    proportion_interval,
    standardised_ratio,
    survey_mean,
)

MANY = 1_000_000
AREAS, AGES = 7_000, 19


@case("exact Poisson intervals of 1,000,000 counts below 1,000", under=1.0)
def exact_poisson() -> Case:
    counts = np.random.default_rng(1).integers(0, 1_000, MANY)
    return lambda: poisson_interval(counts)


@case("Wilson intervals of 1,000,000 proportions", under=1.0)
def wilson() -> Case:
    rng = np.random.default_rng(2)
    trials = rng.integers(1, 10_000, MANY)
    successes = rng.binomial(trials, 0.9)
    return lambda: proportion_interval(successes, trials)


@case("exact Poisson intervals of 1,000,000 different counts up to 1,000,000", under=1.0)
def exact_poisson_of_different_counts() -> Case:
    counts = np.random.default_rng(3).permutation(MANY)
    return lambda: poisson_interval(counts)


def _areas() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    people = rng.integers(200, 5_000, (AREAS, AGES)).astype(np.float64)
    return rng.poisson(people * np.geomspace(0.001, 0.1, AGES)).astype(np.float64), people


@case("directly standardised rates, 7,000 areas × 19 ages (Dobson)", under=0.020, beside="R: 1.8 s")
def direct_rates() -> Case:
    events, people = _areas()
    standard = np.linspace(7_000, 1_000, AGES)
    return lambda: directly_standardised_rate(events, people, standard)


@case("directly standardised rates, 7,000 areas × 19 ages (Fay–Feuer)", under=0.050)
def direct_rates_by_gamma() -> Case:
    events, people = _areas()
    standard = np.linspace(7_000, 1_000, AGES)
    return lambda: directly_standardised_rate(events, people, standard, method="fay-feuer")


@case("standardised ratios, 7,000 areas × 19 ages (exact)", under=0.020)
def standardised_ratios() -> Case:
    events, people = _areas()
    cases, whole = events.sum(axis=0), people.sum(axis=0)
    return lambda: standardised_ratio(events, people, cases, whole)


@case("life expectancies with limits, 7,000 areas × 20 ages", under=0.050, beside="R: 18 s")
def life_expectancies() -> Case:
    rng = np.random.default_rng(5)
    people = rng.integers(200, 5_000, (AREAS, AGES + 1)).astype(np.float64)
    deaths = np.fmax(rng.poisson(people * np.geomspace(0.0005, 0.2, AGES + 1)), 1).astype(np.float64)
    return lambda: life_expectancy(deaths, people)


@case("funnel limits of 7,000 rates at 99.8 %", under=0.100)
def funnel() -> Case:
    exposure = np.random.default_rng(6).uniform(100, 50_000, AREAS)
    return lambda: funnel_limits(exposure, 0.01, kind="rate", level=0.998)


@case("false-discovery control of 1,000,000 tests", under=1.0)
def discoveries() -> Case:
    p = np.random.default_rng(7).random(MANY)
    return lambda: false_discovery(p)


@case("mean of 1,000,000 respondents in 40,000 clusters and 100 strata", under=2.0)
def sample() -> Case:
    rng = np.random.default_rng(8)
    clusters = rng.integers(0, 40_000, MANY)
    y, weights = rng.normal(size=MANY), rng.uniform(1, 5, MANY)
    return lambda: survey_mean(y, weights, strata=clusters % 100, clusters=clusters)
