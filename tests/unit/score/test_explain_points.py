"""Points as arithmetic: what is written gives what was earned."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.unit.score.contracts import day, deduction, line

from tallymark.score.explain_points import arithmetic, number

PROPORTIONAL = {"kind": "proportional", "floor": 60, "target": 90}


def told(declared: Any, points: float | None = None, language: str = "en", **row: Any) -> str:
    usual = {
        "value": None,
        "low": None,
        "high": None,
        "points": points,
        "status": "scored",
        "basis": "reported",
    }
    return arithmetic(declared, usual | row, language)


@pytest.mark.parametrize(
    ("award", "row", "want"),
    [
        (PROPORTIONAL, {"value": 72.1, "points": 3.2267}, "8 × (72.1 − 60) ÷ (90 − 60) = 3.23"),
        (PROPORTIONAL, {"value": 95, "points": 8}, "8 × 1 [95 ≥ 90] = 8"),
        (PROPORTIONAL, {"value": 41.25, "points": 0}, "8 × 0 [41.25 ≤ 60] = 0"),
        ({"kind": "proportional", "target": 90}, {"value": 45, "points": 4}, "8 × 45 ÷ 90 = 4"),
        (
            {"kind": "proportional", "floor": 12, "target": 2},
            {"value": 7, "points": 4},
            "8 × (7 − 12) ÷ (2 − 12) = 4",
        ),
        (
            {"kind": "proportional", "floor": -4, "target": 4},
            {"value": 0, "points": 4},
            "8 × (0 + 4) ÷ (4 + 4) = 4",
        ),
        ({"kind": "all_or_nothing", "target": 97}, {"value": 96, "points": 0}, "8 × 0 [96 < 97] = 0"),
        (
            {"kind": "bands", "bands": [{"bound": 95, "share": 1}, {"bound": 90, "share": 0.75}]},
            {"value": 92, "points": 6},
            "8 × 0.75 [92 ≥ 90] = 6",
        ),
        (
            {"kind": "bands", "bands": [{"bound": 95, "share": 1}]},
            {"value": 92, "points": 0},
            "8 × 0 [92 < 95] = 0",
        ),
        (
            {"kind": "per_incident", "each": 0.5, "allowed": 2},
            {"value": 5, "points": 6.5},
            "8 − 0.5 × (5 − 2) = 6.5",
        ),
        ({"kind": "per_incident", "each": 0.5}, {"value": 5, "points": 5.5}, "8 − 0.5 × 5 = 5.5"),
        ({"kind": "per_incident", "each": 5}, {"value": 5, "points": 0}, "max(8 − 5 × 5, 0) = 0"),
        ({"kind": "checklist", "things": {"a": 1, "b": 3}}, {"value": 0.75, "points": 6}, "8 × 3 ÷ 4 = 6"),
        ({"kind": "mark", "out_of": 20}, {"value": 15, "points": 6}, "8 × 15 ÷ 20 = 6"),
        (
            {"kind": "deadline", "by": "2025-08-31", "grace_days": 15, "late_share": 0.5},
            {"value": day("2025-09-02"), "points": 4},
            "8 × 0.5 [2025-09-02 > 2025-08-31] = 4",
        ),
        (
            {"kind": "improvement", "target": 4, "keep_at": 95},
            {"value": 82, "last_year": 80, "points": 4},
            "8 × 2 ÷ 4 [82 − 80 = 2] = 4",
        ),
        (
            {"kind": "improvement", "target": 4, "keep_at": 95},
            {"value": 96, "last_year": 99, "points": 8},
            "8 × 1 [96 ≥ 95] = 8",
        ),
        (
            {"kind": "improvement", "target": 4},
            {"value": 82, "points": 4},
            "8 points by the change over the same period a year before = 4",
        ),
    ],
)
def test_arithmetic(award: dict[str, Any], row: dict[str, Any], want: str) -> None:
    assert told(line("A", award, 8), **row) == want


def test_which_end_earned_is_said() -> None:
    one = line("A", PROPORTIONAL, 8, uncertain="benefit_of_doubt")
    said = told(one, 4, value=72, low=69, high=75)
    assert said == (
        "8 × (75 − 60) ÷ (90 − 60) = 4 (benefit of the doubt: the better end of the interval, 75, earns the points)"
    )
    assert told(one, 3.2, value=72).endswith("(72 − 60) ÷ (90 − 60) = 3.2")
    worse = line("A", PROPORTIONAL, 8, uncertain="confirmed")
    assert "(69 − 60)" in told(worse, 2.4, value=72, low=69, high=75)
    assert "区间较差一端69" in told(worse, 2.4, "zh", value=72, low=69, high=75)


@pytest.mark.parametrize("status", ["missing", "set_aside", "refused", "not_applicable"])
def test_why_there_are_no_points(status: str) -> None:
    one = line("A", PROPORTIONAL, 8)
    english, chinese = (told(one, None, language, status=status) for language in ("en", "zh"))
    assert english
    assert chinese != english
    assert re.search("[\u4e00-\u9fff]", chinese)


def test_deductions() -> None:
    assert told(deduction("D", 0.5), -1.5, value=3) == "−0.5 × 3 = −1.5"
    assert told(deduction("D", 1, 5), -5, value=9) == "max(−1 × 9, −5) = −5"
    assert told(deduction("D"), None, status="missing") == "no figure, nothing taken off"


def test_numbers() -> None:
    assert [number(v) for v in (0.0, -0.0, 1234.5, 12345.678, -3, 1e-9, -1e-9)] == [
        "0", "0", "1234.5", "12 345.678", "−3", "0", "0",
    ]  # fmt: skip
