"""The compiled loop of a forecast: many random futures of one population at once, of which only sums are kept.

Futures lie side by side in memory, sixty-four at a time, so that a processor works on several with one instruction and
the rates of a year are read once for all of them. Nothing is kept but the sums of declared age groups.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tallymark.population.arrays import Floats

BLOCK = 64
FIRST, BEYOND, SEX = 0, 1, 2
"""Columns of `groups`: first age, age beyond the last, sex (2 for both)."""


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def run_futures(
    population: Floats,
    survival: Floats,
    fertility: Floats,
    boys: Floats,
    migration: Floats,
    pattern: Floats,
    fertility_paths: Floats,
    mortality_paths: Floats,
    migration_paths: Floats,
    groups: NDArray[np.int64],
    out: Floats,
) -> None:
    """Fills `out` (year + 1, groups + 2, futures) with sums of age groups, then births and deaths.

    population (sex, age), survival (year, sex, age), fertility (year, age), boys (year), migration (year, sex, age),
    pattern (sex, age); paths (year, futures): births are × fertility_paths, hazards × (1 + mortality_paths), and
    migration_paths × pattern is added to migrants, who come at the end of the year. Nobody is less than nobody.
    S^(1 + u) is taken as S + u·S·ln S + u²·S·(ln S)² ÷ 2, within 0 … 1.
    """
    years, ages, futures = survival.shape[0], population.shape[1], out.shape[2]
    first, beyond = _fertile(fertility)
    once, twice = _hazards(survival)
    state, born, dead = np.empty((2, ages, BLOCK)), np.empty(BLOCK), np.empty(BLOCK)
    fertile, mortal, moved = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    sums = np.empty((years + 1, len(groups) + 2, BLOCK))
    for head in range(0, futures, BLOCK):
        for sex in range(2):
            for age in range(ages):
                for j in range(BLOCK):
                    state[sex, age, j] = population[sex, age]
        _sum_groups(state, groups, sums[0])
        for j in range(BLOCK):
            sums[0, len(groups), j], sums[0, len(groups) + 1, j] = np.nan, np.nan
        for year in range(years):
            for j in range(BLOCK):
                at = min(head + j, futures - 1)
                fertile[j], mortal[j] = fertility_paths[year, at], mortality_paths[year, at]
                moved[j] = migration_paths[year, at]
            _one_year(
                state, survival[year], once[year], twice[year], fertility[year], boys[year], migration[year],
                pattern, fertile, mortal, moved, first, beyond, born, dead,
            )  # fmt: skip
            _sum_groups(state, groups, sums[year + 1])
            for j in range(BLOCK):
                sums[year + 1, len(groups), j] = born[j]
                sums[year + 1, len(groups) + 1, j] = dead[j]
        for year in range(years + 1):
            for column in range(len(groups) + 2):
                for j in range(min(BLOCK, futures - head)):
                    out[year, column, head + j] = sums[year, column, j]


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _hazards(survival: Floats) -> tuple[Floats, Floats]:
    """S·ln S and S·(ln S)² ÷ 2, 0 where nobody survives."""
    once, twice = np.zeros(survival.shape), np.zeros(survival.shape)
    for year in range(survival.shape[0]):
        for sex in range(2):
            for age in range(survival.shape[2]):
                kept = survival[year, sex, age]
                if kept > 0:
                    logs = np.log(kept)
                    once[year, sex, age], twice[year, sex, age] = kept * logs, kept * logs * logs / 2
    return once, twice


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _one_year(
    state: Floats,
    survival: Floats,
    once: Floats,
    twice: Floats,
    fertility: Floats,
    boys: float,
    migration: Floats,
    pattern: Floats,
    fertile: Floats,
    mortal: Floats,
    moved: Floats,
    first: int,
    beyond: int,
    born: Floats,
    dead: Floats,
) -> None:
    """One year of a block of futures, in place, from the oldest down; the two loops differ in births alone."""
    last = state.shape[1] - 1
    for j in range(BLOCK):
        born[j], dead[j] = 0.0, 0.0
    for sex in range(2):
        for j in range(BLOCK):
            state[sex, last - 1, j] += state[sex, last, j]
        for age in range(last, 0, -1):
            s, a, b = survival[sex, age], once[sex, age], twice[sex, age]
            come, share = migration[sex, age], pattern[sex, age]
            below, here = state[sex, age - 1], state[sex, age]
            if sex == 1 and first <= age < beyond:
                rate = fertility[age]
                for j in range(BLOCK):
                    kept = min(max(s + mortal[j] * (a + mortal[j] * b), 0.0), 1.0)
                    alive = below[j] * kept
                    dead[j] += below[j] - alive
                    born[j] += rate * (here[j] + alive)
                    here[j] = max(alive + come + moved[j] * share, 0.0)
            else:
                for j in range(BLOCK):
                    kept = min(max(s + mortal[j] * (a + mortal[j] * b), 0.0), 1.0)
                    alive = below[j] * kept
                    dead[j] += below[j] - alive
                    here[j] = max(alive + come + moved[j] * share, 0.0)
    for j in range(BLOCK):
        born[j] *= fertile[j] / 2
    for sex in range(2):
        part = boys if sex == 0 else 1 - boys
        s, a, b = survival[sex, 0], once[sex, 0], twice[sex, 0]
        for j in range(BLOCK):
            kept = min(max(s + mortal[j] * (a + mortal[j] * b), 0.0), 1.0)
            babies = born[j] * part
            dead[j] += babies * (1 - kept)
            state[sex, 0, j] = max(babies * kept + migration[sex, 0] + moved[j] * pattern[sex, 0], 0.0)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _sum_groups(state: Floats, groups: NDArray[np.int64], sums: Floats) -> None:
    for group in range(len(groups)):
        total = sums[group]
        for j in range(BLOCK):
            total[j] = 0.0
        for sex in range(2):
            if groups[group, SEX] == 1 - sex:
                continue
            first, beyond = groups[group, FIRST], groups[group, BEYOND]
            whole = first + (beyond - first) // 4 * 4
            for age in range(first, whole, 4):
                a, b, c, d = state[sex, age], state[sex, age + 1], state[sex, age + 2], state[sex, age + 3]
                for j in range(BLOCK):
                    total[j] += (a[j] + b[j]) + (c[j] + d[j])
            for age in range(whole, beyond):
                row = state[sex, age]
                for j in range(BLOCK):
                    total[j] += row[j]


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _fertile(fertility: Floats) -> tuple[int, int]:
    """First age with births in any year, and the age beyond the last."""
    first, beyond = fertility.shape[1], 0
    for year in range(fertility.shape[0]):
        for age in range(fertility.shape[1]):
            if fertility[year, age] != 0:
                first, beyond = min(first, age), max(beyond, age + 1)
    return max(first, 1), beyond


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def walk(
    own: NDArray[np.float32],
    common: NDArray[np.float32],
    slopes: Floats,
    levels: Floats,
    shared: float,
    sd: float,
    persistence: float,
    out: Floats,
) -> None:
    """Fills `out` (year, futures) with first-order autoregressive paths from 0, of noise shared in part with others."""
    ours, theirs = sd * np.sqrt(1 - shared), sd * np.sqrt(shared)
    for year in range(out.shape[0]):
        for j in range(out.shape[1]):
            before = out[year - 1, j] if year > 0 else 0.0
            out[year, j] = persistence * before + ours * own[year, j] + theirs * common[year, j]
    for year in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[year, j] += levels[j] + slopes[j] * (year + 1)
