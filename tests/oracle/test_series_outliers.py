"""Outliers of series and their replacements against R's forecast::tsoutliers."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tallymark.statistics import series_outliers

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "oracles" / "outliers"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="../shared/data/oracles/outliers is not here")


def _read(name: str, column: str) -> np.ndarray:
    with (FOLDER / name).open(encoding="utf-8") as file:
        return np.array(
            [float(row[column]) if row[column] not in ("", "NA") else np.nan for row in csv.DictReader(file)]
        )


def test_gold_prices_with_missing_days() -> None:
    found = series_outliers(_read("gold_input.csv", "y"))
    assert np.flatnonzero(found.outlier) + 1 == _read("gold_tsoutliers_expected.csv", "index")
    np.testing.assert_allclose(
        found.filled[found.outlier], _read("gold_tsoutliers_expected.csv", "replacement"), rtol=1e-12
    )


@pytest.mark.usefixtures("median_as_in_r")
def test_temperatures_with_the_median_that_r_takes() -> None:
    found = series_outliers(_read("nottem3_input.csv", "y"), period=12)
    np.testing.assert_array_equal(
        np.flatnonzero(found.outlier) + 1, _read("nottem3_tsoutliers_expected.csv", "index")
    )
    np.testing.assert_allclose(
        found.filled[found.outlier], _read("nottem3_tsoutliers_expected.csv", "replacement"), rtol=1e-12
    )


def test_temperatures_with_the_true_median() -> None:
    """The same outliers; replacements differ in the second decimal (see test_seasonal)."""
    found = series_outliers(_read("nottem3_input.csv", "y"), period=12)
    np.testing.assert_array_equal(
        np.flatnonzero(found.outlier) + 1, _read("nottem3_tsoutliers_expected.csv", "index")
    )
    np.testing.assert_allclose(
        found.filled[found.outlier], _read("nottem3_tsoutliers_expected.csv", "replacement"), atol=0.03
    )
