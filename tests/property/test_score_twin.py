"""Scoring all units at once against the slow twin that scores one unit at a time, and the laws of scoring."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallymark.model.units import Units
from tallymark.programme.resolved import Contract, Line
from tallymark.score import Scored, score
from tests.drawing import drawn
from tests.unit.score import twin
from tests.unit.score.contracts import CALENDAR, contract, deduction, figures, gate, line, table, towns

NAMES = [f"i{n}" for n in range(6)]
STEP = st.integers(0, 40).map(lambda n: n * 2.5)
"""A coarse grid, so that bounds are met exactly as often as not."""
VALUES = st.one_of(st.none(), STEP, STEP, st.floats(-20, 120))
Data = dict[str, dict[str, dict[str, float | None]]]


@st.composite
def awards(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(
        st.sampled_from(
            [
                "all_or_nothing",
                "proportional",
                "bands",
                "per_incident",
                "checklist",
                "mark",
                "deadline",
                "improvement",
            ]
        )
    )
    if kind == "all_or_nothing":
        return {"kind": kind, "target": draw(STEP)}
    if kind == "proportional":
        return {"kind": kind, "floor": draw(STEP), "target": draw(STEP)}
    if kind == "bands":
        return {
            "kind": kind,
            "bands": [{"bound": draw(STEP), "share": draw(st.floats(0, 1))} for _ in range(3)],
        }
    if kind == "per_incident":
        return {"kind": kind, "each": draw(st.floats(0.1, 3)), "allowed": draw(st.integers(0, 20))}
    if kind == "checklist":
        things = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
        return {"kind": kind, "things": {name: draw(st.integers(1, 3)) for name in things}}
    if kind == "mark":
        return {"kind": kind, "out_of": draw(st.floats(1, 120))}
    if kind == "deadline":
        by = draw(st.dates(min_value=dt.date(1970, 1, 1), max_value=dt.date(1970, 4, 1)))
        return {"kind": kind, "by": by, "grace_days": draw(st.integers(0, 10)), "late_share": 0.5}
    past = draw(st.sampled_from(["previous", "last_year", "three_year_mean"]))
    keep = draw(st.one_of(st.none(), STEP))
    return {
        "kind": kind,
        "over": past,
        "floor": draw(st.integers(-5, 5)),
        "target": draw(st.integers(-10, 10)),
        "keep_at": keep,
    }


@st.composite
def lines(draw: st.DrawFn, code: str, *, plain: bool = False) -> Line:
    return line(
        code,
        draw(awards()),
        draw(st.integers(1, 20)) / 2,
        direction=draw(st.sampled_from(["higher", "lower", "none"])),
        missing="no_points" if plain else draw(st.sampled_from(["no_points", "set_aside", "refuse"])),
        uncertain=draw(st.sampled_from(["point", "benefit_of_doubt", "confirmed"])),
        when=None if plain else draw(st.sampled_from([None, None, "remote = 'yes'"])),
    )


@st.composite
def contracts(draw: st.DrawFn, *, plain: bool = False, code: str = "c", strands: bool = True) -> Contract:
    scored = [draw(lines(f"I{n}", plain=plain)) for n in range(draw(st.integers(1, 5)))]
    bundle: tuple[tuple[Contract, float], ...] = ()
    if strands and draw(st.booleans()):
        bundle = tuple(
            (draw(contracts(plain=plain, code=f"s{n}", strands=False)), draw(st.integers(1, 4)) / 4)
            for n in range(draw(st.integers(1, 3)))
        )
        scored = []
    return contract(
        scored,
        code=code,
        bonus_cap=draw(st.floats(0, 5)),
        bonus=tuple(draw(lines(f"I{n + 3}", plain=plain)) for n in range(draw(st.integers(0, 2)))),
        deductions=()
        if plain
        else tuple(deduction(f"I{n}", 0.3, draw(st.sampled_from([None, 4.0]))) for n in (1, 2)),
        gates=(gate("CAP", "i4 > 0", 9.0), gate("LOW", "i5 > 0", 4.0), gate("VOID", "i3 > 0"))[
            : draw(st.integers(0, 3))
        ],
        bundle=bundle,
        units=draw(st.one_of(st.none(), st.just(("u0", "u2")))) if code != "c" else None,
        grades={"A": 10.0, "B": 5.0, "C": 0.0},
        commend=draw(st.integers(1, 3)),
        ranking={"ties": draw(st.sampled_from(["min", "dense", "average"])), "intervals": "tukey"},
    )


@st.composite
def rows(draw: st.DrawFn) -> Data:
    data: Data = {}
    for n in range(draw(st.integers(1, 5))):
        data[f"u{n}"] = {name: draw(row()) for name in NAMES if draw(st.integers(0, 5))}
    return data


@st.composite
def row(draw: st.DrawFn) -> dict[str, float | None]:
    value = draw(VALUES)
    found: dict[str, float | None] = {"value": value, "low": None, "high": None}
    if value is not None and draw(st.booleans()):
        found |= {"low": value - draw(st.floats(0, 10)), "high": value + draw(st.floats(0, 10))}
    return found | {name: draw(VALUES) for name in ("previous", "last_year", "three_year_mean")}


def units_of(data: Data) -> Units:
    return towns({unit: {"remote": "yes" if n % 2 else None} for n, unit in enumerate(data)})


def run(declared: Contract, data: Data) -> Scored:
    return score(declared, units_of(data), figures(data), table("measures", []), calendar=CALENDAR)


def keyed(found: Any, *keys: str) -> dict[tuple[str, ...], Mapping[str, Any]]:
    return {tuple(each[key] for key in keys): each for each in found.to_pylist()}


def same(got: float | None, want: float | None) -> bool:
    if got is None or want is None:
        return got is want
    return math.isclose(got, want, rel_tol=1e-9, abs_tol=1e-9)


def check(declared: Contract, data: Data, scored: Scored) -> None:
    scores = keyed(scored.scores, "unit", "contract", "kind", "line")
    totals = keyed(scored.totals, "unit", "contract")
    for n, unit in enumerate(data):
        if declared.units is not None and unit not in declared.units:
            assert (unit, declared.code) not in totals
            continue
        want = twin.total(declared, unit, data[unit], {"remote": "yes" if n % 2 else None})
        got = totals[unit, declared.code]
        for name in ("base", "bonus", "deductions", "total", "total_before_gates", "low", "high", "se"):
            assert same(got[name], want[name]), (unit, name, got[name], want[name])
        assert got["gates"] == want["gates"]
        for (kind, code), told in want["lines"].items():
            line_got = scores[unit, declared.code, kind, code]
            assert line_got["status"] == told["status"]
            for name in ("value", "points", "points_low", "points_high"):
                assert same(line_got[name], told[name]), (unit, code, name, line_got[name], told[name])
    for strand, _ in declared.bundle:
        check(strand, data, scored)


@settings(max_examples=drawn(300), deadline=None)
@given(declared=contracts(), data=rows())
def test_all_at_once_is_one_at_a_time(declared: Contract, data: Data) -> None:
    check(declared, data, run(declared, data))


@settings(max_examples=drawn(100), deadline=None)
@given(declared=contracts(), data=rows(), order=st.randoms())
def test_the_order_of_units_and_rows_changes_nothing(declared: Contract, data: Data, order: Any) -> None:
    units = list(data)
    order.shuffle(units)
    remote = {unit: {"remote": "yes" if n % 2 else None} for n, unit in enumerate(data)}
    here = run(declared, data)
    shuffled = {unit: dict(reversed(data[unit].items())) for unit in units}
    there = score(
        declared,
        towns({unit: remote[unit] for unit in units}),
        figures(shuffled),
        table("measures", []),
        calendar=CALENDAR,
    )
    for name in ("scores", "totals", "ranks", "gaps"):
        assert getattr(here, name).equals(getattr(there, name)), name


@settings(max_examples=drawn(150), deadline=None)
@given(declared=contracts(), data=rows())
def test_points_are_between_none_and_those_to_be_had(declared: Contract, data: Data) -> None:
    scored = run(declared, data)
    for each in scored.scores.to_pylist():
        if each["kind"] != "deduction" and each["points"] is not None:
            assert 0 <= each["points"] <= each["available"]
            if each["points_low"] is not None:
                assert each["points_low"] <= each["points"] + 1e-12
                assert each["points"] <= each["points_high"] + 1e-12
    for each in scored.totals.to_pylist():
        assert each["total"] is None or each["total"] >= 0


@settings(max_examples=drawn(150), deadline=None)
@given(declared=contracts(strands=False), data=rows())
def test_scores_add_up_to_the_base(declared: Contract, data: Data) -> None:
    scored = run(declared, data)
    totals = keyed(scored.totals, "unit", "contract")
    for unit in data:
        own = [r for r in scored.scores.to_pylist() if r["unit"] == unit and r["kind"] == "line"]
        had = sum(r["available"] for r in own if r["status"] in ("scored", "missing"))
        base = totals[unit, "c"]["base"]
        if base is not None:
            assert math.isclose(
                sum(r["points"] or 0 for r in own) * declared.points / had, base, abs_tol=1e-9
            )


@settings(max_examples=drawn(150), deadline=None)
@given(declared=contracts(plain=True), data=rows(), pick=st.tuples(st.integers(0, 4), st.sampled_from(NAMES)))
def test_a_figure_lost_never_raises_a_total_under_no_points(
    declared: Contract, data: Data, pick: tuple[int, str]
) -> None:
    unit = list(data)[pick[0] % len(data)]
    open_strands = tuple((replace(strand, gates=()), weight) for strand, weight in declared.bundle)
    declared = replace(declared, gates=(), bundle=open_strands)  # a lost figure opens a gate, as declared
    before = keyed(run(declared, data).totals, "unit", "contract")[unit, "c"]["total"]
    data[unit].pop(pick[1], None)
    after = keyed(run(declared, data).totals, "unit", "contract")[unit, "c"]["total"]
    if declared.bundle and (before is None or after is None):
        return
    assert after <= before + 1e-9


@pytest.mark.parametrize("direction", ["higher", "lower"])
@settings(max_examples=drawn(150), deadline=None)
@given(award=awards(), value=STEP, more=st.floats(0, 50), past=VALUES)
def test_a_better_figure_never_earns_less(
    direction: str, award: dict[str, Any], value: float, more: float, past: float | None
) -> None:
    if award["kind"] == "checklist":
        return
    one = line("I0", award, direction=direction)
    lower = twin.better_is_lower(one)
    points = []
    for figure in (value, value - more if lower else value + more):
        data = {"u": {"i0": {"value": figure, award.get("over", "last_year"): past}}}
        points.append(run(contract([one]), data).scores.to_pylist()[0]["points"])  # type: ignore[arg-type]
    assert points[0] is None or points[1] >= points[0] - 1e-12


@settings(max_examples=drawn(100), deadline=None)
@given(declared=contracts(), data=rows())
def test_gaps_hold_exactly_what_was_lost_biggest_first(declared: Contract, data: Data) -> None:
    scored = run(declared, data)
    lost = {}
    for each in scored.scores.to_pylist():
        if each["kind"] == "bonus":
            continue
        points = each["points"] or 0.0
        gone = -points if each["kind"] == "deduction" else each["available"] - points
        if gone > 1e-9:
            lost[each["unit"], each["contract"], each["kind"] == "deduction", each["line"]] = gone
    gaps = scored.gaps.to_pylist()
    assert len(gaps) == len(lost)
    assert math.isclose(sum(each["lost"] for each in gaps), sum(lost.values()), abs_tol=1e-9)
    for unit in data:
        own = [each for each in gaps if each["unit"] == unit]
        assert [each["order"] for each in own] == list(range(1, len(own) + 1))
        if not declared.bundle:
            assert [each["lost"] for each in own] == sorted((each["lost"] for each in own), reverse=True)


@settings(max_examples=drawn(100), deadline=None)
@given(declared=contracts(), data=rows())
def test_ranks_are_inside_their_sets_and_count_from_one(declared: Contract, data: Data) -> None:
    ranks = [each for each in run(declared, data).ranks.to_pylist() if each["contract"] == "c"]
    having = [each for each in ranks if each["total"] is not None]
    for each in ranks:
        assert each["of"] == len(having)
        assert (each["rank"] is None) == (each["total"] is None)
        if each["rank_low"] is not None:
            assert 1 <= each["rank_low"] <= math.ceil(each["rank"])
            assert math.floor(each["rank"]) <= each["rank_high"] <= len(having)
    for one in having:
        for other in having:
            if round(one["total"], 2) > round(other["total"], 2):
                assert one["rank"] < other["rank"]
