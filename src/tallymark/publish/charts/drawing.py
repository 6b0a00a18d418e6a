"""Scales, ticks and the SVG frame that every chart shares."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape


@dataclass(frozen=True, slots=True)
class Scale:
    """Data to pixels, linear; a scale of no width maps everything to its middle."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        if self.high == self.low:
            return (self.start + self.end) / 2
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def coordinate(value: float) -> str:
    """A pixel position in as few characters as one decimal needs."""
    return f"{value:.1f}".removesuffix(".0")


def polyline(points: Iterable[tuple[float, float]]) -> str:
    """Path data through points, each relative to the last rounded one: `M1 2l3-1.5 4 0`."""
    steps = [(round(10 * x), round(10 * y)) for x, y in points]
    if not steps:
        return ""
    moves = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(steps)]
    drawn = "".join(_step(i, x, y) for i, (x, y) in enumerate(moves))
    return f"M{coordinate(steps[0][0] / 10)} {coordinate(steps[0][1] / 10)}{'l' if drawn else ''}{drawn}"


def _step(at: int, x: int, y: int) -> str:
    """A relative step in tenths; a minus sign separates as well as a space."""
    first = coordinate(x / 10)
    return f"{'' if at == 0 or x < 0 else ' '}{first}{'' if y < 0 else ' '}{coordinate(y / 10)}"


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers inside [low, high], at most `most` of them: steps of 1, 2, 2.5 or 5 × 10ⁿ."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return [low] if math.isfinite(low) else []
    raw = (high - low) / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [round(i * step, 12) for i in range(first, math.floor(high / step + 1e-9) + 1)]


def padded(
    values: Iterable[float], *, floor: float | None = None, ceiling: float | None = None
) -> tuple[float, float]:
    """Lowest and highest with a little air, kept within what is possible; (0, 1) when there are no values."""
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    air = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
    low, high = low - air, high + air
    if floor is not None and low < floor:
        low = floor
    if ceiling is not None and high > ceiling:
        high = ceiling
    return low, high if high > low else low + 1.0


def svg(
    content: Iterable[str], *, name: str, title: str, description: str, width: float, height: float, kind: str
) -> Markup:
    """The frame: scalable, named and described for those who hear it. `content` is markup already escaped.

    With links in it the drawing is a group: whoever hears an image is not told what is inside.
    """
    inside = "".join(content)
    role = "group" if "<a " in inside else "img"
    return Markup(
        f'<svg class="chart {kind}" viewBox="0 0 {coordinate(width)} {coordinate(height)}" role="{role}"'
        f' aria-labelledby="{name}-t {name}-d"><title id="{name}-t">{escape(title)}</title>'
        f'<desc id="{name}-d">{escape(description)}</desc>{inside}</svg>'
    )


def text(x: float, y: float, content: str, *, kind: str = "", anchor: str = "") -> str:
    """A label; `anchor` is start, middle or end."""
    css = f' class="{kind}"' if kind else ""
    at = f' text-anchor="{anchor}"' if anchor and anchor != "start" else ""
    return f'<text x="{coordinate(x)}" y="{coordinate(y)}"{css}{at}>{escape(content)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, *, kind: str) -> str:
    """A straight line."""
    return f'<path class="{kind}" d="M{coordinate(x1)} {coordinate(y1)}L{coordinate(x2)} {coordinate(y2)}"/>'


def dot(x: float, y: float, radius: float, *, kind: str, tip: str = "") -> str:
    """A dot, named for those who point at it."""
    inner = f"<title>{escape(tip)}</title>" if tip else ""
    return f'<circle class="{kind}" cx="{coordinate(x)}" cy="{coordinate(y)}" r="{coordinate(radius)}">{inner}</circle>'


def bar(x: float, y: float, width: float, height: float, *, kind: str) -> str:
    """A filled rectangle."""
    return (
        f'<rect class="{kind}" x="{coordinate(x)}" y="{coordinate(y)}"'
        f' width="{coordinate(width)}" height="{coordinate(height)}"/>'
    )


def linked(content: str, href: str) -> str:
    """The content as a link when there is somewhere to go."""
    return f'<a href="{escape(href)}">{content}</a>' if href else content


def text_width(content: str, size: float) -> float:
    """About how wide a label is: Chinese characters are square, others a little over half as wide as high."""
    return sum(size if ord(char) > 0x2E80 else size * 0.56 for char in content)


def shortened(content: str, width: float, size: float) -> str:
    """The label cut with an ellipsis where it is wider than there is room."""
    if text_width(content, size) <= width:
        return content
    while content and text_width(content + "…", size) > width:
        content = content[:-1]
    return content.rstrip() + "…"
