"""A population by age and sex: bars of one date, the outline of another, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tallymark.publish.charts.drawing import Scale, bar, coordinate, line, svg, text, ticks
from tallymark.publish.numbers import decimal

Sides = tuple[Sequence[float], Sequence[float]]
"""Values of men and of women by age group, the youngest first."""
WIDTH, ROW, TOP, GAP, EDGE = 460.0, 12.0, 22.0, 34.0, 8.0


@dataclass(frozen=True, slots=True)
class Band:
    """Least and most likely numbers of each side."""

    low: Sides
    high: Sides


def pyramid(
    now: Sides,
    then: Sides | None,
    *,
    labels: Sequence[str],
    heads: tuple[str, str],
    name: str,
    title: str,
    description: str,
    band: Band | None = None,
) -> Markup:
    """Filled bars of `now`, the outline of `then`, and around it the `band`. Men are on the left, as is custom."""
    every = [*now[0], *now[1], *(then[0] if then else ()), *(then[1] if then else ())]
    if band is not None:
        every += [*band.high[0], *band.high[1]]
    most = max(every, default=0.0) or 1.0
    middle, foot = WIDTH / 2, TOP + ROW * len(labels)
    sides = (
        Scale(0, most, middle - GAP / 2, EDGE),
        Scale(0, most, middle + GAP / 2, WIDTH - EDGE),
    )
    parts = [
        text(middle - GAP / 2, 13, heads[0], kind="tick", anchor="end"),
        text(middle + GAP / 2, 13, heads[1], kind="tick"),
    ]
    for at, x in enumerate(sides):
        parts += _grid(x, foot, most)
        parts += [_bar(x, row, value, "now-bar", foot) for row, value in enumerate(now[at])]
        if band is not None:
            parts += [
                _between(x, row, low, high, foot)
                for row, (low, high) in enumerate(zip(band.low[at], band.high[at], strict=True))
            ]
        if then is not None:
            parts.append(f'<path class="outline" d="{_outline(x, then[at], foot)}"/>')
    for row, label in enumerate(labels):
        if row % 2 == 0:
            parts.append(text(middle, foot - ROW * row - 2.5, label, kind="tick", anchor="middle"))
    return svg(
        parts, name=name, title=title, description=description, width=WIDTH, height=foot + 20, kind="pyramid"
    )


def _grid(x: Scale, foot: float, most: float) -> list[str]:
    drawn = []
    for mark in ticks(0, most, 4):
        drawn.append(line(x(mark), TOP, x(mark), foot, kind="zero" if mark == 0 else "grid"))
        drawn.append(text(x(mark), foot + 13, decimal(mark), kind="tick", anchor="middle"))
    return drawn


def _bar(x: Scale, row: int, value: float, kind: str, foot: float) -> str:
    left, right = sorted((x(0), x(value)))
    return bar(left, foot - ROW * (row + 1) + 1, right - left, ROW - 2, kind=kind)


def _between(x: Scale, row: int, low: float, high: float, foot: float) -> str:
    left, right = sorted((x(low), x(high)))
    return bar(left, foot - ROW * (row + 1) + 3.5, right - left, ROW - 7, kind="unsure")


def _outline(x: Scale, values: Sequence[float], foot: float) -> str:
    steps = [f"M{coordinate(x(0))} {coordinate(foot)}"]
    for row, value in enumerate(values):
        steps.append(f"H{coordinate(x(value))}V{coordinate(foot - ROW * (row + 1))}")
    return "".join(steps) + f"H{coordinate(x(0))}"
