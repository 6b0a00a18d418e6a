"""Intervals side by side, one row a unit: ranks that cannot be told apart, totals, values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from tallymark.publish.charts.drawing import Scale, dot, line, linked, padded, shortened, svg, text, ticks
from tallymark.publish.numbers import decimal

ROW = 23.0
LABEL, RIGHT, WIDTH = 150.0, 482.0, 540.0
LABEL_SIZE = 14.5
"""Labels are cut for this size, so that the larger type of narrow screens still fits."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A row: a unit, where it stands, how far that is known, and what is written beside it."""

    label: str
    at: float
    low: float
    high: float
    note: str = ""
    href: str = ""
    kind: str = ""
    """`lead` for those that may be first, `tail` for those that may be last, `self` for the page's own unit."""


def caterpillar(
    bars: Sequence[Bar],
    *,
    name: str,
    title: str,
    description: str,
    axis: str,
    decimals: int = 1,
    whole: bool = False,
    reference: float | None = None,
    reference_label: str = "",
    limits: tuple[float, float] | None = None,
) -> Markup:
    """The chart, in the order given. `whole` draws an axis of whole numbers (ranks)."""
    low, high = limits or padded(
        [edge for b in bars for edge in (b.at, b.low, b.high)] + [reference or math.nan]
    )
    x = Scale(low, high, LABEL + 12, RIGHT)
    top, height = 24.0, 24.0 + ROW * len(bars) + 8
    marks = ticks(low, high, 7)
    if whole:
        marks = sorted({1.0} | {float(round(mark)) for mark in marks if mark >= 1})
    parts = [text(LABEL, top - 10, shortened(axis, LABEL, LABEL_SIZE), kind="note", anchor="end")]
    for mark in marks:
        parts.append(line(x(mark), top - 6, x(mark), height - 6, kind="grid"))
        parts.append(
            text(
                x(mark),
                top - 10,
                decimal(mark, 0 if mark == int(mark) else decimals),
                kind="tick",
                anchor="middle",
            )
        )
    if reference is not None:
        parts.append(line(x(reference), top - 6, x(reference), height - 6, kind="target"))
        parts.append(text(x(reference), height + 6, reference_label, kind="note", anchor="middle"))
    for i, one in enumerate(bars):
        parts.append(_row(one, x, top + ROW * i + ROW / 2, decimals))
    return svg(
        parts,
        name=name,
        title=title,
        description=description,
        width=WIDTH,
        height=height + (12 if reference_label else 2),
        kind="caterpillar",
    )


def _row(one: Bar, x: Scale, y: float, decimals: int) -> str:
    parts = [
        linked(
            text(LABEL, y + 4, shortened(one.label, LABEL, LABEL_SIZE), kind="name", anchor="end"), one.href
        )
    ]
    if math.isfinite(one.low) and math.isfinite(one.high):
        parts.append(line(x(one.low), y, x(one.high), y, kind="reach"))
    if math.isfinite(one.at):
        parts.append(dot(x(one.at), y, 4.5, kind="point", tip=f"{one.label}: {decimal(one.at, decimals)}"))
    edge = max((e for e in (one.high, one.at) if math.isfinite(e)), default=x.low)
    if one.note:
        parts.append(text(max(x(edge) + 10, x.start), y + 4, one.note, kind="label"))
    return f'<g class="{escape(one.kind)}">{"".join(parts)}</g>' if one.kind else f"<g>{''.join(parts)}</g>"
