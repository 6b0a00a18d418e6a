"""Composite indicators by hand, against the kernels, and under other weights."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.unit.measure import small

from tallymark.measure.composites import composites_table
from tallymark.model.tables import TABLES
from tallymark.model.text import Text
from tallymark.programme.resolved import Composite, Part, Programme
from tallymark.statistics import aggregate, normalise

GOOD = small.indicator("good", "a", "b", names="ab")
BAD = replace(small.indicator("bad", "a", "b", names="ab"), direction="lower")
TREE = small.units(small.tree("H1", shires=1))
VALUES = {"U1": (10.0, 1.0), "U2": (20.0, 4.0), "U3": (40.0, 2.0), "U4": (30.0, None)}


def composite(normalised: str, way: str = "arithmetic", **more: Any) -> Composite:
    aims = {"good": 40.0, "bad": 2.0} if normalised == "target" else {}
    parts = tuple(Part(one, weight, aims.get(one.name)) for one, weight in ((GOOD, 3.0), (BAD, 1.0)))
    return replace(Composite("c", Text("c"), Text(), parts, normalised, way, 0.2, 2), **more)


def made(one: Composite, values: dict[str, tuple[float | None, float | None]] = VALUES) -> dict[str, Any]:
    usual = {field.name: None for field in TABLES["indicators"].schema}
    place = {"level": "town", "period": "2025", "frequency": "year", "breakdown": "", "category": ""}
    rows = [
        usual
        | place
        | {"unit": unit, "indicator": name, "value": value, "basis": "reported" if value else "missing"}
        for unit, both in values.items()
        for name, value in zip(("good", "bad"), both, strict=True)
    ]
    of: Programme = replace(small.programme(TREE, [], [], [GOOD, BAD]), composites={"c": one})
    table = composites_table(
        of, pa.Table.from_pylist(rows, schema=TABLES["indicators"].schema), of.calendar.parse("2025")
    )
    assert table.schema == TABLES["composites"].schema
    return {row["unit"]: row for row in table.to_pylist()}


def test_by_hand() -> None:
    """Of 10, 20, 30 and 40 the second is ⅓ of the way; of 1, 4 and 2, fewer being better, the second is the worst."""
    found = made(composite("min-max"))
    assert [found[unit]["value"] for unit in ("U1", "U2", "U3")] == pytest.approx(
        [0.25, 0.75 / 3, 0.75 + 0.25 * 2 / 3]
    )
    assert [found[unit]["rank"] for unit in ("U1", "U2", "U3")] == [2, 2, 1]


def test_a_missing_part_is_not_the_worst_one() -> None:
    row = made(composite("min-max"))["U4"]
    assert (row["value"], row["rank"], row["rank_low"], row["basis"], row["of"]) == (
        None,
        None,
        None,
        "missing",
        3,
    )


@pytest.mark.parametrize("way", ["arithmetic", "geometric", "minimum"])
def test_to_targets_by_the_kernels(way: str) -> None:
    found = made(composite("target", way))
    scaled = normalise(
        [[10, 1], [20, 4], [40, 2]], method="target", direction=["higher", "lower"], target=[40, 2]
    )
    assert [found[unit]["value"] for unit in ("U1", "U2", "U3")] == pytest.approx(
        aggregate(scaled, [3, 1], method=way)
    )
    assert found["U1"]["value"] == pytest.approx(
        {"arithmetic": 0.75 * 0.25 + 0.25, "geometric": 0.25**0.75, "minimum": 0.25}[way]
    )


def test_under_other_weights() -> None:
    """U1 and U2 are equal as declared: any other weights part them; U3 leads with all."""
    found = made(composite("min-max"))
    assert (found["U3"]["rank_best"], found["U3"]["rank_worst"], found["U3"]["same_rank"]) == (1, 1, 1)
    assert (found["U1"]["rank_low"], found["U1"]["rank_high"]) == (2, 3)
    low, high = (
        0.25 * f / (0.75 * (2 - f) + 0.25 * f) for f in (0.8, 1.2)
    )  # U1: 0 of the one, 1 of the other
    assert low <= found["U1"]["value_low"] < found["U1"]["value"] < found["U1"]["value_high"] <= high


def test_a_geometric_mean_moves_within_its_extremes() -> None:
    """Under all weights between 0.8 and 1.2 of those declared, on a fine grid."""
    found = made(composite("target", "geometric"))
    factors = np.linspace(0.8, 1.2, 41)
    first, second = (grid.ravel() for grid in np.meshgrid(3 * factors, factors))
    score = np.exp((first * np.log(0.25) + second * np.log(1.0)) / (first + second))  # of U1
    assert score.min() <= found["U1"]["value_low"] < found["U1"]["value_high"] <= score.max()
    assert found["U1"]["value_high"] - found["U1"]["value_low"] > 0.7 * np.ptp(score)  # 95 % of the weights


def test_nothing_makes_up_for_a_zero_in_a_geometric_mean() -> None:
    found = made(composite("target", "geometric"), VALUES | {"U5": (0.0, 1.0), "U6": (0.0, 2.0)})
    assert [found[unit]["value"] for unit in ("U5", "U6")] == [0, 0]
    assert [found[unit]["rank"] for unit in ("U5", "U6")] == [4, 4]
    assert (found["U5"]["rank_best"], found["U5"]["rank_worst"]) == (4, 5)
    assert found["U5"]["same_rank"] == 1


def test_weights_do_not_move_the_least() -> None:
    row = made(composite("target", "minimum"))["U1"]
    assert (row["value_low"], row["value_high"], row["same_rank"]) == (0.25, 0.25, 1)


def test_a_figure_below_nothing_has_no_distance_to_a_target() -> None:
    assert made(composite("target"), VALUES | {"U1": (-1.0, 1.0)})["U1"]["value"] is None


def test_none_declared_and_none_measured() -> None:
    of = small.programme(TREE, [], [], [GOOD, BAD])
    nothing = TABLES["indicators"].schema.empty_table()
    assert composites_table(of, nothing, of.calendar.parse("2025")).num_rows == 0
    of = replace(of, composites={"c": composite("z")})
    assert composites_table(of, nothing, of.calendar.parse("2025")).num_rows == 0
