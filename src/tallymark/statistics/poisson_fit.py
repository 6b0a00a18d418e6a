"""Poisson log-linear fits of many tables with one design at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
MOST_STEPS, ENOUGH = 60, 1e-9
"""Newton doubles its digits: after a step of 1e-9 the next would be of 1e-18. About six steps do; sixty leave estimates
at infinity where exp(−60) is nothing beside the counts."""
LIMIT = 300.0
"""Linear predictors stay within ±LIMIT, where exp neither vanishes nor overflows."""


class Fit(NamedTuple):
    """Coefficients (…, parameters), their covariance, fitted means (…, cells), deviance and −2 log likelihood (…)."""

    coefficients: Floats
    covariance: Floats
    fitted: Floats
    deviance: Floats
    minus_two_log_likelihood: Floats


def poisson_fit(design: Floats, counts: Floats) -> Fit:
    """Maximum likelihood fit of log mean = design @ coefficients to every row of counts, by Newton's method.

    Rows with missing or negative counts give NaN. Where an estimate lies at infinity (zeros in a margin) the
    means end within 1e-20 of 0 and the standard error is huge, as it should be.
    """
    usable = np.asarray((np.isfinite(counts) & (counts >= 0)).all(axis=-1))
    y = np.where(usable[..., None], counts, 1.0)
    mean = y + 0.1
    predictor = np.log(mean)
    coefficients = np.zeros((*y.shape[:-1], design.shape[1]))
    for _ in range(MOST_STEPS):
        inverse = _inverse(design, mean)
        right = np.einsum("...c,ci->...i", mean * predictor + y - mean, design)
        fresh = (inverse @ right[..., None])[..., 0]
        moved = np.abs(fresh - coefficients).max(initial=0.0)
        coefficients = fresh
        predictor = np.clip(coefficients @ design.T, -LIMIT, LIMIT)
        mean = np.exp(predictor)
        if moved < ENOUGH * (1 + np.abs(coefficients).max(initial=0.0)):
            break
    covariance = _inverse(design, mean)
    deviance = 2 * (special.xlogy(y, np.where(y > 0, y, 1.0) / mean) - (y - mean)).sum(axis=-1)
    likelihood = -2 * (special.xlogy(y, mean) - mean - special.gammaln(y + 1)).sum(axis=-1)
    hide = np.where(usable, 1.0, np.nan)
    return Fit(
        coefficients * hide[..., None],
        covariance * hide[..., None, None],
        mean * hide[..., None],
        np.maximum(deviance, 0.0) * hide,
        likelihood * hide,
    )


def _inverse(design: Floats, mean: Floats) -> Floats:
    """(X'WX)⁻¹, scaled to a unit diagonal first so that very small means stay solvable."""
    gram = np.einsum("...c,ci,cj->...ij", mean, design, design)
    scale = 1 / np.sqrt(np.einsum("...ii->...i", gram))
    scaled = gram * scale[..., :, None] * scale[..., None, :]
    scaled = np.where(np.isfinite(scaled), scaled, 0.0)  # of tables whose fit ran away
    found: Floats = np.linalg.pinv(scaled, hermitian=True) * scale[..., :, None] * scale[..., None, :]
    return found
