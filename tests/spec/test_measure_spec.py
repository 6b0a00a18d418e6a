"""Measuring in tables small enough to check by hand: rows, period, figure."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.measure import small
from tests.unit.measure.small import day

ONE = small.units(small.tree("H0"))
PEOPLE = small.dataset("people", "stocks", items=("all",))
MONTHLY = small.dataset("monthly", "reports", frequency="month", items=("a",))


def levels(
    rows: dict[str, float], period: str, rule: str, units: Any = ONE, unit: str = "H0"
) -> float | None:
    """A stock's level for a period; rows: date → figure of H0, or `unit date` → figure."""
    of = small.programme(units, [PEOPLE], [small.counted("people", PEOPLE, item="all", over_time=rule)])
    given = []
    for when, value in rows.items():
        who, _, date = when.rpartition(" ")
        given.append({"unit": who or "H0", "date": day(date), "item": "all", "value": value})
    return small.values(small.run(of, {"people": given}, (period,)).measures, "people").get(
        (unit, period, "", "")
    )


JANUARY = {"2023-01-01": 90.0, "2024-01-01": 100.0, "2025-01-01": 120.0}
JULY = {"2023-07-01": 90.0, "2024-07-01": 100.0, "2025-07-01": 120.0}
DECEMBER = {"2023-12-31": 90.0, "2024-12-31": 100.0}


@pytest.mark.parametrize(
    ("rows", "period", "rule", "want"),
    [
        # What stands on the last or first day: the latest figure at or before it.
        (JANUARY, "2024", "last", 100),
        (JANUARY, "2024", "first", 100),
        (JANUARY, "2024-02", "last", 100),
        (JULY, "2024", "first", 90),
        (JULY, "2024", "last", 100),
        (JULY, "2023-06", "last", None),
        (JULY, "2030-01", "last", 120),
        # The mean of what stands at the end of each month: six months each.
        (JULY, "2024", "average", 95),
        (JANUARY, "2024", "average", 100),
        # Figures of 1 January: the mean of both ends of the year; before the next one is known, the last one.
        (JANUARY, "2024", "mid_period", 110),
        (JANUARY, "2025", "mid_period", 120),
        (JANUARY, "2024-06", "mid_period", 100),
        (JANUARY, "2024-12", "mid_period", 110),
        (JANUARY, "2023", "mid_period", 95),
        (JANUARY, "2022", "mid_period", 90),
        (JANUARY, "2021", "mid_period", None),
        # Figures of 31 December are levels at the same boundaries.
        (DECEMBER, "2024", "mid_period", 95),
        (DECEMBER, "2025", "mid_period", 100),
        (DECEMBER, "2023", "mid_period", 90),
        # Figures of 1 July are the year's own; months and quarters carry the latest.
        (JULY, "2024", "mid_period", 100),
        (JULY, "2024-03", "mid_period", 90),
        (JULY, "2024-06", "mid_period", 95),
        (JULY, "2024-07", "mid_period", 100),
        (JULY, "2024-Q3", "mid_period", 100),
        # A declared year from October to September, with figures of both its ends.
        ({"2024-10-01": 990.0, "2025-10-01": 1010.0}, "SY2025", "mid_period", 1000),
    ],
)
def test_a_stock_over_time(rows: dict[str, float], period: str, rule: str, want: float | None) -> None:
    assert levels(rows, period, rule) == want


SPLIT = small.units(
    [
        *small.tree("A", "B", "C", shires=1),
    ],
    [
        {
            "date": day("2024-07-01"),
            "kind": "split",
            "of": ["A"],
            "to": [{"unit": "B", "weight": 0.6}, {"unit": "C", "weight": 0.4}],
        }
    ],
)
SPLIT_ROWS = {"A 2024-01-01": 1000.0, "B 2024-07-01": 600.0, "C 2024-07-01": 400.0}


