"""From recounts received like any delivery to a verdict for every value, in a run."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest
from tests.functional.conftest import CONTRACT, Call

from tallymark.store.runs import runs_in

DECLARED = """
datasets:
  recounts:
    title: {en: Recounts of visits, zh: 服务人次复核}
    kind: reports
    level: clinic
    frequency: month
    items:
      visits_reported: {min: 0, title: {en: Visits recounted, zh: 复核服务人次}}
  answers:
    title: {en: What clinics say to differences, zh: 服务站对差异的说明}
    kind: events
    level: clinic
    unit: unit
    date: said_on
    key: [answer_id]
    absence: zero
    columns:
      answer_id: {type: text, required: true, title: {en: Number, zh: 编号}}
      unit: {type: unit, required: true, title: {en: Clinic, zh: 服务站}}
      said_on: {type: date, required: true, title: {en: Day, zh: 日期}}
      period: {type: text, required: true, title: {en: Month, zh: 月份}}
      item: {type: text, required: true, title: {en: Figure, zh: 指标项}}
      answer: {type: category, values: [accepts, explains, contests], title: {en: Answer, zh: 说明}}
      ruling: {type: category, values: [upheld, explained, error, falsification], title: {en: Ruling, zh: 裁定}}
measures:
  falsified: {dataset: answers, where: ruling = 'falsification', title: {en: Values ruled falsified, zh: 裁定造假的数值}}
verifications:
  visits:
    title: {en: Visits recounted from the register, zh: 依登记册复核服务人次}
    of: monthly
    by: recounts
    answers: answers
    helps: {visits_reported: higher}
    estimate: true
    least_pairs: 3
