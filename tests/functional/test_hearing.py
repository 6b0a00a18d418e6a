"""A finding names its unit in public only once it was heard; the office sees everything at once."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tests.functional.conftest import CONTRACT, Call
from tests.functional.test_verdicts import write

from tallymark.store.runs import runs_in

DECLARED = """
datasets:
  replies:
    title: {en: What clinics say to findings, zh: 服务站对发现的说明}
    kind: events
    level: clinic
    unit: unit
    date: said_on
    key: [reply]
    absence: zero
    columns:
      reply: {type: text, required: true, title: {en: Number, zh: 编号}}
      unit: {type: unit, required: true, title: {en: Clinic, zh: 服务站}}
      said_on: {type: date, required: true, title: {en: Day, zh: 日期}}
      code: {type: text, required: true, title: {en: Finding, zh: 发现}}
      period: {type: text, title: {en: Month, zh: 月份}}
      answer: {type: text, title: {en: Answer, zh: 说明}}
      ruling: {type: category, values: [upheld, explained], title: {en: Ruling, zh: 裁定}}
checks:
  few_visits:
    title: {en: Hardly any visits, zh: 服务人次过少}
    expect: visits_reported >= 1000
    level: clinic
    severity: warning
hearing:
  answer_days: 20
  answers: replies
"""


@pytest.fixture
def odd(office: Path, call: Call) -> Path:
    """A check that fails everywhere; the figures came on 3 October 2025, so answers are due by the 23rd."""
    Path("clinic/hearing.yaml").write_text(DECLARED, encoding="utf-8")
    assert call("lint", "clinic").code == 0, call("lint", "clinic").out
    return office


def deliver(call: Call, day: str, rows: list[list[str]]) -> None:
    said = [[f"{day}-{at}", *row] for at, row in enumerate(rows)]
    write("replies.csv", ["reply", "unit", "said_on", "code", "period", "answer", "ruling"], said)
    assert call("receive", "clinic", "store", "replies", "replies.csv", "--received-at", day).code in (0, 1)


def found(call: Call) -> dict[tuple[str, str], tuple[str, str]]:
    assert call("assess", "clinic", "store", "--contract", CONTRACT).code in (0, 1)
    table = runs_in(Path("store/runs"))[-1].table("findings").to_pylist()
    return {
        (row["unit"], row["period"]): (row["answer_by"], row["heard"])
        for row in table
        if row["code"] == "check.few_visits"
    }


def public(call: Call) -> list[dict[str, str]]:
    assert call("publish", "store", "site").code == 0
    (path,) = Path("site").rglob("findings.csv")
    rows = csv.DictReader(path.read_text("utf-8-sig").splitlines())
    return [row for row in rows if row["code"] == "check.few_visits"]


C1 = ["C1", "2025-10-10", "check.few_visits", "2025-03"]


def test_before_the_days_are_over_only_numbers_are_public(odd: Path, call: Call) -> None:
    said = found(call)
    assert set(said.values()) == {("2025-10-23", "waits")}
    (row,) = public(call)
    assert (row["unit"], row["period"]) == ("", "")
    assert row["message"].startswith(f"{len(said)} findings of this kind")
    assert json.loads(row["evidence"])["places"] == len({unit for unit, _ in said})
    pages = [path.read_text("utf-8") for path in Path("site").rglob("*.html")]
    assert not [page for page in pages if "Hardly any visits: " in page]
    assert any("findings of this kind; the units are heard" in page for page in pages)


def test_the_internal_edition_shows_everything(odd: Path, call: Call) -> None:
    said = found(call)
    assert call("publish", "store", "inside", "--internal").code == 0
    (path,) = Path("inside").rglob("*findings.csv")
    rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    assert {(row["unit"], row["period"]) for row in rows if row["code"] == "check.few_visits"} == set(said)


def test_who_answered_is_named_with_its_finding(odd: Path, call: Call) -> None:
    deliver(call, "2025-10-12", [[*C1, "The clinic was closed for repairs", ""]])
    said = found(call)
    assert said["C1", "2025-03"] == ("2025-10-23", "answered")
    assert said["C1", "2025-04"] == ("2025-10-23", "waits")
    assert {(row["unit"], row["period"]) for row in public(call)} == {("C1", "2025-03"), ("", "")}


def test_when_the_days_are_over_silence_is_no_shield(odd: Path, call: Call) -> None:
    deliver(call, "2025-10-24", [[*C1, "closed for repairs", "explained"]])
    said = found(call)
    assert said["C2", "2025-03"] == ("2025-10-23", "silent")
    assert said["C1", "2025-03"][1] == "explained"
    named = {(row["unit"], row["period"]) for row in public(call)}
    assert ("C2", "2025-03") in named
    assert ("C1", "2025-03") not in named  # the office agreed: counted, never named
    assert ("", "") in named


def test_the_last_day_is_still_the_units(odd: Path, call: Call) -> None:
    deliver(call, "2025-10-23", [[*C1, "", ""]])
    assert {heard for _, heard in found(call).values()} == {"waits"}


def test_a_correction_gives_new_days_for_what_it_touches(odd: Path, call: Call) -> None:
    text = Path("clinic/data/monthly.csv").read_text("utf-8").splitlines()
    row = next(line for line in text if line.startswith("C2,2025-03,")).split(",")
    row[2] = str(int(float(row[2])) + 1)
    Path("again.csv").write_text("\n".join([text[0], ",".join(row)]) + "\n", encoding="utf-8")
    assert call("receive", "clinic", "store", "monthly", "again.csv", "--received-at", "2025-10-24").code in (
        0,
        1,
    )
    said = found(call)
    assert said["C2", "2025-03"] == ("2025-11-13", "waits")
    assert said["C2", "2025-04"] == ("2025-10-23", "silent")
    assert call("recompute", "store").code == 0


BAD = {
    "no such dataset": ("answers: replies", "answers: repliess", "did you mean replies"),
    "no code": (
        "      code: {type: text, required: true, title: {en: Finding, zh: 发现}}\n",
        "",
        "no column 'code'",
    ),
    "no days": ("answer_days: 20", "answer_days: 0", "hearing.yaml:"),
    "unknown kind": ("answer_days: 20", "named: [check]", "hearing.yaml:"),
    "unknown key": ("answer_days: 20", "answer_day: 20", "did you mean answer_days"),
}


@pytest.mark.parametrize("name", BAD)
def test_lint(name: str, office: Path, call: Call) -> None:
    before, after, words = BAD[name]
    assert before in DECLARED
    Path("clinic/hearing.yaml").write_text(DECLARED.replace(before, after), encoding="utf-8")
    said = call("lint", "clinic")
    assert said.code == 1
    assert words in said.out
