"""How much units truly differ: estimators of the variance between them, given each one's own error."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tallymark.statistics.arguments import floats

Floats = NDArray[np.float64]
STEPS = 200


def between_variance(estimate: ArrayLike, se: ArrayLike, *, method: str = "REML") -> float:
    """The variance τ² of true values between units: y ~ N(μ, τ² + se²); NaN with fewer than two units known.

    Methods (Viechtbauer 2005; Veroniki et al. 2016): `DL` (DerSimonian and Laird 1986), `HE` (Hedges and
    Olkin 1985), `SJ` (Sidik and Jonkman 2005), `PM` (Paule and Mandel 1982) and `EB` (Morris 1983; the same
    root), `ML`, `REML`. Where the units differ no more than by chance it is 0 (`SJ` is always above 0 where
    estimates differ). Units with se 0 or unknown are left out. Oracle: metafor 4.
    """
    if method not in METHODS:
        raise ValueError(f"method {method!r} is not known; use one of {', '.join(METHODS)}")
    y, v = known_units(estimate, se)
    return METHODS[method](y, v) if len(y) > 1 else np.nan


def random_effects(estimate: ArrayLike, se: ArrayLike, *, method: str = "REML") -> tuple[float, float, float]:
    """The mean μ of the units' true values, its standard error, and the variance τ² between them.

    μ = Σwy ÷ Σw, se = 1 ÷ √Σw with w = 1 ÷ (τ² + se²). τ² by `between_variance`.
    """
    tau2 = between_variance(estimate, se, method=method)
    y, v = known_units(estimate, se)
    if not len(y) or np.isnan(tau2):
        return np.nan, np.nan, np.nan
    weight = 1 / (v + tau2)
    return float(_mean(y, weight)), float(weight.sum() ** -0.5), tau2


def heterogeneity(estimate: ArrayLike, se: ArrayLike, *, method: str = "REML") -> tuple[float, float]:
    """Cochran's Q and I², the per cent of the variation that is between units (Higgins and Thompson 2002)."""
    tau2 = between_variance(estimate, se, method=method)
    y, v = known_units(estimate, se)
    if np.isnan(tau2):
        return np.nan, np.nan
    weight = 1 / v
    typical = (len(y) - 1) * weight.sum() / (weight.sum() ** 2 - (weight**2).sum())
    return _cochran(y, weight), float(100 * tau2 / (tau2 + typical))


def known_units(estimate: ArrayLike, se: ArrayLike) -> tuple[Floats, Floats]:
    """Estimates and variances of the units that have both; a variance of 0 carries no information on τ²."""
    values, errors = np.broadcast_arrays(floats(estimate), floats(se))
    known = np.isfinite(values) & np.isfinite(errors) & (errors > 0)
    return values[known], errors[known] ** 2


def _mean(y: Floats, weight: Floats) -> float:
    return float((weight * y).sum() / weight.sum())


def _cochran(y: Floats, weight: Floats) -> float:
    return float((weight * (y - _mean(y, weight)) ** 2).sum())


def _dersimonian_laird(y: Floats, v: Floats) -> float:
    weight = 1 / v
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    return max((_cochran(y, weight) - (len(y) - 1)) / float(scale), 0.0)


def _hedges(y: Floats, v: Floats) -> float:
    return max(float(y.var(ddof=1)) - float(v.mean()), 0.0)


def _sidik_jonkman(y: Floats, v: Floats) -> float:
    first = float(y.var())
    if first == 0:
        return 0.0
    return first / (len(y) - 1) * _cochran(y, 1 / (v + first))


def _paule_mandel(y: Floats, v: Floats) -> float:
    """The root of Q(τ²) = n − 1, which falls in τ²."""

    def over(tau2: float) -> float:
        return _cochran(y, 1 / (v + tau2)) - (len(y) - 1)

    return _falling_root(over, y)


def _falling_root(function: Callable[[float], float], y: Floats) -> float:
    """Where a function that falls from above 0 crosses it, by bisection; 0 where it is not above 0 at 0."""
    if function(0.0) <= 0:
        return 0.0
    low, high = 0.0, float(y.var(ddof=1))
    while function(high) > 0:
        low, high = high, 2 * high
    for _ in range(STEPS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if function(middle) > 0 else (low, middle)
    return (low + high) / 2


def _likelihood(y: Floats, v: Floats, *, restricted: bool) -> float:
    """The maximum of the (restricted) likelihood: scanned, so as not to end on a lower hill, then by its slope."""
    top = max(float(y.var(ddof=1)), float(v.max())) * 4
    grid = np.concatenate([[0.0], np.geomspace(top * 1e-9, top, 400)])
    weight = 1 / (v[None, :] + grid[:, None])
    mean = (weight * y).sum(axis=1) / weight.sum(axis=1)
    fit = 0.5 * np.log(weight).sum(axis=1) - 0.5 * (weight * (y - mean[:, None]) ** 2).sum(axis=1)
    if restricted:
        fit -= 0.5 * np.log(weight.sum(axis=1))
    best = int(np.argmax(fit))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    if _slope(low, y, v, restricted) <= 0:
        return float(low)
    for _ in range(STEPS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if _slope(middle, y, v, restricted) > 0 else (low, middle)
    return float((low + high) / 2)


def _slope(tau2: float, y: Floats, v: Floats, restricted: bool) -> float:
    """Twice the derivative of the log-likelihood in τ²."""
    weight = 1 / (v + tau2)
    slope = ((weight * (y - _mean(y, weight))) ** 2).sum() - weight.sum()
    return float(slope + (weight**2).sum() / weight.sum() if restricted else slope)


def _ml(y: Floats, v: Floats) -> float:
    return _likelihood(y, v, restricted=False)


def _reml(y: Floats, v: Floats) -> float:
    return _likelihood(y, v, restricted=True)


METHODS: dict[str, Callable[[Floats, Floats], float]] = {
    "REML": _reml,
    "ML": _ml,
    "DL": _dersimonian_laird,
    "PM": _paule_mandel,
    "EB": _paule_mandel,
    "HE": _hedges,
    "SJ": _sidik_jonkman,
}