"""
MONTHS = [f"2025-{month:02}" for month in range(1, 10)]


def write(path: str, heading: list[str], rows: list[list[object]]) -> str:
    with Path(path).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([heading, *rows])
    return path


@pytest.fixture
def verified(office: Path, call: Call) -> Path:
    """C1, C2 and C3 were recounted: C1 reports the truth, C2 and C3 always half as much again; C2 contests one month."""
    Path("clinic/verification.yaml").write_text(DECLARED, encoding="utf-8")
    assert call("lint", "clinic").code == 0, call("lint", "clinic").out
    reported = {
        (row["clinic"], row["month"]): float(row["visits"])
        for row in csv.DictReader(Path("clinic/data/monthly.csv").read_text("utf-8").splitlines())
        if row["visits"]
    }
    share = {"C1": 1.0, "C2": 1.5, "C3": 1.5}
    rows = [
        [unit, month, round(reported[unit, month] / share[unit])]
        for unit in share
        for month in MONTHS
        if (unit, month) in reported
    ]
    write("recounts.csv", ["unit", "period", "visits_reported"], rows)
    assert (
        call("receive", "clinic", "store", "recounts", "recounts.csv", "--received-at", "2025-10-10").code
        == 0
    )
    answers = [
        ["A1", "C2", "2025-10-20", "2025-03", "visits_reported", "contests", ""],
        ["A2", "C3", "2025-10-20", "2025-03", "visits_reported", "explains", "explained"],
    ]
    write("answers.csv", ["answer_id", "unit", "said_on", "period", "item", "answer", "ruling"], answers)
    assert (
        call("receive", "clinic", "store", "answers", "answers.csv", "--received-at", "2025-12-01").code == 0
    )
    said = call("assess", "clinic", "store", "--contract", CONTRACT)
    assert said.code in (0, 1), said.err
    return office


def rows(call: Call, *options: str) -> dict[str, list[dict[str, object]]]:
    told: dict[str, list[dict[str, object]]] = json.loads(call("verdicts", "store", "--json", *options).out)
    return told


def test_every_value_has_one_verdict(verified: Path, call: Call) -> None:
    told = rows(call)["verdicts"]
    keys = Counter((row["unit"], row["period"], row["item"]) for row in told)
    assert set(keys.values()) == {1}
    assert {row["verdict"] for row in told} <= {
        "accepted",
        "corrected",
        "recounted",
        "estimated",
        "disputed",
        "missing",
    }
    assert all(row["value"] is None for row in told if row["verdict"] == "missing")


def test_a_unit_that_reports_the_truth_is_accepted(verified: Path, call: Call) -> None:
    told = [row for row in rows(call, "--unit", "C1")["verdicts"] if row["recounted"] is not None]
    assert len(told) == len(MONTHS)
    assert {(row["verdict"], row["reason"], row["nature"]) for row in told} == {
        ("accepted", "recount_agrees", "none")
    }


def test_differences_count_only_after_the_unit_was_heard(verified: Path, call: Call) -> None:
    second = {
        row["period"]: row for row in rows(call, "--unit", "C2")["verdicts"] if row["recounted"] is not None
    }
    assert (second["2025-03"]["verdict"], second["2025-03"]["value"]) == (
        "disputed",
        second["2025-03"]["reported"],
    )
    assert second["2025-04"]["verdict"] == "recounted"
    assert second["2025-04"]["value"] == second["2025-04"]["recounted"]
    third = {
        row["period"]: row for row in rows(call, "--unit", "C3")["verdicts"] if row["recounted"] is not None
    }
    assert (third["2025-03"]["verdict"], third["2025-03"]["nature"]) == ("accepted", "none")


def test_it_never_accuses(verified: Path, call: Call) -> None:
    said = call("findings", "store", "--code", "verify.inquiry", "--json")
    found = json.loads(said.out)
    assert {row["code"] for row in found} == {"verify.inquiry"}
    assert {row["severity"] for row in found} == {"warning"}
    assert all("what is odd, not why" in row["hint"] for row in found)
    told = json.dumps(rows(call)) + said.out
    assert "falsif" not in told.replace("falsified", "")
    assert "造假" not in told


def test_factors_and_what_they_mean_for_the_others(verified: Path, call: Call) -> None:
    (factor,) = rows(call)["factors"]
    assert factor["units"] == 3
    assert factor["band"] == "over_reported"
    assert factor["others_expected"] == pytest.approx(factor["others_reported"] * factor["factor"])
    told = rows(call, "--unit", "C4")["verdicts"]
    visits = [row for row in told if row["item"] == "visits_reported" and row["reported"] is not None]
    expected = "estimated" if not factor["low"] <= 1 <= factor["high"] else "accepted"
    assert expected in {row["verdict"] for row in visits}


def test_it_is_told_in_words_in_both_languages(verified: Path, call: Call) -> None:
    said = call("verdicts", "store")
    assert said.code == 0
    assert "recounted ÷ reported" in said.out
    assert "Verdicts: accepted" in said.out
    assert "核实系数" in call("verdicts", "--help", "--lang", "zh").out
    assert "结论：" in call("verdicts", "store", "--lang", "zh").out


def test_single_values_are_not_published(verified: Path, call: Call) -> None:
    assert call("publish", "store", "site").code == 0
    public = list(Path("site").rglob("verdicts.csv"))
    assert len(public) == 1
    published = list(csv.DictReader(public[0].read_text("utf-8-sig").splitlines()))
    assert published
    assert not any(
        row["reported"] or row["recounted"] or row["evidence"] or row["nature"] for row in published
    )
    assert {row["verdict"] for row in published} >= {"accepted", "recounted", "disputed"}
    assert not [
        path for path in Path("site").rglob("*") if path.is_file() and b"verify.inquiry" in path.read_bytes()
    ]


def test_the_run_can_be_made_again(verified: Path, call: Call) -> None:
    assert call("recompute", "store").code == 0


BAD = {
    "dataset": (("of: monthly", "of: montly"), "montly"),
    "events": (("of: monthly", "of: visits"), "not a dataset of reports"),
    "item": (("helps: {visits_reported: higher}", "helps: {visit: higher}"), "visit"),
    "direction": (("visits_reported: higher}", "visits_reported: up}"), "up"),
    "answers": (("answers: answers", "answers: visits"), "no column"),
    "key": (("estimate: true", "estimates: true"), "estimates"),
    "level": (("estimate: true", "stratum: town"), "town"),
    "nothing in common": (("      visits_reported: {min: 0, title: {en: Visits recounted, zh: 复核服务人次}}", "      other: {min: 0, title: {en: Other, zh: 其他}}"), "has no item of"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrongly_declared_is_found(name: str, office: Path, call: Call) -> None:
    (before, after), words = BAD[name]
    assert before in DECLARED
    Path("clinic/verification.yaml").write_text(DECLARED.replace(before, after), encoding="utf-8")
    said = call("lint", "clinic")
    assert said.code == 1
    assert words in said.out
    assert "verification.yaml:" in said.out


def test_a_programme_without_verification_has_none(office: Path, call: Call) -> None:
    assert call("assess", "clinic", "store", "--contract", CONTRACT).code in (0, 1)
    assert "declares no verification" in call("verdicts", "store").out
    assert "did you mean C1" in call("verdicts", "store", "--unit", "C11").err


def counted(folder: Path) -> dict[tuple[str, str], tuple[float | None, str]]:
    """Visits that measures of the last run count by clinic and month, with what they rest on."""
    table = runs_in(folder / "store" / "runs")[-1].table("measures").to_pylist()
    return {
        (row["unit"], row["period"]): (row["value"], row["basis"])
        for row in table
        if row["measure"] == "visits_reported" and not row["breakdown"]
    }


VERIFIED = """    values: verified
indicators:
  visits_a_report: {title: {en: Visits a report, zh: 每份月报服务人次}, numerator: visits_reported, denominator: monthly.received,
    unit: {en: visits, zh: 人次}, direction: none, concerns: service_coverage}
