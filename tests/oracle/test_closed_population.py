"""Snowshoe hares on six occasions against Rcapture's closedp."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tallymark.statistics import closed_population

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "oracles" / "rcapture"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="../shared/data/oracles/rcapture is not here")
CONVERGED = {"Mh-gamma3.5": 1e-8, "Mh-darroch": 1e-9, "Mth-gamma3.5": 1e-9, "Mh-poisson2": 1e-9}
"""R's glm stops early; models with a long flat ridge keep fewer digits there. Others agree to 1e-10."""


def test_every_model() -> None:
    with (FOLDER / "hare.csv").open() as file:
        hares = np.array(list(csv.reader(file))[1:]).astype(int)
    with (FOLDER / "hare_closedp.csv").open() as file:
        expected = list(csv.DictReader(file))
    assert len(expected) == 12
    for row in expected:
        name, _, kind = row["model"].removesuffix(" (LB)").partition(" ")
        model = f"{name}-{kind.lower()}" if kind else name
        total, se = closed_population(hares, model=model)
        assert total == pytest.approx(float(row["abundance"]), rel=CONVERGED.get(model, 1e-10)), row
        if model != "Mbh":
            assert se == pytest.approx(float(row["stderr"]), rel=5e-5), row
        else:  # see tests/unit/statistics/test_log_linear.py
            assert se < float(row["stderr"]) / 3