@pytest.mark.parametrize(
    ("unit", "rule", "want"),
    [
        ("A", "last", None),
        ("B", "last", 600),
        ("S0", "last", 1000),
        ("S0", "first", 1000),
        ("A", "mid_period", 500),
        ("B", "mid_period", 300),
        ("C", "mid_period", 200),
        ("S0", "mid_period", 1000),
        ("S0", "average", 1000),
    ],
)
def test_a_unit_and_its_successors_are_not_counted_twice(unit: str, rule: str, want: float | None) -> None:
    """A existed for half of 2024, B and C for the other half: each counts for the time it stood."""
    assert levels(SPLIT_ROWS, "2024", rule, SPLIT, unit) == want


REPORTED = {"2024-01": 4.0, "2024-02": 6.0, "2024-03": None, "2024-05": 8.0}


@pytest.mark.parametrize(
    ("period", "rule", "want"),
    [
        ("2024-Q1", "sum", (10.0, 3, 3, 2, "partial")),
        ("2024-Q2", "sum", (8.0, 3, 1, 1, "partial")),
        ("2024-03", "sum", (None, 1, 1, 0, "missing")),
        ("2024-04", "sum", (None, 1, 0, 0, "missing")),
        ("2024-Q1", "last", (6.0, 3, 3, 2, "partial")),
        ("2024-Q1", "first", (4.0, 3, 3, 2, "partial")),
        ("2024-Q1", "average", (5.0, 3, 3, 2, "partial")),
        ("2024-02", "mid_period", (5.0, 1, 1, 1, "reported")),
        ("2024-05", "mid_period", (8.0, 1, 1, 1, "reported")),
        ("2024-Q3", "last", (None, 3, 0, 0, "missing")),
    ],
)
def test_a_reported_item_over_time(period: str, rule: str, want: tuple[Any, ...]) -> None:
    """Value, reports expected, received, usable, basis: a missing report is not filled and not zero."""
    of = small.programme(ONE, [MONTHLY], [small.counted("a", MONTHLY, item="a", over_time=rule)])
    rows = [{"unit": "H0", "period": code, "item": "a", "value": value} for code, value in REPORTED.items()]
    columns = ("value", "expected", "received", "usable", "basis")
    found = small.values(small.run(of, {"monthly": rows}, (period,)).measures, "a", *columns)
    assert found["H0", period, "", ""] == want


def births(absence: str) -> Any:
    return small.dataset(
        "births", "events", columns={"sex": "category", "who": "text", "weight": "number"}, breakdowns=("sex",),
        values={"sex": ("f", "m")}, absence=absence,
    )  # fmt: skip


EVENTS = [
    {"unit": "H0", "day": day("2024-01-05"), "sex": "f", "who": "ann", "weight": 3.0},
    {"unit": "H0", "day": day("2024-01-06"), "sex": "f", "who": "ann", "weight": None},
    {"unit": "H0", "day": day("2024-03-01"), "sex": None, "who": "ann", "weight": None},
    {"unit": "H1", "day": day("2024-03-01"), "sex": "m", "who": "ann", "weight": 2.5},
    {"unit": "H1", "day": day("2024-03-02"), "sex": "m", "who": "bea", "weight": 2.0},
]


@pytest.mark.parametrize(
    ("absence", "unit", "period", "want"),
    [
        ("missing", "H0", "2024-01", (2.0, 1, 1)),
        ("missing", "H0", "2024-02", (None, 1, 0)),
        ("missing", "H1", "2024-01", (None, 1, 0)),
        ("missing", "L", "2024-Q1", (5.0, 6, 3)),
        ("zero", "H1", "2024-01", (0.0, 1, 1)),
        ("zero", "H1", "2024-02", (0.0, 1, 1)),
        ("zero", "H1", "2024-04", (None, 1, 0)),
        ("zero", "H1", "2023-12", (None, 1, 0)),
        ("zero", "L", "2024-Q1", (5.0, 6, 6)),
        ("monthly", "H1", "2024-02", (0.0, 1, 1)),
        ("monthly", "H1", "2024-01", (None, 1, 0)),
        ("monthly", "L", "2024-Q1", (5.0, 6, 4)),
    ],
)
def test_what_a_month_without_events_means(
    absence: str, unit: str, period: str, want: tuple[Any, ...]
) -> None:
    """missing: not known. zero: none, from the first month with rows to the last. monthly: none where H1 reported."""
    of_births = births(absence)
    places = small.units(small.tree("H0", "H1", shires=1))
    of = small.programme(places, [of_births, MONTHLY], [small.counted("born", of_births)])
    rows = [{"unit": "H1", "period": "2024-02", "item": "a", "value": 1.0}]
    measured = small.run(of, {"births": EVENTS, "monthly": rows}, (period,))
    assert (
        small.values(measured.measures, "born", "value", "expected", "received")[unit, period, "", ""] == want
    )


