"""LQAS rules and errors against exact fractions computed elsewhere."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tallymark.statistics import lqas_errors, lqas_rule

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "oracles" / "lqas"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="../shared/data/oracles/lqas is not here")


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_errors_of_given_rules_in_finite_lots() -> None:
    rows = _rows("lqas_hypergeometric.csv")
    names = ("lot_N", "n", "d_min_successes", "K_at_upper", "K_at_lower")
    lot, n, d, good, bad = (np.array([float(row[name]) for row in rows]) for name in names)
    for population, suffix in ((lot, "hyper"), (None, "binom")):
        found = lqas_errors(n, d, good / lot, bad / lot, population=population)
        for error, name in zip(found, ("alpha", "beta"), strict=True):
            np.testing.assert_allclose(
                error, [float(row[f"{name}_{suffix}"]) for row in rows], rtol=1e-12, atol=1e-16
            )


def test_the_classic_table_of_nineteen() -> None:
    """Every row whose lower threshold exists; at 30 against 0 any success excludes a bad lot, so 1 is best, not 3."""
    seen = 0
    for row in _rows("lqas_n19_classic.csv"):
        upper, lower = float(row["upper_threshold_pct"]) / 100, float(row["lower_threshold_pct"]) / 100
        decision, alpha, beta = lqas_rule(19, upper, lower)
        assert decision == float(row["d_minimising_alpha_plus_beta"])
        if lower > 0:
            assert decision == float(row["classic_decision_value(min successes to pass)"])
            assert alpha == pytest.approx(float(row["alpha_binom(fail|p=upper)"]), rel=1e-12)
            assert beta == pytest.approx(float(row["beta_binom(pass|p=lower)"]), rel=1e-12)
            seen += 1
    assert seen == 13
