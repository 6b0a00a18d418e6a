"""Deaths by age over a population by age, as small programmes that standardise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from tests.unit.measure import small
from tests.unit.measure.small import day

from tallymark.measure import Measured
from tallymark.model.text import Text
from tallymark.programme.resolved import Indicator, Programme, Standardise

AGES = ("0-39", "40-69", "70+")
VALUES = {"age": AGES, "sex": ("f", "m")}
MONTHLY = small.dataset(
    "monthly", "reports", frequency="month", items=("deaths",), columns={"age": "category"}, breakdowns=("age",), values=VALUES
)  # fmt: skip
BIRTHS = small.dataset(
    "births", "events", columns={"age": "category", "sex": "category"}, breakdowns=("age", "sex"), absence="zero",
    values=VALUES,
)  # fmt: skip
PEOPLE = small.dataset(
    "people", "stocks", items=("all",), columns={"age": "category", "sex": "category"}, breakdowns=("age", "sex"),
    values=VALUES,
)  # fmt: skip
MEASURES = {
    "monthly": small.counted("deaths", MONTHLY, item="deaths"),
    "births": small.counted("deaths", BIRTHS),
    "people": small.counted("people", PEOPLE, item="all"),
}


def standard(
    weights: Mapping[str, float] | None, *, interval: str = "dobson", unit: str | None = None
) -> Standardise:
    measure = MEASURES["people"] if weights is None else None
    return Standardise("age", Text("the standard"), dict(weights or {}), measure, unit, interval)


def declared(
    units: Any, one: Standardise, *, of: str = "monthly", benchmark: float | None = None, **more: Any
) -> Programme:
    """Deaths per 1,000 people, standardised."""
    rate = small.indicator(
        "rate", "deaths", "people", names=("deaths", "people"), factor=1000, interval="poisson", **more
    )
    rate = replace(rate, standardise=one, benchmark=benchmark, direction="lower")
    datasets = [{"monthly": MONTHLY, "births": BIRTHS}[of], PEOPLE]
    return small.programme(units, datasets, [MEASURES[of], MEASURES["people"]], [rate])


def people(of: Mapping[str, Iterable[float | None]]) -> list[dict[str, Any]]:
    """Unit → people of each age."""
    return [
        {"unit": unit, "date": day("2025-01-01"), "item": "all", "age": age, "sex": "f", "value": value}
        for unit, values in of.items()
        for age, value in zip(AGES, values, strict=True)
        if value is not None
    ]


def reported(of: Mapping[str, Iterable[float | None]], month: str = "2025-01") -> list[dict[str, Any]]:
    """Unit → deaths of each age in a month."""
    return [
        {"unit": unit, "period": month, "item": "deaths", "age": age, "value": value}
        for unit, values in of.items()
        for age, value in zip(AGES, values, strict=True)
        if value is not None
    ]


def figures(measured: Measured) -> dict[tuple[str, str, str], dict[str, Any]]:
    """(unit, period, category) → the row of the indicator."""
    return {(row["unit"], row["period"], row["category"]): row for row in measured.indicators.to_pylist()}


def only(programme: Programme) -> Indicator:
    return programme.indicators["rate"]