@pytest.mark.parametrize(
    ("measure", "unit", "period", "want"),
    [
        ("who", "H0", "2024-01", 1),
        ("who", "H0", "2024-Q1", 1),
        ("who", "H1", "2024-Q1", 2),
        ("who", "L", "2024-Q1", 2),
        ("weight", "H0", "2024-01", 3.0),
        ("weight", "H0", "2024-03", None),
        ("weight", "L", "2024-03", 4.5),
        ("girls_weight", "H1", "2024-03", 0.0),
    ],
)
def test_different_values_and_sums_of_events(
    measure: str, unit: str, period: str, want: float | None
) -> None:
    """Ann counts once, wherever and how often she came. A weight nobody knows is not zero; no girl weighs nothing."""
    of_births = births("missing")
    measures = [
        small.counted("who", of_births, "distinct", column="who"),
        small.counted("weight", of_births, "sum", column="weight"),
        small.counted("girls_weight", of_births, "sum", column="weight", where="sex = 'f'"),
    ]
    of = small.programme(small.units(small.tree("H0", "H1", shires=1)), [of_births], measures)
    found = small.values(small.run(of, {"births": EVENTS}, (period,)).measures, measure)
    assert found[unit, period, "", ""] == want


def test_a_breakdown_adds_up_and_names_what_is_not_known() -> None:
    of_births = births("missing")
    of = small.programme(
        small.units(small.tree("H0", "H1", shires=1)), [of_births], [small.counted("born", of_births)]
    )
    found = small.values(small.run(of, {"births": EVENTS}, ("2024-Q1",)).measures, "born")
    assert {key[2:]: value for key, value in found.items() if key[0] == "L"} == {
        ("", ""): 5.0,
        ("sex", "f"): 2.0,
        ("sex", "m"): 2.0,
        ("sex", "unknown"): 1.0,
    }


GAPS = [("H0", 6.0, 10.0), ("H1", 3.0, 10.0), ("H2", None, None), ("H3", None, None)]


@pytest.mark.parametrize(
    ("missing", "more", "want"),
    [
        ("refuse", {}, (None, 9.0, 20.0, "missing")),
        ("partial", {}, (45.0, 9.0, 20.0, "partial")),
        ("partial", {"min_completeness": 0.5}, (45.0, 9.0, 20.0, "partial")),
        ("partial", {"min_completeness": 0.6}, (None, 9.0, 20.0, "missing")),
        ("estimate", {}, (45.0, 18.0, 40.0, "estimated")),
        ("estimate", {"estimate_from": 0.6}, (None, 9.0, 20.0, "missing")),
    ],
)
def test_what_missing_reports_do_to_an_indicator(
    missing: str, more: dict[str, float], want: tuple[Any, ...]
) -> None:
    """Two of four reports came: value, numerator, denominator, basis."""
    both = small.dataset("monthly", "reports", frequency="month", items=("a", "b"))
    of = small.programme(
        small.units(small.tree("H0", "H1", "H2", "H3", shires=1)),
        [both],
        [small.counted(name, both, item=name) for name in "ab"],
        [small.indicator("share", "a", "b", names="ab", factor=100, missing=missing, **more)],
    )
    rows = [
        {"unit": unit, "period": "2024-01", "item": item, "value": value}
        for unit, a, b in GAPS
        for item, value in (("a", a), ("b", b))
        if value is not None
    ]
    measured = small.run(of, {"monthly": rows}, ("2024-01",))
    columns = ("value", "numerator", "denominator", "basis", "expected", "received", "usable")
    found = small.values(measured.indicators, "share", *columns)["L", "2024-01", "", ""]
    assert found == (*want, 4, 2, 2)


