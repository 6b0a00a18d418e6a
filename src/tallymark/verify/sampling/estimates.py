"""What a drawn sample says of the whole frame: design-based, those missing shown and bounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tallymark.errors import TallymarkError
from tallymark.statistics import lqas_rule, survey_mean, survey_ratio, survey_total
from tallymark.verify.sampling.designs import Design, Drawn
from tallymark.verify.sampling.frame import Frame

Answers = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure of the whole frame; `worst` are its bounds when those who did not answer are as bad or good as can be."""

    of: str
    value: float
    se: float
    low: float
    high: float
    worst: tuple[float, float] | None
    drawn: int
    answered: int

    @property
    def response(self) -> float:
        """The share of those drawn that answered."""
        return self.answered / self.drawn if self.drawn else float("nan")


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot judged by its decision rule: pass when at least `decision` of those drawn are right."""

    lot: str
    drawn: int
    answered: int
    right: int
    decision: int
    alpha: float
    beta: float
    verdict: str
    """pass, fail, or undecided when those missing could turn it."""


def estimate(
    frame: Frame,
    design: Design,
    sample: Sequence[Drawn],
    answers: Answers,
    *,
    per: Answers | None = None,
    limits: tuple[float, float] | None = None,
    level: float = 0.95,
) -> list[Estimate]:
    """Mean and total of a value over the frame (its ratio to `per` with that), from the units that answered.

    Those that answered stand for those that did not in their stratum or cluster: weights are raised by drawn ÷ answered.
    With `limits` (the least and most a value can be) the bounds that assume nothing are given beside. Variance:
    linearised, strata and first-stage clusters as drawn, corrected for finite populations where chances are equal.
    """
    drawn = [each for each in sample if design.kind != "lots" or each.row.stratum]
    known = {each.row.unit: _number(answers.get(each.row.unit)) for each in drawn}
    other = {each.row.unit: _number(per.get(each.row.unit)) if per else 1.0 for each in drawn}
    answered = [
        each for each in drawn if known[each.row.unit] is not None and other[each.row.unit] is not None
    ]
    if not answered:
        raise TallymarkError("none of the {count} drawn units has an answer", count=len(drawn))
    weights = _raised(drawn, answered, design)
    y = np.array([known[each.row.unit] for each in answered], dtype=float)
    x = np.array([other[each.row.unit] for each in answered], dtype=float)
    how = _variance(frame, design, answered)
    bounds = _bounded(drawn, known, limits)
    everyone = float(sum((each.weight for each in drawn), Fraction(0)))
    found: list[tuple[str, Any, Any, tuple[float, float] | None]]
    if per is not None:
        ratio = survey_ratio(y, x, weights, **how)
        found = [("ratio", ratio, weights * (y - ratio[0] * x), None)]
    else:
        whole = (bounds[0] * everyone, bounds[1] * everyone) if bounds else None
        mean = survey_mean(y, weights, **how)
        found = [
            ("mean", mean, weights * (y - mean[0]), bounds),
            ("total", survey_total(y, weights, **how), weights * y, whole),
        ]
    estimates = []
    for of, (value, se), shares, worst in found:
        half = _quantile(how, shares, level) * float(se)
        low, high = float(value) - half, float(value) + half
        estimates.append(Estimate(of, float(value), float(se), low, high, worst, len(drawn), len(answered)))
    return estimates


def _number(value: float | None) -> float | None:
    return None if value is None or not isfinite(value) else float(value)


def _class(each: Drawn, design: Design) -> str:
    """Where an answer stands for one that is missing."""
    return (
        each.row.cluster
        if design.kind == "clusters"
        else each.row.stratum
        if design.kind in ("stratified", "lots")
        else ""
    )


def _raised(drawn: Sequence[Drawn], answered: Sequence[Drawn], design: Design) -> NDArray[np.float64]:
    """Weights raised in each class to add up to those of all drawn; a class without answers goes to the whole."""
    sums: dict[str, Fraction] = {}
    for each in drawn:
        sums[_class(each, design)] = sums.get(_class(each, design), Fraction(0)) + each.weight
    got: dict[str, Fraction] = {}
    for each in answered:
        got[_class(each, design)] = got.get(_class(each, design), Fraction(0)) + each.weight
    lost = sum((total for name, total in sums.items() if name not in got), Fraction(0))
    kept = sum((sums[name] for name in got), Fraction(0))
    spread = 1 + lost / kept
    return np.array(
        [
            float(each.weight * sums[_class(each, design)] / got[_class(each, design)] * spread)
            for each in answered
        ]
    )


def _variance(frame: Frame, design: Design, answered: Sequence[Drawn]) -> dict[str, Any]:
    """Strata, clusters and their numbers as `survey_*` take them."""
    if design.kind == "clusters":
        return {"clusters": np.array([each.row.cluster for each in answered])}
    if design.kind == "pps":
        certain = np.array([each.probability == 1 for each in answered])
        return {
            "strata": certain.astype(int),
            "population_clusters": np.where(certain, max(int(certain.sum()), 1), np.inf),
        }
    if design.kind in ("stratified", "lots"):
        sizes = {name: len(rows) for name, rows in frame.groups("stratum").items()}
        return {
            "strata": np.array([each.row.stratum for each in answered]),
            "population_clusters": np.array([sizes[each.row.stratum] for each in answered], dtype=float),
        }
    return {"population_clusters": np.full(len(answered), float(len(frame.rows)))}


def _quantile(how: Mapping[str, Any], shares: NDArray[np.float64], level: float) -> float:
    """Student's quantile with the degrees of freedom of the variance; NaN without any."""
    freedom = _freedom(how, shares)
    return float(special.stdtrit(freedom, 0.5 + level / 2)) if freedom > 0 else float("nan")


