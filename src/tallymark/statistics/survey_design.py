"""How a sample was drawn — strata, clusters at one stage or more, fractions — and the variance this gives a total."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tallymark.statistics.arguments import Floats, chosen, floats

Codes = NDArray[np.int64]
Column = NDArray[Any]


@dataclass(frozen=True)
class Stage:
    """One stage of drawing: which cluster each respondent is in, which stratum that cluster, how many there are.

    `cluster`: code of the cluster of each respondent; `stratum`: code of the stratum of each cluster; `drawn`: clusters
    drawn in each stratum; `fraction`: drawn ÷ all clusters of the stratum, 0 when drawn with replacement.
    """

    cluster: Codes
    stratum: Codes
    drawn: Codes
    fraction: Floats


@dataclass(frozen=True)
class Design:
    """The stages of a sample, first to last."""

    stages: tuple[Stage, ...]
    lonely: str

    @property
    def freedom(self) -> int:
        """Degrees of freedom: clusters of the first stage − strata."""
        first = self.stages[0]
        return len(first.stratum) - len(first.drawn)


def survey_design(
    respondents: int,
    *,
    strata: ArrayLike | None,
    clusters: ArrayLike | None,
    population_clusters: ArrayLike | None,
    lonely: str,
) -> Design:
    """The design of a sample, from what is known of each respondent."""
    chosen(LONELY, lonely, what="lonely")
    stratum = _codes(strata, respondents, "strata")
    ids = _columns(clusters, respondents, "clusters")
    sizes = _columns(population_clusters, respondents, "population_clusters")
    within = np.zeros(respondents, np.int64) if stratum is None else stratum
    stages = []
    for at, own in enumerate(ids or [np.arange(respondents)]):
        size = None if sizes is None or at >= len(sizes) else floats(sizes[at])
        stage = _stage(within, own, size)
        stages.append(stage)
        if size is None:
            break  # with replacement, later stages add nothing that the first does not show
        within = stage.cluster
    return Design(tuple(stages), lonely)


def _stage(within: Codes, own: Column, size: Floats | None) -> Stage:
    named = _numbered(own)
    cluster = _numbered(within * (int(named.max()) + 1) + named)
    many = int(cluster.max()) + 1
    stratum = np.zeros(many, np.int64)
    stratum[cluster] = within
    drawn = np.bincount(stratum)
    fraction = np.zeros(len(drawn))
    if size is not None:
        fraction[within] = drawn[within] / size
        if (np.isnan(fraction) | (fraction > 1)).any():
            raise ValueError(
                "population_clusters is fewer than the clusters drawn in a stratum, or not a number"
            )
    return Stage(cluster, stratum, drawn, fraction)


def total_variance(scores: Floats, design: Design) -> Floats:
    """Variance of the sum of `scores` (weighted; last axis respondents) under the design.

    Between clusters of a stratum (1 − f) × n ÷ (n − 1) × Σ (cluster sum − their mean)²; each further stage adds its own
    variance × the fractions f drawn before it (Särndal, Swensson and Wretman 1992, result 4.3.1).
    """
    found = np.zeros(scores.shape[:-1])
    reached = np.ones(scores.shape[-1])
    for stage in design.stages:
        before = np.zeros(len(stage.drawn))
        before[stage.stratum[stage.cluster]] = reached
        found = found + _between(scores, stage, before, design.lonely)
        reached = reached * stage.fraction[stage.stratum[stage.cluster]]
    return found


def _between(scores: Floats, stage: Stage, before: Floats, lonely: str) -> Floats:
    sums = _summed(scores, stage.cluster, len(stage.stratum))
    means = _summed(sums, stage.stratum, len(stage.drawn)) / np.fmax(stage.drawn, 1)
    n = stage.drawn.astype(np.float64)
    single = (n == 1) & (stage.fraction < 1)
    if lonely == "centre":
        means = np.where(single, sums.mean(axis=-1, keepdims=True), means)
    spread = _summed((sums - means[..., stage.stratum]) ** 2, stage.stratum, len(n))
    factor = np.where(n > 1, n / np.fmax(n - 1, 1), 1.0 if lonely == "centre" else 0.0)
    each = before * (1 - stage.fraction) * factor * spread
    if lonely == "undefined":
        each = np.where(single & (before > 0), np.nan, each)
    if lonely == "average" and single.any():
        others = (n > 1).sum()
        mean = each[..., n > 1].sum(axis=-1, keepdims=True) / others if others else np.nan
        each = np.where(single, mean, each)
    return np.asarray(each.sum(axis=-1))


def _summed(values: Floats, codes: Codes, many: int) -> Floats:
    """Sums of values by code, along the last axis."""
    rows = values.reshape(-1, values.shape[-1])
    sums = np.array([np.bincount(codes, row, many) for row in rows])
    return sums.reshape(*values.shape[:-1], many)


def _codes(values: ArrayLike | None, respondents: int, what: str) -> Codes | None:
    if values is None:
        return None
    given = np.asarray(values)
    if given.shape != (respondents,):
        raise ValueError(f"{what} has one value a respondent, {respondents}, not {given.shape}")
    return _numbered(given)


def _numbered(values: Column) -> Codes:
    """Values as numbers from 0 on, in their order."""
    if values.dtype.kind in "iu" and values.size and values.min() >= 0 and values.max() < 4 * values.size:
        there = np.zeros(int(values.max()) + 1, dtype=np.bool_)
        there[values] = True
        return np.asarray((np.cumsum(there) - 1)[values])
    if (values.dtype.kind == "f" and np.isnan(values).any()) or (
        values.dtype.kind == "O" and None in values.tolist()
    ):
        raise ValueError(
            "a respondent has no stratum or cluster: leave such out, or name where they were drawn"
        )
    codes: Codes = np.unique(values, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return codes


def _columns(values: ArrayLike | None, respondents: int, what: str) -> list[Column] | None:
    """A column for each stage: one value a respondent, or a row of values a respondent, or one for all."""
    if values is None:
        return None
    given = np.asarray(values)
    if given.ndim == 0:
        return [np.full(respondents, given)]
    if given.shape[0] != respondents or given.ndim > 2:
        raise ValueError(f"{what} has one row a respondent, {respondents}, not {given.shape}")
    return [given] if given.ndim == 1 else list(given.T)


LONELY = {"undefined": None, "certain": None, "average": None, "centre": None}
"""What a stratum with a single cluster drawn adds to the variance."""