"""


def test_measures_count_as_reported_unless_declared(verified: Path) -> None:
    assert "recounted" not in {basis for _, basis in counted(verified).values()}


def test_measures_count_verified_values_and_say_what_they_rest_on(verified: Path, call: Call) -> None:
    before = counted(verified)
    told = {(row["unit"], row["period"]): row for row in rows(call)["verdicts"]}
    Path("clinic/verification.yaml").write_text(DECLARED + VERIFIED, encoding="utf-8")
    assert call("assess", "clinic", "store", "--contract", CONTRACT, "--json").code in (0, 1)
    after = counted(verified)
    for key, verdict in told.items():
        if verdict["value"] is not None:
            assert after[key][0] == pytest.approx(verdict["value"]), key
    assert after["C2", "2025-04"][1] == "recounted"
    assert after["C2", "2025-03"] == before["C2", "2025-03"]  # contested: as reported until somebody rules
    assert after["C1", "2025-04"] == before["C1", "2025-04"]
    year = [each for (unit, _), each in after.items() if unit == "C2"]
    assert sum(value or 0 for value, _ in year) < sum(
        value or 0 for (u, _), (value, _) in before.items() if u == "C2"
    )
    said = call("explain", "store", "--indicator", "visits_a_report", "--unit", "C2", "--period", "2025-04")
    assert said.code == 0, said.err
    assert "recounted" in said.out.lower()
    assert call("recompute", "store").code == 0


SCORED = """    values: verified
indicators:
  visits_a_report: {title: {en: Visits a report, zh: 每份月报服务人次}, numerator: visits_reported, denominator: monthly.received,
    unit: {en: visits, zh: 人次}, direction: higher, concerns: service_coverage}
contracts:
  visits-2025:
    title: {en: Visits 2025, zh: 2025年服务人次}
    level: clinic
    period: SY2025
    sections:
      - {code: v, title: {en: Visits, zh: 服务人次}, lines: [{code: V1, title: {en: Visits a report, zh: 每份月报服务人次},
         points: 100, indicator: visits_a_report, award: {kind: proportional, floor: 0, target: 1000}}]}
"""


def test_verified_values_are_what_is_scored(verified: Path, call: Call) -> None:
    """By hand: verdicts' values → their sum ÷ reports received → 100 × figure ÷ 1000, for every clinic."""
    points: dict[str, dict[str, float]] = {}
    for values in ("verified", "reported"):
        text = DECLARED + SCORED.replace("values: verified", f"values: {values}")
        Path("clinic/verification.yaml").write_text(text, encoding="utf-8")
        assert call("assess", "clinic", "store", "--contract", "visits-2025").code in (0, 1)
        run = runs_in(verified / "store" / "runs")[-1]
        used: dict[str, float] = {}
        received = Counter[str]()
        for row in run.table("verdicts").to_pylist():
            if row["reported"] is not None:
                number = row["value"] if values == "verified" else row["reported"]
                used[row["unit"]] = used.get(row["unit"], 0.0) + number
                received[row["unit"]] += 1
        scores = {row["unit"]: row for row in run.table("scores").to_pylist()}
        points[values] = {unit: row["points"] for unit, row in scores.items()}
        for unit, row in scores.items():
            assert row["value"] == pytest.approx(used[unit] / received[unit]), (values, unit)
            assert row["points"] == pytest.approx(min(used[unit] / received[unit] / 10, 100)), (values, unit)
        assert (scores["C2"]["basis"] in ("recounted", "estimated")) is (values == "verified")
    assert points["verified"]["C2"] < points["reported"]["C2"]
    assert points["verified"]["C1"] == pytest.approx(points["reported"]["C1"])
    said = call("explain", "store", "--indicator", "visits_a_report", "--unit", "C2")
    assert said.code == 0, said.err


def test_nobody_owes_a_recount(verified: Path, call: Call) -> None:
    """Only who was drawn is recounted: the others' recounts are not reports that are missing."""
    with Path("clinic/verification.yaml").open("a", encoding="utf-8") as file:
        file.write("\npatterns:\n  standard: true\n")
    assert call("assess", "clinic", "store", "--contract", CONTRACT).code in (0, 1)
    found = json.loads(call("findings", "store", "--json").out)
    found = found["findings"] if isinstance(found, dict) else found
    codes = Counter((row["code"], row["dataset"]) for row in found)
    assert not codes["verify.missing_reports", "recounts"]
    assert sum(codes.values()) > 0
