"""Quantiles of a sample, and errors by leaving out one cluster at a time (jackknife)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from tallymark.statistics.arguments import Floats, Interval, floats, tail
from tallymark.statistics.survey import survey_mean
from tallymark.statistics.survey_design import survey_design


def survey_quantile(
    y: ArrayLike,
    weights: ArrayLike,
    share: float,
    *,
    level: float = 0.95,
    strata: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    population_clusters: ArrayLike | None = None,
    domain: ArrayLike | None = None,
    lonely: str = "undefined",
) -> tuple[float, float, float]:
    """The least value that at least `share` of the weight is at or below (0.5: median), lower and upper limit.

    Woodruff 1952: the limits are the quantiles of p ± t × se(p), p the share found at or below the estimate. One
    variable; other arguments as in the module `survey`. NaN: a missing value in the domain; a limit whose share is
    beyond 0 or 1.
    """
    if not 0 < share < 1:
        raise ValueError(f"share is between 0 and 1 (0.5 for the median), not {share!r}")
    values, weight = floats(y), np.broadcast_to(floats(weights), np.shape(y))
    inside = np.ones(values.shape, np.bool_) if domain is None else np.asarray(domain, dtype=np.bool_)
    inside = inside & (weight != 0)
    if not inside.any() or np.isnan(values[inside]).any() or np.isnan(weight[inside]).any():
        return float("nan"), float("nan"), float("nan")
    order = np.argsort(values[inside], kind="stable")
    ordered, reached = values[inside][order], np.cumsum(weight[inside][order])
    middle = _reaching(ordered, reached, share)
    below = np.where(inside, values, np.inf) <= middle
    design = survey_design(
        values.size, strata=strata, clusters=clusters, population_clusters=population_clusters, lonely=lonely
    )
    found, se = survey_mean(
        below, weight, strata=strata, clusters=clusters, population_clusters=population_clusters,
        domain=inside, lonely=lonely,
    )  # fmt: skip
    freedom = design.freedom
    half = -special.stdtrit(freedom, tail(level)) * se if freedom > 0 else np.nan
    low, high = (_reaching(ordered, reached, float(found + side * half)) for side in (-1, 1))
    return middle, low, high


def _reaching(ordered: Floats, reached: Floats, share: float) -> float:
    """The least of the ordered values at which the weight reached is the share of all; NaN beyond both ends."""
    if not 0 < share < 1:
        return float("nan")
    # A whole share, such as a half of equal weights, is not missed for a rounding of the sums.
    at = int(np.searchsorted(reached, share * reached[-1] * (1 - 4e-16 * len(reached)), side="left"))
    return float(ordered[min(at, len(ordered) - 1)])


def jackknife_weights(
    weights: ArrayLike, *, strata: ArrayLike | None = None, clusters: ArrayLike | None = None
) -> Interval:
    """Replicate weights (replicates × respondents) and the factor of each replicate, for `replicate_se`.

    Each replicate leaves one cluster (respondent, without clusters) out and weighs the others of its stratum n ÷ (n − 1)
    as much; factor (n − 1) ÷ n. JK1 without strata, JKn with (Wolter 2007). A stratum with one cluster gives a
    replicate of NaN: see `lonely_strata`.
    """
    weight = floats(weights)
    stage = survey_design(
        weight.size, strata=strata, clusters=clusters, population_clusters=None, lonely="undefined"
    ).stages[0]
    n = stage.drawn[stage.stratum].astype(np.float64)
    more = np.divide(n, n - 1, out=np.full(n.shape, np.nan), where=n > 1)
    own = stage.stratum[stage.cluster]
    replicates = np.where(stage.stratum[:, None] == own, more[:, None], 1.0) * weight
    replicates[stage.cluster, np.arange(weight.size)] = np.where(n > 1, 0.0, np.nan)[stage.cluster]
    return replicates, (n - 1) / n


def replicate_se(estimates: ArrayLike, factors: ArrayLike, *, centre: ArrayLike | None = None) -> Floats:
    """Standard error from the estimates of the replicates (last axis): √Σ factor × (estimate − centre)².

    `centre`: the estimate of the whole sample; the mean of the replicates' when left out.
    """
    each, factor = floats(estimates), floats(factors)
    middle = each.mean(axis=-1, keepdims=True) if centre is None else floats(centre)[..., None]
    return np.asarray(np.sqrt((factor * (each - middle) ** 2).sum(axis=-1)))[()]
