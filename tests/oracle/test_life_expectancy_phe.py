"""Life expectancy and its standard error against Public Health England's, typed from its spreadsheet (limits at z = 1.96)."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tallymark.population import life_expectancy_variance, life_table

PHE = Path(__file__).parents[3] / "shared" / "data" / "oracles" / "phe"
pytestmark = pytest.mark.skipif(not PHE.is_dir(), reason="../shared/data/oracles/phe is not here")


def _column(file: str, name: str) -> np.ndarray:
    with (PHE / file).open(encoding="utf-8") as opened:
        return np.array([float(row[name]) for row in csv.DictReader(opened)])


def test_value_and_limits_at_every_age() -> None:
    ages, people, deaths = (_column("LE__case1_input.csv", name) for name in ("startage", "pops", "deaths"))
    rates = deaths / people
    years = np.append(np.diff(ages) / 2, 1 / rates[-1])
    years[0] = 0.1
    table = life_table(rates, ages=ages, ax=years)
    error = np.sqrt(life_expectancy_variance(table, deaths, open_group=True))
    expected = "LE__case1_expected_95.csv"
    np.testing.assert_allclose(table.ex, _column(expected, "value"), atol=1e-8)
    np.testing.assert_allclose(table.ex - 1.96 * error, _column(expected, "lowercl"), atol=2e-8)
    np.testing.assert_allclose(table.ex + 1.96 * error, _column(expected, "uppercl"), atol=2e-8)
