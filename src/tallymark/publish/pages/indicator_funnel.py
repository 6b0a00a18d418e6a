"""An indicator's funnel: which units differ by more than chance, and by more than units differ anyway."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from markupsafe import Markup
from scipy import special

from tallymark.programme.resolved import Indicator
from tallymark.publish.charts.spread import Limits, Spot, funnel
from tallymark.publish.edition import Edition, statistic_only
from tallymark.publish.numbers import absent, plain
from tallymark.publish.records import Figure
from tallymark.statistics.arguments import Bools, Floats
from tallymark.statistics.funnel import LEVELS, funnel_limits, funnel_scores, overdispersion

FEWEST = 8
"""Compared units from which on there is a funnel."""
SURE = 0.05
"""Share of chance below which units that scatter so much are said to scatter more than chance."""
FUNNELS = {
    "wilson": "proportion",
    "clopper-pearson": "proportion",
    "jeffreys": "proportion",
    "poisson": "rate",
    "byar": "rate",
}
"""Interval of an indicator → kind of funnel."""


class Funnel(NamedTuple):
    """The chart, and what it shows in words."""

    chart: Markup
    said: str


class Scatter(NamedTuple):
    """Units on the scale of the funnel, and how much more than by chance they scatter."""

    kind: str
    scale: float
    """Figure = scale × numerator ÷ denominator."""
    target: float
    sizes: Floats
    values: Floats
    phi: float
    tau2: float
    """0 where units scatter no more than chance makes them."""

    def beyond(self, tau2: float) -> Bools:
        """Which units are outside the widest limits."""
        low, high = funnel_limits(self.sizes, self.target, kind=self.kind, level=LEVELS[-1], tau2=tau2)
        found: Bools = (self.values < low) | (self.values > high)
        return found


def funnel_chart(edition: Edition, indicator: Indicator, values: Sequence[Figure]) -> Funnel | None:
    """Shares and rates against the size of their denominators, with limits round the whole's."""
    whole = edition.facts.figures.get(edition.facts.top or "", {}).get(indicator.name)
    known = [figure for figure in values if not absent(figure.denominator) and figure.denominator > 0]
    scatter = _scatter(edition, indicator, known, whole) if len(known) >= FEWEST and whole else None
    if scatter is None or whole is None:
        return None
    outside, named = scatter.beyond(scatter.tau2), set[str]()
    if not statistic_only(indicator):
        named = {figure.unit for figure, out in zip(known, outside.tolist(), strict=True) if out}
    words = edition.words
    chart = funnel(
        [_spot(edition, indicator, figure, figure.unit in named) for figure in known],
        _curves(edition, scatter),
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
    return Funnel(chart, _said(edition, scatter))


def _scatter(
    edition: Edition, indicator: Indicator, known: Sequence[Figure], whole: Figure
) -> Scatter | None:
    kind = FUNNELS.get(indicator.interval)
    calendar, period = edition.facts.programme.calendar, edition.facts.period
    scale = indicator.factor * (calendar.per_year(period.frequency) if indicator.annualise else 1)
    if (
        kind is None
        or indicator.standardise
        or indicator.denominator is None
        or scale <= 0
        or absent(whole.value)
    ):
        return None
    target = whole.value / scale
    if not 0 < target < (1 if kind == "proportion" else np.inf):
        return None
    sizes = np.array([figure.denominator for figure in known])
    shares = np.array([figure.value for figure in known]) / scale
    z, s = funnel_scores(shares * sizes, sizes, target, kind=kind)
    phi, tau2 = (float(each) for each in overdispersion(z, s))
    chance = special.chdtrc(len(known), phi * len(known)) if phi > 0 else 1.0
    return Scatter(kind, scale, target, sizes, shares, phi, tau2 if chance < SURE else 0.0)


def _curves(edition: Edition, scatter: Scatter) -> list[Limits]:
    """Both limits; where units scatter more than by chance, those that allow for it, and the outer one of chance."""
    words, largest = edition.words, float(scatter.sizes.max())
    sizes = np.linspace(max(largest / 80, min(1.0, largest)), largest, 60)
    curves = [(level, scatter.tau2, f"{plain(100 * level)}%", "limit") for level in LEVELS]
    if scatter.tau2:
        curves.insert(0, (LEVELS[-1], 0.0, words("chance"), "limit chance"))
    found = []
    for level, tau2, label, css in curves:
        low, high = funnel_limits(sizes, scatter.target, kind=scatter.kind, level=level, tau2=tau2)
        ends = ((low * scatter.scale).tolist(), (high * scatter.scale).tolist())
        found.append(Limits(sizes.tolist(), *ends, label, css))
    return found


def _said(edition: Edition, scatter: Scatter) -> str:
    words, many = edition.words, len(scatter.sizes)
    if not scatter.tau2:
        return words(
            "Small units scatter widely by chance alone. Between the curves a difference from the average may be "
            "chance. These units scatter about as much as chance makes them; {n} of {all} are outside.",
            n=int(scatter.beyond(0.0).sum()),
            all=many,
        )
    return words(
        "Small units scatter widely by chance alone. These scatter more: the variance of their figures is {phi} "
        "times what chance gives, and {chance} of {all} are outside its limits (dotted). The other curves also allow "
        "for how much these units differ anyway; standing out from that: {n}.",
        phi=plain(round(scatter.phi, 1)),
        chance=int(scatter.beyond(0.0).sum()),
        all=many,
        n=int(scatter.beyond(scatter.tau2).sum()),
    )


def _spot(edition: Edition, indicator: Indicator, figure: Figure, named: bool) -> Spot:
    return Spot(
        label=edition.name(figure.unit),
        value=figure.value,
        size=figure.denominator,
        href=f"../{edition.plan.figure(figure.unit, indicator.name)}",
        named=named,
    )
