"""Years put together: by hand, and against a slow twin that adds year after year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.unit.measure import small

from tallymark.programme.resolved import Indicator, Programme
from tallymark.programme.written.figures import WrittenTooSmall
from tallymark.statistics import poisson_interval, proportion_interval

TREE = small.units(small.tree("H1", "H2", shires=1))
SEX = {"sex": ("f", "m")}
YEARLY = small.dataset(
    "monthly", "reports", frequency="year", items=("asked", "served"), columns={"sex": "category"},
    breakdowns=("sex",), values=SEX,
)  # fmt: skip
BOTH = ("served", "asked")
SHARE = replace(small.indicator("share", *BOTH, names=BOTH, factor=100, interval="wilson"), pooled=3)


def declared(*indicators: Indicator) -> Programme:
    measures = [small.counted(name, YEARLY, item=name) for name in ("asked", "served")]
    return small.programme(TREE, [YEARLY], measures, indicators)


def rows(counts: Mapping[tuple[str, str], tuple[float, float]]) -> list[dict[str, Any]]:
    """(unit, year) → served, asked; all women."""
    return [
        {"unit": unit, "period": year, "item": item, "sex": "f", "value": value}
        for (unit, year), both in counts.items()
        for item, value in zip(BOTH, both, strict=True)
    ]


def figures(of: Programme, counts: Mapping[tuple[str, str], tuple[float, float]], year: str = "2025") -> Any:
    measured = small.run(of, {"monthly": rows(counts)}, (year,))
    table = [row for row in measured.indicators.to_pylist() if not row["breakdown"]]
    return {(row["indicator"], row["unit"]): row for row in table}


def test_cases_are_added_and_figures_are_not_averaged() -> None:
    counts = {
        ("H1", "2025"): (1, 2),
        ("H1", "2024"): (9, 10),
        ("H1", "2023"): (3, 3),
        ("H1", "2022"): (0, 90),
    }
    row = figures(declared(SHARE), counts)["share", "H1"]
    low, high = proportion_interval(13, 15)
    assert (row["numerator"], row["denominator"], row["years"], row["basis"]) == (13, 15, 3, "reported")
    assert (row["value"], row["low"], row["high"]) == pytest.approx((1300 / 15, 100 * low, 100 * high))
    assert (row["expected"], row["received"], row["usable"]) == (3, 3, 3)


def test_a_missing_year_ends_it_and_is_never_none() -> None:
    """Nothing of 2023 is taken although it is there: no year is left out in between."""
    row = figures(declared(SHARE), {("H1", "2025"): (1, 2), ("H1", "2023"): (3, 3)})["share", "H1"]
    assert (row["numerator"], row["denominator"], row["years"], row["basis"]) == (1, 2, 1, "partial")


@pytest.mark.parametrize("asked", [("2025",), ("2024", "2025")])
def test_what_it_is_compared_with_is_put_together_too(asked: tuple[str, ...]) -> None:
    """Whether or not that year was asked for."""
    counts = {("H1", str(2022 + at)): (at + 1.0, 10.0) for at in range(4)}
    of = declared(replace(SHARE, compare=("previous",)))
    measured = small.run(of, {"monthly": rows(counts)}, asked)
    found = {(row["period"], row["unit"], row["breakdown"]): row for row in measured.indicators.to_pylist()}
    assert found["2025", "H1", ""]["value"] == pytest.approx(100 * 9 / 30)
    assert found["2025", "H1", ""]["previous"] == pytest.approx(100 * 6 / 30)


def test_without_its_own_year_there_is_no_figure() -> None:
    row = figures(declared(SHARE), {("H1", "2024"): (1, 2), ("H1", "2023"): (3, 3)})["share", "H1"]
    assert (row["value"], row["low"], row["years"], row["basis"]) == (None, None, 0, "missing")


def test_a_year_without_cases_is_known() -> None:
    counts = {("H1", "2025"): (0, 0), ("H1", "2024"): (0, 0), ("H1", "2023"): (3, 4)}
    row = figures(declared(SHARE), counts)["share", "H1"]
    assert (row["numerator"], row["denominator"], row["value"], row["years"]) == (3, 4, 75, 3)
    assert row["basis"] == "reported"


def test_others_stay_as_they_are_and_have_no_years() -> None:
    plain = replace(SHARE, name="plain", pooled=1)
    found = figures(declared(SHARE, plain), {("H1", "2025"): (1, 2), ("H1", "2024"): (9, 10)})
    assert (found["plain", "H1"]["value"], found["plain", "H1"]["years"]) == (50, None)
    assert found["share", "H1"]["value"] == pytest.approx(1000 / 12)


def test_what_is_too_small_in_a_year_may_be_enough_in_three() -> None:
    rule = WrittenTooSmall(cases=10)
    one = replace(SHARE, name="one", pooled=1, too_small=rule)
    found = figures(
        declared(replace(SHARE, too_small=rule), one), {("H1", f"{2023 + at}"): (2, 4) for at in range(3)}
    )
    assert (found["one", "H1"]["small"], found["share", "H1"]["small"]) == ("few_cases", None)


def test_a_rate_is_of_the_people_of_all_years() -> None:
    rate = replace(SHARE, name="rate", interval="poisson", factor=1000, pooled=2)
    row = figures(declared(rate), {("H1", "2025"): (3, 500), ("H1", "2024"): (1, 700)})["rate", "H1"]
    low, high = poisson_interval(4)
    assert (row["value"], row["low"], row["high"]) == pytest.approx(
        (4000 / 1200, 1000 * low / 1200, 1000 * high / 1200)
    )


@pytest.mark.parametrize("years", [2, 3, 5])
@pytest.mark.parametrize("missing", ["partial", "estimate", "refuse"])
def test_against_a_slow_twin(years: int, missing: str) -> None:
    """Units above have some of their reports: what is known of a year is what its own figure says."""
    rng = np.random.default_rng(years)
    plain = replace(SHARE, name="plain", pooled=1, missing=missing)
    pooled = replace(SHARE, pooled=years, missing=missing)
    of = declared(plain, pooled)
    counts = {
        (unit, str(year)): (float(rng.integers(0, 9)), float(rng.integers(9, 30)))
        for unit in ("H1", "H2")
        for year in range(2015, 2026)
        if rng.random() < 0.8
    }
    codes = [str(year) for year in range(2015, 2026)]
    table = small.run(of, {"monthly": rows(counts)}, codes).indicators.to_pylist()
    found = {(row["indicator"], row["unit"], int(row["period"]), row["category"]): row for row in table}
    judged = 0
    for (name, unit, year, category), row in found.items():
        if name != "share" or year < 2015 + years:
            continue
        above, below, used = 0.0, 0.0, 0
        while used < years:
            one = found.get(("plain", unit, year - used, category))
            if one is None or one["basis"] == "missing":
                break
            above, below, used = above + one["numerator"], below + one["denominator"], used + 1
        wanted = 100 * above / below if used else None
        assert (row["value"], row["years"]) == (pytest.approx(wanted), used), (unit, year)
        judged += used > 1
    assert judged > 5
