"""A country's real outlines: small enough for a page, every unit there, labels inside of their shapes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from tallymark.publish.geography import MOST_BYTES, TALLEST, WIDTH, outlines

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "sierra_leone"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data/sierra_leone")


@pytest.fixture(scope="module")
def areas() -> dict[str, int]:
    """Unit → level of every feature with an area."""
    features = json.loads((DATA / "geometry.geojson").read_text(encoding="utf-8"))["features"]
    return {
        feature["id"]: feature["properties"]["level"]
        for feature in features
        if (feature["geometry"] or {}).get("type") in ("Polygon", "MultiPolygon")
    }


@pytest.mark.parametrize("level", [2, 3])
def test_outlines(areas: dict[str, int], level: int) -> None:
    wanted = [unit for unit, at in areas.items() if at == level]
    drawn = outlines(DATA / "geometry.geojson", None, wanted)
    assert drawn is not None
    assert set(drawn.shapes) == set(wanted)
    assert sum(len(shape.path) for shape in drawn.shapes.values()) <= MOST_BYTES
    assert drawn.height <= TALLEST
    for unit, shape in drawn.shapes.items():
        rings = list(points(shape.path))
        everything = np.concatenate(rings)
        assert everything.min() >= -1, unit
        assert everything[:, 0].max() <= WIDTH + 1
        assert everything[:, 1].max() <= drawn.height + 1
        assert any(inside(ring, shape.x, shape.y) for ring in rings), unit


def test_a_file_without_the_units_gives_no_map() -> None:
    assert outlines(DATA / "geometry.geojson", None, ["nowhere", "neither"]) is None


def points(path: str) -> list[np.ndarray]:
    """The rings of path data, each step relative to the last."""
    rings = []
    for ring in re.findall(r"M([^zM]*)z", path):
        numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", ring)]
        rings.append(np.cumsum(np.array(numbers).reshape(-1, 2), axis=0))
    return rings


def inside(ring: np.ndarray, x: float, y: float) -> bool:
    """Whether a point lies in a ring, by counting the borders to its right."""
    following = np.roll(ring, -1, axis=0)
    cut = (ring[:, 1] > y) != (following[:, 1] > y)
    first, last = ring[cut], following[cut]
    at = first[:, 0] + (y - first[:, 1]) / (last[:, 1] - first[:, 1]) * (last[:, 0] - first[:, 0])
    return bool(np.count_nonzero(at > x) % 2)
