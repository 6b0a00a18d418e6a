"""Directly standardised rates small enough to check by hand: each age's rate by its weight."""

from __future__ import annotations

import pytest
from tests.unit.measure import small
from tests.unit.measure.small import day
from tests.unit.measure.standardised import (
    AGES,
    declared,
    figures,
    people,
    reported,
    standard,
)

from tallymark.statistics import poisson_interval

TWO = small.units(small.tree("A", "B", shires=1))
WEIGHTS = {"0-39": 5.0, "40-69": 3.0, "70+": 2.0}
PEOPLE = people({"A": (1000, 500, 100), "B": (500, 500, 400)})


def test_each_ages_rate_by_its_weight() -> None:
    """A: 2, 10 and 50 per 1,000 → 0.5·2 + 0.3·10 + 0.2·50 = 14. B has the same rates, four times the old: also 14."""
    deaths = reported({"A": (2, 5, 5), "B": (1, 5, 20)})
    got = figures(
        small.run(declared(TWO, standard(WEIGHTS)), {"monthly": deaths, "people": PEOPLE}, ("2025-01",))
    )
    for unit, crude in (("A", 12 / 1600), ("B", 26 / 1400)):
        row = got[unit, "2025-01", ""]
        assert row["value"] == pytest.approx(14, rel=1e-14)
        assert row["numerator"] / row["denominator"] == pytest.approx(crude)
        assert row["low"] < 14 < row["high"]
        assert [got[unit, "2025-01", age]["value"] for age in AGES] == pytest.approx([2, 10, 50])
        assert row["basis"] == "reported"
    # Together: 3 in 1,500, 10 in 1,000, 25 in 500 – the same rates again, with a narrower interval.
    whole = got["L", "2025-01", ""]
    assert whole["value"] == pytest.approx(14, rel=1e-14)
    assert whole["high"] - whole["low"] < got["B", "2025-01", ""]["high"] - got["B", "2025-01", ""]["low"]
    # Dobson by hand for A: variance Σ w²·x÷n², 12 events, exact limits of 12.
    variance = sum((w * 1000) ** 2 * x / n**2 for w, x, n in ((0.5, 2, 1000), (0.3, 5, 500), (0.2, 5, 100)))
    low, high = poisson_interval(12)
    step = (variance / 12) ** 0.5
    row = got["A", "2025-01", ""]
    assert row["low"] == pytest.approx(14 + step * (low - 12), rel=1e-12)
    assert row["high"] == pytest.approx(14 + step * (high - 12), rel=1e-12)


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_missing_age_is_missing_not_zero(lost: int) -> None:
    deaths: list[float | None] = [2, 5, 5]
    deaths[lost] = None
    of = declared(TWO, standard(WEIGHTS))
    got = figures(
        small.run(of, {"monthly": reported({"A": deaths, "B": (1, 5, 20)}), "people": PEOPLE}, ("2025-01",))
    )
    row = got["A", "2025-01", ""]
    assert (row["value"], row["low"], row["basis"]) == (None, None, "missing")
    assert got["B", "2025-01", ""]["value"] == pytest.approx(14)
    # Of an age that does not count nothing is needed.
    rest = {age: weight for age, weight in WEIGHTS.items() if age != AGES[lost]}
    of = declared(TWO, standard(rest))
    got = figures(
        small.run(of, {"monthly": reported({"A": deaths, "B": (1, 5, 20)}), "people": PEOPLE}, ("2025-01",))
    )
    assert got["A", "2025-01", ""]["value"] == pytest.approx(
        sum(w * r for (age, w), r in zip(WEIGHTS.items(), (2, 10, 50), strict=True) if age in rest)
        / sum(rest.values())
    )


def test_nobody_of_an_age_has_no_rate_and_no_death_is_a_zero() -> None:
    of = declared(TWO, standard(WEIGHTS))
    rows = {
        "monthly": reported({"A": (0, 0, 0), "B": (0, 0, 0)}),
        "people": people({"A": (1, 1, 1), "B": (5, 5, 0)}),
    }
    got = figures(small.run(of, rows, ("2025-01",)))
    assert got["A", "2025-01", ""]["value"] == 0
    assert got["A", "2025-01", ""]["high"] > 0
    assert got["B", "2025-01", ""]["value"] is None


def test_a_register_without_rows_of_an_age_counts_none() -> None:
    """A complete register: no death of a child is no death, and one of unknown age belongs to no group."""
    events = [{"unit": "A", "day": day("2025-01-05"), "age": age, "sex": "f"} for age in ("70+", "70+", None)]
    got = figures(
        small.run(
            declared(TWO, standard(WEIGHTS), of="births"), {"births": events, "people": PEOPLE}, ("2025-01",)
        )
    )
    row = got["A", "2025-01", ""]
    assert row["value"] == pytest.approx(0.2 * 20)
    assert row["numerator"] == 3
    assert {category for unit, _, category in got if unit == "A"} == {"", "unknown", *AGES}, (
        "no other breakdown"
    )


def test_the_standard_may_be_the_people_of_a_unit() -> None:
    """Land: 1,500, 1,000, 500 people → weights ½, ⅓, ⅙. The land's own rate is then its crude one."""
    deaths = reported({"A": (2, 5, 5), "B": (1, 10, 20)})
    of = declared(TWO, standard(None, unit="L"))
    got = figures(small.run(of, {"monthly": deaths, "people": PEOPLE}, ("2025-01",)))
    assert got["A", "2025-01", ""]["value"] == pytest.approx(2 / 2 + 10 / 3 + 50 / 6)
    assert got["L", "2025-01", ""]["value"] == pytest.approx(1000 * 43 / 3000)


def test_compared_with_the_standardised_rate_before() -> None:
    rows = {
        "monthly": reported({"A": (2, 5, 5)}, "2025-01") + reported({"A": (4, 5, 5)}, "2025-02"),
        "people": PEOPLE,
    }
    of = declared(TWO, standard(WEIGHTS), compare=("previous",), benchmark=60.0)
    got = figures(small.run(of, rows, ("2025-02",)))
    assert got["A", "2025-02", ""]["value"] == pytest.approx(15)
    assert got["A", "2025-02", ""]["previous"] == pytest.approx(14)
    assert got["A", "2025-02", ""]["against_998"] == "better"
