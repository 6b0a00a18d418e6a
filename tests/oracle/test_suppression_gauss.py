"""Suppression beside GaussSuppression (Langsrud): the same cells at risk, and an attack that finds what is left open."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallymark.errors import TallymarkError
from tallymark.publish.disclose import at_risk, attack, cells_of, suppress

SHARED = Path(__file__).parents[3] / "shared" / "data" / "oracles" / "sdc"
needs_data = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not here")


def read(name: str) -> list[dict[str, str]]:
    with (SHARED / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def example() -> tuple[list[dict[str, str]], np.ndarray]:
    rows = read("gauss_example1_2014_input")
    return rows, np.array([float(row["freq"]) for row in rows])


@needs_data
@pytest.mark.parametrize("most", [1, 2, 3])
def test_the_same_cells_are_at_risk_and_all_are_protected(most: int) -> None:
    rows, inner = example()
    theirs = read(f"gauss_example1_2014_maxN{most}")
    cells = cells_of(
        rows, [{key: row[key] for key in ("age", "geo") if row[key] != "Total"} for row in theirs]
    )
    counts = np.asarray(cells @ inner)
    assert counts.tolist() == [float(row["freq"]) for row in theirs]
    primary = at_risk(counts, most=most)
    assert primary.tolist() == [row["primary"] == "TRUE" for row in theirs]
    ours = suppress(cells, inner, primary=primary)
    assert (ours.high - ours.low)[primary].min() >= 2 - 1e-5
    # Theirs guards against exact recovery: nothing at risk is a single number, by our attack, either.
    withheld = np.array([row["suppressed"] == "TRUE" for row in theirs])
    low, high = attack(cells, counts, withheld, primary)
    assert (high - low)[primary].min() > 1e-5
    # What they withhold beside the cells at risk is needed: with one of it published something is worked out.
    for cell in np.flatnonzero(withheld & ~primary):
        fewer = withheld.copy()
        fewer[cell] = False
        low, high = attack(cells, counts, fewer, primary)
        assert (high - low)[primary].min() < 1e-5


@needs_data
def test_a_large_linked_table_of_regions() -> None:
    """Regions, counties and groups of municipalities share the same inner cells: linked tables, not a tree."""
    rows = [row for row in read("gauss_z3_input") if row["hovedint"] == "trygd"]
    theirs = [row for row in read("gauss_z3_maxN3") if row["hovedint"] == "trygd" and row["mnd"] == "Total"]
    inner = np.array([float(row["ant"]) for row in rows])
    tables = [_region(row["region"], rows) for row in theirs]
    cells = cells_of(rows, tables)
    counts = np.asarray(cells @ inner)
    assert counts.tolist() == [float(row["ant"]) for row in theirs]
    primary = at_risk(counts, most=3)
    assert primary.tolist() == [row["primary"] == "TRUE" for row in theirs]
    ours = suppress(cells, inner, primary=primary)
    assert (ours.high - ours.low)[primary].min() >= 2 - 1e-5
    assert not ours.withheld.all()


def _region(region: str, rows: list[dict[str, str]]) -> dict[str, Any]:
    for column in ("region", "fylke", "kostragr"):
        if any(row[column] == region for row in rows):
            return {column: region}
    return {}


TABLE = [{"row": f"r{i}", "column": f"c{j}"} for i in range(3) for j in range(3)]
MARGINS: list[dict[str, str]] = [
    *TABLE,
    *({"row": f"r{i}"} for i in range(3)),
    *({"column": f"c{j}"} for j in range(3)),
    {},
]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=9, max_size=9), st.integers(1, 4))
def test_no_cell_at_risk_can_be_worked_out(values: list[int], most: int) -> None:
    cells, inner = cells_of(TABLE, MARGINS), np.array(values, dtype=float)
    counts = np.asarray(cells @ inner)
    primary = at_risk(counts, most=most)
    ours = suppress(cells, inner, primary=primary)
    assert (ours.withheld | ~primary).all()
    low, high = attack(cells, counts, ours.withheld, primary)
    for cell in np.flatnonzero(primary):
        assert low[cell] <= counts[cell] + 1e-6 <= high[cell] + 2e-6
        assert high[cell] - low[cell] >= 2 - 1e-5


def test_two_releases_cannot_be_subtracted() -> None:
    """Last year's list with one clinic more: the difference of the totals is a clinic with two cases."""
    inner_cells = [{"clinic": name} for name in ("A", "B", "C")]
    inner = np.array([40.0, 35.0, 2.0])
    releases = [{"clinic": "A"}, {"clinic": "B"}, {"clinic": "A|B"}, {"clinic": "A|B|C"}, {"clinic": "C"}]
    cells = cells_of(inner_cells, releases)
    counts = np.asarray(cells @ inner)
    primary = at_risk(counts, most=4)
    ours = suppress(cells, inner, primary=primary)
    assert ours.withheld[[3, 4]].all()  # the new total has to go with the small clinic
    with pytest.raises(TallymarkError, match="can be worked out"):
        suppress(cells, inner, primary=primary, keep=np.array([True, True, True, True, False]))
