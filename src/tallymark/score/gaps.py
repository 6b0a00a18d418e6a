"""The gap list: points lost, with the figure and the number of events that would win them back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tallymark.model.periods import Calendar
from tallymark.programme.resolved import Indicator, Line
from tallymark.score.awards import NEAR, Floats, counts_falls, day_of, lower_is_better, reaches
from tallymark.score.points import NO_VALUE, REFUSED, Known, LinePoints
from tallymark.score.totals import Result

REASONS = ("below_target", "missing", "incidents", "undone", "late")
REASON_OF = {"per_incident": "incidents", "deduction": "incidents", "checklist": "undone", "deadline": "late"}
BY_EVENTS = ("all_or_nothing", "proportional", "bands", "improvement", "per_incident", "deduction")
"""Awards whose figure is moved by more (or fewer) events in the numerator."""
SURE = 1e-9


@dataclass(frozen=True, slots=True)
class Gap:
    """Points that every unit lost on one line (0: none) and how to win them back."""

    contract: str
    line: str
    lost: Floats
    weighed: Floats
    """Points lost in points of the whole bundle: what gaps are ordered by."""
    value: Floats
    needed: Floats
    events: Floats
    reason: NDArray[np.int8]


def gaps(result: Result, known: Known, calendar: Calendar) -> list[Gap]:
    """The gaps of a contract and its strands, line by line. Bonus points not earned are no loss.

    `needed` is the figure that earns all points; `events` the further events in the numerator that reach it
    at an unchanged denominator (negative: fewer), NaN where the figure is there already (and only its
    interval is not), is no ratio or count, or is missing.
    """
    return [
        _gap(line, part, known, calendar)
        for part in result.everything
        for line in part.lines
        if line.kind != "bonus"
    ]


def _gap(line: LinePoints, result: Result, known: Known, calendar: Calendar) -> Gap:
    declared = line.declared
    kind = declared.award.kind if isinstance(declared, Line) else "deduction"
    lost = _lost(line)
    lost = np.where(result.member & (lost > SURE), lost, 0.0)
    needed = NEEDED[kind](declared, line, known)
    missing = (line.status == NO_VALUE) | (line.status == REFUSED)
    reason = np.where(missing, REASONS.index("missing"), REASONS.index(REASON_OF.get(kind, "below_target")))
    return Gap(
        contract=result.contract.code,
        line=declared.code,
        lost=lost,
        weighed=lost * result.worth,
        value=line.value,
        needed=needed,
        events=_events(line, needed, known, _a_year(result, calendar))
        if kind in BY_EVENTS
        else _nothing(line),
        reason=reason.astype(np.int8),
    )


def _lost(line: LinePoints) -> Floats:
    if line.kind == "deduction":
        return 0.0 - np.nan_to_num(line.points)
    return np.where(
        line.status == REFUSED, line.available, np.where(line.counts, line.available - line.points, 0.0)
    )


def _events(line: LinePoints, needed: Floats, known: Known, a_year: float) -> Floats:
    indicator = line.declared.indicator
    if indicator is None or indicator.standardise is not None:
        return _nothing(line)
    lower = lower_is_better(line.declared) if isinstance(line.declared, Line) else True
    numerator = known.indicators.of(indicator.name, "numerator")
    per = _denominator(indicator, known) / (indicator.factor * (a_year if indicator.annualise else 1.0))
    with np.errstate(invalid="ignore"):
        exact = needed * np.where(per > 0, per, np.nan) - numerator
        slack = NEAR * np.maximum(1.0, np.abs(exact))
        events = np.floor(exact + slack) if lower else np.ceil(exact - slack)
        return np.where(reaches(line.value, needed, lower) | np.isnan(line.value), np.nan, events)


def _denominator(indicator: Indicator, known: Known) -> Floats:
    if indicator.denominator is None:
        return np.ones(len(known.units))
    return known.indicators.of(indicator.name, "denominator")


def _a_year(result: Result, calendar: Calendar) -> float:
    return calendar.per_year(result.contract.period.frequency)


def _nothing(line: LinePoints) -> Floats:
    return np.full(line.value.shape, np.nan)


def _constant(figure: Callable[[Any], float]) -> Callable[[Any, LinePoints, Known], Floats]:
    return lambda declared, line, known: np.full(line.value.shape, figure(declared))


def _best_band(line: Any) -> float:
    best = max(band.share for band in line.award.bands)
    bounds = [band.bound for band in line.award.bands if band.share == best]
    return float(max(bounds) if lower_is_better(line) else min(bounds))


def _past_and_target(declared: Any, line: LinePoints, known: Known) -> Floats:
    """One's own past moved by the target, or `keep_at` where that is nearer."""
    award = declared.award
    past = known.indicators.of(declared.indicator.name, award.over)
    moved: Floats = past - award.target if counts_falls(declared) else past + award.target
    if award.keep_at is None:
        return moved
    nearer = np.fmax if lower_is_better(declared) else np.fmin
    nearest: Floats = nearer(moved, award.keep_at)
    return nearest


NEEDED: dict[str, Callable[[Any, LinePoints, Known], Floats]] = {
    "all_or_nothing": _constant(lambda line: line.award.target),
    "proportional": _constant(lambda line: line.award.target),
    "bands": _constant(_best_band),
    "per_incident": _constant(lambda line: line.award.allowed),
    "checklist": _constant(lambda line: 1.0),
    "mark": _constant(lambda line: line.award.out_of),
    "deadline": _constant(lambda line: float(day_of(line.award.by))),
    "improvement": _past_and_target,
    "deduction": _constant(lambda deduction: 0.0),
}


def ordered(found: list[Gap]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(gap, unit) of every loss, unit by unit, most points first, equals in the contract's order."""
    weighed = np.stack([gap.weighed for gap in found]) if found else np.zeros((0, 0))
    by_loss = np.argsort(-weighed, axis=0, kind="stable")
    lost = np.take_along_axis(weighed, by_loss, axis=0) > 0
    unit, place = np.nonzero(lost.T)
    return by_loss[place, unit], unit
