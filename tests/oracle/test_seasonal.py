"""STL against R's stl on carbon dioxide and Nottingham temperatures."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tallymark.statistics import stl

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "oracles" / "outliers"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="../shared/data/oracles/outliers is not here")


def _columns(name: str) -> dict[str, np.ndarray]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {key: np.array([float(row[key]) for row in rows]) for key in rows[0]}


@pytest.mark.parametrize(
    ("file", "arguments"), [("stl_logco2_sw21.csv", {"seasonal": 21}), ("stl_nottem_periodic.csv", {})]
)
def test_plain(file: str, arguments: dict[str, int]) -> None:
    expected = _columns(file)
    found = stl(expected["y"], 12, **arguments)
    for part in ("seasonal", "trend", "remainder"):
        np.testing.assert_allclose(getattr(found, part), expected[part], rtol=0, atol=1e-12)


@pytest.mark.usefixtures("median_as_in_r")
def test_robust_with_the_median_that_r_takes() -> None:
    expected = _columns("stl_nottem_sw7_robust.csv")
    found = stl(expected["y"], 12, seasonal=7, robust=True)
    for part, name in (("seasonal",) * 2, ("trend",) * 2, ("remainder",) * 2, ("weights", "w")):
        np.testing.assert_allclose(getattr(found, part), expected[name], rtol=0, atol=2e-12)


def test_robust_with_the_true_median() -> None:
    """In one of R's 15 rounds its "median" is 0.870 where the middle two are 0.977 and 0.979; the curves differ by that."""
    expected = _columns("stl_nottem_sw7_robust.csv")
    found = stl(expected["y"], 12, seasonal=7, robust=True)
    assert 0.2 < np.abs(found.seasonal - expected["seasonal"]).max() < 0.3
    assert np.abs(found.trend - expected["trend"]).max() < 0.1
    odd = expected["y"][:-1]  # 239 values have one middle value, and R no choice
    assert np.isfinite(stl(odd, 12, seasonal=7, robust=True).trend).all()
