"""Intervals timed: a million counts, a million proportions."""

from __future__ import annotations

import numpy as np

from bench.statistics import Case, case
from tallymark.statistics import poisson_interval, proportion_interval

MANY = 1_000_000


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
