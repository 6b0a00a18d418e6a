"""Files to compute with: CSV, Parquet, dictionary, hashes, workbook."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.publish.fabricate import MadeUp

from tallymark.model.tables import STAMP, TABLES
from tallymark.publish import downloads
from tallymark.publish.downloads import BOM, csv_bytes, write_downloads
from tallymark.publish.facts import Facts

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")


def rows_of(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(BOM)
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_csv_keeps_missing_apart_from_zero_and_chinese_intact() -> None:
    table = pa.table({"unit": ["松风店镇", "B"], "value": pa.array([None, 0.0])})
    content = csv_bytes(table, "run-1")
    assert rows_of(content) == [
        {"unit": "松风店镇", "value": "", "run": "run-1"},
        {"unit": "B", "value": "0", "run": "run-1"},
    ]


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "@SUM(A1)", "-x", "\t=1"])
def test_csv_holds_no_formulas(text: str) -> None:
    (row,) = rows_of(csv_bytes(pa.table({"message": [text]}), "run"))
    assert row["message"].startswith("'")


@pytest.mark.parametrize("text", ["-3.5", "a=1", "12+1"])
def test_csv_leaves_what_is_no_formula(text: str) -> None:
    (row,) = rows_of(csv_bytes(pa.table({"message": [text]}), "run"))
    assert row["message"] == text


def test_every_table_is_there_in_both_forms_with_the_same_rows(site: Path, facts: Facts) -> None:
    for name, spec in TABLES.items():
        written = pq.read_table(site / "data" / f"{name}.parquet")
        assert written.column_names == [*spec.schema.names, *STAMP]
        assert written.select(spec.schema.names).cast(spec.schema).equals(facts.tables[name])
        rows = rows_of((site / "data" / f"{name}.csv").read_bytes())
        assert len(rows) == facts.tables[name].num_rows


def test_every_row_of_parquet_carries_what_it_came_from(site: Path, run: MadeUp) -> None:
    row = pq.read_table(site / "data" / "totals.parquet").to_pylist()[0]
    assert row["run"] == run.manifest["run"]
    assert row["programme_hash"] == run.manifest["programme"]["hash"]
    assert row["data_version"] == "16"


def test_large_tables_are_cut_and_zipped(
    facts: Facts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "MOST_ROWS", 1000)
    monkeypatch.setattr(downloads, "MOST_PLAIN", 500)
    names = [download.name for download in write_downloads(facts, tmp_path)]
    parts = [name for name in names if name.startswith("indicators-")]
    assert parts[:2] == ["indicators-1.csv.zip", "indicators-2.csv.zip"]
    rows = 0
    for name in parts:
        with zipfile.ZipFile(tmp_path / name) as archive:
            rows += len(rows_of(archive.read(archive.namelist()[0])))
    assert rows == facts.tables["indicators"].num_rows


def test_the_dictionary_names_every_column_in_both_languages(site: Path) -> None:
    rows = rows_of((site / "data" / "dictionary.csv").read_bytes())
    named = {(row["table"], row["column"]) for row in rows}
    assert named >= {(spec.name, column.name) for spec in TABLES.values() for column in spec.columns}
    assert all(row["meaning_en"] and row["meaning_zh"] for row in rows)


def test_hashes_are_those_of_the_files(site: Path) -> None:
    lines = (site / "data" / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(list((site / "data").iterdir())) - 1
    for line in lines:
        digest, name = line.split("  ")
        assert hashlib.sha256((site / "data" / name).read_bytes()).hexdigest() == digest


@pytest.fixture(scope="module")
def books(site: Path) -> dict[str, openpyxl.Workbook]:
    return {
        language: openpyxl.load_workbook(site / "data" / f"scorecard-{language}.xlsx")
        for language in ("en", "zh")
    }


def test_sheets_in_each_language(books: dict[str, openpyxl.Workbook]) -> None:
    assert books["en"].sheetnames == [
        "Overview",
        "Scorecard",
        "Ranks",
        "Gaps",
        "Indicators",
        "Findings",
        "Dictionary",
    ]
    assert books["zh"].sheetnames == ["概览", "得分表", "名次", "失分清单", "指标", "核查发现", "数据字典"]


def test_the_workbook_says_when_the_run_was_made(books: dict[str, openpyxl.Workbook]) -> None:
    assert books["en"].properties.created == dt.datetime(2025, 11, 3, 9, 30)
    assert books["en"].properties.title == "Small contract 2025"


def test_the_scorecard_sheet_holds_the_points(books: dict[str, openpyxl.Workbook], facts: Facts) -> None:
    sheet = books["en"]["Scorecard"]
    head = [cell.value for cell in sheet[2]]
    assert head[:3] == ["Town", "Total", "Requests served"]
    for cells in sheet.iter_rows(min_row=3, max_row=2 + len(facts.scored)):
        unit = facts.scored[cells[0].row - 3]
        assert cells[1].value == pytest.approx(facts.totals[unit].total)
        score = facts.scores[unit]["small-2025", "S1"]
        assert cells[2].value == pytest.approx(score.points)
        applies = facts.scores[unit]["small-2025", "R3"].status == "scored"
        assert (cells[6].value == "·") != applies
    assert len(sheet.conditional_formatting) == 1 + len(facts.lines)


def test_numbers_are_numbers_and_names_are_no_formulas(
    books: dict[str, openpyxl.Workbook], facts: Facts
) -> None:
    sheet = books["en"]["Indicators"]
    for cells in sheet.iter_rows(min_row=2):
        assert isinstance(cells[2].value, int | float) or cells[2].value in ("—", "·", "✱", "÷0")
        assert cells[0].data_type == "s"
    assert books["en"]["Dictionary"].max_row == 1 + sum(len(spec.columns) for spec in TABLES.values())


def test_a_rehearsal_says_so_on_every_sheet(rehearsal: Path) -> None:
    for language, said in (("en", "REHEARSAL — NOT A RESULT"), ("zh", "模拟考核 · 非正式结果")):
        book = openpyxl.load_workbook(rehearsal / "data" / f"rehearsal-scorecard-{language}.xlsx")
        assert all(sheet["A1"].value == said for sheet in book)
        assert all(said in sheet.oddHeader.center.text for sheet in book)
