"""Measuring in SQL against the slow twin, over random places, boundary changes, gaps and rows."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.drawing import drawn
from tests.unit.measure import small
from tests.unit.measure.twin import Twin

PERIODS = ("2024-11", "2025-02", "2024-Q4", "2025-Q1", "2024", "SY2025", "2024-H2", "2024-W50", "2025-01-15")
FIRST, LAST = dt.date(2024, 1, 1), dt.date(2025, 6, 30)


def some_day(r: random.Random) -> dt.date:
    day = FIRST + dt.timedelta(days=r.randrange((LAST - FIRST).days))
    return day.replace(day=1) if r.random() < 0.4 else day


def place(r: random.Random) -> Any:
    hamlets = [f"H{i}" for i in range(r.randint(2, 4))]
    more: dict[str, dict[str, Any]] = {h: {"size": r.choice(["big", "small"])} for h in hamlets}
    changes: list[dict[str, Any]] = []
    if r.random() < 0.5:
        changes.append({"date": some_day(r), "kind": "move", "of": ["H0"], "parent": "S1"})
    if r.random() < 0.5:
        weight = r.choice([0.5, 0.3, 1 / 3])
        to = [{"unit": "N1", "weight": weight}, {"unit": "N2", "weight": 1 - weight}]
        changes.append({"date": some_day(r), "kind": "split", "of": [hamlets[-1]], "to": to})
        hamlets += ["N1", "N2"]
    if r.random() < 0.3:
        more["H1"]["opened" if r.random() < 0.5 or len(changes) else "closed"] = some_day(r)
    rows = small.tree(*hamlets, **more)
    if r.random() < 0.3:
        rows.append({"unit": "X", "level": "hamlet", "parent": "L", "size": "big"})
    found, problems = small.build_units(rows, changes, small.LEVELS)
    del problems  # what does not fit is left out, and that is a place as well
    return found


def declared(r: random.Random, units: Any) -> Any:
    columns = {"sex": "category", "place": "category", "weight": "number", "who": "text"}
    births = small.dataset(
        "births", "events", columns=columns, breakdowns=("sex", "place")[: r.randint(0, 2)],
        values={"sex": ("f", "m")}, absence=r.choice(["missing", "zero", "monthly"]), at=r.choice(["hamlet", None]),
    )  # fmt: skip
    monthly = small.dataset(
        "monthly", "reports", frequency="month", items=("a", "b"), columns={"sex": "category"},
        breakdowns=("sex",)[: r.randint(0, 1)], reporters=r.choice([None, "size = 'big'"]),
    )  # fmt: skip
    quarterly = small.dataset("quarterly", "reports", frequency=r.choice(["quarter", "week"]), items=("a",))
    people = small.dataset(
        "people", "stocks", items=("all", "posts"), columns={"sex": "category"}, breakdowns=("sex",)[: r.randint(0, 1)],
        at=r.choice(["hamlet", None]),
    )  # fmt: skip
    rule = ["last", "first", "average", "mid_period"]
    c = small.counted
    measures = [
        c("born", births),
        c("heavy", births, where="weight > 3"),
        c("weight", births, "sum", column="weight"),
        c("girls_weight", births, "sum", column="weight", where="sex = 'f'"),
        c("mothers", births, "distinct", column="who"),
        c("heavy_mothers", births, "distinct", column="who", where="weight > 3"),
        c("born_level", births, over_time=r.choice(rule)),
        c("weight_level", births, "sum", column="weight", over_time=r.choice(rule)),
        c("a", monthly, item="a"),
        c("b", monthly, item="b"),
        c("a_level", monthly, item="a", over_time=r.choice(rule)),
        c("b_level", monthly, item="b", over_time=r.choice(rule)),
        c("b_none", monthly, "count", item="b", where="value = 0"),
        c("q", quarterly, item="a"),
        c("q_level", quarterly, item="a", over_time=r.choice(rule)),
        *[c(f"people_{word}", people, item="all", over_time=word) for word in rule],
        c("posts", people, item="posts", over_time=r.choice([*rule, "sum"])),
    ]
    return small.programme(units, [births, monthly, quarterly, people], measures, indicators(r, measures))


def indicators(r: random.Random, measures: list[Any]) -> list[Any]:
    names = [one.name for one in measures]

    def any_of(name: str, numerator: str, denominator: str | None, interval: str, **more: Any) -> Any:
        return small.indicator(
            name, numerator, denominator, names=names, factor=100.0, interval=interval,
            missing=r.choice(["refuse", "partial", "estimate"]), min_completeness=r.choice([0.0, 0.5]), **more,
        )  # fmt: skip

    return [
        any_of("heavy_share", "heavy", "born", "wilson"),
        any_of("rate", "born", "people_mid_period", "poisson", annualise=True),
        any_of("b_of_a", "b", "a", r.choice(["clopper-pearson", "jeffreys"])),
        any_of("count", "a + b", None, "byar"),
        any_of("reported", "monthly.received", "monthly.expected", "wilson"),
        any_of("gap", "a - coalesce(q, 0)", "posts", "none"),
        any_of("per_report", "a_level", "monthly.received", "none"),
    ]


def given_rows(r: random.Random, programme: Any) -> dict[str, list[dict[str, Any]]]:
    leaves = [
        u for u, level in zip(programme.units.codes, programme.units.levels, strict=True) if level == "hamlet"
    ]
    leaves += ["S0"] * (r.random() < 0.2)
    births = [
        {"unit": r.choice(leaves), "day": some_day(r), "sex": r.choice(["f", "m", "m", None, "x"][: r.randint(2, 5)]),
         "place": r.choice(["home", "", None]), "weight": r.choice([2.5, 3.25, 4.0, None]), "who": r.choice("abcd")}
        for _ in range(r.randint(0, 40))
    ]  # fmt: skip
    dense = r.choice([0.2, 0.9])
    monthly: list[dict[str, Any]] = []
    split = bool(programme.datasets["monthly"].breakdowns)
    for unit in leaves:
        for month in small.CALENDAR.within(small.CALENDAR.parse("2024"), "month") + small.CALENDAR.within(
            small.CALENDAR.parse("2025-H1"), "month"
        ):
            for item in ("a", "b"):
                for sex in ("f", "m") if split and r.random() < 0.7 else (None,):
                    if r.random() < dense:
                        value = r.choice([0.0, 1.0, 7.0, 2.125, None, 11.0])
                        monthly.append(
                            {"unit": unit, "period": month.code, "item": item, "sex": sex, "value": value}
                        )
    frequency = programme.datasets["quarterly"].frequency
    quarterly = [
        {"unit": unit, "period": slot.code, "item": "a", "value": float(r.randint(0, 9))}
        for unit in leaves
        for slot in small.CALENDAR.within(small.CALENDAR.parse("2024"), frequency)
        if r.random() < dense
    ]
    people = [
        {"unit": unit, "date": day, "item": item, "sex": sex, "value": r.choice([100.0, 250.0, 90.5, None])}
        for unit in leaves
        for item in ("all", "posts")
        for day in {r.choice([dt.date(2023, 12, 31), dt.date(2024, 1, 1), dt.date(2024, 7, 1), dt.date(2024, 10, 1),
                              dt.date(2025, 1, 1), dt.date(2024, 11, 30), some_day(r)]) for _ in range(r.randint(0, 3))}
        for sex in (["f", "m"] if r.random() < 0.5 else [None])
    ]  # fmt: skip
    return {"births": births, "monthly": monthly, "quarterly": quarterly, "people": people}


def close(one: Any, other: Any) -> bool:
    if one is None or other is None or isinstance(one, str):
        return bool(one == other)
    return bool(abs(one - other) <= 1e-6 * max(1.0, abs(one)))


def differences(
    found: Mapping[Any, Mapping[str, Any]], expected: Mapping[Any, Mapping[str, Any]], columns: Any
) -> list[Any]:
    wrong = [("row", key, found.get(key), expected.get(key)) for key in found.keys() ^ expected.keys()]
    for key in found.keys() & expected.keys():
        wrong += [
            (name, key, found[key][name], expected[key][name])
            for name in columns
            if not close(found[key][name], expected[key][name])
        ]
    return sorted(wrong, key=repr)


def compare(seed: int, boundaries: dt.date | None = None) -> None:
    r = random.Random(seed)
    programme = declared(r, place(r))
    rows = given_rows(r, programme)
    codes = r.sample(PERIODS, 3)
    periods = [programme.calendar.parse(code) for code in codes]
    measured = small.run(programme, rows, codes, boundaries=boundaries)
    twin = Twin(programme, rows, boundaries=boundaries)
    keys = ("unit", "period", "breakdown", "category")
    found = {(row["measure"], *(row[k] for k in keys)): row for row in measured.measures.to_pylist()}
    expected = twin.measures(periods)
    columns = ("value", "expected", "received", "usable", "basis")
    assert not differences(found, expected, columns)[:6], programme.datasets["births"].absence
    found = {(row["indicator"], *(row[k] for k in keys)): row for row in measured.indicators.to_pylist()}
    expected = {
        (one.name, unit, period.code, breakdown, category): row
        for one in programme.indicators.values()
        for period in periods
        for (unit, breakdown, category), row in twin.indicator(one, period).items()
    }
    columns = ("value", "numerator", "denominator", "low", "high", "expected", "received", "usable", "basis")
    assert not differences(found, expected, columns)[:6]


@settings(max_examples=drawn(40), deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.integers(0, 10**6))
def test_every_figure_is_the_twins(seed: int) -> None:
    compare(seed)


@pytest.mark.parametrize("seed", range(12))
def test_restated_figures_are_the_twins(seed: int) -> None:
    compare(seed, dt.date(2025, 6, 30))