def _freedom(how: Mapping[str, Any], shares: NDArray[np.float64]) -> float:
    """Degrees of freedom: clusters − 1, or over strata (Σ v_h)² ÷ Σ v_h² ÷ (n_h − 1), at most units − strata.

    Where one stratum makes most of the variance only its units tell how large that is. `shares`: weighted
    (linearised) values. Source: Satterthwaite 1946; Korn and Graubard 1999. Test: tests/unit/verify/sampling.
    """
    if "strata" not in how:
        return len(np.unique(how["clusters"] if "clusters" in how else np.arange(len(shares)))) - 1
    parts, most = [], 0
    for stratum in np.unique(how["strata"]):
        here = how["strata"] == stratum
        n, own = int(here.sum()), shares[here]
        most += n - 1
        if n > 1:
            left = 1 - n / float(how["population_clusters"][here][0])
            parts.append((left * n * float(own.var(ddof=1)), n - 1))
    total = sum(part for part, _ in parts)
    if total <= 0:
        return most
    return float(min(total**2 / sum(part**2 / free for part, free in parts), most))


def _bounded(
    drawn: Sequence[Drawn], known: Mapping[str, float | None], limits: tuple[float, float] | None
) -> tuple[float, float] | None:
    """The mean when every missing value is the least, and the most, that it can be."""
    if limits is None:
        return None
    weights = np.array([float(each.weight) for each in drawn])
    ends = []
    for end in limits:
        values = np.array([end if (value := known[each.row.unit]) is None else value for each in drawn])
        ends.append(float((weights * values).sum() / weights.sum()))
    return ends[0], ends[1]


def lots(sample: Sequence[Drawn], answers: Answers, frame: Frame, *, upper: float, lower: float) -> list[Lot]:
    """Every lot against the decision rule of its sample: good at `upper`, bad at `lower`; exact errors."""
    found = []
    for lot, rows in frame.groups("stratum").items():
        drawn = [each for each in sample if each.row.stratum == lot]
        values = [value for each in drawn if (value := _number(answers.get(each.row.unit))) is not None]
        if any(value not in (0.0, 1.0) for value in values):
            raise TallymarkError("lot {lot}: answers are 1 (right) or 0 (not), nothing else", lot=lot)
        decision, alpha, beta = lqas_rule(len(drawn), upper, lower, population=len(rows))
        right, missing = int(sum(values)), len(drawn) - len(values)
        passed, may_pass = right >= decision, right + missing >= decision
        verdict = "pass" if passed else "undecided" if may_pass else "fail"
        found.append(
            Lot(lot, len(drawn), len(values), right, int(decision), float(alpha), float(beta), verdict)
        )
    return found
