"""A waived finding is kept as waived, with reason, name and last day; a waiver that ran out covers nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.functional.conftest import CONTRACT, Call
from tests.functional.test_hearing import DECLARED
from tests.functional.test_verdicts import write

from tallymark.store.runs import runs_in

CHECK = """
checks:
  few_visits:
    title: {en: Hardly any visits, zh: 服务人次过少}
    expect: visits_reported >= 1000
    level: clinic
    severity: error
"""
WAIVER = """waivers:
  - check: few_visits
    unit: C1
    period: 2025-Q1
    reason: The clinic was rebuilt from January to March
    by: Chen Li, county office
    until: 2025-10-03
"""


def found(call: Call, waiver: str) -> dict[tuple[str, str], dict[str, str]]:
    Path("clinic/waivers.yaml").write_text(CHECK + waiver, encoding="utf-8")
    assert call("lint", "clinic").code == 0, call("lint", "clinic").out
    assert call("assess", "clinic", "store", "--contract", CONTRACT).code in (0, 1)
    rows = runs_in(Path("store/runs"))[-1].table("findings").to_pylist()
    return {
        (row["unit"], row["period"]): row
        for row in rows
        if row["code"] in ("check.few_visits", "verify.waiver_expired")
    }


def test_it_is_stored_as_waived_and_shown(office: Path, call: Call) -> None:
    """The last delivery came on 3 October 2025: the waiver's last day."""
    rows = found(call, WAIVER)
    waived = {key: json.loads(row["waived"]) for key, row in rows.items() if row["waived"]}
    assert set(waived) == {("C1", f"2025-0{month}") for month in (1, 2, 3)}
    assert waived["C1", "2025-02"] == {
        "reason": "The clinic was rebuilt from January to March", "by": "Chen Li, county office",
        "until": "2025-10-03", "severity": "error",
    }  # fmt: skip
    assert {row["severity"] for key, row in rows.items() if key in waived} == {"note"}
    assert {row["severity"] for key, row in rows.items() if key not in waived} == {"error"}
    assert len(rows) == len(found(call, ""))


def test_both_languages_say_so(office: Path, call: Call) -> None:
    found(call, WAIVER)
    said = call("findings", "store", "--unit", "C1", "--code", "check.few_visits").out
    assert said.count("[waived until 2025-10-03 by Chen Li, county office: The clinic was rebuilt") == 3
    zh = call("findings", "store", "--unit", "C1", "--code", "check.few_visits", "--lang", "zh").out
    assert "由Chen Li, county office豁免至2025-10-03" in zh
    assert call("publish", "store", "inside", "--internal").code == 0
    pages = [path.read_text("utf-8") for path in Path("inside/en").rglob("findings*.html")]
    assert any("check.few_visits" in page for page in pages)
    assert call("recompute", "store").code == 0


def test_a_waiver_that_ran_out_covers_nothing_and_is_told(office: Path, call: Call) -> None:
    rows = found(call, WAIVER.replace("2025-10-03", "2025-10-02"))
    assert not [row for row in rows.values() if row["waived"]]
    assert rows.pop((None, None))["code"] == "verify.waiver_expired"  # type: ignore[index]
    assert {row["severity"] for row in rows.values()} == {"error"}


BAD = {
    "no reason": ("    reason: The clinic was rebuilt from January to March\n", "", "reason"),
    "no name": ("    by: Chen Li, county office\n", "", "by"),
    "no end": ("    until: 2025-10-03\n", "", "until"),
    "an empty reason": ("reason: The clinic was rebuilt from January to March", "reason: ok", "reason"),
    "everything": ("    unit: C1\n    period: 2025-Q1\n", "", "a unit, a period or an item"),
    "no such check": ("check: few_visits", "check: few_visit", "did you mean few_visits"),
    "no such unit": ("unit: C1", "unit: C11", "did you mean C1"),
    "no such period": ("period: 2025-Q1", "period: 2025-Q7", "2025-Q7"),
    "neither": ("  - check: few_visits\n    unit", "  - unit", "a check or a pattern"),
}


@pytest.mark.parametrize("name", BAD)
def test_lint(name: str, office: Path, call: Call) -> None:
    before, after, words = BAD[name]
    assert before in WAIVER
    Path("clinic/waivers.yaml").write_text(CHECK + WAIVER.replace(before, after), encoding="utf-8")
    said = call("lint", "clinic")
    assert said.code == 1
    assert words in said.out
    assert "waivers.yaml:" in said.out


