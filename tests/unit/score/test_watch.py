"""The watch list: months running at the bottom."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.score.contracts import CALENDAR, contract, line, table, towns

from tallymark.score import score

AWARD = {"kind": "proportional", "floor": 60, "target": 90}


def watch(
    history: dict[str, list[float | None]], *, bottom: int = 1, periods: int = 3, **more: Any
) -> list[str]:
    """The watch column for units' values of January, February, …"""
    declared = line("A", AWARD, **more.pop("line", {}))
    whole = contract([declared], watch=((declared,), "month", bottom, periods), **more)
    rows = [
        {"unit": unit, "indicator": "a", "value": value, "period": f"2025-{month:02d}", "frequency": "month"}
        for unit, values in history.items()
        for month, value in enumerate(values, 1)
    ]
    units = towns({unit: {"size": unit[0]} for unit in history})
    found: list[str] = (
        score(whole, units, table("indicators", rows), table("measures", []), calendar=CALENDAR)
        .totals["watch"]
        .to_pylist()
    )
    return found


def test_three_months_running_at_the_bottom() -> None:
    assert watch({"a": [1, 1, 1, 9], "b": [2, 2, 2, 2], "c": [3, 3, 3, 3]}) == ["A", "", ""]


def test_three_months_with_a_break_are_not_running() -> None:
    assert watch({"a": [1, 1, 9, 1], "b": [2, 2, 2, 2]}) == ["", ""]


def test_a_month_without_a_figure_breaks_the_run() -> None:
    assert watch({"a": [1, 1, None, 1, 1], "b": [2] * 5}) == ["", ""]


def test_equals_at_the_border_are_all_listed_but_not_a_whole_group_of_equals() -> None:
    assert watch({"a": [1] * 3, "b": [1] * 3, "c": [2] * 3}) == ["A", "A", ""]
    assert watch({"a": [1] * 3, "b": [1] * 3}) == ["", ""]


def test_lower_is_better_and_more_than_one() -> None:
    history = {"a": [1.0] * 3, "b": [2.0] * 3, "c": [3.0] * 3, "d": [4.0] * 3}
    down = {"kind": "proportional", "floor": 9, "target": 0}
    declared = line("A", down, direction="lower")
    assert watch(history, bottom=2) == ["A", "A", "", ""]
    whole = contract([declared], watch=((declared,), "month", 2, 3))
    rows = [
        {"unit": unit, "indicator": "a", "value": value, "period": f"2025-{month:02d}"}
        for unit, values in history.items()
        for month, value in enumerate(values, 1)
    ]
    scored = score(
        whole, towns(list(history)), table("indicators", rows), table("measures", []), calendar=CALENDAR
    )
    assert scored.totals["watch"].to_pylist() == ["", "", "A", "A"]


def test_within_groups_of_equals() -> None:
    history: dict[str, list[float | None]] = {"a1": [1] * 3, "a2": [2] * 3, "b1": [3] * 3, "b2": [4] * 3}
    assert watch(history, peers="size") == ["A", "", "A", ""]


@pytest.mark.parametrize("months", [12, 13])
def test_only_periods_within_the_contracts_count(months: int) -> None:
    worst: list[float | None] = [5.0] * (months - 2) + [1.0, 1.0]
    assert watch({"a": worst[:12], "b": [5.0] * 12}, periods=2) == ["A" if months == 12 else "", ""]
