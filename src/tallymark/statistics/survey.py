"""Estimates from samples: means, totals, ratios and proportions with errors that respect how the sample was drawn.

`y`, `x`: values, the last axis is respondents (leading axes are separate variables). `weights`: how many people each
respondent stands for. `strata`, `clusters`: where each respondent was drawn; `clusters` may have a column for each
stage. `population_clusters`: how many clusters there are to draw from in the respondent's stratum (of respondents,
where there are no clusters), with a column for each stage; left out, drawing was with replacement, which overstates
errors a little. `domain`: which respondents the estimate is of; the others stay in the design, as they must.
`lonely`: what a stratum with a single cluster adds to the variance, which cannot be known from it: `undefined` (the
standard error is NaN: see `lonely_strata`), `certain` (nothing), `average` (as much as the others), `centre` (its
distance from the mean of all). A missing value or weight in the domain makes the estimate NaN: take it out of the
domain, which says that those who did not answer are like those who did.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tallymark.statistics.arguments import Estimate, Floats, Interval, chosen, floats, tail
from tallymark.statistics.survey_design import Design, survey_design, total_variance


class Sample(NamedTuple):
    """Values, weights (0 outside the domain) and the design of a sample."""

    values: Floats
    weights: Floats
    design: Design


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def survey_mean(
    y: ArrayLike,
    weights: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    population_clusters: ArrayLike | None = None,
    domain: ArrayLike | None = None,
    lonely: str = "undefined",
) -> Interval:
    """Weighted mean Σwy ÷ Σw and its standard error by linearisation (arguments: see the module `survey`)."""
    sample = _sample(y, weights, strata, clusters, population_clusters, domain, lonely)
    mean, scores = _mean(sample)
    return _told(mean, scores, sample)


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def survey_total(
    y: ArrayLike,
    weights: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    population_clusters: ArrayLike | None = None,
    domain: ArrayLike | None = None,
    lonely: str = "undefined",
) -> Interval:
    """Weighted total Σwy and its standard error (arguments: see the module `survey`)."""
    sample = _sample(y, weights, strata, clusters, population_clusters, domain, lonely)
    scores = sample.weights * sample.values
    return _told(scores.sum(axis=-1), scores, sample)


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def survey_ratio(
    y: ArrayLike,
    x: ArrayLike,
    weights: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    population_clusters: ArrayLike | None = None,
    domain: ArrayLike | None = None,
    lonely: str = "undefined",
) -> Interval:
    """Ratio of two totals Σwy ÷ Σwx and its standard error by linearisation (arguments: see the module `survey`)."""
    sample = _sample(y, weights, strata, clusters, population_clusters, domain, lonely)
    given = floats(x)
    if given.shape[-1:] not in ((), (1,), sample.values.shape[-1:]):
        raise ValueError(f"x holds one value a respondent, {sample.values.shape[-1]}, not {given.shape}")
    below = np.where(sample.weights != 0, np.where(np.isinf(given), np.nan, given), 0.0)
    total = (sample.weights * below).sum(axis=-1)
    safe = np.where(total != 0, total, np.nan)
    value = (sample.weights * sample.values).sum(axis=-1) / safe
    scores = sample.weights * (sample.values - value[..., None] * below) / safe[..., None]
    return _told(value, scores, sample)


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def survey_proportion(
    y: ArrayLike,
    weights: ArrayLike,
    *,
    level: float = 0.95,
    method: str = "logit",
    strata: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    population_clusters: ArrayLike | None = None,
    domain: ArrayLike | None = None,
    lonely: str = "undefined",
) -> Estimate:
    """Weighted proportion of y (0 or 1), lower and upper limit (arguments: see the module `survey`).

    Methods, with t quantiles of clusters − strata degrees of freedom: `logit` (symmetric on the logit scale; NaN at 0
    and 1); `korn-graubard` (1998): Clopper–Pearson's limits of the effective sample size p(1 − p) ÷ var(p) × (t of the
    sample ÷ t of the design)², which holds for few cases; at 0 and 1 the effective size is that of the sample.
    """
    limits = chosen(PROPORTIONS, method)
    sample = _sample(y, weights, strata, clusters, population_clusters, domain, lonely)
    answers = sample.values[..., sample.weights != 0]
    if not np.isin(answers[~np.isnan(answers)], (0, 1)).all():
        raise ValueError("y of a proportion is 0 or 1")
    p, scores = _mean(sample)
    p, se = _told(p, scores, sample)
    asked = int((sample.weights != 0).sum()) if domain is not None else sample.weights.size
    low, high = limits(np.asarray(p), np.asarray(se), asked, sample.design.freedom, tail(level))
    return p, low[()], high[()]


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def survey_design_effect(
    y: ArrayLike,
    weights: ArrayLike,
    *,
    of: str = "mean",
    strata: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    population_clusters: ArrayLike | None = None,
    domain: ArrayLike | None = None,
    lonely: str = "undefined",
) -> Floats:
    """Variance of the weighted mean (or total) ÷ that of a simple random sample of as many respondents, drawn once each.

    The latter is (1 − n ÷ Σw) × s² ÷ n, s² the weighted variance, times (Σw)² for `of="total"` (Kish 1965). Arguments:
    see the module `survey`.
    """
    chosen({"mean": None, "total": None}, of, what="of")
    sample = _sample(y, weights, strata, clusters, population_clusters, domain, lonely)
    mean, scores = _mean(sample)
    n, total = (sample.weights != 0).sum(), sample.weights.sum()
    spread = (sample.weights * (sample.values - mean[..., None]) ** 2).sum(axis=-1) / total
    simple = (
        spread * n / (n - 1) / n * (1 - n / total) if n > 1 and total > n else np.full(mean.shape, np.nan)
    )
    if of == "total":
        scores, simple = sample.weights * sample.values, simple * total**2
    variance = total_variance(scores, sample.design)
    return np.asarray(np.divide(variance, simple, out=np.full(mean.shape, np.nan), where=simple > 0))[()]


def lonely_strata(strata: ArrayLike, clusters: ArrayLike | None = None) -> NDArray[Any]:
    """The strata in which a single cluster (respondent, without clusters) was drawn, in order."""
    given = np.asarray(strata)
    own = np.arange(len(given)) if clusters is None else np.asarray(clusters)
    names, stratum = np.unique(given, return_inverse=True)
    _, code = np.unique(own, return_inverse=True)
    pairs = np.unique(np.stack([stratum.reshape(-1), code.reshape(-1)]), axis=1)
    return np.asarray(names[np.bincount(pairs[0], minlength=len(names)) == 1])


def _sample(
    y: ArrayLike,
    weights: ArrayLike,
    strata: ArrayLike | None,
    clusters: ArrayLike | None,
    population_clusters: ArrayLike | None,
    domain: ArrayLike | None,
    lonely: str,
) -> Sample:
    values, weight = (np.where(np.isinf(part), np.nan, part) for part in (floats(y), floats(weights)))
    if values.ndim == 0 or values.shape[-1] == 0:
        raise ValueError("y holds one value a respondent, at least one")
    if weight.shape not in ((), (1,), values.shape[-1:]):
        raise ValueError(
            f"weights are one a respondent, {values.shape[-1]}, or one for all, not {weight.shape}"
        )
    weight = np.broadcast_to(weight, values.shape[-1:])
    if domain is not None:
        inside = np.broadcast_to(np.asarray(domain, dtype=np.bool_), weight.shape)
        weight = np.where(inside, weight, 0.0)
    values = np.where(weight != 0, values, 0.0)
    return Sample(
        values,
        weight,
        survey_design(
            weight.size,
            strata=strata,
            clusters=clusters,
            population_clusters=population_clusters,
            lonely=lonely,
        ),
    )


def _mean(sample: Sample) -> Interval:
    total = sample.weights.sum()
    safe = total if total != 0 else np.nan
    mean = np.asarray((sample.weights * sample.values).sum(axis=-1) / safe)
    return mean, sample.weights * (sample.values - mean[..., None]) / safe


def _told(value: Floats, scores: Floats, sample: Sample) -> Interval:
    se = np.sqrt(np.maximum(total_variance(scores, sample.design), 0.0) + 0 * value)
    return np.asarray(value)[()], np.asarray(se)[()]


def _logit(p: Floats, se: Floats, asked: int, freedom: int, beyond: float) -> Interval:
    del asked
    inside = (p > 0) & (p < 1) & (freedom > 0)
    safe = np.where(inside, p, 0.5)
    half = -special.stdtrit(max(freedom, 1), beyond) * se / (safe * (1 - safe))
    middle = special.logit(safe)
    low, high = special.expit(middle - half), special.expit(middle + half)
    return np.where(inside, low, np.nan), np.where(inside, high, np.nan)


def _korn_graubard(p: Floats, se: Floats, asked: int, freedom: int, beyond: float) -> Interval:
    known = np.isfinite(p) & np.isfinite(se) & (freedom > 0) & (asked > 1)
    end = (p <= 0) | (p >= 1)
    size = np.where(end, float(asked), p * (1 - p) / np.where(known & ~end & (se > 0), se**2, np.nan))
    size = size * (special.stdtrit(max(asked - 1, 1), beyond) / special.stdtrit(max(freedom, 1), beyond)) ** 2
    known &= np.isfinite(size)
    n, x = np.where(known, size, 1.0), np.where(known, size * p, 0.5)
    low = special.betaincinv(np.where(x > 0, x, 1.0), n - x + 1, beyond)
    high = special.betainccinv(x + 1, np.where(x < n, n - x, 1.0), beyond)
    low, high = np.where(p > 0, low, 0.0), np.where(p < 1, high, 1.0)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


PROPORTIONS: dict[str, Callable[[Floats, Floats, int, int, float], Interval]] = {
    "logit": _logit,
    "korn-graubard": _korn_graubard,
}
