"""A figure over time: line, interval band, target, breaks where there is none, and how complete the reports were."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from tallymark.publish.charts.drawing import (
    Scale,
    bar,
    coordinate,
    dot,
    line,
    padded,
    polyline,
    svg,
    text,
    ticks,
)
from tallymark.publish.numbers import Kind, decimal


@dataclass(frozen=True, slots=True)
class Moment:
    """One period of a trend. `complete` is usable ÷ expected reports, NaN when none was due."""

    label: str
    kind: Kind
    value: float
    low: float
    high: float
    complete: float

    @property
    def drawn(self) -> bool:
        return self.kind in (Kind.VALUE, Kind.ZERO)


@dataclass(frozen=True, slots=True)
class Frame:
    """Size of a trend: the plot's edges, the strip of completeness below it, and how many ticks."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    strip: float
    ticks: int
    dots: float


ENOUGH = 0.9
"""Share of usable reports below which a bar changes its colour."""
SMALL = Frame(width=260, height=124, left=30, right=222, top=8, bottom=92, strip=10, ticks=3, dots=0)
LARGE = Frame(width=720, height=270, left=44, right=664, top=14, bottom=214, strip=22, ticks=6, dots=2.2)


def trend(
    moments: Sequence[Moment],
    *,
    name: str,
    title: str,
    description: str,
    frame: Frame = SMALL,
    target: float | None = None,
    target_label: str = "",
    decimals: int = 1,
    ceiling: float | None = None,
) -> Markup:
    """The chart of a series, in order of time; missing periods are hatched, not joined over."""
    values = [bound for m in moments if m.drawn for bound in (m.value, m.low, m.high)]
    known = [value for value in values if math.isfinite(value)]
    if target is not None:
        known.append(target)
    floor = 0.0 if min(known, default=0.0) >= 0 else None
    low, high = padded(
        known, floor=floor, ceiling=ceiling if max(known, default=0.0) <= (ceiling or 0) else None
    )
    y = Scale(low, high, frame.bottom, frame.top)
    x = Scale(0, max(len(moments) - 1, 1), frame.left + 4, frame.right)
    parts = [*_grid(y, frame, decimals), *_holes(moments, x, frame), *_curves(moments, x, y, frame)]
    if target is not None:
        parts.append(line(frame.left, y(target), frame.right, y(target), kind="target"))
        if target_label:
            parts.append(text(frame.left + 4, y(target) - 4, target_label, kind="note halo"))
    parts += [*_complete(moments, x, frame), *_times(moments, x, frame), *_last(moments, x, y, decimals)]
    return svg(
        parts,
        name=name,
        title=title,
        description=description,
        width=frame.width,
        height=frame.height,
        kind="trend",
    )


def _grid(y: Scale, frame: Frame, decimals: int) -> list[str]:
    marks = next((some for most in range(frame.ticks, 9) if len(some := ticks(y.low, y.high, most)) > 1), [])
    if decimals == 0:
        marks = [mark for mark in marks if mark == int(mark)]
    places = 0 if all(mark == int(mark) for mark in marks) else max(decimals, 1)
    drawn = []
    for mark in marks:
        drawn.append(line(frame.left, y(mark), frame.right, y(mark), kind="zero" if mark == 0 else "grid"))
        drawn.append(text(frame.left - 4, y(mark) + 3, decimal(mark, places), kind="tick", anchor="end"))
    return drawn


def _holes(moments: Sequence[Moment], x: Scale, frame: Frame) -> list[str]:
    half = max((x(1) - x(0)) / 2, 1.5)
    found = []
    for i, moment in enumerate(moments):
        if moment.kind is Kind.MISSING:
            found.append(bar(x(i) - half, frame.top, 2 * half, frame.bottom - frame.top, kind="hole"))
        elif moment.kind is Kind.SUPPRESSED:
            found.append(text(x(i), frame.bottom - 3, "✱", kind="tick", anchor="middle"))
    return found


def _curves(moments: Sequence[Moment], x: Scale, y: Scale, frame: Frame) -> list[str]:
    found = []
    for drawn, stretch in groupby(enumerate(moments), key=lambda entry: entry[1].drawn):
        if not drawn:
            continue
        run = list(stretch)
        band = [(i, m) for i, m in run if math.isfinite(m.low) and math.isfinite(m.high)]
        if len(band) > 1:
            edge = [(x(i), y(min(m.high, y.high))) for i, m in band]
            edge += [(x(i), y(max(m.low, y.low))) for i, m in reversed(band)]
            found.append(f'<path class="band" d="{polyline(edge)}Z"/>')
        if len(run) > 1:
            found.append(f'<path class="line" d="{polyline((x(i), y(m.value)) for i, m in run)}"/>')
        else:
            found.append(dot(x(run[0][0]), y(run[0][1].value), max(frame.dots, 2), kind="point"))
        if frame.dots and len(run) > 1:
            found += [
                dot(x(i), y(m.value), frame.dots, kind="point", tip=f"{m.label}: {m.value:g}") for i, m in run
            ]
    return found


def _complete(moments: Sequence[Moment], x: Scale, frame: Frame) -> list[str]:
    """Bars under the plot: full height when every report due was usable, another colour where many were not."""
    base, width = frame.bottom + frame.strip + 4, max((x(1) - x(0)) * 0.72, 1.5)
    strokes: dict[str, list[str]] = {"complete": [], "incomplete": []}
    for i, moment in enumerate(moments):
        if math.isfinite(moment.complete):
            share = min(max(moment.complete, 0.06), 1.0)
            kind = "complete" if share >= ENOUGH else "incomplete"
            strokes[kind].append(f"M{coordinate(x(i))} {coordinate(base)}v-{coordinate(share * frame.strip)}")
    return [
        line(frame.left, base, frame.right, base, kind="grid"),
        *(
            f'<path class="{kind}" stroke-width="{coordinate(width)}" d="{"".join(drawn)}"/>'
            for kind, drawn in strokes.items()
            if drawn
        ),
    ]


def _times(moments: Sequence[Moment], x: Scale, frame: Frame) -> list[str]:
    if not moments:
        return []
    found = [text(x(0) - 4, frame.height - 4, moments[0].label, kind="tick")]
    if len(moments) > 1:
        found.append(
            text(x(len(moments) - 1), frame.height - 4, moments[-1].label, kind="tick", anchor="end")
        )
    return found


def _last(moments: Sequence[Moment], x: Scale, y: Scale, decimals: int) -> list[str]:
    drawn = [(i, m) for i, m in enumerate(moments) if m.drawn]
    if not drawn:
        return []
    i, moment = drawn[-1]
    return [
        dot(x(i), y(moment.value), 3, kind="now"),
        text(x(i) + 6, y(moment.value) + 4, decimal(moment.value, decimals), kind="label"),
    ]
