"""How points are earned: one function a kind of award, from the figure to points, for all units at once.

Each takes (award, points to be had, figure, whether lower is better) and gives points; NaN in, NaN out.
A figure reaches a bound when it is within a billionth of it, so that 100 × 0.97 reaches 97.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tallymark.programme.resolved import Deduction, Line

Floats = NDArray[np.float64]
Award = Callable[[Any, float, Floats, bool], Floats]
NEAR = 1e-9
EPOCH = dt.date(1970, 1, 1)


def earned(line: Line, figure: Floats, past: Floats | None = None) -> Floats:
    """The points of a line at these figures; `past` is what an improvement is measured against."""
    with np.errstate(invalid="ignore"):
        points = AWARDS[line.award.kind](line.award, line.points, figure, lower_is_better(line))
        if line.award.kind == "improvement" and past is not None:
            points = _improvement(line, figure, past)
    return np.where(np.isnan(points) | np.isnan(figure), np.nan, points) + 0.0  # no −0


def taken_off(deduction: Deduction, incidents: Floats) -> Floats:
    """The (positive) points that a deduction takes off for these incidents; none for a negative number."""
    points = deduction.each * np.maximum(incidents, 0.0)
    return points if deduction.most is None else np.minimum(points, deduction.most)


def lower_is_better(line: Line) -> bool:
    """Which way earns points: by the award where it says so itself, else by the indicator's direction."""
    award = line.award
    if award.kind in ("per_incident", "deadline"):
        return True
    if award.kind in ("checklist", "mark"):
        return False
    if award.kind == "proportional" and award.floor != award.target:
        return bool(award.target < award.floor)
    if award.kind == "improvement" and award.target < award.floor:
        return True
    return line.indicator is not None and line.indicator.direction == "lower"


def counts_falls(line: Line) -> bool:
    """Whether an improvement is a fall: lower is better and the target was written as a positive amount."""
    award: Any = line.award
    return lower_is_better(line) and award.target > award.floor


def reaches(figure: Floats | float, bound: Floats | float, lower: bool) -> NDArray[np.bool_]:
    """Whether figures are at the bound or on its better side."""
    slack = NEAR * np.maximum(1.0, np.abs(bound))
    return np.asarray(figure <= bound + slack if lower else figure >= bound - slack)


def day_of(day: dt.date) -> int:
    """Days since 1970-01-01: how an indicator carries a date."""
    return (day - EPOCH).days


def _all_or_nothing(award: Any, points: float, figure: Floats, lower: bool) -> Floats:
    return np.where(reaches(figure, award.target, lower), points, 0.0)


def _proportional(award: Any, points: float, figure: Floats, lower: bool) -> Floats:
    if award.floor == award.target:
        return _all_or_nothing(award, points, figure, lower)
    share = np.clip((figure - award.floor) / (award.target - award.floor), 0.0, 1.0)
    return np.where(reaches(figure, award.target, lower), points, points * share)


def _bands(award: Any, points: float, figure: Floats, lower: bool) -> Floats:
    share = np.zeros(figure.shape)
    for band in award.bands:
        share = np.maximum(share, np.where(reaches(figure, band.bound, lower), band.share, 0.0))
    return np.multiply(points, share)


def _per_incident(award: Any, points: float, figure: Floats, lower: bool) -> Floats:
    left: Floats = np.clip(points - award.each * np.maximum(figure - award.allowed, 0.0), award.least, points)
    return left


def _checklist(award: Any, points: float, figure: Floats, lower: bool) -> Floats:
    return np.multiply(points, np.clip(figure, 0.0, 1.0))


def _mark(award: Any, points: float, figure: Floats, lower: bool) -> Floats:
    given: Floats = points * np.clip(figure / award.out_of, 0.0, 1.0)
    return given


def _deadline(award: Any, points: float, figure: Floats, lower: bool) -> Floats:
    day, by = np.floor(figure + NEAR), day_of(award.by)
    late = np.where(day <= by + award.grace_days, points * award.late_share, 0.0)
    return np.where(day <= by, points, late)


def _by_itself(award: Any, points: float, figure: Floats, lower: bool) -> Floats:
    """An improvement with no past to measure against: only `keep_at` earns."""
    if award.keep_at is None:
        return np.full(figure.shape, np.nan)
    return np.where(reaches(figure, award.keep_at, lower), points, np.nan)


def _improvement(line: Line, figure: Floats, past: Floats) -> Floats:
    award: Any = line.award
    change = past - figure if counts_falls(line) else figure - past
    lower = lower_is_better(line)
    kept = _by_itself(award, line.points, figure, lower)
    by_change = _proportional(award, line.points, change, lower and not counts_falls(line))
    return np.where(kept == line.points, kept, np.where(np.isnan(change), np.nan, by_change))


AWARDS: dict[str, Award] = {
    "all_or_nothing": _all_or_nothing,
    "proportional": _proportional,
    "bands": _bands,
    "per_incident": _per_incident,
    "checklist": _checklist,
    "mark": _mark,
    "deadline": _deadline,
    "improvement": _by_itself,
}
