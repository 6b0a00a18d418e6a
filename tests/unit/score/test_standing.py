"""What a ranking asks for beside ranks: chances, tiers, expected ranks, other weights, figures too small to score."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.score.contracts import CALENDAR, contract, figures, gate, line, table, towns

from tallymark.programme.resolved import Contract
from tallymark.score import score
from tallymark.score.explain_points import arithmetic

HUNDRED = {"kind": "proportional", "floor": 0, "target": 100}
UNITS = ("U1", "U2", "U3", "U4")
LINES = [line("A", HUNDRED, 30), line("B", HUNDRED, 50), line("C", HUNDRED, 20)]
VALUES = {"U1": (90, 40, 80), "U2": (50, 70, 60), "U3": (30, 35, 90), "U4": (20, 20, 20)}


def _figures(reach: float = 8.0, **more: dict[str, Any]) -> Any:
    return figures(
        {
            unit: {
                name: {"value": value, "low": value - reach, "high": value + reach}
                | more.get(unit + name, {})
                for name, value in zip("abc", values, strict=True)
            }
            for unit, values in VALUES.items()
        }
    )


def _scored(one: Contract, indicators: Any) -> Any:
    return score(one, towns(UNITS), indicators, table("measures", []), calendar=CALENDAR)


def _of(rows: Any, column: str) -> dict[str, Any]:
    return dict(zip(rows.column("unit").to_pylist(), rows.column(column).to_pylist(), strict=True))


def test_nothing_is_told_that_was_not_asked_for() -> None:
    scored = _scored(contract(LINES, ranking={}), _figures())
    for column in ("expected_rank", "top_probability", "bottom_probability", "tier"):
        assert scored.ranks.column(column).null_count == 4
    assert scored.sensitivity.num_rows == 0


def test_chances_and_tiers() -> None:
    scored = _scored(contract(LINES, ranking={"group": 1, "wrong_orders": 0.05}), _figures())
    top, bottom, tier = (
        _of(scored.ranks, f"{name}") for name in ("top_probability", "bottom_probability", "tier")
    )
    assert sum(top.values()) == pytest.approx(1) == sum(bottom.values())
    assert top["U1"] + top["U2"] > 0.99
    assert bottom["U4"] > 0.99
    assert tier["U1"] == tier["U2"] == 1
    assert tier["U4"] == max(tier.values()) > 1
    again = _scored(contract(LINES, ranking={"group": 1, "wrong_orders": 0.05}), _figures())
    assert again.ranks.equals(scored.ranks)


def test_without_any_interval_nothing_is_said_of_noise() -> None:
    bare = figures({unit: dict(zip("abc", map(float, v), strict=True)) for unit, v in VALUES.items()})
    scored = _scored(contract(LINES, ranking={"group": 1, "wrong_orders": 0.1, "by": "expected"}), bare)
    assert scored.ranks.column("tier").null_count == 4
    assert _of(scored.ranks, "rank") == {"U1": 1, "U2": 2, "U3": 3, "U4": 4}


def test_ordered_by_expected_rank() -> None:
    """A very uncertain first goes behind a sure second; its own rank stays in its set."""
    vague = {unit + name: {"low": 0.0, "high": 100.0} for unit in ("U2",) for name in "abc"}
    one = contract(LINES, ranking={"by": "expected"})
    scored = _scored(one, _figures(0.5, **vague))
    rank, low, high = (_of(scored.ranks, name) for name in ("rank", "rank_low", "rank_high"))
    expected = _of(scored.ranks, "expected_rank")
    assert sorted(rank, key=rank.__getitem__) == sorted(expected, key=expected.__getitem__)
    assert rank["U1"] == 1
    assert all(low[unit] <= rank[unit] <= high[unit] for unit in UNITS)


def test_other_weights_against_contracts_written_with_them() -> None:
    """Every corner of the weights, scored as a contract of its own, stays within what the table says."""
    one = contract(LINES, ranking={"weights": 0.3, "round_to": 6}, gates=(gate("G", "c > 85", 30.0),))
    scored = _scored(one, _figures())
    moved = scored.sensitivity
    best, worst, low, high = (
        _of(moved, name) for name in ("rank_best", "rank_worst", "rank_low", "rank_high")
    )
    assert _of(moved, "rank") == _of(scored.ranks, "rank")
    seen: dict[str, set[float]] = {unit: set() for unit in UNITS}
    for factors in itertools.product((0.7, 1.0, 1.3), repeat=3):
        points = [each.points * factor for each, factor in zip(LINES, factors, strict=True)]
        scale = 100 / sum(points)
        lines = [replace(each, points=p * scale) for each, p in zip(LINES, points, strict=True)]
        other = _scored(replace(contract(lines, ranking={"round_to": 6}), gates=one.gates), _figures())
        for unit, rank in _of(other.ranks, "rank").items():
            seen[unit].add(rank)
    for unit in UNITS:
        assert best[unit] <= min(seen[unit])
        assert max(seen[unit]) <= worst[unit]
        assert best[unit] <= low[unit] <= high[unit] <= worst[unit]
    assert seen["U1"] == {1, 2}
    assert (best["U1"], worst["U1"]) == (1, 2)
    assert _of(moved, "total_low")["U3"] == _of(moved, "total_high")["U3"] == 30


def test_weights_that_hardly_move_give_the_total_itself() -> None:
    """Also in a bundle, and where a line is set aside for one unit."""
    part = contract(LINES, code="part", ranking=None)
    gone = {"U2b": {"value": None, "low": None, "high": None}}
    lines = [replace(each, missing="set_aside") for each in LINES]
    for one in (
        contract(lines, ranking={"weights": 1e-9}),
        contract(
            bundle=((part, 0.3), (replace(part, code="other"), 0.7)), points=100.0, ranking={"weights": 1e-9}
        ),
    ):
        scored = _scored(one, _figures(**gone))
        total = {r["unit"]: r["total"] for r in scored.totals.to_pylist() if r["contract"] == one.code}
        for row in scored.sensitivity.to_pylist():
            assert row["total_low"] == pytest.approx(total[row["unit"]], abs=1e-5)
            assert row["total_high"] == pytest.approx(row["total"], abs=1e-5)
            assert row["rank_low"] == row["rank"] == row["rank_high"]


def test_a_figure_too_small_to_be_scored_is_set_aside() -> None:
    scored = _scored(contract(LINES), _figures(U1b={"small": "few_cases"}))
    rows = {(r["unit"], r["line"]): r for r in scored.scores.to_pylist()}
    row = rows["U1", "B"]
    assert (row["status"], row["available"], row["points"], row["value"]) == ("too_small", 0, None, 40)
    assert _of(scored.totals, "total")["U1"] == pytest.approx((27 + 16) / 50 * 100)
    assert rows["U2", "B"]["status"] == "scored"
    assert "rests on too little" in arithmetic(LINES[1], row)
    assert "太少" in arithmetic(LINES[1], row, "zh")
    assert ("U1", "B") not in {(r["unit"], r["line"]) for r in scored.gaps.to_pylist()}


def test_a_small_bonus_earns_nothing_and_a_missing_figure_stays_missing() -> None:
    one = contract(LINES[:2], bonus=(line("C", HUNDRED, 5),), bonus_cap=5.0)
    scored = _scored(one, _figures(U1c={"small": "wide_interval"}, U2c={"value": None, "small": None}))
    rows = {(r["unit"], r["line"]): r["status"] for r in scored.scores.to_pylist()}
    assert (rows["U1", "C"], rows["U2", "C"]) == ("too_small", "missing")
    assert _of(scored.totals, "bonus")["U1"] == 0
