"""What many units show is told once, of all of them; two items that are one column are found."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tallymark.model.periods import Calendar
from tallymark.programme.resolved import Waiver
from tallymark.verify.patterns.alike import alike_items, once
from tallymark.verify.patterns.grid import Grid
from tallymark.verify.patterns.odd import Odd
from tallymark.verify.patterns.patrol import of_odd
from tallymark.verify.patterns.widespread import gathered
from tallymark.verify.waivers import of_one


def grid(values: np.ndarray, items: tuple[str, ...]) -> Grid:
    slots = tuple(f"2024-{at + 1:02d}" for at in range(values.shape[1]))
    codes = tuple(f"U{at}" for at in range(len(values)))
    told = np.ones(len(slots), dtype=bool)
    return Grid("monthly", codes, slots, items, values, (), np.full(len(values), -1), told, 12, "2024")


def counts(units: int, items: int) -> np.ndarray:
    return np.random.default_rng(5).poisson(20, (units, 12, items)).astype(float)


def same(unit: int, kind: str = "same_again", item: str = "visits") -> Odd:
    return Odd(
        kind, "monthly", f"U{unit}", "2024-12", item, 1e-5 * (unit + 1), 12.0, {}, (f"2024-{unit + 1:02d}",)
    )


def test_a_pasted_column_is_found_and_told_once() -> None:
    values = counts(6, 3)
    values[:, :, 2] = values[:, :, 0]
    (odd,) = alike_items(grid(values, ("anc", "beds", "deliveries")), ())
    assert (odd.item, odd.values["of_item"], odd.values["reports"], odd.unit) == ("deliveries", "anc", 72, "")
    both = [
        odd,
        same(0, item="anc"),
        same(0, item="deliveries"),
        same(1, item="deliveries"),
        same(0, item="beds"),
    ]
    assert [(each.unit, each.item) for each in once(both)][1:] == [
        ("U0", "anc"),
        ("U1", "deliveries"),
        ("U0", "beds"),
    ]


@pytest.mark.parametrize("different", ["one", "small", "few"])
def test_columns_that_differ_once_or_prove_nothing_are_not_told(different: str) -> None:
    values = counts(6, 2) if different != "few" else counts(4, 2)
    if different == "small":
        values = np.where(values > 25, 1.0, 0.0)
    values[:, :, 1] = values[:, :, 0]
    if different == "one":
        values[3, 4, 1] += 1
    if different == "small":
        values[:5, :, :] = 0.0
    assert list(alike_items(grid(values, ("anc", "deliveries")), ())) == []


def test_what_a_fifth_of_units_shows_is_one_finding_with_all_of_them() -> None:
    few = [same(at) for at in range(4)]
    assert list(gathered(few, 10)) == few, "four units are told one by one"
    (one,) = gathered([same(at) for at in range(5)], 25)
    assert (one.unit, one.units, one.values["count"]) == ("", ("U0", "U1", "U2", "U3", "U4"), 5)
    assert one.values["found"]["U3"] == ["2024-04"]
    assert one.chance == pytest.approx(1e-5)
    assert len(list(gathered([same(at) for at in range(5)], 26))) == 5, "under a fifth"


def test_copies_and_near_copies_are_one_family_and_single_figures_none() -> None:
    copies = [same(at, "copied", "") for at in range(3)] + [
        same(at, "nearly_copied", "") for at in range(2, 6)
    ]
    (one,) = gathered(copies, 20)
    assert (one.kind, one.values["findings"], one.values["count"]) == ("nearly_copied", 7, 6)
    cells = [replace(same(at), kind="high") for at in range(20)]
    assert list(gathered(cells, 20)) == cells


WAIVER = Waiver(
    "verify.same_again",
    "deliveries come every month",
    "Chen Li",
    dt.date(2025, 12, 31),
    unit="U2",
    period="2024",
)


def names(waiver: Waiver, odd: Odd) -> bool:
    programme: Any = SimpleNamespace(calendar=Calendar())
    return of_one(programme, waiver, of_odd(odd))


def test_a_unit_that_has_a_waiver_is_taken_out_of_the_group() -> None:
    shown = [same(at) for at in range(7)]
    alone, group = gathered(shown, 30, apart=lambda odd: names(WAIVER, odd))
    assert alone == shown[2], "told by itself, so that its waiver covers it"
    assert "U2" not in {*group.units, *group.values["found"]}
    assert (group.values["count"], group.values["findings"], group.unit) == (6, 6, "")
    left = list(gathered(shown[:5], 25, apart=lambda odd: names(WAIVER, odd)))
    assert {odd.unit for odd in left} == {f"U{at}" for at in range(5)}, "four others are no group"


def test_only_what_the_waiver_says_is_taken_out() -> None:
    odd = same(2)
    assert names(WAIVER, odd)
    for other in ({"unit": "U3"}, {"period": "2023"}, {"item": "beds"}, {"dataset": "yearly"}):
        assert not names(replace(WAIVER, **other), odd), other
    assert not names(WAIVER, same(2, "even_counts"))
    one = replace(WAIVER, one=True, period="2024-12", dataset="monthly", item="visits")
    assert names(one, odd)
    assert not names(replace(one, period="2024"), odd), "one finding, no other"
