"""How figures stand to their indicator's benchmark, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tallymark.programme.resolved import Indicator
from tallymark.publish.edition import Edition
from tallymark.publish.records import Figure


def against_said(edition: Edition, figure: Figure | None) -> str:
    """Better, similar or worse, and beyond doubt where even the 99.8 % interval says so; empty where unknown."""
    if figure is None or not figure.against_95:
        return ""
    said = edition.words(figure.against_95)
    if figure.against_998 in ("better", "worse"):
        return edition.words("{side}, beyond doubt", side=said)
    return said


def benchmark_said(edition: Edition, indicator: Indicator, values: Sequence[Figure]) -> str:
    """The benchmark, and how many units stand on which side of it; empty where there is none."""
    if indicator.benchmark is None:
        return ""
    sides = Counter(figure.against_95 for figure in values)
    return edition.words(
        "{value}. A unit is better or worse when its whole 95% interval is, beyond doubt when its 99.8% interval is: "
        "{better} better, {similar} similar, {worse} worse.",
        value=edition.value(indicator, indicator.benchmark),
        better=sides["better"],
        similar=sides["similar"],
        worse=sides["worse"],
    )
