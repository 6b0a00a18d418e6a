"""An indicator's charts: spread, intervals, small multiples."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from tallymark.programme.resolved import Indicator
from tallymark.publish.charts.caterpillar import Bar, caterpillar
from tallymark.publish.charts.spread import Spot, dots
from tallymark.publish.edition import Edition, statistic_only
from tallymark.publish.numbers import absent
from tallymark.publish.records import Figure
from tallymark.publish.series import Past, draw

MOST_BARS, FEWEST_SPOTS = 70, 3
MOST_BYTES_OF_MULTIPLES = 80_000


def _spots(edition: Edition, indicator: Indicator, values: Sequence[Figure], named: set[str]) -> list[Spot]:
    return [
        Spot(
            label=edition.name(figure.unit),
            value=figure.value,
            size=figure.denominator,
            href=f"../{edition.plan.figure(figure.unit, indicator.name)}",
            named=figure.unit in named,
        )
        for figure in values
    ]


def spread_chart(edition: Edition, indicator: Indicator, values: Sequence[Figure]) -> Markup | None:
    """A dot a unit; the ends and the middle are named, except where nothing may be ranked."""
    if len(values) < FEWEST_SPOTS or indicator.name in edition.dates:
        return None
    words, named = edition.words, set[str]()
    if not statistic_only(indicator):
        named = {values[0].unit, values[-1].unit, values[len(values) // 2].unit}
    goal = None if statistic_only(indicator) else edition.facts.goals.get(indicator.name)
    return dots(
        _spots(edition, indicator, values, named),
        name="spread",
        title=words("How units are spread"),
        description=words("One dot a unit, placed by its figure; the table below has the same figures."),
        axis=edition.words("{title}, {unit}", title=indicator.title, unit=indicator.unit)
        if indicator.unit
        else indicator.title[edition.language],
        decimals=indicator.decimals,
        target=goal,
        target_label="" if goal is None else words("target {value}", value=edition.value(indicator, goal)),
    )


def interval_chart(edition: Edition, indicator: Indicator, values: Sequence[Figure]) -> Markup | None:
    """Figures with intervals, highest first; in the units' own order where nothing may be ranked."""
    known = [figure for figure in values if not absent(figure.low)]
    if len(known) < FEWEST_SPOTS or len(known) > MOST_BARS:
        return None
    words, top = edition.words, edition.facts.top
    if statistic_only(indicator):
        order = {unit: i for i, unit in enumerate(edition.facts.compared)}
        known = sorted(known, key=lambda figure: order[figure.unit])
    else:
        known = known[::-1] if indicator.direction != "lower" else known
    whole = edition.facts.figures.get(top or "", {}).get(indicator.name)
    return caterpillar(
        [
            Bar(
                label=edition.name(figure.unit),
                at=figure.value,
                low=figure.low,
                high=figure.high,
                note=edition.number(indicator, figure.value),
                href=f"../{edition.plan.figure(figure.unit, indicator.name)}",
            )
            for figure in known
        ],
        name="bars",
        title=words("Figures with 95% intervals"),
        description=words(
            "A line from the lower to the upper limit of each unit; the table below has the same figures."
        ),
        axis=indicator.unit[edition.language] or words("figure"),
        decimals=indicator.decimals,
        reference=None if whole is None or absent(whole.value) else whole.value,
        reference_label=""
        if top is None or whole is None
        else words("{place}: {value}", place=edition.name(top), value=edition.value(indicator, whole.value))
        if not absent(whole.value)
        else "",
    )


def multiples(edition: Edition, indicator: Indicator, past: Past) -> tuple[list[dict[str, object]], int]:
    """The course in each compared unit, small, as many as fit on a page; and how many were left out."""
    found: list[dict[str, object]] = []
    used, left = 0, 0
    for i, unit in enumerate(edition.facts.compared):
        figure = edition.facts.figures.get(unit, {}).get(indicator.name)
        chart = draw(
            edition,
            indicator,
            past.drawn(unit, indicator.name),
            name=f"m{i}",
            place=edition.name(unit),
            target=edition.facts.goals.get(indicator.name),
        )
        if chart is None or figure is None:
            continue
        used += len(chart.encode()) + 200
        if used > MOST_BYTES_OF_MULTIPLES:
            left += 1
            continue
        value = "—" if absent(figure.value) else edition.value(indicator, figure.value)
        href = f"../{edition.plan.figure(unit, indicator.name)}"
        found.append({"title": edition.name(unit), "value": value, "href": href, "chart": chart})
    return found, left
