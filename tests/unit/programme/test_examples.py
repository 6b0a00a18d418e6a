"""Tests of programmes: expected against found, with a measure function that knows what to answer."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from tallymark.programme.examples import Figures, periods_of, run_examples
from tallymark.programme.load import load
from tallymark.programme.resolved import Example, Programme
from tallymark.programme.starter import new


@pytest.fixture
def programme(tmp_path: Path) -> Programme:
    folder = new(tmp_path / "p", "p")
    (folder / "tests.yaml").write_text(
        """tests:
  - name: figures
    given: {monthly: [{unit: C1, period: 2025-03, item: visits_reported, value: 2}]}
    expect:
      - {measure: visits, unit: C1, period: 2025-04, value: 2}
      - {measure: visits, unit: C1, period: 2025-03, value: 2.5, tolerance: 0.1}
      - {indicator: seen_in_time, unit: C2, period: 2025-03, missing: true}
      - {measure: visits, unit: C1, period: SY2025, value: 1, breakdown: kind, category: check}
  - name: units of its own
    given: {}
    units: [{unit: A, level: district}, {unit: B, level: clinic, parent: A}]
    expect: [{measure: visits, unit: B, period: 2025-03, missing: true}]
""",
        encoding="utf-8",
    )
    return load(folder)


RIGHT: Figures = {
    ("measure", "visits", "C1", "2025-04", "", ""): 2.0000001,
    ("measure", "visits", "C1", "2025-03", "", ""): 2.45,
    ("indicator", "seen_in_time", "C2", "2025-03", "", ""): math.nan,
    ("measure", "visits", "C1", "SY2025", "kind", "check"): 1.0,
}


def test_nothing_is_said_when_all_is_as_expected(programme: Programme) -> None:
    assert run_examples(programme, lambda _, __: RIGHT) == []


def test_every_difference_is_a_finding_with_both_figures(programme: Programme) -> None:
    wrong = {
        **RIGHT,
        ("measure", "visits", "C1", "2025-04", "", ""): 3.0,
        ("indicator", "seen_in_time", "C2", "2025-03", "", ""): 0.0,
        ("measure", "visits", "C1", "SY2025", "kind", "check"): None,
    }
    assert [str(finding) for finding in run_examples(programme, lambda _, __: wrong)] == [
        "tests.yaml:2 visits C1 2025-04: error programme.example: test 'figures', figure 1: visits of C1 in 2025-04 is 3,"
        " not 2 — correct the declaration or the test",
        "tests.yaml:2 seen_in_time C2 2025-03: error programme.example: test 'figures', figure 3: seen_in_time of C2"
        " in 2025-03 is 0, not missing — correct the declaration or the test",
        "tests.yaml:2 visits C1 SY2025: error programme.example: test 'figures', figure 4: visits (kind check)"
        " of C1 in SY2025 is missing, not 1 — correct the declaration or the test",
    ]


def test_an_example_with_units_of_its_own_is_measured_with_them(programme: Programme) -> None:
    seen: list[tuple[str, ...]] = []

    def measure(given: Programme, example: Example) -> Figures:
        seen.append(given.units.codes)
        return RIGHT

    run_examples(programme, measure)
    assert seen == [programme.units.codes, ("A", "B")]


def test_units_that_cannot_stand_are_findings_and_nothing_is_measured(programme: Programme) -> None:
    example = programme.examples[1]
    broken = Example(
        example.name, example.given, ({"unit": "B", "level": "clinc"},), example.expect, example.file, 14
    )
    found = run_examples(_with(programme, broken), lambda _, __: {})
    assert [(finding.code, finding.where.line) for finding in found] == [("units.unknown_level", 14)]


def test_the_periods_that_are_needed(programme: Programme) -> None:
    assert periods_of(programme, programme.examples[0]) == ("SY2025", "2025-03", "2025-04")


def _with(programme: Programme, example: Example) -> Programme:
    return replace(programme, examples=(example,))