def test_a_denominator_without_the_category_gives_no_figure() -> None:
    of_births, people = (
        births("missing"),
        small.dataset("people", "stocks", items=("all",), columns={"sex": "category"}, breakdowns=("sex",)),
    )
    of = small.programme(
        ONE,
        [of_births, people],
        [small.counted("born", of_births), small.counted("people", people, item="all")],
        [small.indicator("rate", "born", "people", names=["born", "people"], factor=1000)],
    )
    stock = [
        {"unit": "H0", "date": day("2024-01-01"), "item": "all", "sex": sex, "value": 500.0}
        for sex in ("f", "m")
    ]
    measured = small.run(of, {"births": EVENTS[:3], "people": stock}, ("2024-03",))
    found = small.values(measured.indicators, "rate", "value", "numerator", "denominator")
    assert found["H0", "2024-03", "", ""] == (1.0, 1.0, 1000.0)
    assert found["H0", "2024-03", "sex", "m"] == (0.0, 0.0, 500.0)
    assert found["H0", "2024-03", "sex", "unknown"] == (None, 1.0, None)


def test_comparisons_with_earlier_periods() -> None:
    rows = [
        {"unit": "H0", "period": code, "item": "a", "value": value}
        for code, value in {
            "2021-03": 2.0,
            "2022-03": 4.0,
            "2023-03": 6.0,
            "2024-02": 7.0,
            "2024-03": 9.0,
        }.items()
    ]
    words = ("previous", "last_year", "three_year_mean")
    of = small.programme(
        ONE,
        [MONTHLY],
        [small.counted("a", MONTHLY, item="a")],
        [small.indicator("a", "a", names=["a"], compare=words)],
    )
    measured = small.run(of, {"monthly": rows}, ("2024-03", "2023-03"))
    found = small.values(measured.indicators, "a", "value", *words)
    assert found["H0", "2024-03", "", ""] == (9.0, 7.0, 6.0, 4.0)
    assert found["H0", "2023-03", "", ""] == (6.0, None, 4.0, None)
    assert {key[1] for key in found} == {"2024-03", "2023-03"}


@pytest.mark.parametrize(
    ("period", "want"),
    [("2024-03", 9 * 12 / 3), ("2024-Q1", 9 * 4 / 3), ("2024", 3.0), ("SY2024", 3.0)],
)
def test_annualised_rates(period: str, want: float) -> None:
    """Nine events among three thousand: per thousand and year, whatever the length of the period."""
    rows = [{"unit": "H0", "period": "2024-03", "item": "a", "value": 9.0}]
    stock = [{"unit": "H0", "date": day("2020-01-01"), "item": "all", "value": 3000.0}]
    of = small.programme(
        ONE,
        [MONTHLY, PEOPLE],
        [
            small.counted("a", MONTHLY, item="a"),
            small.counted("people", PEOPLE, item="all", over_time="mid_period"),
        ],
        [small.indicator("rate", "a", "people", names=["a", "people"], factor=1000, annualise=True)],
    )
    measured = small.run(of, {"monthly": rows, "people": stock}, (period,))
    assert small.values(measured.indicators, "rate")["H0", period, "", ""] == pytest.approx(want)


@pytest.mark.parametrize(
    ("frequency", "given", "period", "want"),
    [
        ("quarter", {"2024-Q1": 30.0}, "2024-01", (None, 0, 0, "missing")),
        ("quarter", {"2024-Q1": 30.0}, "2024-Q1", (30.0, 1, 1, "reported")),
        ("quarter", {"2024-Q1": 30.0, "2024-Q2": 5.0}, "2024-H1", (35.0, 2, 2, "reported")),
        ("quarter", {"2024-Q1": 30.0}, "2024", (30.0, 4, 1, "partial")),
        ("week", {"2024-W01": 1.0, "2024-W05": 10.0}, "2024-01", (1.0, 4, 1, "partial")),
        ("week", {"2024-W01": 1.0, "2024-W05": 10.0}, "2024-W05", (10.0, 1, 1, "reported")),
        ("year", {"2024": 8.0}, "2024-Q4", (None, 0, 0, "missing")),
        ("SY", {"SY2024": 8.0}, "SY2024", (8.0, 1, 1, "reported")),
    ],
)
def test_reports_of_other_frequencies(
    frequency: str, given: dict[str, float], period: str, want: tuple[Any, ...]
) -> None:
    """A report counts in the periods that hold all of it: no month of a quarterly report, no week that runs over."""
    of_reports = small.dataset("reports", "reports", frequency=frequency, items=("a",))
    of = small.programme(ONE, [of_reports], [small.counted("a", of_reports, item="a")])
    rows = [{"unit": "H0", "period": code, "item": "a", "value": value} for code, value in given.items()]
    found = small.values(
        small.run(of, {"reports": rows}, (period,)).measures, "a", "value", "expected", "usable", "basis"
    )
    assert found["H0", period, "", ""] == want


