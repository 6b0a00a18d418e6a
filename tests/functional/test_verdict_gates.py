"""Contracts use verdicts that stand, never suspicion: heard first, honest errors free, appeal said, lint refuses findings."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from tests.functional.conftest import CONTRACT, Call
from tests.functional.test_verdicts import DECLARED, MONTHS, write

from tallymark.store.runs import runs_in

GATE = """    gates:
      - code: G1
        title: {en: Figures ruled falsified, zh: 裁定数据造假}
        verdict: falsified
        verification: visits
        effect: void
        reason: {en: Figures were made up., zh: 数据造假。}
        appeal: {en: To the county statistics office within 30 days., zh: 30日内向县统计局申诉。}
      - code: G2
        title: {en: Recounts differ, zh: 复核不符}
        verdict: recounted
        share: 0.5
        effect: cap
        cap: 7
        reason: {en: Half of what was recounted was wrong., zh: 半数复核不符。}
        appeal: {en: To the county statistics office within 30 days., zh: 30日内向县统计局申诉。}
"""


def declare(gate: str = GATE, verification: str = DECLARED) -> None:
    Path("clinic/verification.yaml").write_text(verification, encoding="utf-8")
    contract = Path("clinic/contract.yaml")
    text = contract.read_text(encoding="utf-8").partition("    gates:\n")[0]
    contract.write_text(text.replace("    grades:\n", gate + "    grades:\n"), encoding="utf-8")


@pytest.fixture
def recounted(office: Path, call: Call) -> dict[tuple[str, str], float]:
    """What a recount received on 10 October found: C2 reported half as much again, always; C1 the truth."""
    declare()
    assert call("lint", "clinic").code == 0, call("lint", "clinic").out
    found = {
        (row["clinic"], row["month"]): round(float(row["visits"]) / {"C1": 1.0, "C2": 1.5}[row["clinic"]])
        for row in csv.DictReader(Path("clinic/data/monthly.csv").read_text("utf-8").splitlines())
        if row["visits"] and row["clinic"] in ("C1", "C2") and row["month"] in MONTHS
    }
    write(
        "recounts.csv", ["unit", "period", "visits_reported"], [[*key, value] for key, value in found.items()]
    )
    assert (
        call("receive", "clinic", "store", "recounts", "recounts.csv", "--received-at", "2025-10-10").code
        == 0
    )
    return {key: float(value) for key, value in found.items()}


def say(call: Call, day: str, rows: list[tuple[str, str, str, str]]) -> None:
    """Answers and rulings: unit, month, answer, ruling."""
    said = [[f"{day}-{at}", unit, day, month, "visits_reported", answer, ruling]
            for at, (unit, month, answer, ruling) in enumerate(rows)]  # fmt: skip
    write("answers.csv", ["answer_id", "unit", "said_on", "period", "item", "answer", "ruling"], said)
    assert call("receive", "clinic", "store", "answers", "answers.csv", "--received-at", day).code in (0, 1)


def total(call: Call, unit: str) -> dict[str, Any]:
    assert call("assess", "clinic", "store", "--contract", CONTRACT).code in (0, 1)
    run = runs_in(Path("store/runs"))[-1]
    (row,) = [each for each in run.table("totals").to_pylist() if each["unit"] == unit]
    return dict(row)


FALSE = [("C2", month, "", "falsification") for month in MONTHS[:4]]


def test_a_ruling_before_the_unit_could_answer_counts_nothing(recounted: object, call: Call) -> None:
    say(call, "2025-10-20", FALSE)
    assert total(call, "C2")["gates"] == ""
    told = json.loads(call("findings", "store", "--code", "verify.ruling_not_counted", "--json").out)
    assert {(row["unit"], row["severity"]) for row in told} == {("C2", "note")}


def test_heard_and_ruled_it_voids_and_says_how_to_appeal(recounted: object, call: Call) -> None:
    say(call, "2025-10-15", [("C2", month, "contests", "") for month in MONTHS[:4]])
    before = total(call, "C2")
    assert (before["gates"], before["total"] > 0) == ("", True)
    say(call, "2025-10-20", FALSE)
    after = total(call, "C2")
    assert (after["gates"], after["total"]) == ("G1", 0.0)
    assert after["total_before_gates"] == before["total"]
    assert total(call, "C1")["gates"] == ""
    said = call("explain", "store", "--indicator", "seen_in_time", "--unit", "C2", "--json")
    (first, second) = json.loads(said.out)["gates"]
    assert (first["gate"], first["bites"], first["counted"], first["answer_days"]) == ("G1", True, 4, 30)
    assert (second["gate"], second["bites"]) == ("G2", False)
    text = call("explain", "store", "--indicator", "seen_in_time", "--unit", "C2", "--lang", "zh").out
    assert "触发" in text
    assert "申诉：30日内向县统计局申诉" in text
    assert call("recompute", "store").code == 0
    assert call("publish", "store", "site").code == 0
    pages = [path.read_text("utf-8") for path in Path("site/en").rglob("*.html")]
    assert any("To the county statistics office within 30 days" in page for page in pages)
    verification = Path("site/en/verification.html").read_text("utf-8")
    assert "4 values count: Old Bridge. It bites: Old Bridge." in verification
    assert "No value counts." in verification  # of the gate on recounts
    assert "let its days pass, or was ruled against" in verification


def test_once_the_days_are_over_silence_counts_as_heard(recounted: object, call: Call) -> None:
    say(call, "2025-11-10", FALSE)
    assert total(call, "C2")["gates"].split(",")[0] == "G1"


def test_the_last_day_to_answer_is_still_the_units(recounted: object, call: Call) -> None:
    say(call, "2025-11-09", FALSE)
    assert total(call, "C2")["gates"] == ""


def test_a_ruling_without_the_declared_evidence_is_no_falsification(recounted: object, call: Call) -> None:
    declare(
        verification=DECLARED.replace("    estimate: true", "    evidence: {size: 0.9}\n    estimate: true")
    )
    say(call, "2025-11-20", FALSE)
    assert "G1" not in total(call, "C2")["gates"].split(",")


def test_putting_a_figure_right_after_the_ruling_does_not_lift_it(
    recounted: dict[tuple[str, str], float], call: Call
) -> None:
    say(call, "2025-11-20", FALSE)
    _correct(call, recounted, "2025-11-25")
    assert total(call, "C2")["gates"] == "G1"


def test_an_honest_error_corrected_in_time_costs_nothing(
    recounted: dict[tuple[str, str], float], call: Call
) -> None:
    say(call, "2025-12-01", [("C1", "2025-01", "accepts", "")])
    capped = total(call, "C2")
    assert (capped["gates"], capped["total"]) == ("G2", 7.0)
    _correct(call, recounted, "2025-12-02")
    free = total(call, "C2")
    assert free["gates"] == ""
    assert free["total"] == free["total_before_gates"]


def _correct(call: Call, recounted: dict[tuple[str, str], float], day: str) -> None:
    rows = [
        [row["clinic"], row["month"], f"{recounted.get((row['clinic'], row['month']), 0):.0f}", *list(row.values())[3:]]
        for row in csv.DictReader(Path("clinic/data/monthly.csv").read_text("utf-8").splitlines())
        if row["clinic"] == "C2" and (row["clinic"], row["month"]) in recounted
    ]  # fmt: skip
    heading = Path("clinic/data/monthly.csv").read_text("utf-8").splitlines()[0].split(",")
    write("corrected.csv", heading, rows)
    assert call("receive", "clinic", "store", "monthly", "corrected.csv", "--received-at", day).code in (0, 1)


GATES = {
    "a pattern as verdict": ("verdict: falsified", "verdict: high", "'high' is a finding"),
    "a check as verdict": ("verdict: falsified", "verdict: check.visits_agree", "is a finding"),
    "inquiry": ("verdict: falsified", "verdict: inquiry", "'inquiry' is a finding"),
    "disputed": ("verdict: falsified", "verdict: disputed", "'disputed' is a finding"),
    "accepted": ("verdict: falsified", "verdict: accepted", "costs a unit nothing"),
    "misspelt": ("verdict: falsified", "verdict: falsifed", "did you mean falsified"),
    "pattern in a condition": ("verdict: falsified", "when: verify.high > 0", "'verify.high' is a finding"),
    "kind in a condition": ("verdict: falsified", "when: slipped > 3", "'slipped' is a finding"),
    "both": ("verdict: falsified", "verdict: falsified\n        when: seen_in_time > 0", "needs either"),
    "neither": ("        verdict: falsified\n", "", "needs either"),
    "unknown verification": ("verification: visits", "verification: visit", "did you mean visits"),
    "no appeal": ("        appeal: {en: To the county statistics office within 30 days., zh: 30日内向县统计局申诉。}\n", "", "needs `appeal:`"),
}  # fmt: skip


@pytest.mark.parametrize("name", GATES)
def test_lint_refuses_suspicion_and_says_what_to_do(name: str, office: Path, call: Call) -> None:
    before, after, words = GATES[name]
    assert before in GATE
    declare(GATE.replace(before, after))
    said = call("lint", "clinic")
    assert said.code == 1
    assert words in said.out
    assert "contract.yaml:" in said.out
    if "is a finding" in words:
        assert "write `verdict: falsified` or `verdict: recounted`" in said.out


@pytest.mark.parametrize(
    ("before", "after"), [("    answers: answers\n", ""), ("    answers: answers", "    answer_days: 0\n    answers: answers")]
)  # fmt: skip
def test_where_nobody_can_answer_no_gate_stands(before: str, after: str, office: Path, call: Call) -> None:
    declare(verification=DECLARED.replace(before, after))
    said = call("lint", "clinic", "--lang", "zh")
    assert said.code == 1
    assert "单位无法说明" in said.out


def test_the_rights_gate_reads_gates_on_verdicts_too(office: Path, call: Call) -> None:
    declare(GATE.replace("Recounts differ", "Births above the quota").replace("复核不符", "超计划生育"))
    assert "rights." in call("lint", "clinic").out
