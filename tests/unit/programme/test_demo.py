"""The demo programme: clean, complete, within the rights line, and in step with what the simulation sends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tallymark.programme.load import lint, load
from tallymark.programme.resolved import Programme
from tallymark.programme.written.figures import SCOREABLE, STATISTICS_ONLY
from tallymark.simulate.files import MONTHLY_HEADER
from tallymark.simulate.workbook import HEADER, SHEET

DEMO = Path(__file__).parents[3] / "programmes" / "demo"


@pytest.fixture(scope="module")
def demo() -> Programme:
    return load(DEMO)


def test_lint_finds_nothing() -> None:
    assert [str(finding) for finding in lint(DEMO)] == []


def test_contracts_use_every_way_of_earning_points(demo: Programme) -> None:
    kinds = {line.award.kind for contract in demo.contracts.values() for line in contract.lines}
    assert kinds == {
        "all_or_nothing", "proportional", "bands", "per_incident", "checklist", "mark", "deadline", "improvement",
    }  # fmt: skip
    contract = demo.contracts["demo-2025"]
    assert 28 <= len(contract.lines) <= 34
    assert sum(line.points for line in contract.lines) == contract.points == 100
    assert len(contract.sections) == 10
    assert contract.peers == "size_class"
    assert contract.bonus
    assert contract.deductions
    assert {gate.effect for gate in contract.gates} == {"cap", "void"}
    assert all(gate.appeal for gate in contract.gates)
    assert {line.missing for line in contract.lines} == {"no_points", "set_aside"}
    assert {line.uncertain for line in contract.lines} == {"point", "benefit_of_doubt", "confirmed"}
    assert [strand.code for strand, _ in demo.contracts["demo-2025-all"].bundle] == [
        "demo-2025-lead", "demo-2025", "demo-2025-grass",
    ]  # fmt: skip


def test_births_and_the_like_are_statistics_that_nothing_scores(demo: Programme) -> None:
    scored = {
        line.indicator.name: line.indicator.concerns
        for contract in demo.contracts.values()
        for line in (*contract.lines, *contract.bonus)
        if line.indicator is not None
    }
    assert set(scored.values()) <= set(SCOREABLE)
    statistics = {one.name for one in demo.indicators.values() if one.concerns in STATISTICS_ONLY}
    assert {"births_count", "crude_birth_rate", "natural_increase", "sex_ratio_at_birth"} <= statistics
    assert all(demo.indicators[name].direction == "none" for name in statistics)


def test_everything_reads_in_both_languages(demo: Programme) -> None:
    things = [
        *demo.levels, *demo.datasets.values(), *demo.measures.values(), *demo.indicators.values(),
        *demo.checks.values(), *demo.contracts.values(), *demo.allocations.values(),
        *(line for contract in demo.contracts.values() for line in (*contract.lines, *contract.bonus)),
        *(item for dataset in demo.datasets.values() for item in dataset.items.values()),
    ]  # fmt: skip
    assert not [thing for thing in things if not (thing.title.en and thing.title.zh)]
    assert not [name for name in demo.units.names if not (name.en and name.zh)]


def test_personal_columns_are_marked_and_have_a_purpose(demo: Programme) -> None:
    text = (DEMO / "datasets.yaml").read_text(encoding="utf-8")
    for name in ("births", "visits", "screenings", "training"):
        assert any(c.sensitivity in ("personal", "sensitive") for c in demo.datasets[name].columns.values())
        assert "purpose:" in text.split(f"  {name}:")[1].split("columns:")[0]


def test_sources_map_the_headings_that_the_simulation_writes(demo: Programme) -> None:
    (monthly,) = demo.sources["monthly_csv"].tables
    assert {item: heading for heading, item in monthly.items.items()} == MONTHLY_HEADER
    (supplies,) = demo.sources["supply_workbook"].tables
    assert {item: heading for heading, item in supplies.items.items()} == HEADER
    assert supplies.sheet == SHEET
