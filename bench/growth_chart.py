"""The chart of growth: a panel an axis, both scales logarithmic, as SVG without a library."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

WIDTH, HEIGHT, EDGE, GAP = 880, 250, 46, 14
INK, LINE, GRID = "#1d2733", "#a6402e", "#d9d4c7"

Points = Sequence[tuple[int, float, float]]


def drawn(found: Mapping[str, Points]) -> str:
    """The chart of axis → (size, CPU seconds, peak MB)."""
    costs = [cost for points in found.values() for _, cost, _ in points]
    low, high = math.floor(math.log2(min(costs))), math.ceil(math.log2(max(costs)))
    wide = (WIDTH - EDGE - GAP * len(found)) / len(found)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="11" fill="{INK}">',
        "<title>CPU seconds of counting against events, villages, measures and months</title>",
    ]
    for at in range(low, high + 1):
        y = _height(2.0**at, low, high)
        parts.append(f'<line x1="{EDGE}" x2="{WIDTH - GAP}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>')
        parts.append(f'<text x="{EDGE - 6}" y="{y + 4:.1f}" text-anchor="end">{2.0**at:g} s</text>')
    for number, (axis, points) in enumerate(found.items()):
        parts += _panel(EDGE + number * (wide + GAP), wide, axis, points, low, high)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(left: float, wide: float, axis: str, points: Points, low: int, high: int) -> list[str]:
    first, last = math.log(points[0][0]), math.log(points[-1][0])
    places = [
        (left + 12 + (math.log(size) - first) / (last - first) * (wide - 24), _height(cost, low, high))
        for size, cost, _ in points
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    parts = [f'<polyline points="{path}" fill="none" stroke="{LINE}" stroke-width="2"/>']
    parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.2" fill="{LINE}"/>' for x, y in places]
    parts.append(f'<text x="{left + 4:.1f}" y="16" font-weight="600">{axis}</text>')
    ends = ((places[0][0], "start", points[0][0]), (places[-1][0], "end", points[-1][0]))
    parts += [
        f'<text x="{x:.1f}" y="{HEIGHT - 8}" text-anchor="{anchor}">{_short(size)}</text>'
        for x, anchor, size in ends
    ]
    return parts


def _height(cost: float, low: int, high: int) -> float:
    return HEIGHT - 30 - (math.log2(cost) - low) / (high - low) * (HEIGHT - 60)


def _short(number: int) -> str:
    return f"{number / 10**6:g} million" if number >= 10**6 else f"{number:,}"
