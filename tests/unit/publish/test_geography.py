"""Outlines from GeoJSON: by feature id or property, several parts, nothing where too little is drawn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tallymark.publish.geography import WIDTH, outlines


def square(x: float, y: float, side: float = 1.0) -> list[list[float]]:
    return [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]


def collection(*features: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "id": code, "properties": {"code": f"U-{code}"}, "geometry": geometry}
            for code, geometry in features
        ],
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "places.geojson"
    shapes = collection(
        ("a", {"type": "Polygon", "coordinates": [square(10, 0)]}),
        ("b", {"type": "MultiPolygon", "coordinates": [[square(11, 0)], [square(12, 2, 0.5)]]}),
        ("c", {"type": "Point", "coordinates": [10, 10]}),
        ("d", {"type": "Polygon", "coordinates": [square(50, 50)]}),
    )
    path.write_text(json.dumps(shapes), encoding="utf-8")
    return path


def test_shapes_by_id_and_by_property(file: Path) -> None:
    by_id, by_code = outlines(file, None, ["a", "b"]), outlines(file, "code", ["U-a", "U-b"])
    assert by_id is not None
    assert by_code is not None
    assert [s.path for s in by_id.shapes.values()] == [s.path for s in by_code.shapes.values()]
    assert by_id.shapes["b"].path.count("M") == 2


def test_north_is_up_and_what_is_not_wanted_leaves_no_room(file: Path) -> None:
    drawn = outlines(file, None, ["a", "b"])
    assert drawn is not None
    assert drawn.shapes["a"].x < drawn.shapes["b"].x <= WIDTH
    assert drawn.shapes["a"].y > drawn.height / 2
    assert drawn.height == pytest.approx((WIDTH - 8) * 2.5 / 2.5 + 8, rel=0.01)


def test_points_are_no_areas_and_half_of_the_units_must_be_there(file: Path) -> None:
    assert outlines(file, None, ["c"]) is None
    assert outlines(file, None, ["a", "x", "y"]) is None
    assert outlines(file, None, []) is None
