"""Modified z scores, and Rosner's outlier test on his own data (NIST handbook 1.3.5.17.3)."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tallymark.statistics import esd_steps, generalised_esd, modified_z

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "oracles" / "outliers"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="../shared/data/oracles/outliers is not here")


def _read(name: str, column: str) -> np.ndarray:
    with (FOLDER / name).open(encoding="utf-8") as file:
        return np.array([float(row[column]) for row in csv.DictReader(file)])


def test_modified_z() -> None:
    found = modified_z(_read("modz_example.csv", "x"))
    np.testing.assert_allclose(found, _read("modz_example.csv", "modz"), rtol=1e-12)


def test_rosner() -> None:
    x = _read("esd_rosner_input.csv", "x")
    steps = esd_steps(x, 10)
    np.testing.assert_allclose(steps.statistic, _read("esd_rosner_expected.csv", "R"), rtol=1e-12)
    np.testing.assert_allclose(steps.critical, _read("esd_rosner_expected.csv", "lambda"), rtol=1e-12)
    np.testing.assert_allclose(steps.statistic, _read("esd_rosner_expected.csv", "nist_R"), atol=1e-3)
    np.testing.assert_allclose(steps.critical, _read("esd_rosner_expected.csv", "nist_lambda"), atol=1e-3)
    np.testing.assert_array_equal(x[steps.place], _read("esd_rosner_expected.csv", "removed"))
    assert sorted(x[generalised_esd(x, 10, alpha=0.05)]) == [5.34, 5.42, 6.01]
