"""Residual net migration against DemoTools' stock, time and cohort methods, to five digits after the point.

Populations and survival of its tests are not in the oracle's files; survival is what its `time` and `stock` results
imply, and each of them, and the `cohort` results, have to follow from the others by our formulas.
"""

from __future__ import annotations

import numpy as np
import pytest
from tests.oracle.columns import numbers, oracle, rows

from tallymark.population import net_migration, project
from tallymark.population.net_migrants import _cohort, _even

FOLDER, present = oracle("demotools")
YEARS, AGES = 20, 21


def expected(test: int) -> np.ndarray:
    """Net migrants (period, age)."""
    table = [row for row in rows(FOLDER / "expected_long.csv") if row["id"] == f"test-mig_resid.R#{test:03}"]
    return numbers(table, "expected").reshape(YEARS, AGES)


@present
@pytest.mark.parametrize("sex", [0, 1])
def test_demotools(sex: int) -> None:
    stock, cohort, time = (expected(first + sex) for first in (1, 5, 9))
    survival = np.ones((YEARS, AGES))
    survival[:, 1:] = (2 * stock[:, 1:] - time[:, 1:]) / time[:, :-1]
    survival[:, 0] = (stock[:, 0] / (cohort[:, 0] - stock[:, 1] / 2 / np.sqrt(survival[:, 1]))) ** 2
    usable = ((survival > 0) & (survival < 1)).all(axis=1)
    assert usable.sum() >= 15
    np.testing.assert_allclose(_even(stock, survival)[usable, :-1], time[usable, :-1], atol=1e-4)
    # from 80 on, few migrants make the implied survival rough
    np.testing.assert_allclose(_cohort(stock, survival)[usable, :16], cohort[usable, :16], atol=2e-3)
    np.testing.assert_allclose(_cohort(stock, survival)[usable, -1], cohort[usable, -1], atol=1e-4)


@pytest.mark.parametrize("timing", ["end", "even"])
def test_it_is_what_project_was_given(timing: str) -> None:
    random = np.random.default_rng(1)
    people, moved = random.uniform(50, 100, (3, 2, 12)), random.normal(0, 5, (3, 1, 2, 12))
    survival, fertility = random.uniform(0.5, 0.99, (3, 1, 2, 12)), random.uniform(0, 0.2, (3, 1, 12))
    made = project(people, survival, fertility, migration=moved, migration_timing=timing)
    found = net_migration(people, made.populations[:, 1], survival[:, 0], made.births[:, 0], timing=timing)
    np.testing.assert_allclose(found, moved[:, 0], atol=1e-10)