@pytest.mark.parametrize(
    ("period", "want"), [("2024-W01", 2.0), ("2024-01-05", 1.0), ("2024-W09", 3.0), ("2024-03-02", 1.0)]
)
def test_weeks_and_days_of_events(period: str, want: float) -> None:
    of_births = births("missing")
    of = small.programme(
        small.units(small.tree("H0", "H1", shires=1)), [of_births], [small.counted("born", of_births)]
    )
    assert (
        small.values(small.run(of, {"births": EVENTS}, (period,)).measures, "born")["L", period, "", ""]
        == want
    )


MOVED = small.units(
    small.tree("H0"), [{"date": day("2024-02-01"), "kind": "move", "of": ["H0"], "parent": "S1"}]
)


@pytest.mark.parametrize(
    ("boundaries", "shire", "period", "want"),
    [
        (None, "S0", "2024-01", 4.0),
        (None, "S1", "2024-02", 6.0),
        (None, "S0", "2024-Q1", 4.0),
        (None, "S1", "2024-Q1", 6.0),
        ("today", "S1", "2024-Q1", 10.0),
        (day("2024-01-15"), "S0", "2024-Q1", 10.0),
    ],
)
def test_figures_follow_the_tree_of_their_month_or_of_a_day(
    boundaries: Any, shire: str, period: str, want: float
) -> None:
    of = small.programme(MOVED, [MONTHLY], [small.counted("a", MONTHLY, item="a")])
    rows = [{"unit": "H0", "period": code, "item": "a", "value": value} for code, value in REPORTED.items()]
    measured = small.run(of, {"monthly": rows}, (period,), boundaries=boundaries)
    assert small.values(measured.measures, "a")[shire, period, "", ""] == want


def test_a_split_unit_restated_is_an_estimate_by_declared_weights() -> None:
    of = small.programme(SPLIT, [MONTHLY], [small.counted("a", MONTHLY, item="a")])
    rows = [{"unit": "A", "period": "2024-01", "item": "a", "value": 10.0}]
    measured = small.run(of, {"monthly": rows}, ("2024-01",), boundaries=day("2024-12-31"))
    found = small.values(measured.measures, "a", "value", "basis")
    assert found["B", "2024-01", "", ""] == (6.0, "estimated")
    assert found["C", "2024-01", "", ""] == (4.0, "estimated")
    assert found["S0", "2024-01", "", ""] == (10.0, "reported")
    assert ("A", "2024-01", "", "") not in found


def test_an_extra_report_counts_as_due_and_hides_no_missing_one() -> None:
    """H1 need not report but does; H0 must and does not: one of two came."""
    bigger = small.dataset("monthly", "reports", frequency="month", items=("a",), reporters="size = 'big'")
    places = small.units(small.tree("H0", "H1", shires=1, H0={"size": "big"}, H1={"size": "small"}))
    of = small.programme(places, [bigger], [small.counted("a", bigger, item="a")])
    measured = small.run(
        of, {"monthly": [{"unit": "H1", "period": "2024-01", "item": "a", "value": 3.0}]}, ("2024-01",)
    )
    (row,) = [row for row in measured.reports.to_pylist() if row["unit"] == "L"]
    assert (row["expected"], row["received"]) == (2, 1)
    assert small.values(measured.measures, "a", "value", "basis")["L", "2024-01", "", ""] == (3.0, "partial")
