"""Three lists against Rcapture: all eight models."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tallymark.statistics import log_linear_models, log_linear_population

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "oracles" / "rcapture"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="../shared/data/oracles/rcapture is not here")
STOPPED_EARLY = 5e-7
"""R's glm stops at a deviance change of 1e-8 and takes the error from the round before; ours goes to the end."""


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_model() -> None:
    given = _rows("three_list_input.csv")
    patterns = np.array([[row[name] == "1" for name in "ABC"] for row in given])
    counts = [float(row["f"]) for row in given]
    models = {model.terms: model for model in log_linear_models(patterns, counts)}
    expected = _rows("three_list_models.csv")
    assert len(models) == len(expected) == 8
    for row in expected:
        terms = [term for term in row["model"].strip("[]").split(",") if len(term) > 1]
        total, se = log_linear_population(patterns, counts, terms=terms)
        assert total == pytest.approx(float(row["abundance"]), rel=1e-12), row
        assert se == pytest.approx(float(row["stderr"]), rel=STOPPED_EARLY), row
        model = models[tuple(terms)]
        assert (model.total, model.se, model.df) == (total, se, int(row["df"]))
        assert model.deviance == pytest.approx(float(row["deviance"]), abs=1e-11)
        assert model.aic == pytest.approx(float(row["AIC"]), rel=1e-12)
        assert model.bic == pytest.approx(float(row["BIC"]), rel=1e-12)
    assert [model.terms for model in log_linear_models(patterns, counts)][:2] == [("12", "13"), ("13",)]
