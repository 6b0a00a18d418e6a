"""A Lexis surface: years across, ages up, shades for how many there are. A generation climbs along a diagonal."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from tallymark.publish.charts.drawing import coordinate, svg, text

WIDTH, HEIGHT, LEFT, TOP, FOOT = 560.0, 320.0, 34.0, 10.0, 24.0
SHADES = 6


def lexis(
    values: Sequence[Sequence[float]],
    *,
    years: Sequence[str],
    ages: Sequence[str],
    name: str,
    title: str,
    description: str,
) -> Markup:
    """The surface of values by year (outer) and age group (inner, the youngest first); missing cells stay white.

    Six shades of equal numbers of cells, the darkest for the most; cells of a shade are one path, to stay small.
    """
    wide = (WIDTH - LEFT) / max(len(values), 1)
    high = (HEIGHT - TOP - FOOT) / max(len(ages), 1)
    limits = shade_limits([value for row in values for value in row])
    paths: dict[int, list[str]] = {}
    for year, row in enumerate(values):
        for age, value in enumerate(row):
            if math.isfinite(value):
                x, y = LEFT + wide * year, HEIGHT - FOOT - high * (age + 1)
                cell = f"M{coordinate(x)} {coordinate(y)}h{coordinate(wide)}v{coordinate(high)}h-{coordinate(wide)}z"
                paths.setdefault(shade_of(value, limits), []).append(cell)
    parts = [f'<path class="h{shade}" d="{"".join(cells)}"/>' for shade, cells in sorted(paths.items())]
    for age in range(0, len(ages), 4):
        parts.append(text(LEFT - 4, HEIGHT - FOOT - high * age - 1, ages[age], kind="tick", anchor="end"))
    for year in range(0, len(years), max(1, (len(years) - 1) // 4)):
        parts.append(text(LEFT + wide * (year + 0.5), HEIGHT - 8, years[year], kind="tick", anchor="middle"))
    return svg(
        parts, name=name, title=title, description=description, width=WIDTH, height=HEIGHT, kind="map lexis"
    )


def shade_limits(values: Sequence[float]) -> list[float]:
    """The values between shades: each shade has as many cells as the others."""
    known = sorted(value for value in values if math.isfinite(value))
    return [known[len(known) * at // SHADES] for at in range(1, SHADES)] if known else []


def shade_of(value: float, limits: Sequence[float]) -> int:
    """5 for the least, 0 for the most, as the style sheet's shades run."""
    return SHADES - 1 - sum(value >= limit for limit in limits)
