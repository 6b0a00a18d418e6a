"""Smoothed five-year groups against DemoTools 01.14 and Feeney's spreadsheet."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from tallymark.population import smooth, smooth_years
from tallymark.population.smoothing import zigzag_misfit

ORACLES = Path(__file__).parents[3] / "shared" / "data" / "oracles"
pytestmark = pytest.mark.skipif(not ORACLES.is_dir(), reason="../shared/data/oracles is not here")
COLUMNS = {
    "Carrier-Farrag": "carrier-farrag",
    "KKN": "karup-king-newton",
    "Arriaga": "arriaga",
    "United Nations": "united-nations",
    "Strong": "strong",
    "MAV": "moving-average",
    "Zigzag": "zigzag",
}
PUBLISHED = [
    642367,
    515520,
    357831,
    275542,
    268336,
    278601,
    242515,
    198231,
    165937,
    122756,
    96775,
    59307,
    63467,
    32377,
    29796,
    16183,
    34729,
]
"""The men that Arriaga's examples smooth, by fives to 80 and more."""
TESTS = {1: "carrier-farrag", 3: "karup-king-newton", 5: "arriaga", 7: "strong", 9: "moving-average"}


def india() -> np.ndarray:
    text = (ORACLES / "lifetable" / "demotools_heaping.json").read_text(encoding="utf-8")
    return np.array(json.loads(text)["input_pop1m_ind"], dtype=float)


def smoothed_by_peer(column: str) -> np.ndarray:
    with (ORACLES / "lifetable" / "demotools_smooth5.csv").open(encoding="utf-8") as file:
        return np.array([float(row[column]) for row in csv.DictReader(file)])


@pytest.mark.parametrize("column", COLUMNS)
def test_india(column: str) -> None:
    method = COLUMNS[column]
    limits = (10, 75) if method in ("strong", "zigzag") else None
    got, ages = smooth(india(), method=method, limits=limits)
    assert ages.tolist() == list(range(0, 101, 5))
    # The peer's search for the shares of `zigzag` stops early; ours has to be at least as straight.
    np.testing.assert_allclose(
        got, smoothed_by_peer(column), rtol=0.003 if method == "zigzag" else 1e-12, err_msg=method
    )


def test_feeney_s_spreadsheet() -> None:
    inputs: dict[str, list[float]] = {}
    with (ORACLES / "demotools" / "inputs_long.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["id"] == "test-zigzag.R#001":
                inputs.setdefault(row["var"], []).append(float(row["value"]))
    ages, deaths = np.array(inputs["Age"]), np.array(inputs["dth5_zigzag"])
    at = np.searchsorted(ages, [45, 55, 65, 75])
    assert abs(zigzag_misfit(deaths, np.array(inputs["p.feeney"]), at) - 106.1147411629) < 1e-6


@pytest.mark.parametrize("test", TESTS)
def test_published_examples(test: int) -> None:
    """Arriaga and others 1994, Population Analysis with Microcomputers, to whole people."""
    with (ORACLES / "demotools" / "expected_long.csv").open(encoding="utf-8") as file:
        wanted = [row for row in csv.DictReader(file) if row["id"] == f"test-smooth_age_5.R#{test:03}"]
    expected = np.array([float(row["expected"] or "nan") for row in wanted])
    got, _ = smooth(PUBLISHED, ages=range(0, 85, 5), method=TESTS[test], tails="missing")
    known = np.isfinite(expected)
    np.testing.assert_allclose(got[known], expected[known], atol=1.5)


BANGLADESH = [
    941307, 1041335, 1237034, 1411359, 1383853, 1541942, 1321576, 1285877, 1563448, 886705, 1623998, 562924, 1485173,
    543216, 771219, 903496, 686431, 370007, 942999, 250820, 1023667, 200131, 688640, 222011, 281738, 1239965, 288363,
    263326, 483143, 78635, 1349886, 68438, 415127, 101596, 100758, 1392434, 178633, 126351, 286520, 50836, 1331036,
    48995, 251153, 58393, 54955, 1033812, 68792, 72766, 175943, 28254, 1038747, 32894, 136179, 37667, 38230, 596049,
    52602, 36493, 74106, 16759, 790643, 20596, 70109, 18044, 19891, 357491, 15253, 17489, 31057, 8481, 429816, 7951,
    35583, 8612, 6589, 454645,
]  # fmt: skip
"""Men by single years, census of 1 March 1974 (Gray 1987, table 2; age 44 as DemoTools tests it)."""


@pytest.mark.parametrize(("method", "test"), [("zelnik", 1), ("zelnik-wide", 2)])
def test_gray_s_table(method: str, test: int) -> None:
    with (ORACLES / "demotools" / "expected_long.csv").open(encoding="utf-8") as file:
        wanted = [row for row in csv.DictReader(file) if row["id"] == f"test-zelnik.R#{test:03}"]
    got = smooth_years(BANGLADESH, method=method, tails="missing")[:-1]
    peer = np.array([float(row["demotools_actual"]) for row in wanted])
    np.testing.assert_allclose(got[np.isfinite(got)], peer, rtol=1e-12)
    printed = np.array([float(row["expected"]) for row in wanted])
    np.testing.assert_allclose(got[np.isfinite(got)], printed, atol=0.501)
