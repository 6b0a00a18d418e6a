"""Scoring in tables small enough to check by hand: award, figure, points."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.score.contracts import (
    CALENDAR,
    contract,
    day,
    deduction,
    figures,
    gate,
    indicator,
    line,
    table,
    towns,
)

from tallymark.programme.resolved import Contract
from tallymark.score import Scored, score

PROPORTIONAL = {"kind": "proportional", "floor": 60, "target": 90}
FEWER = {"kind": "proportional", "floor": 12, "target": 2}
BANDS = {
    "kind": "bands",
    "bands": [{"bound": 95, "share": 1}, {"bound": 90, "share": 0.75}, {"bound": 80, "share": 0.4}],
}
INCIDENTS = {"kind": "per_incident", "each": 0.5, "allowed": 2, "least": 1}
DEADLINE = {"kind": "deadline", "by": "2025-08-31", "grace_days": 15, "late_share": 0.5}
IMPROVE = {"kind": "improvement", "over": "last_year", "floor": 0, "target": 4, "keep_at": 95}
FALL = {"kind": "improvement", "over": "last_year", "floor": 0, "target": -4}

VOIDED = (("A", ()), ("B", (gate("VOID", "d > 0"),)))


def run(declared: Contract, values: dict[str, dict[str, Any]], **attributes: dict[str, str | None]) -> Scored:
    units = towns({unit: attributes.get(unit, {}) for unit in values})
    return score(declared, units, figures(values), table("measures", []), calendar=CALENDAR)


def points(award: dict[str, Any], value: Any, direction: str = "higher", **more: Any) -> float | None:
    one = contract([line("A", award, 8, direction=direction, **more)])
    found: float | None = run(one, {"u": {"a": value}}).scores.to_pylist()[0]["points"]
    return found


@pytest.mark.parametrize(
    ("award", "direction", "value", "want"),
    [
        ({"kind": "all_or_nothing", "target": 97}, "higher", 97, 8),
        ({"kind": "all_or_nothing", "target": 97}, "higher", 96.9, 0),
        ({"kind": "all_or_nothing", "target": 97}, "higher", 97 / 100 * 100, 8),
        ({"kind": "all_or_nothing", "target": 5}, "lower", 5, 8),
        ({"kind": "all_or_nothing", "target": 5}, "lower", 5.1, 0),
        (PROPORTIONAL, "higher", 60, 0),
        (PROPORTIONAL, "higher", 72.1, 8 * 12.1 / 30),
        (PROPORTIONAL, "higher", 90, 8),
        (PROPORTIONAL, "higher", 120, 8),
        (PROPORTIONAL, "higher", 10, 0),
        (FEWER, "lower", 12, 0),
        (FEWER, "lower", 7, 4),
        (FEWER, "lower", 0, 8),
        ({"kind": "proportional", "floor": 5, "target": 5}, "higher", 5, 8),
        (BANDS, "higher", 95, 8),
        (BANDS, "higher", 94.9, 6),
        (BANDS, "higher", 80, 3.2),
        (BANDS, "higher", 79, 0),
        ({"kind": "bands", "bands": [{"bound": 2, "share": 1}, {"bound": 5, "share": 0.5}]}, "lower", 3, 4),
        (INCIDENTS, "lower", 0, 8),
        (INCIDENTS, "lower", 2, 8),
        (INCIDENTS, "lower", 5, 6.5),
        (INCIDENTS, "lower", 100, 1),
        ({"kind": "mark", "out_of": 20}, "higher", 15, 6),
        ({"kind": "mark", "out_of": 20}, "higher", 25, 8),
        (DEADLINE, "lower", day("2025-08-31"), 8),
        (DEADLINE, "lower", day("2025-09-15"), 4),
        (DEADLINE, "lower", day("2025-09-16"), 0),
        (IMPROVE, "higher", {"value": 82, "last_year": 80}, 4),
        (IMPROVE, "higher", {"value": 79, "last_year": 80}, 0),
        (IMPROVE, "higher", {"value": 95, "last_year": 99}, 8),
        (IMPROVE, "higher", {"value": 96, "last_year": None}, 8),
        (FALL, "lower", {"value": 9, "last_year": 10}, 2),
        (FALL, "lower", {"value": 11, "last_year": 10}, 0),
        ({**FALL, "target": 4}, "lower", {"value": 9, "last_year": 10}, 2),
    ],
)
def test_awards(award: dict[str, Any], direction: str, value: Any, want: float) -> None:
    assert points(award, value, direction) == pytest.approx(want, abs=1e-12)


@pytest.mark.parametrize(
    ("missing", "want", "status", "total"),
    [
        ("no_points", 0.0, "missing", 6.0),
        ("set_aside", None, "set_aside", 10.0),
        ("refuse", None, "refused", None),
    ],
)
def test_what_a_missing_figure_does(
    missing: str, want: float | None, status: str, total: float | None
) -> None:
    declared = contract([line("A", PROPORTIONAL, 4, missing=missing), line("B", PROPORTIONAL, 6)])
    scored = run(declared, {"u": {"b": 90}})
    first = scored.scores.to_pylist()[0]
    assert (first["points"], first["status"], first["basis"]) == (want, status, "missing")
    assert first["available"] == (0 if status == "set_aside" else 4)
    assert scored.totals.to_pylist()[0]["total"] == total


def test_an_improvement_without_its_past_is_missing() -> None:
    assert points(IMPROVE, {"value": 80, "last_year": None}, missing="refuse") is None


@pytest.mark.parametrize(
    ("award", "direction", "uncertain", "want"),
    [
        (PROPORTIONAL, "higher", "point", 4.0),
        (PROPORTIONAL, "higher", "benefit_of_doubt", 16 / 3),
        (PROPORTIONAL, "higher", "confirmed", 8 / 3),
        (FEWER, "lower", "benefit_of_doubt", 8.0),
        (INCIDENTS, "lower", "confirmed", 1.0),
    ],
)
def test_which_end_of_the_interval_earns(
    award: dict[str, Any], direction: str, uncertain: str, want: float
) -> None:
    value = (
        {"value": 75, "low": 70, "high": 80} if award is PROPORTIONAL else {"value": 5, "low": 2, "high": 99}
    )
    assert points(award, value, direction, uncertain=uncertain) == pytest.approx(want)


def test_without_an_interval_the_value_itself_earns() -> None:
    assert points(PROPORTIONAL, 75, uncertain="benefit_of_doubt") == 4.0
    assert points(PROPORTIONAL, 75, uncertain="confirmed") == 4.0


@pytest.mark.parametrize(
    ("missing", "values", "want", "basis"),
    [
        ("no_points", {"a": 1, "b": 1, "c": 0}, 6.0, "reported"),
        ("no_points", {"a": 1, "b": None, "c": 0}, 2.0, "partial"),
        ("set_aside", {"a": 1, "b": None, "c": 0}, 4.0, "partial"),
        ("refuse", {"a": 1, "b": None, "c": 0}, None, "missing"),
        ("no_points", {}, 0.0, "missing"),
        ("no_points", {"a": 3, "b": 0.99, "c": 1}, 4.0, "reported"),
    ],
)
def test_checklists(missing: str, values: dict[str, Any], want: float | None, basis: str) -> None:
    """Weights 1, 2, 1; a thing is done from 1 on."""
    one = contract([line("A", {"kind": "checklist", "things": {"a": 1, "b": 2, "c": 1}}, 8, missing=missing)])
    scored = run(one, {"u": values})
    row = scored.scores.to_pylist()[0]
    assert row["points"] == want
    if want is not None:
        assert row["basis"] == basis


def test_a_checklist_reads_measures_where_no_indicator_has_the_name() -> None:
    one = contract([line("A", {"kind": "checklist", "things": {"a": 1, "m": 3}}, 8)])
    measures = table(
        "measures", [{"unit": "u", "measure": "m", "value": 1}, {"unit": "u", "measure": "a", "value": 0}]
    )
    scored = score(one, towns(["u"]), figures({"u": {"a": 1}}), measures, calendar=CALENDAR)
    assert scored.scores.to_pylist()[0]["points"] == 8


def test_a_line_that_does_not_apply_is_set_aside() -> None:
    declared = contract([line("A", PROPORTIONAL, 4, when="remote = 'yes'"), line("B", PROPORTIONAL, 6)])
    values = {unit: {"a": 75, "b": 75} for unit in ("far", "near", "who")}
    scored = run(declared, values, far={"remote": "yes"}, near={"remote": "no"}, who={"remote": None})
    rows = {(each["unit"], each["line"]): each for each in scored.scores.to_pylist()}
    assert [rows[unit, "A"]["status"] for unit in values] == ["scored", "not_applicable", "not_applicable"]
    assert rows["near", "A"]["available"] == 0
    assert [each["base"] for each in scored.totals.to_pylist()] == [5.0, 5.0, 5.0]


def test_bonus_is_capped_together_and_deductions_each() -> None:
    declared = contract(
        [line("A", PROPORTIONAL, 10)],
        bonus_cap=3.0,
        bonus=(line("B", PROPORTIONAL, 2), line("C", PROPORTIONAL, 2, missing="refuse")),
        deductions=(deduction("D", 1, 5), deduction("E", 0.5)),
    )
    total = run(declared, {"u": {"a": 90, "b": 90, "c": 90, "d": 9, "e": 3}}).totals.to_pylist()[0]
    assert (total["base"], total["bonus"], total["deductions"], total["total"]) == (10, 3, 6.5, 6.5)
    scored = run(declared, {"u": {"a": 90, "b": 75}})
    total = scored.totals.to_pylist()[0]
    assert (total["base"], total["bonus"], total["deductions"], total["total"]) == (10, 1, 0, 11)
    unknown = [each for each in scored.scores.to_pylist() if each["kind"] == "deduction"]
    assert [(each["points"], each["status"], each["available"]) for each in unknown] == [
        (None, "missing", -5),
        (None, "missing", None),
    ]


def test_the_total_is_never_below_zero() -> None:
    declared = contract([line("A", PROPORTIONAL, 10)], deductions=(deduction("D", 30),))
    assert run(declared, {"u": {"a": 90, "d": 1}}).totals.to_pylist()[0]["total"] == 0


def test_gates_cap_or_void_and_say_so() -> None:
    gates = (gate("CAP", "b > 0", 8), gate("LOW", "c > 0", 5), gate("VOID", "d > 0"))
    declared = contract([line("A", PROPORTIONAL, 10)], gates=gates)
    values = {
        "u1": {"a": 90, "b": 0, "c": 0, "d": 0},
        "u2": {"a": 90, "b": 1, "c": 0, "d": 0},
        "u3": {"a": 90, "b": 1, "c": 1, "d": 0},
        "u4": {"a": 90, "b": 1, "c": 0, "d": 1},
        "u5": {"a": 90, "b": 1, "d": 0},
    }
    scored = run(declared, values)
    told = [(each["total"], each["total_before_gates"], each["gates"]) for each in scored.totals.to_pylist()]
    assert told == [(10, 10, ""), (8, 10, "CAP"), (5, 10, "CAP,LOW"), (0, 10, "CAP,VOID"), (8, 10, "CAP")]
    (note,) = scored.findings
    assert (note.code, note.severity, note.where.unit, note.values["gate"]) == (
        "score.gate_unknown",
        "note",
        "u5",
        "LOW",
    )
    assert "否决项LOW" in note.message("zh")


def test_a_void_total_is_void_even_when_it_was_refused() -> None:
    declared = contract([line("A", PROPORTIONAL, 10, missing="refuse")], gates=(gate("VOID", "d > 0"),))
    total = run(declared, {"u": {"d": 1}}).totals.to_pylist()[0]
    assert (total["total"], total["total_before_gates"], total["se"]) == (0, None, 0)


def test_the_standard_error_comes_from_the_ends_of_the_intervals() -> None:
    """A: 4 points at 75, 0…8 at the ends 60…90; B: no interval. se = 8 ÷ 3.92, and a third of it set aside."""
    declared = contract([line("A", PROPORTIONAL, 8), line("B", PROPORTIONAL, 4, missing="set_aside")])
    values = {"value": 75, "low": 60, "high": 90}
    total = run(declared, {"u": {"a": values, "b": 90}}).totals.to_pylist()[0]
    assert total["se"] == pytest.approx(8 / 3.92)
    assert (total["low"], total["high"]) == pytest.approx((8 - 4, 8 + 4))
    total = run(declared, {"u": {"a": values}}).totals.to_pylist()[0]
    assert total["se"] == pytest.approx(8 / 3.92 * 12 / 8)
    assert run(declared, {"u": {"a": 75, "b": 90}}).totals.to_pylist()[0]["se"] is None


def test_a_bundle_weighs_the_shares_of_its_strands() -> None:
    """0.2 × 10/20 + 0.6 × 30/40 + 0.2 × 5/5 = 0.75 of 100 points."""
    lead, work = (
        contract([line(code, PROPORTIONAL, full)], code=code) for code, full in (("L", 20), ("W", 40))
    )
    grass = contract([line("G", PROPORTIONAL, 5)], code="G", units=("u1", "u3"))
    whole = contract(
        code="all", points=100.0, bundle=((lead, 0.2), (work, 0.6), (grass, 0.2)), grades={"A": 75.0}
    )
    values = {"l": 75, "w": 82.5, "g": 90}
    scored = run(whole, {"u1": values, "u2": values, "u3": {"w": 90, "g": 90}})
    totals = {(each["unit"], each["contract"]): each for each in scored.totals.to_pylist()}
    assert totals["u1", "all"]["total"] == pytest.approx(75)
    assert totals["u1", "all"]["grade"] == "A"
    assert totals["u1", "W"]["total"] == pytest.approx(30)
    assert totals["u2", "all"]["total"] == pytest.approx(100 * (0.2 * 0.5 + 0.6 * 0.75) / 0.8)
    assert ("u2", "G") not in totals
    assert totals["u3", "all"]["total"] == pytest.approx(80)
    assert [each["line"] for each in scored.gaps.to_pylist() if each["unit"] == "u1"] == ["W", "L"]
    assert {each["contract"] for each in scored.scores.to_pylist()} == {"L", "W", "G"}


def test_a_refused_strand_refuses_the_bundle() -> None:
    strand = contract([line("L", PROPORTIONAL, 20, missing="refuse")], code="L")
    whole = contract(code="all", bundle=((strand, 1.0),))
    assert [each["total"] for each in run(whole, {"u": {}}).totals.to_pylist()] == [None, None]


@pytest.mark.parametrize(
    ("ties", "want"),
    [("min", [1, 2, 2, 4, None]), ("dense", [1, 2, 2, 3, None]), ("average", [1, 2.5, 2.5, 4, None])],
)
def test_ranks(ties: str, want: list[float | None]) -> None:
    declared = contract(
        [line("A", {"kind": "mark", "out_of": 10}, missing="refuse")], ranking={"ties": ties, "round_to": 1}
    )
    scored = run(declared, {"u1": {"a": 9}, "u2": {"a": 8.01}, "u3": {"a": 7.99}, "u4": {"a": 7}, "u5": {}})
    assert [each["rank"] for each in scored.ranks.to_pylist()] == want
    assert {each["of"] for each in scored.ranks.to_pylist()} == {4}
    assert {each["rank_low"] for each in scored.ranks.to_pylist()} == {None}, "nothing has an interval"


@pytest.mark.parametrize(
    ("ties", "want"), [("min", [(1, 2), (1, 2), (3, 3)]), ("dense", [(1, 1), (1, 1), (2, 2)])]
)
def test_rank_sets_are_told_in_the_ranks_that_are_used(ties: str, want: list[tuple[int, int]]) -> None:
    award = {"kind": "mark", "out_of": 10}
    declared = contract([line("A", award)], ranking={"ties": ties, "intervals": "stepdown"})
    close = {"value": 9, "low": 8.9, "high": 9.1}
    scored = run(declared, {"u1": {"a": close}, "u2": {"a": close}, "u3": {"a": 2}})
    assert [(each["rank_low"], each["rank_high"]) for each in scored.ranks.to_pylist()] == want


def test_equals_are_ranked_and_named_within_their_group() -> None:
    declared = contract([line("A", {"kind": "mark", "out_of": 10})], peers="size", commend=1)
    values = {f"u{n}": {"a": mark} for n, mark in enumerate([9, 8, 8, 7, 0, 0])}
    sizes = dict(zip(values, ["big", "small", "small", "big", None, "tiny"], strict=True))
    scored = run(declared, values, **{unit: {"size": size} for unit, size in sizes.items()})
    ranks = scored.ranks.to_pylist()
    assert [(each["peer_group"], each["rank"], each["of"]) for each in ranks] == [
        ("big", 1, 2), ("small", 1, 2), ("small", 1, 2), ("big", 2, 2), ("", 1, 1), ("tiny", 1, 1),
    ]  # fmt: skip
    named = [each["commended"] for each in scored.totals.to_pylist()]
    assert named == [True, True, True, False, False, False], "equals are both named; a total of 0 is no feat"


def test_a_void_total_is_never_named() -> None:
    declared = contract([line("A", PROPORTIONAL)], commend=3, gates=(gate("VOID", "d > 0"),))
    scored = run(declared, {"u1": {"a": 90, "d": 1}, "u2": {"a": 70, "d": 0}})
    assert [each["commended"] for each in scored.totals.to_pylist()] == [False, True]


def test_a_strand_voided_keeps_a_unit_from_being_named() -> None:
    strands = [contract([line(code, PROPORTIONAL)], code=code, gates=gates) for code, gates in VOIDED]
    whole = contract(code="all", bundle=tuple((strand, 1.0) for strand in strands), commend=1)
    values = {"u1": {"a": 90, "b": 90, "d": 1}, "u2": {"a": 70, "b": 70, "d": 0}}
    totals = {(each["unit"], each["contract"]): each for each in run(whole, values).totals.to_pylist()}
    assert totals["u1", "all"]["total"] > totals["u2", "all"]["total"]
    assert not totals["u1", "all"]["commended"]


def test_grades() -> None:
    declared = contract([line("A", {"kind": "mark", "out_of": 1}, 10)], grades={"C": 2.0, "A": 9.0, "B": 7.0})
    scored = run(
        declared, {f"u{n}": {"a": mark} for n, mark in enumerate([0.9, 0.899, 0.1 + 0.2 + 0.4, 0.1])}
    )
    assert [each["grade"] for each in scored.totals.to_pylist()] == ["A", "B", "B", None]


def test_no_ranking_no_ranks() -> None:
    declared = contract([line("A", PROPORTIONAL)], ranking=None, commend=1)
    scored = run(declared, {"u1": {"a": 90}})
    assert scored.ranks.num_rows == 0
    assert scored.totals.to_pylist()[0]["commended"]


def test_a_contract_is_for_the_units_that_signed_it() -> None:
    declared = contract([line("A", PROPORTIONAL)], units=("u2",))
    assert run(declared, {"u1": {"a": 90}, "u2": {"a": 90}}).totals["unit"].to_pylist() == ["u2"]


def test_other_periods_levels_and_breakdowns_are_not_scored() -> None:
    declared = contract([line("A", PROPORTIONAL)])
    rows = [
        {"unit": "u", "indicator": "a", "value": 75},
        {"unit": "u", "indicator": "a", "value": 1, "period": "2024"},
        {"unit": "u", "indicator": "a", "value": 2, "breakdown": "sex", "category": "f"},
        {"unit": "other", "indicator": "a", "value": 3},
    ]
    scored = score(
        declared, towns(["u"]), table("indicators", rows), table("measures", []), calendar=CALENDAR
    )
    assert scored.scores["points"].to_pylist() == [5.0]


@pytest.mark.parametrize(
    ("award", "direction", "value", "needed", "events", "reason"),
    [
        (PROPORTIONAL, "higher", (721, 1000), 90, 179, "below_target"),
        (PROPORTIONAL, "higher", (2, 3), 90, 1, "below_target"),
        (FEWER, "lower", (7, 100), 2, -5, "below_target"),
        (FEWER, "lower", (7, 90), 2, -6, "below_target"),
        (BANDS, "higher", (90, 100), 95, 5, "below_target"),
        ({"kind": "mark", "out_of": 20}, "higher", (10, 100), 20, None, "below_target"),
        (DEADLINE, "lower", (day("2026-01-01"), 100), day("2025-08-31"), None, "late"),
    ],
)
def test_what_would_win_points_back(
    award: dict[str, Any],
    direction: str,
    value: tuple[float, float],
    needed: float,
    events: float | None,
    reason: str,
) -> None:
    declared = contract([line("A", award, direction=direction)])
    row = {"value": 100 * value[0] / value[1], "numerator": value[0], "denominator": value[1]}
    (gap,) = run(declared, {"u": {"a": row}}).gaps.to_pylist()
    assert (gap["needed"], gap["events_needed"], gap["reason"]) == (needed, events, reason)


def test_gaps_of_counts_improvements_deductions_and_missing_figures() -> None:
    count = indicator("a", "lower", factor=1.0, ratio=False)
    declared = contract(
        [line("A", INCIDENTS, 8, indicator=count), line("B", IMPROVE, 4), line("C", PROPORTIONAL, 2)],
        deductions=(deduction("D", 1),),
    )
    improved = {"value": 80, "last_year": 79, "numerator": 80, "denominator": 100}
    row = {"a": {"value": 5, "numerator": 5}, "b": improved, "d": {"value": 2, "numerator": 2}}
    gaps = run(declared, {"u": row}).gaps.to_pylist()
    told = [(g["order"], g["line"], g["lost"], g["needed"], g["events_needed"], g["reason"]) for g in gaps]
    assert told == [
        (1, "B", 3.0, 83.0, 3.0, "below_target"),
        (2, "C", 2.0, 90.0, None, "missing"),
        (3, "D", 2.0, 0.0, -2.0, "incidents"),
        (4, "A", 1.5, 2.0, -3.0, "incidents"),
    ]


def test_a_confirmed_line_that_reached_its_target_needs_no_further_events() -> None:
    """The value is there, its worse end is not: what is needed is certainty, not a number of events."""
    declared = contract([line("A", PROPORTIONAL, uncertain="confirmed")])
    row = {"value": 91, "low": 80, "high": 96, "numerator": 91, "denominator": 100}
    (gap,) = run(declared, {"u": {"a": row}}).gaps.to_pylist()
    assert (gap["needed"], gap["events_needed"]) == (90, None)


def test_the_easier_of_target_and_keep_at_is_needed() -> None:
    declared = contract([line("A", IMPROVE)])
    row = {"value": 94, "last_year": 93, "numerator": 94, "denominator": 100}
    assert run(declared, {"u": {"a": row}}).gaps.to_pylist()[0]["needed"] == 95
    fewer = contract([line("A", {**FALL, "keep_at": 7}, direction="lower")])
    assert run(fewer, {"u": {"a": {"value": 9, "last_year": 10}}}).gaps.to_pylist()[0]["needed"] == 7
