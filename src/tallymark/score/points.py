"""Points of one line, bonus line or deduction for every unit: figure, missing, uncertain, award."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tallymark.model.expressions import Expression
from tallymark.programme.resolved import Deduction, Line
from tallymark.score.awards import NEAR, Floats, earned, lower_is_better, taken_off
from tallymark.score.figures import MISSING, PARTIAL, REPORTED, Codes, Figures
from tallymark.score.verdict_gates import Counted

STATUSES = ("scored", "missing", "set_aside", "refused", "not_applicable", "too_small")
SCORED, NO_VALUE, SET_ASIDE, REFUSED, NOT_APPLICABLE, TOO_SMALL = range(len(STATUSES))
NOT_COUNTED = (SET_ASIDE, NOT_APPLICABLE, TOO_SMALL)
"""Where the other lines count up to the full points."""
WHEN_MISSING = {"no_points": NO_VALUE, "set_aside": SET_ASIDE, "refuse": REFUSED}
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the units when scoring: their attributes, indicators and measures of the period."""

    units: tuple[str, ...]
    attributes: Mapping[str, NDArray[Any]]
    indicators: Figures
    measures: Figures
    verdicts: Counted | None = None
    """What verdict gates count; None where verdicts are not known."""

    @property
    def bases(self) -> tuple[str, ...]:
        """What the codes of a line's basis stand for."""
        return self.indicators.bases

    def source(self, name: str) -> Figures:
        """The table a name is in: indicators first, then measures."""
        return self.indicators if name in self.indicators.index else self.measures

    def holds(self, condition: Expression) -> Floats:
        """1 where a condition holds, 0 where it does not, NaN where it cannot be judged."""
        values = {
            name: self.attributes[name] if name in self.attributes else self.source(name).of(name)
            for name in condition.names
        }
        found = condition.evaluate(values)
        return np.broadcast_to(found, (len(self.units),)).astype(np.float64)


@dataclass(frozen=True, slots=True)
class LinePoints:
    """One line's row of the scores table for every unit (arrays in the units' order, NaN = NULL)."""

    declared: Line | Deduction
    section: str
    kind: str
    """line, bonus or deduction."""
    value: Floats
    low: Floats
    high: Floats
    basis: Codes
    """Codes of `Known.bases`."""
    available: Floats
    points: Floats
    points_low: Floats
    points_high: Floats
    status: NDArray[np.int8]

    @property
    def full(self) -> float:
        """The points of the line where nothing is set aside; 0 for a deduction."""
        return self.declared.points if isinstance(self.declared, Line) else 0.0

    @property
    def counts(self) -> Bools:
        """Where the line's points are among those to be had."""
        mask: Bools = self.status <= NO_VALUE
        return mask

    @property
    def spread(self) -> Floats:
        """Half the distance of the points at both ends of the interval ÷ 1.96: the line's standard error."""
        return (self.points_high - self.points_low) / (2 * 1.96)


def line_points(line: Line, section: str, kind: str, known: Known) -> LinePoints:
    """The points of a line or bonus line; a missing bonus figure earns nothing and refuses nothing.

    `when` that cannot be judged does not hold. The figure that earns is the value, or the end of its
    interval that `uncertain` names (the value where there is no such end). A figure that its indicator's rule
    calls too small is not scored: the line is set aside, and a bonus line earns nothing.
    """
    value, low, high, basis = _figure(line, known)
    better, worse = (low, high) if lower_is_better(line) else (high, low)
    past = _past(line, known)
    at = {"point": value, "benefit_of_doubt": better, "confirmed": worse}[line.uncertain]
    points = earned(line, np.where(np.isnan(at), value, at), past)
    ends = np.isnan(points) | np.isnan(low) | np.isnan(high)
    at_worse, at_better = (np.where(ends, np.nan, earned(line, end, past)) for end in (worse, better))
    rule = NO_VALUE if kind == "bonus" and line.missing == "refuse" else WHEN_MISSING[line.missing]
    applies = np.ones(value.shape, np.bool_) if line.when is None else known.holds(line.when) == 1
    status = np.where(np.isnan(points), rule, np.where(_small(line, known), TOO_SMALL, SCORED))
    status = np.where(~applies, NOT_APPLICABLE, status).astype(np.int8)
    return LinePoints(
        declared=line,
        section=section,
        kind=kind,
        value=value,
        low=low,
        high=high,
        basis=basis,
        available=np.where(np.isin(status, NOT_COUNTED), 0.0, line.points),
        points=np.where(status == NO_VALUE, 0.0, np.where(status == SCORED, points, np.nan)),
        points_low=np.where(status == SCORED, at_worse, np.nan),
        points_high=np.where(status == SCORED, at_better, np.nan),
        status=status,
    )


