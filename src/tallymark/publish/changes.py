"""What changed over a year, as far as it can be compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tallymark.programme.resolved import Indicator
from tallymark.publish.edition import Edition, statistic_only
from tallymark.publish.numbers import absent
from tallymark.publish.records import Figure

WHOLE = 100.0


@dataclass(frozen=True, slots=True)
class Change:
    """A figure against the same period a year before."""

    indicator: Indicator
    figure: Figure
    change: float
    better: bool
    sure: bool
    """Last year's value lies outside of this year's interval."""


def changes(edition: Edition, unit: str | None = None) -> list[Change]:
    """Every figure with a better and a worse direction that changed, the largest relative change first.

    Of a unit; of the top one when it is left out.

    Shares over 100 % are in `beyond_all`, not here: what they changed by may be a mistake.
    """
    found = []
    for indicator, figure in _compared(edition, unit or edition.facts.top):
        if _beyond_all(indicator, figure):
            continue
        change = figure.value - figure.last_year
        if change:
            sure = not absent(figure.low) and not figure.low <= figure.last_year <= figure.high
            found.append(
                Change(indicator, figure, change, (change > 0) == (indicator.direction == "higher"), sure)
            )
    return sorted(
        found, key=lambda c: (-abs(c.change) / max(abs(c.figure.last_year), 1e-9), c.indicator.name)
    )


def beyond_all(edition: Edition) -> list[Indicator]:
    """Comparable indicators whose share of all is over 100 %, this year or last."""
    return [
        indicator
        for indicator, figure in _compared(edition, edition.facts.top)
        if _beyond_all(indicator, figure)
    ]


def _compared(edition: Edition, unit: str | None) -> Iterator[tuple[Indicator, Figure]]:
    for name, figure in (edition.facts.figures.get(unit, {}) if unit else {}).items():
        indicator = edition.facts.programme.indicators.get(name)
        if indicator is not None and _comparable(edition, indicator, figure):
            yield indicator, figure


def _beyond_all(indicator: Indicator, figure: Figure) -> bool:
    share = indicator.factor == WHOLE and indicator.unit["en"].strip() == "%"
    return share and max(figure.value, figure.last_year) > WHOLE


def _comparable(edition: Edition, indicator: Indicator, figure: Figure) -> bool:
    return (
        indicator.direction != "none"
        and not statistic_only(indicator)
        and indicator.name not in edition.dates
        and not absent(figure.value)
        and not absent(figure.last_year)
    )
