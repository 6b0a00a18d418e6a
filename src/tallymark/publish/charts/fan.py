"""What may come: bands of many futures around a middle line, and other scenarios as lines beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from tallymark.publish.charts.drawing import Scale, line, padded, polyline, svg, text, ticks
from tallymark.publish.charts.trend import LARGE, SMALL, Frame
from tallymark.publish.numbers import decimal

Bounds = tuple[Sequence[float], Sequence[float]]


def fan(
    middle: Sequence[float],
    bands: Sequence[Bounds],
    *,
    labels: Sequence[str],
    name: str,
    title: str,
    description: str,
    others: Mapping[str, Sequence[float]] | None = None,
    frame: Frame = LARGE,
) -> Markup:
    """The chart of a course to come, year by year; `bands` (low, high) from the widest to the narrowest.

    Missing years (NaN) break the line. `others`: other scenarios, by title, as dashed lines named at their ends.
    """
    lines = others or {}
    known = [
        *middle,
        *(value for band in bands for side in band for value in side),
        *(v for one in lines.values() for v in one),
    ]
    floor = 0.0 if min((value for value in known if math.isfinite(value)), default=0.0) >= 0 else None
    low, high = padded(known, floor=floor)
    y = Scale(low, high, frame.bottom, frame.top)
    x = Scale(0, max(len(middle) - 1, 1), frame.left + 14, frame.right - (80 if lines else 0))
    parts = _grid(y, frame)
    for widest, (lows, highs) in enumerate(bands):
        kept = [at for at in range(len(middle)) if math.isfinite(lows[at]) and math.isfinite(highs[at])]
        edge = [(x(at), y(highs[at])) for at in kept] + [(x(at), y(lows[at])) for at in reversed(kept)]
        if len(kept) > 1:
            parts.append(
                f'<path class="{"fan-wide" if widest == 0 else "fan-inner"}" d="{polyline(edge)}Z"/>'
            )
    ends = []
    for label, values in lines.items():
        parts.append(f'<path class="other" d="{_through(values, x, y)}"/>')
        ends.append((y(values[-1]), label))
    parts.append(f'<path class="line" d="{_through(middle, x, y)}"/>')
    last = middle[-1]
    if math.isfinite(last):
        parts.append(text(x(len(middle) - 1) + 5, y(last) + 4, decimal(last), kind="label"))
        ends.append((y(last), ""))
    parts += [text(x(len(middle) - 1) + 5, at + 4, label, kind="note") for at, label in _apart(ends) if label]
    parts += _times(labels, x, frame)
    return svg(
        parts,
        name=name,
        title=title,
        description=description,
        width=frame.width,
        height=frame.height,
        kind="trend",
    )


def small_fan(
    middle: Sequence[float],
    bands: Sequence[Bounds],
    *,
    labels: Sequence[str],
    name: str,
    title: str,
    description: str,
) -> Markup:
    """The same, small, for a page of many."""
    return fan(middle, bands, labels=labels, name=name, title=title, description=description, frame=SMALL)


def _through(values: Sequence[float], x: Scale, y: Scale) -> str:
    known = [(x(at), y(value)) for at, value in enumerate(values) if math.isfinite(value)]
    return polyline(known)


def _apart(ends: Sequence[tuple[float, str]], room: float = 13.0) -> list[tuple[float, str]]:
    """Names moved apart so that none lies on another."""
    found: list[tuple[float, str]] = []
    for at, label in sorted(ends):
        found.append((max(at, found[-1][0] + room) if found else at, label))
    return found


def _grid(y: Scale, frame: Frame) -> list[str]:
    drawn = []
    for mark in ticks(y.low, y.high, frame.ticks):
        drawn.append(
            line(frame.left + 10, y(mark), frame.right, y(mark), kind="zero" if mark == 0 else "grid")
        )
        drawn.append(text(frame.left + 6, y(mark) + 3, decimal(mark), kind="tick", anchor="end"))
    return drawn


def _times(labels: Sequence[str], x: Scale, frame: Frame) -> list[str]:
    step = max(1, (len(labels) - 1) // (4 if frame is LARGE else 2)) if labels else 1
    return [
        text(x(at), frame.bottom + 16, labels[at], kind="tick", anchor="middle")
        for at in range(0, len(labels), step)
    ]
