"""A map of the simulated place: villages as crooked hexagons, towns and the whole as what they make up.

It is drawn around 0° N 0° E, in the open sea, so that nobody takes it for a real place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tallymark.simulate.place import Place

Floats = NDArray[np.float64]
Corner = tuple[int, int]
SEED = 1912
RADIUS = 0.0125
"""Of a hexagon, in degrees: about 1.4 km."""
JITTER, BEND = 0.28, 0.20
"""How far corners and the middles of edges are moved, as shares of the radius."""
MOST_VILLAGES = 2_000
"""Larger places come without a map."""


def write_geometry(place: Place, out: Path) -> None:
    """Write `geometry.geojson`: a feature with the unit's code as id for every unit that stands at the end."""
    cells = place.cells()
    if len(cells) > MOST_VILLAGES:
        return
    centres = _centres(len(cells))
    order = _regions(centres, np.bincount(place.town_of[cells], minlength=len(place.towns)))
    draw = _Drawing(centres[order])
    standing, towns = np.arange(len(place.codes)), place.town_of.copy()
    for change in place.changes:
        if change.kind == "merge":
            standing[list(change.villages)] = change.to
        else:
            towns[list(change.villages)] = change.to
    unit, town = standing[cells], towns[cells]
    top, middle, lowest = place.levels
    features = [_feature(place.top_code, top, place.top_name.en, draw.around(range(len(cells))))]
    features += [
        _feature(one.code, middle, one.name.en, draw.around(np.flatnonzero(town == number)))
        for number, one in enumerate(place.towns)
    ]
    features += [
        _feature(place.codes[code], lowest, place.names[code].en, draw.around(np.flatnonzero(unit == code)))
        for code in np.unique(unit)
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"))
    (out / "geometry.geojson").write_text(text + "\n", encoding="utf-8")


def _feature(code: str, level: str, name: str, rings: list[list[list[float]]]) -> dict[str, Any]:
    shapes = [[ring] for ring in rings]
    geometry = (
        {"type": "Polygon", "coordinates": shapes[0]}
        if len(shapes) == 1
        else {"type": "MultiPolygon", "coordinates": shapes}
    )
    return {"type": "Feature", "id": code, "properties": {"name": name, "level": level}, "geometry": geometry}


def _centres(count: int) -> Floats:
    """Lattice positions (column, row) of a blob of hexagons around the origin."""
    reach = int(np.sqrt(count)) + 3
    column, row = (
        axis.ravel() for axis in np.meshgrid(np.arange(-reach, reach + 1), np.arange(-reach, reach + 1))
    )
    x, y = np.sqrt(3) * (column + row / 2), 1.5 * row
    angle = np.arctan2(y, x)
    # Wavy edges: some directions reach further than others.
    stretch = 1 + 0.16 * np.sin(2 * angle + 0.6) + 0.09 * np.sin(3 * angle + 2.0) + 0.05 * np.sin(7 * angle)
    near = np.argsort(np.hypot(x, y) / stretch, kind="stable")[:count]
    return np.stack([column[near], row[near]], axis=1).astype(np.float64)


def _regions(centres: Floats, counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which hexagon each village gets: towns in turn take whole stretches, by halving the place again and again."""
    place = np.stack([np.sqrt(3) * (centres[:, 0] + centres[:, 1] / 2), 1.5 * centres[:, 1]], axis=1)
    given: dict[int, NDArray[np.int64]] = {}

    def halve(hexagons: NDArray[np.int64], towns: Sequence[int]) -> None:
        if len(towns) == 1:
            given[towns[0]] = hexagons
            return
        axis = int(np.argmax(np.ptp(place[hexagons], axis=0)))
        ordered = hexagons[np.lexsort((place[hexagons, 1 - axis], place[hexagons, axis]))]
        first = towns[: len(towns) // 2]
        cut = int(counts[list(first)].sum())
        halve(ordered[:cut], first)
        halve(ordered[cut:], towns[len(towns) // 2 :])

    halve(np.arange(len(centres)), _spread(len(counts)))
    return np.concatenate([given[town] for town in range(len(counts))])


def _spread(count: int) -> list[int]:
    """Towns in the order of the map: the first, which is the largest, in the middle."""
    others = list(range(1, count))
    return [*others[: count // 2], 0, *others[count // 2 :]] if count else []


class _Drawing:
    """Hexagons that share their crooked edges with their neighbours."""

    AROUND: tuple[Corner, ...] = ((1, 1), (0, 2), (-1, 1), (-1, -1), (0, -2), (1, -1))
    """Corners of a hexagon from its centre, in halves of its width and of its radius."""

    def __init__(self, centres: Floats) -> None:
        middle = centres.astype(np.int64)
        self.centres = np.stack([2 * middle[:, 0] + middle[:, 1], 3 * middle[:, 1]], axis=1)

    def corners(self, cell: int) -> list[Corner]:
        x, y = (int(value) for value in self.centres[cell])
        return [(x + dx, y + dy) for dx, dy in self.AROUND]

    def around(self, cells: Iterable[int]) -> list[list[list[float]]]:
        """The rings around some hexagons: edges that belong to one of them only, put end to end, longest first."""
        edges: dict[Corner, list[Corner]] = {}
        seen: set[tuple[Corner, Corner]] = set()
        for cell in cells:
            corners = self.corners(int(cell))
            for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
                if (end, start) in seen:
                    seen.remove((end, start))
                    edges[end].remove(start)
                else:
                    seen.add((start, end))
                    edges.setdefault(start, []).append(end)
        rings = []
        while any(edges.values()):
            start = next(corner for corner, ends in edges.items() if ends)
            line = [start]
            while edges.get(line[-1]):
                line.append(edges[line[-1]].pop())
            rings.append(self.drawn(line))
        return sorted(rings, key=len, reverse=True)

    def drawn(self, line: list[Corner]) -> list[list[float]]:
        points: list[list[float]] = []
        for start, end in pairwise(line):
            points += [self.point(start, start, JITTER), self.point(min(start, end), max(start, end), BEND)]
        return [*points, points[0]]

    def point(self, first: Corner, second: Corner, share: float) -> list[float]:
        """A corner, or the middle of an edge, moved a little: always the same way for the same two corners."""
        key = [SEED, *(value + 100_000 for value in (*first, *second))]
        moved = np.random.default_rng(key).uniform(-share, share, 2)
        x = (first[0] + second[0]) / 2 * np.sqrt(3) / 2 + moved[0]
        y = (first[1] + second[1]) / 2 / 2 + moved[1]
        return [round(float(x) * RADIUS, 5), round(float(y) * RADIUS, 5)]
