"""Maximum likelihood of the two conjugate pairs: gamma for Poisson rates, beta for binomial proportions.

The mean and the logarithm of the precision are looked for, from the best of a grid of precisions. Where the slope
of the likelihood at infinite precision says so, the units differ by no more than chance.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
Loss = Callable[[Floats], tuple[float, Floats]]
GRID = np.arange(-7.0, 16.5, 0.5)
"""Logarithms of the precision, against that of a typical unit."""


def fit_gamma(x: Floats, e: Floats) -> tuple[float, float]:
    """(mean, shape) of the gamma distribution of rates; the shape is infinite where rates differ by chance alone.

    Needs one event at least. log L = Σ lnΓ(α + x) − lnΓ(α) + α ln α + x ln(μe) − (α + x) ln(α + μe); its slope in
    1 ÷ α at 0 is ½Σ((x − μe)² − x).
    """
    centre = float(x.sum() / e.sum())
    if float(((x - centre * e) ** 2 - x).sum()) <= 0:
        return centre, np.inf

    def loss(at: Floats) -> tuple[float, Floats]:
        mean, shape = centre * np.exp(at[0]) * e, np.exp(at[1])
        apart = np.log1p(mean / shape)
        fit = _rising(shape, x) - x * np.log(shape) - (shape + x) * apart + x * np.log(mean)
        by_mean = shape * (x - mean) / (shape + mean)
        by_shape = special.digamma(shape + x) - special.digamma(shape) - apart + (mean - x) / (shape + mean)
        return -float(fit.sum()), -np.array([by_mean.sum(), shape * by_shape.sum()])

    at = _best(loss, typical=float((centre * e).mean()))
    return float(centre * np.exp(at[0])), float(np.exp(at[1]))


def fit_beta(x: Floats, n: Floats) -> tuple[float, float]:
    """(mean, size α + β) of the beta distribution of proportions; the size is infinite where they differ by chance.

    Needs a pooled proportion between 0 and 1. log L = Σ lnB(α + x, β + n − x) − lnB(α, β); its slope in 1 ÷ size
    at 0 is ½Σ(x(x − 1) ÷ μ + (n − x)(n − x − 1) ÷ (1 − μ) − n(n − 1)).
    """
    centre = float(x.sum() / n.sum())
    rest = n - x
    slope = x * (x - 1) / centre + rest * (rest - 1) / (1 - centre) - n * (n - 1)
    if float(slope.sum()) <= 0:
        return centre, np.inf
    logit = special.logit(centre)

    def loss(at: Floats) -> tuple[float, Floats]:
        mean, size = special.expit(logit + at[0]), np.exp(at[1])
        a, b = mean * size, (1 - mean) * size
        fit = _rising(a, x) + _rising(b, rest) - _rising(size, n)
        whole = special.digamma(size + n) - special.digamma(size)
        by_a = float((special.digamma(a + x) - special.digamma(a) - whole).sum())
        by_b = float((special.digamma(b + rest) - special.digamma(b) - whole).sum())
        by_mean = size * mean * (1 - mean) * (by_a - by_b)
        return -float(fit.sum()), -np.array([by_mean, a * by_a + b * by_b])

    at = _best(loss, typical=float(n.mean()))
    return float(special.expit(logit + at[0])), float(np.exp(at[1]))


def _rising(a: float, x: Floats) -> Floats:
    """ln Γ(a + x) − ln Γ(a), without the loss of digits where a is large."""
    some = x > 0
    steps = np.where(some, x, 1.0)
    return np.where(some, special.gammaln(steps) - special.betaln(a, steps), 0.0)


def _best(loss: Loss, *, typical: float) -> Floats:
    starts = np.log(typical) + GRID
    losses = [loss(np.array([0.0, start]))[0] for start in starts]
    from scipy import optimize  # used for this alone, and slower to import than all else here

    found = optimize.minimize(
        loss, np.array([0.0, starts[int(np.argmin(losses))]]), jac=True, method="BFGS", options={"gtol": 1e-9}
    )
    return np.asarray(found.x)
