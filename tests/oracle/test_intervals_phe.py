"""Proportions, rates, counts and means against PHEindicatormethods' spreadsheets, made without its code."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tallymark.statistics import mean_interval, poisson_interval, proportion_interval

PHE = Path(__file__).parents[3] / "shared" / "data" / "oracles" / "phe"
pytestmark = pytest.mark.skipif(not PHE.is_dir(), reason="../shared/data/oracles/phe is not here")
LEVELS = {
    "lower95_0cl": (0.95, 0),
    "upper95_0cl": (0.95, 1),
    "lower99_8cl": (0.998, 0),
    "upper99_8cl": (0.998, 1),
}


def _rows(name: str) -> list[dict[str, str]]:
    with (PHE / name).open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def _column(rows: list[dict[str, str]], name: str) -> np.ndarray:
    return np.array([float(row[name]) if row[name] not in ("", "NA") else np.nan for row in rows])


def test_proportions() -> None:
    rows = _rows("Proportion__Prop.csv")
    factor = _column(rows, "multiplier")
    for column, (level, side) in LEVELS.items():
        got = proportion_interval(_column(rows, "Numerator"), _column(rows, "Denominator"), level=level)[side]
        np.testing.assert_allclose(got * factor, _column(rows, column), rtol=1e-12)


def test_rates_are_exact_below_ten_events_and_byar_above() -> None:
    rows = _rows("Rate__Rate.csv")
    events, people = _column(rows, "Numerator"), _column(rows, "Denominator")
    factor = _column(rows, "multiplier")
    for column, (level, side) in LEVELS.items():
        exact = poisson_interval(events, level=level)[side]
        byar = poisson_interval(events, level=level, method="byar")[side]
        got = np.where(events < 10, exact, byar) / people * factor
        np.testing.assert_allclose(got, _column(rows, column), rtol=1e-12)


@pytest.mark.parametrize("file", ["Proportion__Prop_g.csv", "Rate__Rate_g.csv"])
def test_grouped_figures(file: str) -> None:
    rows = _rows(file)
    for row, x, n in zip(rows, _column(rows, "Numerator"), _column(rows, "Denominator"), strict=True):
        level = float(row["confidence"].rstrip("%")) / 100
        if row["method"] == "Wilson":
            limits = proportion_interval(x, n, level=level)
        else:
            method = {"Exact": "exact", "Byars": "byar", "": "byar"}[row["method"]]
            limits = tuple(side / n for side in poisson_interval(x, level=level, method=method))
        want = [float(row[side]) if row[side] else np.nan for side in ("lowercl", "uppercl")]
        np.testing.assert_allclose(np.multiply(limits, float(row["multiplier"])), want, rtol=1e-12)


def test_byar_and_wilson_limits() -> None:
    for row in _rows("Byars_Wilson__B_W.csv"):
        level, x = float(row["confidence"].rstrip("%")) / 100, float(row["x"])
        if row["method"] == "Byars":
            got = poisson_interval(x, level=level, method="byar")
        else:
            got = proportion_interval(x, float(row["n"]), level=level)
        want = [float(row[side]) if row[side] else np.nan for side in ("lowercl", "uppercl")]
        np.testing.assert_allclose(got, want, rtol=1e-12)


def test_means() -> None:
    rows = _rows("Mean__Mean_results.csv")
    for column, (level, side) in LEVELS.items():
        got = mean_interval(
            _column(rows, "value"), _column(rows, "stdev"), _column(rows, "value_count"), level=level
        )
        np.testing.assert_allclose(got[side], _column(rows, column), rtol=1e-12)
