"""`tallymark draw` as people use it: frame, commitment, reveal, check by anyone, sheets, returns, estimates."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook
from pyxform.xls2xform import convert
from tests.functional.conftest import Call

FORM = """
title: {en: Recount of the quarter, zh: 季度复核}
purpose: {en: Checking that monthly reports agree with the register, zh: 核对月报与登记册}
questions:
  - {name: visits, kind: recount, title: {en: Visits in the register, zh: 登记册访视数}}
  - {name: charter, kind: check, title: {en: Charter displayed, zh: 承诺公开上墙}, hint: {en: Look at the wall, zh: 看墙上}}
  - {name: waiting, kind: ask, title: {en: Waiting time, zh: 等候时间}, choices: {short: {en: short, zh: 短}, long: {en: long, zh: 长}}}
  - {name: remarks, kind: note, title: {en: Remarks, zh: 备注}}
"""
SEED = "00" * 31 + "07"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    rows = [
        {
            "unit": f"V{at:02}",
            "name": f"村{at}",
            "stratum": f"T{at % 3}",
            "cluster": f"C{at // 5}",
            "size": 90 + at,
        }
        for at in range(30)
    ]
    with Path("frame.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    Path("form.yaml").write_text(FORM, encoding="utf-8")
    return tmp_path


@pytest.fixture
def drawn(place: Path, call: Call) -> Path:
    made = call(
        "draw",
        "commit",
        "frame.csv",
        "q4",
        "--design",
        "stratified",
        "--n",
        9,
        "--event",
        "County lottery of 1 December",
        "--seed",
        SEED,
        "--title",
        "Recount Q4",
    )
    assert made.code == 0, made.err
    assert call("draw", "reveal", "q4", "--outcome", "3 5 9").code == 0
    return place / "q4"


def test_from_commitment_to_check(place: Path, call: Call) -> None:
    made = call("draw", "commit", "frame.csv", "q4", "--design", "pps", "--n", 6)
    assert (made.code, "must stay secret" in made.out, "could have tried many seeds" in made.out) == (
        0,
        True,
        True,
    )
    secret = place / "q4.secret.json"
    assert secret.stat().st_mode & 0o077 == 0
    told = (place / "q4" / "commitment.json").read_text("utf-8")
    assert json.loads(secret.read_text("utf-8"))["seed"] not in told
    assert call("draw", "verify", "q4").code == 2, "nothing is revealed yet"
    assert call("draw", "reveal", "q4").out.count("\n") == 7
    assert "holds" in call("draw", "verify", "q4").out


def test_anyone_can_check_with_the_folder_alone(drawn: Path, call: Call, tmp_path: Path) -> None:
    shutil.copytree(drawn, tmp_path / "elsewhere")
    (tmp_path / "q4.secret.json").unlink()
    assert json.loads(call("draw", "verify", "elsewhere", "--json").out)["same"] is True


def test_a_changed_sample_is_found(drawn: Path, call: Call) -> None:
    told = json.loads((drawn / "revealed.json").read_text("utf-8"))
    drawn_units = {row["unit"] for row in told["sample"]}
    spared = next(f"V{at:02}" for at in range(30) if f"V{at:02}" not in drawn_units)
    told["sample"][0]["unit"] = spared
    (drawn / "revealed.json").write_text(json.dumps(told), "utf-8")
    said = call("draw", "verify", "q4")
    assert said.code == 1
    assert f"not drawn but listed: {spared}" in said.out
    assert "未抽中却列入" in call("draw", "verify", "q4", "--lang", "zh").out
    assert call("draw", "sheets", "q4", "out", "--form", "form.yaml").code == 2


def test_the_same_seed_draws_the_same(place: Path, call: Call) -> None:
    samples = []
    for folder in ("a", "b"):
        call(
            "draw",
            "commit",
            "frame.csv",
            folder,
            "--design",
            "clusters",
            "--n",
            3,
            "--per",
            2,
            "--seed",
            SEED,
        )
        samples.append(json.loads(call("draw", "reveal", folder, "--json").out)["sample"])
    assert samples[0] == samples[1]
    assert len(samples[0]) == 6


def test_odds(place: Path, call: Call) -> None:
    told = json.loads(call("draw", "odds", "frame.csv", "--design", "pps", "--n", 6, "--json").out)
    assert told["expected"] == "6"
    assert told["units"][0] == {"unit": "V00", "probability": "36/209", "decimal": pytest.approx(36 / 209)}


def test_sheets(drawn: Path, call: Call) -> None:
    said = call(
        "draw", "sheets", "q4", "out", "--form", "form.yaml", "--period", "2025-07", "--period", "2025-08"
    )
    assert said.code == 0, said.err
    page = Path("out/visits-zh.html").read_text("utf-8")
    assert page.count('<section class="unit">') == 9
    assert "登记册访视数" in page
    assert "2025-08" in page
    assert "http" not in page
    rows = CalamineWorkbook.from_path("out/visits.xlsx").get_sheet_by_name("visits").to_python()
    assert rows[0] == [
        "unit",
        "name",
        "period",
        "visited_on",
        "visitor",
        "outcome",
        "visits",
        "charter",
        "waiting",
        "remarks",
    ]
    assert len(rows) == 1 + 9 * 2
    assert rows[1][6] == "", "recounts are blind: nothing that was reported is on the form"


def test_the_xlsform_is_one(drawn: Path, call: Call) -> None:
    assert call("draw", "sheets", "q4", "out", "--form", "form.yaml", "--period", "2025-07").code == 0
    made = convert("out/visits-xlsform.xlsx", validate=False)
    assert "<h:html" in made.xform
    sample = json.loads(Path("q4/revealed.json").read_text("utf-8"))["sample"]
    assert all(row["unit"] in made.xform or row["unit"] in str(made.itemsets) for row in sample)
    assert not [warning for warning in made.warnings if "visits" in warning]


def returns(drawn: Path, answer: dict[str, str] | None = None) -> Path:
    sample = json.loads((drawn / "revealed.json").read_text("utf-8"))["sample"]
    path = drawn.parent / "returns.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["unit", "period", "outcome", "visits", "charter"])
        for at, row in enumerate(sample):
            told = "" if at == 0 else "10"
            writer.writerow(
                [
                    row["unit"],
                    "2025-07",
                    "closed" if at == 0 else "visited",
                    told,
                    "" if at == 0 else ("yes" if at % 2 else "no"),
                ]
            )
    return path


def test_estimates(drawn: Path, call: Call) -> None:
    file = returns(drawn)
    told = json.loads(call("draw", "estimate", "q4", file, "--of", "visits", "--json").out)
    mean, total = told["estimates"]
    assert (mean["value"], total["value"]) == (pytest.approx(10), pytest.approx(300))
    assert told["outcomes"] == {"closed": 1, "visited": 8}
    said = call("draw", "estimate", "q4", file, "--of", "charter", "--least", 0, "--most", 1)
    assert "whatever those missing are" in said.out
    assert "an assumption, not a finding" in said.out
    assert "closed 1, visited 8" in said.out


def test_estimates_from_the_workbook_filled_in(drawn: Path, call: Call) -> None:
    assert call("draw", "sheets", "q4", "out", "--form", "form.yaml", "--period", "2025-07").code == 0
    filled, answers = (
        drawn.parent / "filled.xlsx",
        list(csv.DictReader(returns(drawn).open(encoding="utf-8"))),
    )
    blank = CalamineWorkbook.from_path("out/visits.xlsx").get_sheet_by_name("visits")
    names = [str(cell) for cell in blank.to_python()[0]]
    with xlsxwriter.Workbook(str(filled)) as book:
        book.add_worksheet("questions").write_row(0, 0, ["unit", "visits"])
        sheet = book.add_worksheet("visits")
        sheet.write_row(0, 0, names)
        for line, row in enumerate(answers, 1):
            for column, name in enumerate(names):
                value = row.get(name, "")
                sheet.write(line, column, float(value) if name == "visits" and value else value)
    from_csv, from_book = (
        json.loads(call("draw", "estimate", "q4", file, "--of", "visits", "--json").out)
        for file in (drawn.parent / "returns.csv", filled)
    )
    assert from_book == from_csv
    filled.write_bytes(b"no workbook")
    assert "cannot be read as a workbook" in call("draw", "estimate", "q4", filled, "--of", "visits").err


BAD = {
    "frame absent": (("commit", "no.csv", "x", "--design", "simple", "--n", "3"), "there is no no.csv"),
    "too many": (
        ("commit", "frame.csv", "x", "--design", "simple", "--n", "31"),
        "31 cannot be drawn from 30",
    ),
    "design": (("commit", "frame.csv", "x", "--design", "best", "--n", "3"), "--design has no 'best'"),
    "seed": (
        ("commit", "frame.csv", "x", "--design", "simple", "--n", "3", "--seed", "dice"),
        "64 hex digits",
    ),
    "short seed": (
        ("commit", "frame.csv", "x", "--design", "simple", "--n", "3", "--seed", "00ff"),
        "32 bytes",
    ),
    "drawn twice": (("commit", "frame.csv", "q4", "--design", "simple", "--n", "3"), "is there already"),
    "revealed twice": (("reveal", "q4", "--outcome", "3 5 8"), "is there already"),
    "no folder": (("verify", "q5"), "there is no q5"),
    "no draw": (("verify", "."), "holds no draw"),
    "step": (("drow",), "there is no command 'drow'"),
    "form absent": (("sheets", "q4", "out", "--form", "no.yaml"), "there is no no.yaml"),
    "returns absent": (("estimate", "q4", "no.csv", "--of", "visits"), "there is no no.csv"),
    "returns of others": (("estimate", "q4", "strangers.csv", "--of", "visits"), "was not drawn"),
    "column": (("estimate", "q4", "returns.csv", "--of", "visit"), "did you mean visits?"),
    "frame empty": (("odds", "empty.csv", "--design", "simple", "--n", "1"), "no CSV file with rows"),
    "frame of nothing": (("odds", "form.yaml", "--design", "simple", "--n", "1"), "has no column 'unit'"),
    "size without store": (("frame", "p", "o.csv", "--level", "town", "--size", "x"), "there is no p"),
}


@pytest.mark.parametrize("name", BAD)
def test_mistakes_are_told_in_one_line(name: str, drawn: Path, call: Call) -> None:
    returns(drawn)
    Path("empty.csv").write_text("", "utf-8")
    units = {row["unit"] for row in json.loads((drawn / "revealed.json").read_text("utf-8"))["sample"]}
    other = next(f"V{at:02}" for at in range(30) if f"V{at:02}" not in units)
    Path("strangers.csv").write_text(f"unit,visits\n{other},3\n", "utf-8")
    arguments, words = BAD[name]
    said = call("draw", *arguments)
    assert (said.code, said.out) == (2, ""), said
    assert said.err.count("\n") == 1
    assert words in said.err


@pytest.mark.parametrize(
    "question",
    [
        "{name: pregnant_women, kind: recount, title: {en: Unmarried women found pregnant, zh: 查出未婚先孕人数}}",
        "{name: sterilised, kind: recount, title: {en: Sterilisations done against the quota, zh: 结扎任务完成数}}",
        "{name: out_of_plan, kind: ask, title: {en: Births outside the plan, zh: 计划外生育}, choices: {a: {en: a, zh: 有}, b: {en: b, zh: 无}}}",
    ],
)
def test_forms_pass_the_rights_gate(question: str, drawn: Path, call: Call) -> None:
    Path("form.yaml").write_text(FORM + f"  - {question}\n", "utf-8")
    said = call("draw", "sheets", "q4", "out", "--form", "form.yaml")
    assert said.code == 1, said
    assert "rights." in said.err
    assert not Path("out").exists()


def test_a_frame_from_a_programme(office: Path, call: Call) -> None:
    said = call(
        "draw",
        "frame",
        "clinic",
        "frame.csv",
        "--level",
        "clinic",
        "--stratum",
        "district",
        "--on",
        "2025-10-01",
        "--store",
        "store",
        "--size",
        "residents",
        "--json",
    )
    assert said.code == 0, said.err
    told = json.loads(said.out)
    rows = list(csv.DictReader(Path("frame.csv").read_text("utf-8").splitlines()))
    assert told["units"] == len(rows) > 1
    assert {row["stratum"] for row in rows} == {"D"}
    assert all(float(row["size"]) > 1 for row in rows)
    assert call("draw", "odds", "frame.csv", "--design", "pps", "--n", 2).code == 0
    assert "did you mean clinic" in call("draw", "frame", "clinic", "f2.csv", "--level", "clinics").err
