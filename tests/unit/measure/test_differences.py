"""Changes and gaps between groups of a run's figures, checked by the kernels and by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.unit.measure import small

from tallymark.measure.differences import differences_table
from tallymark.programme.resolved import Programme
from tallymark.programme.written.figures import WrittenGaps
from tallymark.statistics import difference_interval, false_discovery, proportion_interval, ratio_interval

HERE = [f"H{at}" for at in range(6)]
TREE = small.units(small.tree(*HERE, shires=1))
STAY = {"stay": ("residents", "migrants")}
YEARLY = small.dataset(
    "monthly", "reports", frequency="year", items=("asked", "served"), columns={"stay": "category"}, breakdowns=("stay",),
    values=STAY,
)  # fmt: skip


def declared(**more: Any) -> Programme:
    share = small.indicator(
        "share",
        "served",
        "asked",
        names=("served", "asked"),
        factor=100,
        interval="wilson",
        compare=("last_year",),
    )
    gaps = (WrittenGaps(breakdown="stay", reference="residents"),)
    share = replace(share, **({"gaps": gaps} | more))
    measures = [small.counted(name, YEARLY, item=name) for name in ("asked", "served")]
    return small.programme(TREE, [YEARLY], measures, [share])


def rows(counts: dict[tuple[str, str, str], tuple[float, float] | None]) -> list[dict[str, Any]]:
    """(unit, year, group) → asked, served."""
    return [
        {"unit": unit, "period": year, "item": item, "stay": group, "value": value}
        for (unit, year, group), both in counts.items()
        if both
        for item, value in zip(("asked", "served"), both, strict=True)
    ]


def compared(
    of: Programme, counts: dict[tuple[str, str, str], tuple[float, float] | None]
) -> list[dict[str, Any]]:
    measured = small.run(of, {"monthly": rows(counts)}, ("2024", "2025"))
    return differences_table(of, measured.indicators, of.calendar.parse("2025")).to_pylist()


def one(made: list[dict[str, Any]], unit: str, category: str) -> dict[str, Any]:
    (found,) = [row for row in made if (row["unit"], row["category"]) == (unit, category)]
    return found


COUNTS: dict[tuple[str, str, str], tuple[float, float] | None] = {
    ("H0", "2024", "residents"): (200, 150),
    ("H0", "2024", "migrants"): (100, 52),
    ("H0", "2025", "residents"): (200, 180),
    ("H0", "2025", "migrants"): (100, 60),
    ("H1", "2025", "residents"): (50, 45),
    ("H1", "2025", "migrants"): (50, 44),
}


def test_newcombe_by_hand() -> None:
    made = compared(declared(), COUNTS)
    row = one(made, "H0", "migrants")
    assert (row["breakdown"], row["against"], row["told"]) == ("stay", "residents", "lower")
    migrants, residents = (
        (100 * x / n, *(100 * end for end in proportion_interval(x, n))) for x, n in ((60, 100), (180, 200))
    )
    want = difference_interval(migrants, residents)
    assert [row[name] for name in ("difference", "low", "high")] == pytest.approx([*want], rel=1e-12)
    assert row["difference"] == pytest.approx(-30)
    assert [row[name] for name in ("ratio", "ratio_low", "ratio_high")] == pytest.approx(
        [*ratio_interval(migrants, residents)]
    )
    change = one(made, "H0", "")
    assert (change["against"], change["other"], change["value"]) == ("2024", pytest.approx(202 / 3), 80)
    assert change["told"] == "higher"
    same = one(made, "H1", "migrants")
    assert same["told"] == "similar"
    assert same["low"] < 0 < same["high"]


def test_all_units_of_a_level_are_tested_at_once() -> None:
    """Six hamlets: p of each, adjusted together; the land is a family of its own."""
    counts = {(unit, "2025", group): (100.0, served) for at, unit in enumerate(HERE)
              for group, served in (("residents", 80.0), ("migrants", 67.0 if at == 5 else 80.0))}  # fmt: skip
    made = compared(declared(), counts)
    hamlets = [one(made, unit, "migrants") for unit in HERE]
    p, q = (np.array([row[name] for row in hamlets]) for name in "pq")
    np.testing.assert_allclose(q, false_discovery(p), rtol=1e-12)
    assert (q >= p).all()
    assert any(row["high"] < 0 and row["told"] == "similar" for row in hamlets), "one by one, but not at once"
    land = one(made, "L", "migrants")
    assert land["q"] == land["p"]
    assert land["level"] == "land"


def test_missing_is_no_difference() -> None:
    counts = dict(COUNTS) | {("H1", "2025", "migrants"): None}
    made = compared(declared(), counts)
    assert [
        row
        for row in made
        if row["unit"] == "H1" and row["category"] == "migrants" and row["low"] is not None
    ] == []
    assert [
        row for row in made if row["unit"] == "H1" and not row["category"] and row["difference"] is not None
    ] == []
    assert [row for row in made if row["unit"] == "H5" and row["told"]] == []


def test_without_an_interval_or_a_comparison_nothing_is_told() -> None:
    assert compared(declared(interval="none"), COUNTS) == []
    assert {row["breakdown"] for row in compared(declared(compare=()), COUNTS)} == {"stay"}
    assert {row["breakdown"] for row in compared(declared(gaps=()), COUNTS)} == {""}


def test_none_served_has_a_ratio_without_a_bound() -> None:
    counts = dict(COUNTS) | {("H1", "2025", "residents"): (50, 0)}
    row = one(compared(declared(), counts), "H1", "migrants")
    assert row["ratio"] is None
    assert row["ratio_high"] is None
    assert row["told"] == "higher"
