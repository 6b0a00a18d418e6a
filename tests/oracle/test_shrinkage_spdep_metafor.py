"""Shrinkage against spdep (Marshall's moments) and metafor (τ² by seven methods, predictions by REML)."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from tallymark.statistics import (
    beta_binomial,
    eb_binomial,
    eb_poisson,
    heterogeneity,
    normal_normal,
    poisson_gamma,
    random_effects,
)
from tallymark.statistics.between import known_units
from tallymark.statistics.conjugate import fit_beta, fit_gamma

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "oracles" / "funnel_eb"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="../shared/data/oracles/funnel_eb is not here")
LOOSE = {"PM": 2e-4, "EB": 1e-7, "REML": 1e-7, "ML": 1e-7}
"""Where metafor stops iterating; ours go on to the root (its own EB, the same root as PM, shows that)."""


def _columns(name: str, *names: str) -> list[NDArray[np.float64]]:
    with (FOLDER / name).open() as file:
        rows = list(csv.DictReader(file))
    return [np.array([float(row[column]) for row in rows]) for column in names]


@pytest.mark.parametrize(("family", "shrink"), [("poisson", eb_poisson), ("binomial", eb_binomial)])
def test_marshall(family: str, shrink: object) -> None:
    x, e, expected = _columns(f"eb_marshall_{family}.csv", "numerator", "denominator", "estmm")
    shrunk, variance = shrink(x, e)  # type: ignore[operator]
    np.testing.assert_allclose(shrunk, expected, rtol=1e-12)
    assert (variance > 0).all()
    assert (np.abs(shrunk - x.sum() / e.sum()) <= np.abs(x / e - x.sum() / e.sum()) + 1e-12).all()


def test_variance_between_units() -> None:
    y, v = _columns("metafor_blup_reml.csv", "y", "v")
    with (FOLDER / "metafor_tau2.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 7
    for row in rows:
        found = (*random_effects(y, np.sqrt(v), method=row["method"]),
                 *heterogeneity(y, np.sqrt(v), method=row["method"]))  # fmt: skip
        expected = [float(row[name]) for name in ("mu", "se", "tau2", "Q", "I2")]
        np.testing.assert_allclose(found, expected, rtol=LOOSE.get(row["method"], 1e-12))


def test_paule_mandel_is_at_its_root() -> None:
    """Q(τ²) = n − 1 to all digits, which metafor's PM misses in the fourth."""
    y, v = _columns("metafor_blup_reml.csv", "y", "v")
    tau2 = random_effects(y, np.sqrt(v), method="PM")[2]
    y, v = known_units(y, np.sqrt(v))
    weight = 1 / (v + tau2)
    mean = (weight * y).sum() / weight.sum()
    assert (weight * (y - mean) ** 2).sum() == pytest.approx(len(y) - 1, rel=1e-12)


def test_predictions() -> None:
    y, v, *expected = _columns("metafor_blup_reml.csv", "y", "v", "blup", "blup_se", "lb", "ub")
    shrunk, variance, low, high = normal_normal(y, np.sqrt(v))
    for found, wanted in zip((shrunk, np.sqrt(variance), low, high), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-7)


def test_gamma_and_beta_are_at_their_maximum() -> None:
    """SciPy's negative binomial and beta-binomial likelihoods fall in every direction from the estimates."""
    x, e = _columns("eb_marshall_poisson.csv", "numerator", "denominator")
    mean, shape = fit_gamma(x, e)
    k, n = _columns("eb_marshall_binomial.csv", "numerator", "denominator")
    share, size = fit_beta(k, n)

    def gamma(m: float, a: float) -> float:
        return float(stats.nbinom.logpmf(x, a, a / (a + m * e)).sum())

    def beta(p: float, s: float) -> float:
        return float(stats.betabinom.logpmf(k, n, p * s, (1 - p) * s).sum())

    for likelihood, at in ((gamma, (mean, shape)), (beta, (share, size))):
        for step in (1e-3, -1e-3):
            assert likelihood(*at) > likelihood(at[0] * (1 + step), at[1])
            assert likelihood(*at) > likelihood(at[0], at[1] * (1 + step))
        by_mean = likelihood(at[0] * (1 + 1e-5), at[1]) - likelihood(at[0] * (1 - 1e-5), at[1])
        by_shape = likelihood(at[0], at[1] * (1 + 1e-4)) - likelihood(at[0], at[1] * (1 - 1e-4))
        assert abs(by_mean) < 1e-7
        assert abs(by_shape) < 1e-7


def test_posteriors_are_scipys() -> None:
    x, e = _columns("eb_marshall_poisson.csv", "numerator", "denominator")
    mean, shape = fit_gamma(x, e)
    posterior = stats.gamma(shape + x, scale=1 / (shape / mean + e))
    for found, wanted in zip(
        poisson_gamma(x, e, level=0.9),
        (posterior.mean(), posterior.var(), posterior.ppf(0.05), posterior.ppf(0.95)),
        strict=True,
    ):
        np.testing.assert_allclose(found, wanted, rtol=1e-10)
    k, n = _columns("eb_marshall_binomial.csv", "numerator", "denominator")
    share, size = fit_beta(k, n)
    after = stats.beta(share * size + k, (1 - share) * size + n - k)
    for found, wanted in zip(
        beta_binomial(k, n), (after.mean(), after.var(), after.ppf(0.025), after.ppf(0.975)), strict=True
    ):
        np.testing.assert_allclose(found, wanted, rtol=1e-10)
