"""Totals as tiles and as a map: a shade, a number, the ranks that the data allow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

from tallymark.publish.charts.drawing import shortened, svg, text, text_width, ticks
from tallymark.publish.edition import Edition
from tallymark.publish.geography import WIDTH, Outlines
from tallymark.publish.headlines import alone
from tallymark.publish.numbers import SIGNS, Kind, absent, decimal, plain, spread
from tallymark.publish.records import Rank

FEWEST_STEPS, MOST_STEPS = 3, 5
MANY = 40
"""From so many tiles on they stand under the units above them."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A unit on the tile grid or map."""

    unit: str
    name: str
    total: str
    note: str
    shade: str
    href: str


@dataclass(frozen=True, slots=True)
class Block:
    """Tiles under the name of the unit above them; no name when there is only one such unit."""

    name: str
    tiles: Sequence[Tile]


def blocks(edition: Edition, tiles: Sequence[Tile]) -> list[Block]:
    """Tiles by the unit above and by name where several units have some; in the given order where one has them all."""
    above: dict[str, list[Tile]] = {}
    for one in tiles:
        path = edition.facts.places.path(one.unit)
        above.setdefault(path[-1] if path else "", []).append(one)
    if len(above) < 2 or len(tiles) < MANY:
        return [Block("", list(tiles))]
    named = [(edition.name(unit) if unit else "", members) for unit, members in above.items()]
    return [
        Block(name, sorted(members, key=lambda one: one.name))
        for name, members in sorted(named, key=lambda pair: pair[0])
    ]


def shade_steps(edition: Edition) -> list[float]:
    """Up to five round bounds that cut the totals into shades; the highest shade is the palest (least lost)."""
    totals = [
        t.total for t in edition.facts.totals.values() if not absent(t.total) and (t.total or not t.gates)
    ]
    if not totals:
        return []
    low, high = min(totals), max(totals)
    for most in (5, 6, 8):
        steps = [mark for mark in ticks(low, high, most) if low < mark < high]
        if len(steps) >= FEWEST_STEPS:
            break
    return steps[-MOST_STEPS:]


def total_shade(total: float, steps: Sequence[float]) -> str:
    """The shade of a total between the steps: h0 … h5."""
    if absent(total):
        return "m"
    above = sum(total >= step for step in steps)
    return f"h{5 - (len(steps) - above) if len(steps) - above < 5 else 0}"


def legend_steps(steps: Sequence[float]) -> list[tuple[str, str]]:
    """(shade, label) from the lowest class to the highest."""
    if not steps:
        return []
    bounds = [plain(step) for step in steps]
    between = [f"{low}–{high}" for low, high in pairwise(bounds)]
    labels = [f"< {bounds[0]}", *between, f"≥ {bounds[-1]}"]
    edges = [-math.inf, *steps]
    return [(total_shade(edge, steps), label) for edge, label in zip(edges, labels, strict=True)]


def tile(edition: Edition, unit: str, steps: Sequence[float]) -> Tile:
    """A unit's tile: total, rank, shade."""
    total = edition.facts.totals.get(unit)
    rank = edition.facts.ranks.get(unit)
    points = math.nan if total is None else total.total
    note = edition.words("void") if total is not None and total.total == 0 and total.gates else ""
    if not note and rank is not None and not absent(rank.rank_low):
        note = _ranks(edition, rank)
    return Tile(
        unit=unit,
        name=edition.name(unit),
        total=SIGNS[Kind.SUPPRESSED if edition.facts.total_is_withheld(unit) else Kind.MISSING]
        if absent(points)
        else decimal(points, 1),
        note=note,
        shade=total_shade(points, steps),
        href=edition.plan.page(unit) or "",
    )


def _ranks(edition: Edition, rank: Rank) -> str:
    """`rank 2–4 of 5`."""
    if alone(rank):
        return edition.words("alone in its group")
    same = rank.rank_low == rank.rank_high
    ranks = plain(rank.rank_low) if same else spread(rank.rank_low, rank.rank_high, 0, edition.language)
    return edition.words("rank {ranks} of {of}", ranks=ranks, of=plain(rank.of))


def draw_map(edition: Edition, outlines: Outlines, tiles: Sequence[Tile]) -> Markup:
    """The units' shapes in their shades, each a link, names where there is room."""
    shapes, labels = [], []
    boxes: list[tuple[float, float, float, float]] = []
    for one in tiles:
        shape = outlines.shapes.get(one.unit)
        if shape is None:
            continue
        tip = f"{one.name}: {one.total}" + (f" ({one.note})" if one.note else "")
        shapes.append(
            f'<a href="{escape(one.href)}"><path class="{one.shade}" d="{shape.path}">'
            f"<title>{escape(tip)}</title></path></a>"
        )
        label = shortened(one.name, 90, 11)
        width = text_width(label, 11)
        box = (shape.x - width / 2, shape.y - 10, shape.x + width / 2, shape.y + 4)
        if all(box[2] < b[0] or box[0] > b[2] or box[3] < b[1] or box[1] > b[3] for b in boxes):
            boxes.append(box)
            labels.append(text(shape.x, shape.y + 4, label, kind="place", anchor="middle"))
    words = edition.words
    return svg(
        [*shapes, *labels],
        name="map",
        title=words("Map of totals"),
        description=words("The same figures stand in the list beside the map and on the scorecard."),
        width=WIDTH,
        height=outlines.height,
        kind="map",
    )
