"""A map of change: areas in shades of how much they grow or shrink; tiles in their order where no outlines are known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from tallymark.publish.charts.drawing import coordinate, shortened, svg, text
from tallymark.publish.geography import WIDTH, Outlines

TALL, GAP, LINE = 46.0, 3.0, 14.0
MISSING = "m"
LIMITS = (-0.2, -0.1, 0.0, 0.1, 0.2)
"""Change as a share at which the shade turns: the darkest grow most."""


@dataclass(frozen=True, slots=True)
class Area:
    """An area: its code, name, change as a share (NaN where not known), the change in words, and its page ("": none)."""

    code: str
    name: str
    change: float
    words: str
    href: str = ""


def growth_map(
    areas: Sequence[Area], *, outlines: Outlines | None, name: str, title: str, description: str
) -> Markup:
    """The areas as shapes where their outlines are known, as a grid of tiles else, each with its change."""
    if outlines is None:
        parts, height = _tiles(areas)
    else:
        parts, height = _shapes(areas, outlines), outlines.height
    return svg(
        parts, name=name, title=title, description=description, width=WIDTH, height=height, kind="map growth"
    )


def shade(change: float) -> str:
    """Class of the shade: h0 for the strongest growth, h5 for the strongest fall."""
    if not math.isfinite(change):
        return MISSING
    return f"h{len(LIMITS) - sum(change >= limit for limit in LIMITS)}"


def _shapes(areas: Sequence[Area], outlines: Outlines) -> list[str]:
    shapes, labels = [], []
    for one in areas:
        shape = outlines.shapes.get(one.code)
        if shape is not None:
            shapes.append(
                _linked(one, f'<path class="{shade(one.change)}" d="{shape.path}">{_tip(one)}</path>')
            )
            labels.append(
                text(shape.x, shape.y + 4, shortened(one.words, 90, 11), kind="place", anchor="middle")
            )
    return [*shapes, *labels]


def _tiles(areas: Sequence[Area]) -> tuple[list[str], float]:
    across = max(1, min(len(areas), max(4, math.ceil(math.sqrt(len(areas) * 1.6)))))
    wide = WIDTH / across
    parts = []
    for at, one in enumerate(areas):
        x, y = wide * (at % across), (TALL + GAP) * (at // across)
        box = f"M{coordinate(x)} {coordinate(y)}h{coordinate(wide - GAP)}v{coordinate(TALL)}h-{coordinate(wide - GAP)}z"
        tile = f'<path class="{shade(one.change)}" d="{box}">{_tip(one)}</path>'
        middle = x + (wide - GAP) / 2
        named = shortened(one.name, wide - 12, 11)
        parts += [
            _linked(one, tile),
            str(text(middle, y + TALL / 2 - 4, named, kind="place", anchor="middle")),
            str(text(middle, y + TALL / 2 + LINE, one.words, kind="place", anchor="middle")),
        ]
    return parts, (TALL + GAP) * -(-len(areas) // across)


def _tip(area: Area) -> str:
    return f"<title>{escape(area.name)}: {escape(area.words)}</title>"


def _linked(area: Area, shape: str) -> str:
    return f'<a href="{escape(area.href)}">{shape}</a>' if area.href else shape
