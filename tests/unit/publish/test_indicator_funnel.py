"""The funnel: chance alone, more than chance, rates, what may not be named, nothing to draw."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tallymark.programme.resolved import Indicator
from tallymark.publish.edition import Edition
from tallymark.publish.pages.indicator_funnel import FEWEST, funnel_chart
from tallymark.publish.records import Figure

NAN = float("nan")


def figures(edition: Edition, indicator: Indicator, shares: list[float], size: float = 400.0) -> list[Figure]:
    """A figure for each share; the units' names are repeated where there are too few."""
    units = edition.facts.compared
    return [
        Figure(
            units[at % len(units)], "2025", indicator.name, "", "", share * size, size, indicator.factor * share,
            NAN, NAN, 1.0, 1.0, 1.0, "reported", NAN, NAN, NAN,
        )
        for at, share in enumerate(shares)
    ]  # fmt: skip


@pytest.fixture
def indicator(english: Edition) -> Indicator:
    """An indicator that may be named and whose whole has a figure."""
    top = english.facts.figures[english.facts.top or ""]
    return next(
        one
        for one in english.facts.programme.indicators.values()
        if one.interval == "wilson"
        and one.direction == "higher"
        and one.name in top
        and top[one.name].value > 0
    )


def whole(edition: Edition, indicator: Indicator) -> float:
    return edition.facts.figures[edition.facts.top or ""][indicator.name].value / indicator.factor


def test_units_that_scatter_by_chance(english: Edition, indicator: Indicator) -> None:
    share = whole(english, indicator)
    spread = np.sqrt(share * (1 - share) / 400)
    drawn = funnel_chart(
        english,
        indicator,
        figures(english, indicator, [share + z * spread for z in np.linspace(-1.5, 1.5, 12)]),
    )
    assert drawn is not None
    assert "about as much as chance makes them; 0 of 12 are outside" in drawn.said
    assert "chance</text>" not in drawn.chart


def test_units_that_scatter_more(english: Edition, indicator: Indicator) -> None:
    share = whole(english, indicator)
    shares = [share + step * min(share, 1 - share) for step in np.linspace(-0.9, 0.9, 20)]
    drawn = funnel_chart(english, indicator, figures(english, indicator, shares))
    assert drawn is not None
    assert "times what chance gives" in drawn.said
    assert 'class="limit chance"' in drawn.chart


def test_rates_have_a_funnel_and_counts_none(english: Edition, indicator: Indicator) -> None:
    values = figures(english, indicator, [whole(english, indicator)] * 12)
    assert funnel_chart(english, replace(indicator, interval="poisson"), values) is not None
    assert funnel_chart(english, replace(indicator, interval="poisson", denominator=None), values) is None
    for interval in ("none", "ratio"):
        assert funnel_chart(english, replace(indicator, interval=interval), values) is None


def test_few_units_and_missing_denominators_have_none(english: Edition, indicator: Indicator) -> None:
    share = whole(english, indicator)
    assert funnel_chart(english, indicator, figures(english, indicator, [share] * (FEWEST - 1))) is None
    assert funnel_chart(english, indicator, figures(english, indicator, [share] * 12, size=NAN)) is None


def test_statistics_are_drawn_and_nobody_is_named(english: Edition, indicator: Indicator) -> None:
    share = whole(english, indicator)
    values = figures(english, indicator, [share] * 11 + [0.01 if share > 0.5 else 0.99])
    named = funnel_chart(english, indicator, values)
    silent = funnel_chart(english, replace(indicator, concerns="deaths", direction="none"), values)
    assert named is not None
    assert silent is not None
    assert 'class="label"' in named.chart
    assert 'class="label"' not in silent.chart
