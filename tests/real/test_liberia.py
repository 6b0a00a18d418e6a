"""Liberia's results-based-financing contract: imported whole, solved, compared with its 4,202 published outputs.

The published outputs were computed with no reported values, so every input counts as 0 there; the second test reports
values and checks the arithmetic by hand for one facility.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tallymark.errors import ProgrammeError
from tallymark.score.equations import solve
from tallymark.score.rbf import System, build_system, read_project, read_pyramid

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "liberia"
COUNTY_TEAM, FACILITY = "t3kZ5ksd8IR", "l4AEa8S73OE"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data/liberia")


def system(values: dict[tuple[str, str, str], float] | None = None) -> System:
    return build_system(
        read_project(DATA / "lib_project.yml"),
        read_pyramid(DATA / "lib_pyramid.yml"),
        unit=COUNTY_TEAM,
        period="2018Q1",
        values=values or {},
    )


def test_every_published_output_is_reproduced() -> None:
    built = system()
    solution = solve(built.equations, division="engine")
    published = json.loads((DATA / "lib_exported_values.json").read_text(encoding="utf-8"))
    expected = {(row["dataElement"], row["orgUnit"], row["period"]): row for row in published}
    found = {(each.element, each.unit, each.period): each for each in built.outputs}
    assert len(expected) == 4202
    assert found.keys() == expected.keys()
    assert {key: each.name for key, each in found.items()} == {
        key: row["comment"] for key, row in expected.items()
    }
    wrong = [
        (each.name, solution[each.name], expected[key]["value"])
        for key, each in found.items()
        if solution[each.name] != pytest.approx(expected[key]["value"], rel=1e-12, abs=1e-12)
    ]
    assert not wrong, wrong[:5]
    assert len({row["value"] for row in published}) >= 9  # not all of them are zero


def test_reported_values_flow_through_gate_cap_and_weight() -> None:
    project = read_project(DATA / "lib_project.yml")
    states = {
        state.name: state.element
        for package in project.packages
        if package.code == "pbf__hf_performance_monthly"
        for activity in package.activities
        if activity.code == "hf01"
        for state in activity.states
    }
    values: dict[tuple[str, str, str], float] = {}
    for month, declared, verified in (("201801", 50, 50), ("201802", 40, 38), ("201803", 60, 40)):
        values[str(states["monthly_target"]), FACILITY, month] = 40
        values[str(states["monthly_declared"]), FACILITY, month] = declared
        values[str(states["monthly_verified"]), FACILITY, month] = verified
    built = system(values)
    solution = solve(built.equations, division="engine")

    def of(name: str, period: str = "2018q1") -> float:
        return float(solution[f"{name}_for_{FACILITY}_and_{period}"])

    # Declared and verified differ by 50 % in March: that month does not count (the 10 % gate).
    assert [
        of("pbf__hf_performance_monthly_hf01_monthly_achieved", month)
        for month in ("201801", "201802", "201803")
    ] == [50, 38, 0]
    assert of("pbf__hf_performance_monthly_hf01_quarterly_achieved", "201803") == 88
    assert of("pbf__hf_performance_monthly_hf01_quarterly_target", "201803") == 120
    # 88 of 120 is under the 75 % gate, so the activity earns nothing although its weight is 6 of 54.
    assert of("pbf__hf_performance_hf01_percent_target_achieved") == pytest.approx(100 * 88 / 120)
    assert of("pbf__hf_performance_hf01_percent_allowed") == 0
    assert of("pbf__hf_performance_hf01_percent_weight") == pytest.approx(100 * 6 / 54)
    values[str(states["monthly_declared"]), FACILITY, "201803"] = 41
    better = solve(system(values).equations, division="engine")
    earned = better[f"pbf__hf_performance_hf01_percent_overall_for_{FACILITY}_and_2018q1"]
    assert earned == pytest.approx(100 * 6 / 54 / 100 * (100 * 128 / 120))


def test_a_unit_that_is_not_there_is_said() -> None:
    with pytest.raises(ProgrammeError, match="no unit 'nowhere'"):
        build_system(
            read_project(DATA / "lib_project.yml"),
            read_pyramid(DATA / "lib_pyramid.yml"),
            unit="nowhere",
            period="2018Q1",
            values={},
        )
