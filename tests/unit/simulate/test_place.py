"""The simulated place, and the demo programme's copy of it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest

from tallymark.simulate.outlines import write_geometry
from tallymark.simulate.place import make_place, write_units

DEMO = Path(__file__).parents[3] / "programmes" / "demo"


def test_the_demo_place_has_fourteen_towns_and_350_villages() -> None:
    place = make_place()
    assert len(place.towns) == 14
    assert len(place.cells()) == 350
    assert len(place.codes) == 351  # one village succeeds two others
    assert len({name.en for name in place.names}) == len({name.zh for name in place.names}) == 351
    assert set(place.size_class) == {"large", "medium", "small"}
    assert 400_000 < place.population[place.cells()].sum() < 600_000


@pytest.mark.parametrize("name", ["units.csv", "changes.csv", "geometry.geojson"])
def test_the_demo_programme_declares_this_very_place(name: str, tmp_path: Path) -> None:
    place = make_place()
    write_units(place, tmp_path)
    write_geometry(place, tmp_path)
    assert (tmp_path / name).read_bytes() == (DEMO / name).read_bytes(), (
        "run simulate_county and copy it again"
    )


def test_a_merged_village_stands_for_both_from_its_day() -> None:
    place = make_place()
    (merge,) = (change for change in place.changes if change.kind == "merge")
    before = merge.date.year * 12 + merge.date.month - 2
    assert (place.standing(before) == np.arange(351)).all()
    assert (place.standing(before + 1)[list(merge.villages)] == merge.to).all()
    assert place.opened[merge.to] == merge.date == place.closed[merge.villages[0]]
    assert place.population[merge.to] == place.population[list(merge.villages)].sum()


def test_a_moved_village_keeps_its_code_and_changes_its_town() -> None:
    place = make_place()
    (move,) = (change for change in place.changes if change.kind == "move")
    (village,) = move.villages
    month = move.date.year * 12 + move.date.month - 1
    assert place.towns_in(month - 1)[village] == place.town_of[village]
    assert place.towns_in(month)[village] == move.to != place.town_of[village]


@pytest.mark.parametrize(("towns", "villages"), [(1, 1), (3, 30), (14, 300), (40, 3_000)])
def test_other_sizes(towns: int, villages: int) -> None:
    place = make_place(towns, villages)
    assert len(place.towns) == towns
    assert len(place.cells()) == villages
    assert len(set(place.codes)) == len(place.codes)
    assert len({name.zh for name in place.names}) == len(place.names)
    assert np.bincount(place.town_of, minlength=towns).min() >= 1
    assert all(opened is None or opened > dt.date(2020, 1, 1) for opened in place.opened)


def test_every_town_on_the_map_is_in_one_piece_and_made_of_its_villages(tmp_path: Path) -> None:
    place = make_place()
    write_geometry(place, tmp_path)
    features = json.loads((tmp_path / "geometry.geojson").read_text())["features"]
    shapes = {feature["id"]: feature["geometry"] for feature in features}
    assert all(shape["type"] == "Polygon" for shape in shapes.values())
    standing = set(place.codes) - {place.codes[i] for i, day in enumerate(place.closed) if day}
    assert shapes.keys() == standing | {town.code for town in place.towns} | {place.top_code}

    def area(ring: list[list[float]]) -> float:
        x, y = np.array(ring).T
        return abs(float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1]))) / 2

    areas = {code: area(shape["coordinates"][0]) for code, shape in shapes.items()}
    villages = sum(areas[code] for code in standing)
    towns = sum(areas[town.code] for town in place.towns)
    assert villages == pytest.approx(areas[place.top_code], rel=1e-3)
    assert towns == pytest.approx(areas[place.top_code], rel=1e-3)
