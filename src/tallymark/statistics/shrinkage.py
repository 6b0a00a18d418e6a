"""Shrinkage: noisy figures of small units drawn towards what like units have, by how noisy they are.

The raw value always stands beside. Every function gives NaN for a unit whose figure is unknown, and leaves it out
of what is learnt from the others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tallymark.statistics.arguments import floats
from tallymark.statistics.between import between_variance, random_effects
from tallymark.statistics.conjugate import fit_beta, fit_gamma
from tallymark.statistics.intervals import poisson_interval, proportion_interval

Floats = NDArray[np.float64]
Shrunk = tuple[Floats, Floats, Floats, Floats]


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def eb_poisson(events: ArrayLike, exposure: ArrayLike) -> tuple[Floats, Floats]:
    """Rates drawn towards the overall rate, and their posterior variances, by Marshall's moments.

    m = Σx ÷ Σe; a = Σe(r − m)² ÷ Σe − m ÷ ē, at least 0; shrunk = m + (r − m) × a ÷ (a + m ÷ e); variance =
    a × (m ÷ e) ÷ (a + m ÷ e). `exposure` is a population or expected count above 0. NaN: a unit without
    events or exposure known. Source: Marshall 1991, Applied Statistics 40; oracle: spdep `EBest`.
    """
    x, e, known = _counts(events, exposure)
    rate, mean = x / e, x.sum() / e.sum() if len(x) else np.nan
    if not len(x):
        return _placed(known, x, x)
    spread = (e * (rate - mean) ** 2).sum() / e.sum()
    return _drawn(known, rate, mean, mean / e, max(float(spread - mean / e.mean()), 0.0))


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def eb_binomial(events: ArrayLike, exposure: ArrayLike) -> tuple[Floats, Floats]:
    """Proportions drawn towards the overall proportion, and their posterior variances, by moments.

    m = Σx ÷ Σn; v = (s² − m(1 − m) ÷ n̄) ÷ (1 − 1 ÷ n̄) with s² = Σn(p − m)² ÷ Σn, at least 0; the unit's own
    variance (m(1 − m) − v) ÷ n; shrunk = m + (p − m) × v ÷ (v + own). NaN: a unit without events or trials,
    or with more events than trials. Source: Marshall 1991 for proportions (Martuzzi and Elliott 1996); oracle:
    spdep `EBest(family = "binomial")`.
    """
    x, n, known = _counts(events, exposure, most=True)
    if not len(x):
        return _placed(known, x, x)
    share, mean = x / n, x.sum() / n.sum()
    spread = (n * (share - mean) ** 2).sum() / n.sum()
    size = n.mean()
    if size <= 1:
        between = 0.0
    else:
        between = max(float((spread - mean * (1 - mean) / size) / (1 - 1 / size)), 0.0)
    own = np.maximum(mean * (1 - mean) - between, 0.0) / n
    return _drawn(known, share, mean, own, between)


def normal_normal(estimate: ArrayLike, se: ArrayLike, *, method: str = "REML", level: float = 0.95) -> Shrunk:
    """Estimates drawn towards their mean: shrunk values, posterior variances, lower and upper limits.

    λ = τ² ÷ (τ² + se²); shrunk = λy + (1 − λ)μ; variance = λse² + (1 − λ)² × var(μ), as μ is estimated, too;
    limits shrunk ∓ z√variance. τ² by `method` (`between_variance`), μ by `random_effects`. A unit that is
    certain (se 0) stays as it is, and so does a single unit. Oracle: metafor `blup`.
    """
    values, errors = np.broadcast_arrays(floats(estimate), floats(se))
    known = np.isfinite(values) & np.isfinite(errors) & (errors >= 0)
    z = _z(level)
    tau2 = between_variance(values, errors, method=method)
    mean, mean_se, _ = random_effects(values, errors, method=method)
    own = np.where(known, errors, 1.0) ** 2
    alone = np.isnan(tau2)
    with np.errstate(invalid="ignore", divide="ignore"):
        keep = np.where((own == 0) | alone, 1.0, tau2 / (tau2 + own))
    pulled = np.where(keep == 1, values, keep * values + (1 - keep) * (0.0 if alone else mean))
    variance = keep * own + np.where(keep == 1, 0.0, (1 - keep) ** 2 * (0.0 if alone else mean_se**2))
    shrunk, variance = np.where(known, pulled, np.nan), np.where(known, variance, np.nan)
    return shrunk, variance, shrunk - z * np.sqrt(variance), shrunk + z * np.sqrt(variance)


def poisson_gamma(events: ArrayLike, exposure: ArrayLike, *, level: float = 0.95) -> Shrunk:
    """Rates drawn towards their mean: posterior means, variances, lower and upper limits.

    x ~ Poisson(e × θ), θ ~ Gamma(shape α, mean μ), both by maximum likelihood of the negative binomial; posterior
    Gamma(α + x, rate α ÷ μ + e), limits its quantiles (Clayton and Kaldor 1987; Manton et al. 1989). Where units
    differ no more than by chance α is infinite and every unit gets Σx ÷ Σe with its exact interval. That α and
    μ are estimated is not in the limits: with few units they are too narrow (true coverage:
    docs/methods/coverage.md).
    """
    x, e, known = _counts(events, exposure)
    tail = _tail(level)
    centre, shape = fit_gamma(x, e) if x.sum() > 0 else (0.0, np.inf)
    if np.isinf(shape):
        total, whole = x.sum(), e.sum() if len(x) else 1.0
        low, high = poisson_interval(total, level=level)
        return _alike(known, total / whole, total / whole**2, low / whole, high / whole)
    after, rate = shape + x, shape / centre + e
    low, high = (special.gammaincinv(after, at) / rate for at in (tail, 1 - tail))
    return (*_placed(known, after / rate, after / rate**2), *_placed(known, low, high))


def beta_binomial(events: ArrayLike, exposure: ArrayLike, *, level: float = 0.95) -> Shrunk:
    """Proportions drawn towards their mean: posterior means, variances, lower and upper limits.

    x ~ Binomial(n, θ), θ ~ Beta(α, β) by maximum likelihood of the beta-binomial; posterior Beta(α + x, β + n − x),
    limits its quantiles (Skellam 1948; Kleinman 1973). Where units differ no more than by chance every unit
    gets Σx ÷ Σn with its exact interval. That α and β are estimated is not in the limits: with few units they
    are too narrow.
    """
    x, n, known = _counts(events, exposure, most=True)
    tail = _tail(level)
    whole = n.sum() if len(n) else 1.0
    share = x.sum() / whole
    centre, size = fit_beta(x, n) if 0 < share < 1 else (share, np.inf)
    if np.isinf(size):
        low, high = proportion_interval(x.sum(), whole, level=level, method="clopper-pearson")
        return _alike(known, share, share * (1 - share) / whole, low, high)
    a, b = centre * size + x, (1 - centre) * size + n - x
    variance = a * b / ((a + b) ** 2 * (a + b + 1))
    low, high = (special.betaincinv(a, b, at) for at in (tail, 1 - tail))
    return (*_placed(known, a / (a + b), variance), *_placed(known, low, high))


def _alike(known: NDArray[np.bool_], *values: float | Floats) -> Shrunk:
    """The figure of all units together, for each of those that are known."""
    mean, variance, low, high = (np.where(known, value, np.nan) for value in values)
    return mean, variance, low, high


def _counts(
    events: ArrayLike, exposure: ArrayLike, *, most: bool = False
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Events and exposures of the units that have both, and which those are; `most`: no more events than trials."""
    x, e = np.broadcast_arrays(floats(events), floats(exposure))
    with np.errstate(invalid="ignore"):
        known = np.isfinite(x) & np.isfinite(e) & (e > 0) & (x >= 0)
        if most:
            known &= x <= e
    return x[known], e[known], known


def _drawn(
    known: NDArray[np.bool_], raw: Floats, mean: float, own: Floats, between: float
) -> tuple[Floats, Floats]:
    """Raw values drawn towards the mean by between ÷ (between + own); all the way where nothing lies between."""
    total = between + own
    keep = np.divide(between, total, out=np.zeros_like(own), where=total > 0)
    return _placed(known, mean + (raw - mean) * keep, keep * own)


def _placed(known: NDArray[np.bool_], first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Both with NaN for the units that are not known."""
    found = []
    for values in (first, second):
        full = np.full(known.shape, np.nan)
        full[known] = values
        found.append(full)
    return found[0], found[1]


def _tail(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"level is a confidence level between 0 and 1 (0.95), not {level!r}")
    return (1 - level) / 2


def _z(level: float) -> float:
    return float(-special.ndtri(_tail(level)))
