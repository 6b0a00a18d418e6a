"""GeoJSON to outlines small enough for a page: projected, fitted and simplified, without tiles or network."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tallymark.publish.charts.drawing import coordinate

Ring = npt.NDArray[np.float64]
"""Points (n, 2): longitude and latitude, or pixels."""

WIDTH, TALLEST = 640.0, 700.0
MOST_BYTES = 60_000


@dataclass(frozen=True, slots=True)
class Outline:
    """A unit's shape as path data, and a point inside it where a label may stand."""

    path: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Outlines:
    shapes: Mapping[str, Outline]
    height: float


def outlines(file: Path, key: str | None, wanted: Iterable[str]) -> Outlines | None:
    """The shapes of the wanted units; None when fewer than half of them have an area in the file.

    Projection: longitude × cos(middle latitude), true enough for a country. Simplified by Douglas and Peucker
    (1973), more coarsely until all shapes together are small.
    """
    units = frozenset(wanted)
    found = _areas(json.loads(file.read_text(encoding="utf-8")), key, units)
    if not units or len(found) * 2 < len(units):
        return None
    rings = [ring for shape in found.values() for ring in shape]
    everything = np.concatenate(rings)
    low, high = everything.min(axis=0), everything.max(axis=0)
    stretch = np.array([math.cos(math.radians((low[1] + high[1]) / 2)), -1.0])
    size = np.abs((high - low) * stretch)
    scale = min((WIDTH - 8) / max(size[0], 1e-9), (TALLEST - 8) / max(size[1], 1e-9))
    corner = np.array([low[0], high[1]])
    margin = np.array([(WIDTH - size[0] * scale) / 2, 4.0])
    fitted = {
        unit: [(ring - corner) * stretch * scale + margin for ring in shape] for unit, shape in found.items()
    }
    return Outlines(_small_enough(fitted), size[1] * scale + 8)


def _areas(collection: Mapping[str, Any], key: str | None, units: frozenset[str]) -> dict[str, list[Ring]]:
    found: dict[str, list[Ring]] = {}
    for feature in collection.get("features", ()):
        properties = feature.get("properties") or {}
        code = str(feature.get("id") if key is None else properties.get(key, ""))
        geometry = feature.get("geometry") or {}
        if code not in units or geometry.get("type") not in ("Polygon", "MultiPolygon"):
            continue
        polygons = (
            geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        )
        rings = [
            np.asarray(ring, np.float64)[:, :2] for polygon in polygons for ring in polygon if len(ring) > 3
        ]
        if rings:
            found.setdefault(code, []).extend(rings)
    return dict(sorted(found.items()))


def _small_enough(shapes: Mapping[str, list[Ring]]) -> dict[str, Outline]:
    tolerance = 0.4
    while True:
        drawn = {unit: _outline(rings, tolerance) for unit, rings in shapes.items()}
        if sum(len(outline.path) for outline in drawn.values()) <= MOST_BYTES or tolerance > 8:
            return drawn
        tolerance *= 1.5


def _outline(rings: list[Ring], tolerance: float) -> Outline:
    simple = [simplified(ring, tolerance) for ring in rings]
    large = [ring for ring in simple if len(ring) > 3 and _area(ring) > tolerance * tolerance] or simple[:1]
    widest = max(large, key=_area)
    x, y = _inside(widest)
    return Outline("".join(_path(ring) for ring in large), x, y)


def simplified(points: Ring, tolerance: float) -> Ring:
    """The points of a line without those that lie nearer than `tolerance` to it (Douglas and Peucker 1973)."""
    keep = np.zeros(len(points), np.bool_)
    keep[[0, -1]] = True
    stack = [(0, len(points) - 1)]
    if len(points) > 4 and np.allclose(points[0], points[-1]):
        far = int(np.argmax(np.hypot(*(points - points[0]).T)))
        keep[far] = True
        stack = [(0, far), (far, len(points) - 1)]
    while stack:
        start, end = stack.pop()
        if end - start < 2:
            continue
        away = _distances(points[start + 1 : end], points[start], points[end])
        at = int(np.argmax(away))
        if away[at] > tolerance:
            middle = start + 1 + at
            keep[middle] = True
            stack += [(start, middle), (middle, end)]
    return points[keep]


def _distances(points: Ring, start: Ring, end: Ring) -> npt.NDArray[np.float64]:
    """Distance of each point from the stretch between two others (not from the endless line through them)."""
    along, offset = end - start, points - start
    length = float(along @ along)
    share = np.clip(offset @ along / length, 0.0, 1.0) if length else np.zeros(len(points))
    away = offset - share[:, None] * along
    return np.asarray(np.hypot(away[:, 0], away[:, 1]), np.float64)


def _area(ring: Ring) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))) / 2


def _inside(ring: Ring) -> tuple[float, float]:
    """The middle of the widest stretch of the shape at the height of its centre: inside, also of a crescent."""
    y = float((ring[:, 1].min() + ring[:, 1].max()) / 2) + 1e-6
    following = np.roll(ring, -1, axis=0)
    cut = (ring[:, 1] > y) != (following[:, 1] > y)
    first, last = ring[cut], following[cut]
    crossings = np.sort(
        first[:, 0] + (y - first[:, 1]) / (last[:, 1] - first[:, 1]) * (last[:, 0] - first[:, 0])
    )
    if len(crossings) < 2:
        return float(ring[:, 0].mean()), y
    spans = crossings[1::2] - crossings[: len(crossings) // 2 * 2 : 2]
    at = int(np.argmax(spans))
    return float(crossings[2 * at] + spans[at] / 2), y


def _path(ring: Ring) -> str:
    """Path data in whole steps of half a pixel, each relative to the last: short, and shared borders still meet."""
    steps = np.round(ring * 2).astype(np.int64)
    moves = np.diff(steps, axis=0)
    moves = moves[(moves != 0).any(axis=1)]
    start = f"M{coordinate(steps[0, 0] / 2)} {coordinate(steps[0, 1] / 2)}"
    drawn = "".join(
        f"{coordinate(x / 2)}{'' if y < 0 else ' '}{coordinate(y / 2)} " for x, y in moves[:-1].tolist()
    )
    return f"{start}l{drawn.rstrip()}z" if len(moves) > 1 else ""
