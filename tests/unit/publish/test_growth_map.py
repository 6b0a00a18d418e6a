"""The map of projected change: shades, tiles, outlines; and what a projection's record keeps."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest

from tallymark.planning import planning_of
from tallymark.projection import load_plan, run_scenarios
from tallymark.publish.charts.growth import Area, growth_map, shade
from tallymark.publish.geography import outlines
from tallymark.publish.planning_record import read_recorded, recorded

EXAMPLE = Path(__file__).parents[3] / "docs" / "population" / "county.yaml"
AREAS = [Area(f"T{at}", f"Town {at}", change, f"{100 * change:+.0f}%") for at, change in enumerate((-0.3, -0.05, 0.0, 0.15, 0.4))]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (-0.5, "h5"),
        (-0.2, "h4"),
        (-0.1, "h3"),
        (-1e-9, "h3"),
        (0.0, "h2"),
        (0.1, "h1"),
        (0.2, "h0"),
        (math.nan, "m"),
    ],
)
def test_shades_turn_at_their_limits(change: float, kind: str) -> None:
    assert shade(change) == kind


def test_tiles_where_no_outlines_are_known() -> None:
    svg = str(growth_map(AREAS, outlines=None, name="g", title="T", description="D"))
    assert re.findall(r'<path class="(\w+)"', svg) == ["h5", "h3", "h2", "h1", "h0"]
    assert "Town 4: +40%" in svg
    assert "<a " not in svg


def test_shapes_where_they_are(tmp_path: Path) -> None:
    squares = [
        {"type": "Feature", "properties": {"code": one.code}, "geometry": {"type": "Polygon", "coordinates": [[[at, 0], [at + 1, 0], [at + 1, 1], [at, 1], [at, 0]]]}}
        for at, one in enumerate(AREAS)
    ]  # fmt: skip
    file = tmp_path / "areas.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": squares}), encoding="utf-8")
    shapes = outlines(file, "code", [one.code for one in AREAS])
    linked = [Area(one.code, one.name, one.change, one.words, f"{one.code}.html") for one in AREAS]
    svg = str(growth_map(linked, outlines=shapes, name="g", title="T", description="D"))
    assert re.findall(r'<a href="(\w+).html"><path class="(\w+)"', svg) == [
        (one.code, shade(one.change)) for one in AREAS
    ]


def test_a_record_holds_what_pages_tell(tmp_path: Path) -> None:
    planning = planning_of(run_scenarios(load_plan(EXAMPLE)))
    file = tmp_path / "planning-data.json"
    file.write_text(json.dumps(recorded(planning)), encoding="utf-8")
    again = read_recorded(file)
    assert again.title["zh"] == planning.title["zh"]
    assert [place.code for place in again.places] == [place.code for place in planning.places]
    one, other = again.places[2], planning.places[2]
    assert one.sums["total"] == pytest.approx(other.sums["total"], abs=0.006)
    assert math.isnan(one.sums["births"][0])  # before the start there is no year of births, and none is not 0
    assert one.bands is not None
    assert recorded(again) == recorded(planning)
