"""Kernels for data quality, several lists and lot sampling, timed."""

from __future__ import annotations

from itertools import product

import numpy as np

from bench.statistics import Case, case
from tallymark.statistics import (
    copied_rows,
    count_surprises,
    generalised_esd,
    log_linear_population,
    lqas_rule,
    modified_z,
    stl,
    terminal_digits,
    whipple,
)


@case("modified z of 1,000,000 values in groups of 12", under=0.5)
def modified_z_of_many() -> Case:
    values = np.random.default_rng(0).poisson(50, (83_334, 12)).astype(float)
    return lambda: modified_z(values)


@case("generalised ESD, up to 5 outliers, 20,000 groups of 60", under=2.0)
def esd_of_many() -> Case:
    values = np.random.default_rng(0).normal(size=(20_000, 60))
    return lambda: generalised_esd(values, 5)


@case("count surprises of 20,000 series of 24 months", under=10.0)
def surprises_of_many() -> Case:
    counts = np.random.default_rng(0).poisson(20, (20_000, 24))
    return lambda: count_surprises(counts, dispersion=0.05)


@case("STL, 10,000 series of 60 months", under=2.0)
def stl_of_many() -> Case:
    values = np.random.default_rng(0).normal(size=(10_000, 60))
    return lambda: stl(values, 12)


@case("robust STL (15 rounds), 1,000 series of 60 months", under=4.0)
def robust_stl_of_many() -> Case:
    values = np.random.default_rng(0).normal(size=(1_000, 60))
    return lambda: stl(values, 12, seasonal=7, robust=True)


@case("copied rows among 7,000 units × 12 months (24 million pairs)", under=8.0)
def copies_among_many() -> Case:
    counts = np.random.default_rng(0).poisson(40, (7_000, 12)).astype(float)
    return lambda: copied_rows(counts)


@case("terminal digits of 10,000 groups of 120 figures", under=1.0)
def digits_of_many() -> Case:
    values = np.random.default_rng(0).integers(100, 10_000, (10_000, 120))
    return lambda: terminal_digits(values)


@case("Whipple's index of 7,000 areas × 101 ages", under=0.1)
def whipple_of_many() -> Case:
    people = np.random.default_rng(0).poisson(100, (7_000, 101)).astype(float)
    return lambda: whipple(people)


@case("three-list log-linear total of 7,000 areas", under=1.0)
def lists_of_many() -> Case:
    patterns = np.array(list(product([0, 1], repeat=3)))[1:]
    counts = np.random.default_rng(0).poisson(30, (7_000, 7)).astype(float)
    return lambda: log_linear_population(patterns, counts, terms=["12"])


@case("LQAS rules for 7,000 lots of their own size", under=1.0)
def rules_of_many() -> Case:
    lots = np.random.default_rng(0).integers(50, 5_000, 7_000)
    return lambda: lqas_rule(19, 0.8, 0.5, population=lots)
