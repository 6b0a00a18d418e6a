"""Every period's figures of the units with full pages, ready for charts and tables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from tallymark.programme.resolved import Indicator
from tallymark.publish.charts.trend import LARGE, SMALL, Frame, Moment, trend
from tallymark.publish.edition import Edition, statistic_only
from tallymark.publish.facts import Facts
from tallymark.publish.numbers import absent, kind_of, short_period
from tallymark.publish.plan import MOST_SPLITS, series, split_rows
from tallymark.publish.records import Figure, only, records

FEWEST = 5
"""Periods that a line needs; with fewer of one frequency the next longer frequency is drawn."""


@dataclass(frozen=True, slots=True)
class Past:
    """Unit → indicator → frequency → its figures in order of time."""

    rows: Mapping[str, Mapping[str, Mapping[str, Sequence[Figure]]]]
    splits: Mapping[str, Mapping[str, Sequence[Figure]]]
    """Unit → indicator → its figures by group in the run's own period."""
    shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Standardised indicator → group → its share of the standard population in the run's own period."""

    def split(self, unit: str, indicator: str) -> Sequence[Figure]:
        """A unit's figure by group, as many as a page shows."""
        return self.splits.get(unit, {}).get(indicator, ())[:MOST_SPLITS]

    def of(self, unit: str, indicator: str) -> Mapping[str, Sequence[Figure]]:
        """The figures by frequency; empty when there are none."""
        return self.rows.get(unit, {}).get(indicator, {})

    def drawn(self, unit: str, indicator: str) -> Sequence[Figure]:
        """The figures that a chart shows: the shortest frequency with enough periods, else the longest run."""
        by_frequency = self.of(unit, indicator)
        enough = [rows for rows in by_frequency.values() if len(rows) >= FEWEST]
        return max(enough or by_frequency.values(), key=len, default=())


def read_past(facts: Facts, units: Sequence[str]) -> Past:
    """The past of the units with full pages."""
    table = series(facts, units)
    frequencies = table.column("frequency").to_pylist()
    rows: dict[str, dict[str, dict[str, list[Figure]]]] = {}
    for frequency, figure in zip(frequencies, records(table, Figure), strict=True):
        of_unit = rows.setdefault(figure.unit, {})
        of_unit.setdefault(figure.indicator, {}).setdefault(frequency, []).append(figure)
    groups: dict[str, dict[str, list[Figure]]] = {}
    for figure in records(split_rows(facts, units), Figure):
        groups.setdefault(figure.unit, {}).setdefault(figure.indicator, []).append(figure)
    return Past(rows, groups, _shares(facts))


def _shares(facts: Facts) -> dict[str, dict[str, float]]:
    found = {}
    for indicator in facts.programme.indicators.values():
        standard = indicator.standardise
        if standard is None:
            continue
        weights = dict(standard.weights)
        if standard.measure is not None:
            named = {
                "measure": standard.measure.name,
                "period": facts.period.code,
                "breakdown": standard.breakdown,
            }
            rows = only(facts.tables["measures"], unit=standard.unit or "", **named).to_pylist()
            weights = {row["category"]: row["value"] or math.nan for row in rows}
        total = sum(weights.values())
        found[indicator.name] = {group: weight / total for group, weight in weights.items()}
    return found


def draw(
    edition: Edition,
    indicator: Indicator,
    figures: Sequence[Figure],
    *,
    name: str,
    place: str,
    frame: Frame = SMALL,
    target: float | None = None,
) -> Markup | None:
    """The chart of a figure over time; None when there is nothing to draw."""
    if not figures or indicator.name in edition.dates:
        return None
    words = edition.words
    moments = [_moment(edition, figure) for figure in figures]
    drawn = [figure for figure, moment in zip(figures, moments, strict=True) if moment.drawn]
    if not drawn:
        return None
    title = words("{title}, {place}", title=indicator.title, place=place)
    description = words(
        "From {first} to {last}; lowest {low}, highest {high}, latest {now}. "
        "Bars below: share of reports that could be used.",
        first=edition.period(figures[0].period),
        last=edition.period(figures[-1].period),
        low=edition.number(indicator, min(figure.value for figure in drawn)),
        high=edition.number(indicator, max(figure.value for figure in drawn)),
        now=edition.value(indicator, drawn[-1].value),
    )
    target = None if statistic_only(indicator) else target
    return trend(
        moments,
        name=name,
        title=title,
        description=description,
        frame=frame,
        target=target,
        target_label=""
        if target is None or frame is SMALL
        else words("target {value}", value=edition.value(indicator, target)),
        decimals=indicator.decimals,
        ceiling=100.0 if indicator.unit["en"] == "%" else None,
    )


def _moment(edition: Edition, figure: Figure) -> Moment:
    kind = kind_of(figure.value, basis=figure.basis, expected=figure.expected, denominator=figure.denominator)
    due = absent(figure.expected) or figure.expected == 0
    usable = 0.0 if absent(figure.usable) else figure.usable
    return Moment(
        label=short_period(figure.period, edition.language),
        kind=kind,
        value=figure.value,
        low=figure.low,
        high=figure.high,
        complete=math.nan if due else usable / figure.expected,
    )


__all__ = ["LARGE", "SMALL", "Past", "draw", "read_past"]
