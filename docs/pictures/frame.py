"""Axes and the SVG frame of the guide's pictures: readable on light and dark pages, without fonts or scripts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from tallymark.publish.charts.drawing import Scale, coordinate, polyline, ticks

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 360, 84, 24, 46, 48
BLUE, RED, GREY, LIGHT, GREEN = "#2b6cb0", "#c53030", "#718096", "#a0aec0", "#2f855a"


@dataclass(frozen=True, slots=True)
class Axes:
    """The two scales of a picture, with their titles."""

    x: tuple[float, float]
    y: tuple[float, float]
    x_title: str
    y_title: str
    percent: tuple[bool, bool] = (False, False)
    height: int = HEIGHT
    y_labels: Sequence[str] = ()

    def across(self, value: float) -> float:
        return Scale(*self.x, LEFT, WIDTH - RIGHT)(value)

    def up(self, value: float) -> float:
        return Scale(*self.y, self.height - BOTTOM, TOP)(value)


def line(
    axes: Axes, points: Iterable[tuple[float, float]], colour: str, *, dashed: bool = False, width: float = 2
) -> str:
    """A line through points."""
    path = polyline((axes.across(x), axes.up(y)) for x, y in points)
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}"{dash}/>'


def dot(axes: Axes, x: float, y: float, colour: str, *, radius: float = 3.5) -> str:
    """A point."""
    at = f'cx="{coordinate(axes.across(x))}" cy="{coordinate(axes.up(y))}"'
    return f'<circle {at} r="{radius:g}" fill="{colour}"/>'


def bar(axes: Axes, x: tuple[float, float], y: tuple[float, float], colour: str) -> str:
    """A filled rectangle between two values each way."""
    left, right = sorted(axes.across(value) for value in x)
    top, bottom = sorted(axes.up(value) for value in y)
    size = f'width="{coordinate(right - left)}" height="{coordinate(bottom - top)}"'
    return f'<rect x="{coordinate(left)}" y="{coordinate(top)}" {size} fill="{colour}"/>'


def label(
    axes: Axes, x: float, y: float, words: str, colour: str = GREY, *, anchor: str = "start", lift: float = 0
) -> str:
    """Words at a place of the picture."""
    place = f'x="{coordinate(axes.across(x))}" y="{coordinate(axes.up(y) - lift)}"'
    return f'<text {place} fill="{colour}" text-anchor="{anchor}">{escape(words)}</text>'


def picture(axes: Axes, title: str, content: Iterable[str]) -> str:
    """The whole picture."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {axes.height}" role="img" '
            f'font-family="sans-serif" font-size="12"><title>{escape(title)}</title>',
            f'<rect width="{WIDTH}" height="{axes.height}" fill="#ffffff"/>',
            f'<text x="{LEFT}" y="22" font-size="14" fill="#1a202c">{escape(title)}</text>',
            *_grid(axes),
            *content,
            "</svg>\n",
        ]
    )


def _grid(axes: Axes) -> Iterable[str]:
    low, right = axes.height - BOTTOM, WIDTH - RIGHT
    for value in ticks(*axes.x, most=7):
        at = coordinate(axes.across(value))
        yield f'<path d="M{at} {TOP}V{low}" stroke="#e2e8f0"/>'
        yield f'<text x="{at}" y="{low + 18}" fill="{GREY}" text-anchor="middle">{_told(value, axes.percent[0])}</text>'
    for at_row, words in enumerate(axes.y_labels):
        place = coordinate(axes.up(at_row) + 4)
        yield f'<text x="{LEFT - 8}" y="{place}" fill="{GREY}" text-anchor="end">{escape(words)}</text>'
    for value in [] if axes.y_labels else ticks(*axes.y, most=6):
        at = coordinate(axes.up(value))
        yield f'<path d="M{LEFT} {at}H{right}" stroke="#e2e8f0"/>'
        yield f'<text x="{LEFT - 8}" y="{at}" dy="4" fill="{GREY}" text-anchor="end">{_told(value, axes.percent[1])}</text>'
    yield f'<path d="M{LEFT} {TOP}V{low}H{right}" fill="none" stroke="{LIGHT}"/>'
    yield f'<text x="{(LEFT + right) / 2:g}" y="{axes.height - 10}" fill="{GREY}" text-anchor="middle">{escape(axes.x_title)}</text>'
    yield f'<text x="12" y="{TOP - 8}" fill="{GREY}">{escape(axes.y_title)}</text>'


def _told(value: float, percent: bool) -> str:
    return f"{100 * value:.10g} %" if percent else f"{value:,.10g}"
