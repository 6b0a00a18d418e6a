"""Liberia's results-based-financing contract: imported whole, solved, compared with its 4,202 published outputs.

The published outputs were computed with no reported values, so every input counts as 0 there; the second test reports
values and checks the arithmetic by hand for one facility.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import pytest

import tallymark as tm
from tallymark.errors import ProgrammeError
from tallymark.score.equations import solve
from tallymark.score.rbf import System, build_system, read_project, read_pyramid, write_units
from tallymark.store.runs import Run

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "liberia"
LEVELS = ("country", "county", "district", "facility")
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


@pytest.fixture(scope="module")
def published_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The declared programme over the published values, taken as they are."""
    folder = tmp_path_factory.mktemp("liberia")
    declared = folder / "programme"
    shutil.copytree(ROOT / "programmes" / "liberia", declared)
    facilities = {each.unit for each in system().outputs} - {COUNTY_TEAM}
    pyramid = read_pyramid(DATA / "lib_pyramid.yml")
    signed = {"team": [COUNTY_TEAM], "facility": sorted(facilities)}
    assert write_units(pyramid, declared / "units.csv", levels=LEVELS, signed=signed) == 49
    programme, store = tm.load(declared), tm.open_store(folder / "store")
    receipt = tm.receive(
        programme,
        store,
        "outputs",
        DATA / "lib_exported_values.json",
        received_at=dt.datetime(2018, 4, 20, tzinfo=dt.UTC),
    )
    assert sum(counts.taken for counts in receipt.datasets.values()) == 4202
    assert not [finding for finding in receipt.findings if finding.code != "receive.late"]
    return tm.assess(programme, store, contract="facilities-2018Q1")


def test_the_declared_rules_hold_for_every_published_value(published_run: Run) -> None:
    """Gate, cap, weights and sums of the contract, as checks: none fails. The totals are the published scores."""
    assert not [
        row for row in published_run.table("findings").to_pylist() if row["code"].startswith("check.")
    ]
    totals = {row["unit"]: row["total"] for row in published_run.table("totals").to_pylist()}
    published = {
        row["orgUnit"]: row["value"]
        for row in json.loads((DATA / "lib_exported_values.json").read_text(encoding="utf-8"))
        if row["dataElement"] == "b85BBfaWf7G"
    }
    assert len(published) == 40
    assert totals == published


def test_what_has_no_target_is_missing_not_zero(published_run: Run) -> None:
    """Where the engine divides by a target of 0 and publishes 0, Tallymark has no figure."""
    rows = [
        row
        for row in published_run.table("indicators").to_pylist()
        if row["indicator"] == "hf01" and row["level"] == "facility" and row["period"] == "2018-Q1"
    ]
    assert len(rows) == 40
    assert {(row["numerator"], row["denominator"], row["value"]) for row in rows} == {(0.0, 0.0, None)}


def test_the_site_is_made_in_both_languages(published_run: Run, tmp_path: Path) -> None:
    site = tm.publish_run(published_run, tmp_path / "site")
    assert site.pages > 80
    for language, word in (("en", "Liberia"), ("zh", "利比里亚")):
        assert word in (tmp_path / "site" / language / "index.html").read_text(encoding="utf-8")


def test_units_of_a_pyramid_that_are_not_there_are_said(tmp_path: Path) -> None:
    pyramid = read_pyramid(DATA / "lib_pyramid.yml")
    with pytest.raises(ProgrammeError, match="no unit 'nowhere'"):
        write_units(pyramid, tmp_path / "units.csv", levels=LEVELS, signed={"facility": ["nowhere"]})
    with pytest.raises(ProgrammeError, match="3 deep"):
        write_units(pyramid, tmp_path / "units.csv", levels=LEVELS[:2], signed={"facility": [FACILITY]})
    assert not (tmp_path / "units.csv").exists()
