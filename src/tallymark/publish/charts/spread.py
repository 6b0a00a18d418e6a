"""How units are spread over a figure: stacked dots, and the funnel that says which differ by more than chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tallymark.publish.charts.drawing import (
    Scale,
    dot,
    line,
    linked,
    padded,
    polyline,
    shortened,
    svg,
    text,
    text_width,
    ticks,
)
from tallymark.publish.numbers import decimal

WIDTH = 720.0


@dataclass(frozen=True, slots=True)
class Spot:
    """A unit: its figure, the denominator behind it, whether its name is written beside it."""

    label: str
    value: float
    size: float
    href: str = ""
    named: bool = False
    kind: str = ""


def dots(
    spots: Sequence[Spot],
    *,
    name: str,
    title: str,
    description: str,
    axis: str,
    decimals: int,
    target: float | None = None,
    target_label: str = "",
) -> Markup:
    """A dot a unit on one axis, stacked where units have nearly the same figure."""
    known = sorted(
        (spot for spot in spots if math.isfinite(spot.value)), key=lambda spot: (spot.value, spot.label)
    )
    low, high = padded([spot.value for spot in known] + ([target] if target is not None else []))
    x = Scale(low, high, 16, WIDTH - 16)
    radius = 6.0 if len(known) <= 60 else 4.0 if len(known) <= 250 else 2.4
    stacks: dict[int, int] = {}
    placed = []
    for spot in known:
        column = round(x(spot.value) / (2 * radius + 1))
        stacks[column] = stacks.get(column, 0) + 1
        placed.append((spot, column * (2 * radius + 1), stacks[column]))
    room = max(stacks.values(), default=1)
    radius_high = min(2 * radius + 1, 130 / room)
    base = 36 + radius_high * room
    parts = [line(16, base + radius, WIDTH - 16, base + radius, kind="zero"), text(16, 12, axis, kind="note")]
    parts += _axis(x, base + radius, decimals)
    if target is not None:
        parts.append(line(x(target), 20, x(target), base + radius, kind="target"))
        side = "end" if x(target) > WIDTH * 0.8 else ""
        parts.append(text(x(target) + (-4 if side else 4), 28, target_label, kind="note", anchor=side))
    for spot, at, level in placed:
        mark = dot(
            at, base - radius_high * (level - 1), radius, kind=spot.kind or "point", tip=_tip(spot, decimals)
        )
        parts.append(linked(mark, spot.href))
    parts += _names(placed, base, radius_high, radius)
    return svg(
        parts,
        name=name,
        title=title,
        description=description,
        width=WIDTH,
        height=base + radius + 22,
        kind="dots",
    )


def _tip(spot: Spot, decimals: int) -> str:
    return f"{spot.label}: {decimal(spot.value, decimals)}"


def _axis(x: Scale, y: float, decimals: int) -> list[str]:
    marks = ticks(x.low, x.high, 8)
    places = 0 if all(mark == int(mark) for mark in marks) else max(decimals, 1)
    return [text(x(mark), y + 15, decimal(mark, places), kind="tick", anchor="middle") for mark in marks]


def _names(placed: list[tuple[Spot, float, int]], base: float, step: float, radius: float) -> list[str]:
    """Names of the named dots, above whatever is stacked under them; one that would cover another is left out."""
    found, right = [], -math.inf
    for spot, at, _ in [entry for entry in placed if entry[0].named]:
        width = text_width(spot.label, 12)
        left = min(max(at - width / 2, 2), WIDTH - width - 2)
        if left < right + 6:
            continue
        right = left + width
        above = max(level for _, x, level in placed if left - radius <= x <= right + radius)
        found.append(text(left, base - step * (above - 1) - radius - 5, spot.label, kind="label"))
    return found


@dataclass(frozen=True, slots=True)
class Limits:
    """A funnel's curve at given sizes: the figure beyond which a unit of that size differs by more than chance."""

    sizes: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    label: str
    kind: str = "limit"


def funnel(
    spots: Sequence[Spot],
    limits: Sequence[Limits],
    centre: float,
    *,
    name: str,
    title: str,
    description: str,
    axis: str,
    size_axis: str,
    decimals: int,
) -> Markup:
    """Units by size and figure, inside or outside of the limits drawn round the average."""
    known = [spot for spot in spots if math.isfinite(spot.value) and math.isfinite(spot.size)]
    left, right, top, bottom = 48.0, WIDTH - 96, 26.0, 292.0
    low, high = padded([spot.value for spot in known] + [centre])
    x = Scale(0, max((spot.size for spot in known), default=1.0) * 1.04, left, right)
    y = Scale(low, high, bottom, top)
    parts = [
        text(left - 44, 12, axis, kind="note"),
        text(right, bottom + 32, size_axis, kind="note", anchor="end"),
    ]
    for mark in ticks(low, high, 6):
        parts.append(line(left, y(mark), right, y(mark), kind="grid"))
        parts.append(
            text(
                left - 6,
                y(mark) + 4,
                decimal(mark, 0 if mark == int(mark) else max(decimals, 1)),
                kind="tick",
                anchor="end",
            )
        )
    parts += [
        text(x(mark), bottom + 16, decimal(mark), kind="tick", anchor="middle")
        for mark in ticks(0, x.high, 6)
    ]
    for limit in limits:
        parts += _limit(limit, x, y, outer=limit is limits[-1])
    parts += [
        line(left, y(centre), right, y(centre), kind="target"),
        text(right + 6, y(centre) + 4, decimal(centre, decimals), kind="note"),
    ]
    for spot in known:
        parts.append(
            linked(
                dot(x(spot.size), y(spot.value), 4.5, kind=spot.kind or "point", tip=_tip(spot, decimals)),
                spot.href,
            )
        )
    parts += _beside([spot for spot in known if spot.named], x, y, right)
    return svg(
        parts, name=name, title=title, description=description, width=WIDTH, height=bottom + 40, kind="funnel"
    )


def _beside(spots: Sequence[Spot], x: Scale, y: Scale, right: float) -> list[str]:
    """Names beside their dots, to the left where they would pass `right`; one that would cover another is left out."""
    found: list[str] = []
    boxes: list[tuple[float, float, float]] = []
    for spot in sorted(spots, key=lambda spot: -spot.size):
        label = shortened(spot.label, 150, 12)
        width = text_width(label, 12)
        right_side = x(spot.size) + width + 10 < right
        left = x(spot.size) + 8 if right_side else x(spot.size) - 8 - width
        at = y(spot.value)
        if any(abs(at - b) < 12 and left < end and start < left + width for start, end, b in boxes):
            continue
        boxes.append((left, left + width, at))
        found.append(
            text(
                left if right_side else x(spot.size) - 8,
                at + 4,
                label,
                kind="label",
                anchor="" if right_side else "end",
            )
        )
    return found


def _limit(limit: Limits, x: Scale, y: Scale, *, outer: bool) -> list[str]:
    """The two curves of a limit; the outer one's labels stand further out, so that they don't meet the inner one's."""
    found = []
    for edge, away in ((limit.low, 7.0 if outer else 0.0), (limit.high, -7.0 if outer else 0.0)):
        inside = [
            (x(size), y(value))
            for size, value in zip(limit.sizes, edge, strict=True)
            if math.isfinite(value) and y.low <= value <= y.high
        ]
        if inside:
            bounded = inside[0][1] == inside[-1][1]
            found.append(f'<path class="{limit.kind}" d="{polyline(inside)}"/>')
            if not bounded:
                found.append(text(inside[-1][0] + 6, inside[-1][1] + 4 + away, limit.label, kind="tick"))
    return found
