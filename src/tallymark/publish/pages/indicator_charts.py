"""An indicator's charts: spread, intervals, funnel, small multiples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from tallymark.programme.resolved import Indicator
from tallymark.publish.charts.caterpillar import Bar, caterpillar
from tallymark.publish.charts.spread import Limits, Spot, dots, funnel
from tallymark.publish.edition import Edition, statistic_only
from tallymark.publish.numbers import absent
from tallymark.publish.records import Figure
from tallymark.publish.series import Past, draw

MOST_BARS, FEWEST_SPOTS, FEWEST_FUNNEL = 70, 3, 8
MOST_BYTES_OF_MULTIPLES = 95_000
Z95, Z998 = 1.959964, 3.090232
"""Two-sided 95 % and 99.8 % points of the normal distribution."""


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


def funnel_chart(edition: Edition, indicator: Indicator, values: Sequence[Figure]) -> Markup | None:
    """Shares against the size of their denominators, with the limits of chance round the whole's share."""
    whole = edition.facts.figures.get(edition.facts.top or "", {}).get(indicator.name)
    known = [figure for figure in values if not absent(figure.denominator) and figure.denominator > 0]
    if (
        whole is None
        or absent(whole.value)
        or indicator.interval not in ("wilson", "clopper-pearson", "jeffreys")
        or indicator.factor <= 0
        or not 0 < whole.value < indicator.factor
        or len(known) < FEWEST_FUNNEL
    ):
        return None
    sizes = np.linspace(
        max(max(f.denominator for f in known) / 80, 1.0), max(f.denominator for f in known), 60
    )
    limits, outside = [], set[str]()
    for z, label in ((Z95, "95%"), (Z998, "99.8%")):
        low, high = chance_limits(sizes, whole.value / indicator.factor, z)
        limits.append(
            Limits(
                sizes.tolist(), (low * indicator.factor).tolist(), (high * indicator.factor).tolist(), label
            )
        )
    if not statistic_only(indicator):
        outside = _outside(indicator, known, whole.value)
    words = edition.words
    return funnel(
        _spots(edition, indicator, known, outside),
        limits,
        whole.value,
        name="funnel",
        title=words("Which units differ by more than chance"),
        description=words(
            "Units by size and figure. Between the curves a difference from the average may be chance; "
            "units outside are named."
        ),
        axis=indicator.unit[edition.language] or words("figure"),
        size_axis=words("denominator: how many cases the figure rests on"),
        decimals=indicator.decimals,
    )


def chance_limits(
    sizes: npt.NDArray[np.float64], share: float, z: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Limits within which a share of so many cases stays by chance: share ± z √(share (1 − share) ÷ n), in [0, 1].

    Source: Spiegelhalter 2005, Funnel plots for comparing institutional performance.
    """
    reach = z * np.sqrt(share * (1 - share) / sizes)
    return np.clip(share - reach, 0, 1), np.clip(share + reach, 0, 1)


def _outside(indicator: Indicator, known: Sequence[Figure], centre: float) -> set[str]:
    sizes = np.array([figure.denominator for figure in known])
    low, high = chance_limits(sizes, centre / indicator.factor, Z998)
    values = np.array([figure.value for figure in known]) / indicator.factor
    beyond = (values < low) | (values > high)
    return {figure.unit for figure, out in zip(known, beyond.tolist(), strict=True) if out}


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