PATTERN = """patterns:
  standard: true
waivers:
  - {pattern: high, dataset: monthly, unit: C1, reason: The clinic was rebuilt, by: "Chen Li, county office", until: 2025-12-31}
"""


def test_patterns_are_waived_in_the_same_place(office: Path, call: Call) -> None:
    Path("clinic/patterns.yaml").write_text(PATTERN, encoding="utf-8")
    assert call("lint", "clinic").code == 0, call("lint", "clinic").out
    Path("clinic/patterns.yaml").write_text(PATTERN.replace("monthly", "montly"), encoding="utf-8")
    assert "did you mean monthly" in call("lint", "clinic").out


def test_where_they_stood_before_says_where_they_are_now(office: Path, call: Call) -> None:
    old = PATTERN.replace("\nwaivers:\n  - {pattern: high", "\n  waivers:\n    - {kind: high")
    Path("clinic/patterns.yaml").write_text(old, encoding="utf-8")
    said = call("lint", "clinic")
    assert said.code == 1
    assert "write them under `waivers:` at the top, with `pattern:` for `kind:`" in " ".join(said.out.split())
    assert "豁免不再写在这里" in call("lint", "clinic", "--lang", "zh").out


ANSWERS = DECLARED.replace(
    "values: [upheld, explained]", "values: [upheld, explained, waived, reopened]"
).replace(
    "      answer: {type: text, ",
    """      dataset: {type: text, title: {en: Dataset, zh: 数据集}}
      item: {type: text, title: {en: Figure, zh: 指标项}}
      reason: {type: text, title: {en: Reason, zh: 理由}}
      waived_by: {type: text, title: {en: Who, zh: 谁}}
      waived_until: {type: date, title: {en: Last day, zh: 末日}}
      answer: {type: text, """,
)
HEADING = [
    "reply",
    "unit",
    "said_on",
    "code",
    "period",
    "dataset",
    "ruling",
    "reason",
    "waived_by",
    "waived_until",
]


def rule(call: Call, day: str, *rows: list[str]) -> dict[str, dict[str, str]]:
    """Rulings on findings of C1, a run after them, and those findings by month (and those about waivers by code)."""
    said = [[f"{day}-{at}", "C1", day, *row] for at, row in enumerate(rows)]
    write("rulings.csv", HEADING, said)
    assert call("receive", "clinic", "store", "replies", "rulings.csv", "--received-at", day).code in (0, 1)
    assert call("assess", "clinic", "store", "--contract", CONTRACT).code in (0, 1)
    found = runs_in(Path("store/runs"))[-1].table("findings").to_pylist()
    told = {row["period"]: row for row in found if row["code"] == "check.few_visits" and row["unit"] == "C1"}
    return told | {row["code"]: row for row in found if row["code"].startswith("verify.waiver")}


def test_a_waiver_delivered_for_one_finding_counts_until_its_day(office: Path, call: Call) -> None:
    Path("clinic/hearing.yaml").write_text(ANSWERS, encoding="utf-8")
    assert call("lint", "clinic").code == 0, call("lint", "clinic").out
    code = "check.few_visits"
    dataset = (
        rule(call, "2025-10-05", [code, "2025-01", "", "waived", "", "", ""])["2025-01"]["dataset"] or ""
    )
    why = ["Closed for repairs all month", "Chen Li", "2025-11-30"]
    march, may = [code, "2025-03", dataset, "waived", *why], [code, "2025-05", dataset, "waived", *why]
    lacking = [code, "2025-06", dataset, "waived", "", "Chen Li", "2025-11-30"]
    found = rule(call, "2025-10-10", march, may, lacking)
    assert {key for key, row in found.items() if row["waived"]} == {"2025-03", "2025-05"}
    assert json.loads(found["2025-03"]["waived"]) == {
        "reason": why[0], "by": "Chen Li", "until": "2025-11-30", "severity": "warning",
    }  # fmt: skip
    assert found["verify.waiver_incomplete"]["severity"] == "warning"
    again = rule(call, "2025-10-20", [code, "2025-03", dataset, "reopened", "", "", ""])
    assert {key for key, row in again.items() if row["waived"]} == {"2025-05"}
    assert call("recompute", "store").code == 0
    after = rule(call, "2025-12-01", [code, "2025-04", dataset, "", "", "", ""])
    assert not [key for key, row in after.items() if row["waived"]]
    assert after["2025-05"]["severity"] == "warning"
