"""Totals given out: they add up to the unit, whatever the weights."""

from __future__ import annotations

import math
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.score.contracts import PERIOD, TOWN, table, towns

from tallymark.errors import AssessmentError
from tallymark.model.text import Text
from tallymark.programme.resolved import Allocation
from tallymark.score import allocate, allocate_all


def given_out(total: float, weights: list[float], **more: Any) -> list[float]:
    return [float(amount) for amount in allocate(total, weights, **more).amount]


def test_by_hand() -> None:
    assert given_out(10, [1, 1, 1]) == [4, 3, 3]
    assert given_out(100, [53, 24, 23]) == [53, 24, 23]
    assert given_out(7, [3, 2, 2]) == [3, 2, 2]
    assert given_out(5, [0, 0]) == [3, 2]
    assert given_out(0, [1, 2]) == [0, 0]
    assert given_out(10, [0, 1]) == [0, 10]


def test_at_least() -> None:
    """20 for each: the two small ones are raised to it, the rest is shared 60 : 40 by weight."""
    assert given_out(140, [60, 40, 5, 1], least=20) == [60, 40, 20, 20]
    assert given_out(140, [60, 40, 5, 1], least=20, step=10) == [60, 40, 20, 20]
    assert given_out(90, [9, 1, 1], least=25, step=10) == [30, 30, 30], "least is rounded up to whole steps"


def test_raising_one_can_push_another_below() -> None:
    assert given_out(100, [80, 10.4, 9.6, 0], least=10) == [70, 10, 10, 10]


def test_money_is_exact() -> None:
    amounts = allocate(Decimal("1000.01"), [0.1, 0.2, 0.3], step=Decimal("0.01")).amount
    assert amounts == (Decimal("166.67"), Decimal("333.34"), Decimal("500.00"))
    assert sum(allocate(0.3, [1, 1, 1], step=0.1).amount) == Decimal("0.3")


def test_equal_remainders_go_to_the_heavier_then_to_the_first() -> None:
    assert given_out(2, [1, 1, 1, 1]) == [1, 1, 0, 0]
    assert given_out(4, [1, 3, 4]) == [0, 2, 2], "remainders 0.5 and 0.5: the heavier gets it"


@settings(max_examples=300, deadline=None)
@given(
    total=st.integers(0, 10**7),
    weights=st.lists(st.one_of(st.integers(0, 10**6), st.floats(0, 1e6)), min_size=1, max_size=30),
    step=st.sampled_from(["1", "0.01", "0.5", "100"]),
    share=st.floats(0, 1),
)
def test_it_always_adds_up(total: int, weights: list[float], step: str, share: float) -> None:
    size = Decimal(step)
    whole = total * size
    least = math.floor(share * total / len(weights)) * size
    found = allocate(whole, weights, least=least, step=size)
    assert sum(found.amount) == whole
    assert sum(found.share) == whole
    for amount, exact in zip(found.amount, found.share, strict=True):
        assert amount >= least
        assert amount % size == 0
        assert abs(amount - Decimal(exact.numerator) / exact.denominator) < size
    for one, gets in zip(weights, found.amount, strict=True):
        for other, their in zip(weights, found.amount, strict=True):
            assert one <= other or gets >= their, "more weight, never less"


@pytest.mark.parametrize(
    ("total", "weights", "options", "message"),
    [
        (
            100,
            [1, 1, 1],
            {"least": 40},
            "3 units cannot each have at least 40 .* lower `least` to 33.3333 or less",
        ),
        (100.5, [1], {}, "not a whole number of steps of 1; use a smaller step"),
        (-1, [1], {}, "not a whole number"),
        (10, [], {}, "no unit to give 10 to"),
        (10, [1, -1], {}, "below 0"),
        (10, [math.nan], {}, "every unit needs a weight"),
        (10, [1], {"step": 0}, "above 0"),
    ],
)
def test_the_impossible_is_refused_in_words(
    total: float, weights: list[float], options: dict[str, float], message: str
) -> None:
    with pytest.raises(AssessmentError, match=message):
        allocate(total, weights, name="grant", **options)


def programme(*allocations: Allocation) -> Any:
    units = towns({"u1": {"size": "big", "people": "120"}, "u2": {"size": "small", "people": "60"}})
    return SimpleNamespace(units=units, allocations={each.code: each for each in allocations})


def declared(by: str, **more: Any) -> Allocation:
    fields: dict[str, Any] = {
        "code": by, "title": Text(by), "total": 9.0, "level": TOWN, "period": None, "by": by, "measure": None,
        "attribute": None, "classes": {}, "least": 0.0, "step": 1.0,
    }  # fmt: skip
    return Allocation(**(fields | more))


def amounts(one: Allocation, measures: pa.Table) -> list[float | None]:
    found: list[float | None] = allocate_all(programme(one), SimpleNamespace(period=PERIOD), measures)[
        "amount"
    ].to_pylist()
    return found


def test_every_way_to_weigh() -> None:
    rows = [{"unit": "u1", "measure": "people", "value": 2}, {"unit": "u2", "measure": "people", "value": 1}]
    measures = table("measures", rows)
    people: Any = SimpleNamespace(name="people")
    assert amounts(declared("equal"), measures) == [5, 4]
    assert amounts(declared("measure", measure=people), measures) == [6, 3]
    assert amounts(declared("attribute", attribute="people"), measures) == [6, 3]
    assert amounts(declared("classes", attribute="size", classes={"big": 1, "small": 2}), measures) == [3, 6]


def test_a_missing_weight_leaves_the_allocation_unmade() -> None:
    measures = table("measures", [{"unit": "u1", "measure": "people", "value": 2}])
    people: Any = SimpleNamespace(name="people")
    found = allocate_all(
        programme(declared("measure", measure=people)), SimpleNamespace(period=PERIOD), measures
    )  # type: ignore[arg-type]
    assert found["basis_value"].to_pylist() == [2, None]
    assert found["amount"].to_pylist() == [None, None]
    assert allocate_all(programme(), SimpleNamespace(period=PERIOD), measures).num_rows == 0  # type: ignore[arg-type]