def _small(line: Line, known: Known) -> Bools:
    """Where the line's figure is too small to be scored."""
    if line.indicator is None or line.award.kind == "checklist":
        return np.zeros(len(known.units), np.bool_)
    return known.indicators.is_small(line.indicator.name)


def deduction_points(deduction: Deduction, known: Known) -> LinePoints:
    """The (negative) points of a deduction; nothing is taken off for incidents that are not known."""
    value, low, high, basis = _of_indicator(deduction.indicator.name, known)
    unknown = np.isnan(value)
    no_ends = unknown | np.isnan(low) | np.isnan(high)
    most = np.nan if deduction.most is None else -deduction.most
    return LinePoints(
        declared=deduction,
        section="deductions",
        kind="deduction",
        value=value,
        low=low,
        high=high,
        basis=basis,
        available=np.full(value.shape, most),
        points=0.0 - taken_off(deduction, value),
        points_low=np.where(no_ends, np.nan, 0.0 - taken_off(deduction, high)),
        points_high=np.where(no_ends, np.nan, 0.0 - taken_off(deduction, low)),
        status=np.where(unknown, NO_VALUE, SCORED).astype(np.int8),
    )


def _figure(line: Line, known: Known) -> tuple[Floats, Floats, Floats, Codes]:
    if line.award.kind == "checklist":
        return _things(line, known)
    if line.indicator is None:
        nothing = np.full(len(known.units), np.nan)
        return nothing, nothing, nothing, np.full(len(known.units), MISSING, np.int16)
    return _of_indicator(line.indicator.name, known)


def _of_indicator(name: str, known: Known) -> tuple[Floats, Floats, Floats, Codes]:
    table = known.indicators
    return table.of(name), table.of(name, "low"), table.of(name, "high"), table.basis_of(name)


def _things(line: Line, known: Known) -> tuple[Floats, Floats, Floats, Codes]:
    """The share (by weight) of a checklist that is done, as its figure.

    A thing is done when its figure is 1 or more. One that is not known counts as not done under `no_points`,
    is left out under `set_aside`, and makes the whole line unknown under `refuse`; with nothing known the
    line is missing. The figure rests on `partial` where some things are not known.
    """
    award: Any = line.award
    figures = np.stack([known.source(name).of(name) for name in award.things])
    weight = np.array(list(award.things.values()), np.float64)[:, None]
    seen = ~np.isnan(figures)
    done = (weight * (seen & (np.nan_to_num(figures) >= 1 - NEAR))).sum(axis=0)
    of = (weight * seen).sum(axis=0) if line.missing == "set_aside" else np.full(done.shape, weight.sum())
    enough = seen.all(axis=0) if line.missing == "refuse" else seen.any(axis=0)
    share = np.divide(done, of, out=np.full(done.shape, np.nan), where=enough & (of > 0))
    basis = np.where(seen.all(axis=0), REPORTED, np.where(seen.any(axis=0), PARTIAL, MISSING))
    nothing = np.full(done.shape, np.nan)
    return share, nothing, nothing, basis.astype(np.int16)


def _past(line: Line, known: Known) -> Floats | None:
    award: Any = line.award
    if award.kind != "improvement" or line.indicator is None:
        return None
    return known.indicators.of(line.indicator.name, award.over)
