"""A real contract, line by line: what rewarded coercion is refused with rule, basis and way out; the rest loads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.oracle.rights.declare import indicator, line, programme, refusals, scored_throughout, shown

from tallymark.findings import Finding, Severity
from tallymark.programme.rights import rights_findings, rights_findings_raw
from tallymark.programme.written import WrittenFolder

WRITTEN = yaml.safe_load((Path(__file__).parent / "daye_2012.yaml").read_text(encoding="utf-8"))
LINES = [one for section in WRITTEN["sections"] for one in section["lines"]]
EVERYTHING = [*LINES, *WRITTEN["bonus"], *WRITTEN["deductions"], *WRITTEN["allocations"]]
CHANGED = [one for one in EVERYTHING if "changed" in one]


def transcribed() -> dict[str, Any]:
    """The whole contract as a programme: every line with an indicator, a measure and an item under its own title."""
    items = {one["code"].replace("-", "_"): {"title": one["zh"]} for one in EVERYTHING}
    raw = programme(
        datasets={"returns": {"kind": "reports", "frequency": "month", "items": items}},
        measures={code: {"dataset": "returns", "item": code} for code in items},
        indicators={code: indicator(row["title"], numerator=code) for code, row in items.items()},
    )
    raw["contracts"] = {"daye-2012": _contract()}
    raw["allocations"] = {
        one["code"]: {
            "title": one["zh"], "total": one["total"], "level": "town", "by": "classes", "attribute": "name",
            "classes": one["shares"],
        }
        for one in WRITTEN["allocations"]
    }  # fmt: skip
    return raw


def _contract() -> dict[str, Any]:
    sections = [
        {"code": s["code"], "title": s["title"], "lines": [_line(one) for one in s["lines"]]}
        for s in WRITTEN["sections"]
    ]
    deductions = [
        {"code": d["code"], "title": d["zh"], "indicator": d["code"], "each": 1}
        for d in WRITTEN["deductions"]
    ]
    return {
        "title": WRITTEN["title"], "level": "town", "period": "2012", "points": 100, "sections": sections,
        "bonus": {"cap": 5, "lines": [_line(one) for one in WRITTEN["bonus"]]}, "deductions": deductions,
    }  # fmt: skip


def _line(one: dict[str, Any]) -> dict[str, Any]:
    return line(
        one["zh"],
        one["code"],
        one["code"],
        points=one["points"],
        award={"kind": "proportional", "target": one.get("target", 100)},
    )


FINDINGS = [f for f in rights_findings_raw(transcribed(), {}) if f.severity is Severity.ERROR]


def about(code: str) -> list[Finding]:
    """The refusals that speak of a line, deduction or allocation."""
    return [finding for finding in FINDINGS if finding.values["place"].split(".")[-1] == code]


def test_the_transcription_adds_up() -> None:
    assert sum(section["points"] for section in WRITTEN["sections"]) == 100
    for section in WRITTEN["sections"]:
        assert sum(one["points"] for one in section["lines"]) == section["points"], section["code"]
    for given_out in WRITTEN["allocations"]:
        assert sum(given_out["shares"].values()) == given_out["total"]


def test_two_points_in_five_rewarded_coercion() -> None:
    points = {
        mark: sum(one["points"] for one in LINES if one["verdict"] == mark) for mark in ("S", "S*", "C")
    }
    assert points == {"S": 39.5, "S*": 20, "C": 40.5}


def test_the_transcription_is_a_valid_programme_but_for_its_rights() -> None:
    folder = WrittenFolder.model_validate(transcribed())
    assert {f.code for f in rights_findings(folder, {})} == {
        f.code for f in rights_findings_raw(transcribed(), {})
    }


@pytest.mark.parametrize("one", [o for o in EVERYTHING if o["verdict"] == "C"], ids=lambda o: o["code"])
def test_coercive_lines_are_refused(one: dict[str, Any]) -> None:
    found = about(one["code"])
    assert f"rights.{one['rule']}" in {finding.code for finding in found}, [str(f) for f in found]
    for finding in found:
        assert finding.hint("en")
        assert finding.hint("zh") != finding.hint("en")
        assert finding.evidence["basis"]
        assert finding.evidence["matched"]
        assert finding.evidence["how_sure"] in ("V", "V-sec", "G")


@pytest.mark.parametrize("one", [o for o in EVERYTHING if o["verdict"] == "S"], ids=lambda o: o["code"])
def test_service_lines_load(one: dict[str, Any]) -> None:
    assert not about(one["code"]), [str(finding) for finding in about(one["code"])]


@pytest.mark.parametrize("one", CHANGED, ids=lambda o: o["code"])
def test_changed_lines_load_and_their_originals_do_not(one: dict[str, Any]) -> None:
    assert not refusals(scored_throughout(one["changed"])), shown(scored_throughout(one["changed"]))
    if "harmless" in one:
        assert not about(one["code"])
    else:
        assert f"rights.{one['rule']}" in {finding.code for finding in about(one["code"])}
