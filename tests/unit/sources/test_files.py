"""Every kind of file becomes the same grid, and what is no such file is refused in one sentence."""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import json
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.sources.files import bomb, encrypted, far_cell, ods, workbook

from tallymark.errors import ReceiveError
from tallymark.sources import excel_file
from tallymark.sources.encodings import delimiter_of, encoding_of
from tallymark.sources.grid import Sheet, Wanted
from tallymark.sources.readers import READERS

Table = tuple[list[str], dict[int, list[str | None]]]


def cells(sheet: Sheet) -> Table:
    """Labels, and row number → texts of rows that hold any."""
    rows: dict[int, list[str | None]] = {}
    for chunk in sheet.chunks:
        columns = [column.text.to_pylist() for column in chunk.columns]
        for at, number in enumerate(chunk.rows.tolist()):
            row = [column[at] or None for column in columns]
            if any(row):
                rows[number] = row
    return [heading.label for heading in sheet.headings], rows


def read(form: str, path: Path, **wanted: object) -> Table:
    return cells(READERS[form](path).sheet(Wanted(**wanted)))  # type: ignore[arg-type]


def csv_file(tmp_path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = tmp_path / "f.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line", ["\n", "\r\n"])
def test_delimiters_and_line_ends(tmp_path: Path, delimiter: str, line: str) -> None:
    text = (
        line.join(delimiter.join(row) for row in (["unit", "a b", "c"], ["U1", "1", "x"], ["U2", "", "y"]))
        + line
    )
    expected = (["unit", "a b", "c"], {2: ["U1", "1", "x"], 3: ["U2", None, "y"]})
    assert read("csv", csv_file(tmp_path, text)) == expected


def test_decimal_commas_between_semicolons(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "unit;a;b\nU1;1,5;2,5\nU2;3,5;4,5\n")
    assert delimiter_of(path, "utf-8", 1) == ";"
    assert read("csv", path)[1][2] == ["U1", "1,5", "2,5"]


def test_the_line_that_spreadsheets_put_first(tmp_path: Path) -> None:
    headings, rows = read("csv", csv_file(tmp_path, "sep=;\nunit;a\nU1;1\n"))
    assert headings == ["unit", "a"]
    assert rows == {3: ["U1", "1"]}


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le"),
     ("gb18030", "gb18030")],
)  # fmt: skip
def test_encodings_of_chinese(tmp_path: Path, encoding: str, found: str) -> None:
    path = csv_file(tmp_path, "单位,月份,出生数\n大冶镇,2025年3月,12\n金山店镇,2025年3月,7\n", encoding)
    assert encoding_of(path) == found
    assert read("csv", path) == (
        ["单位", "月份", "出生数"],
        {2: ["大冶镇", "2025年3月", "12"], 3: ["金山店镇", "2025年3月", "7"]},
    )


@pytest.mark.parametrize("name", ["São Tomé", "Côte d'Ivoire", "Küçükçekmece", "Ñuñoa"])
def test_western_letters_are_not_taken_for_chinese(tmp_path: Path, name: str) -> None:
    path = csv_file(tmp_path, f"unit,a\n{name},1\n", "cp1252" if name != "Küçükçekmece" else "cp1254")
    assert encoding_of(path) == "cp1252"
    assert read("csv", path)[1][2][0] == name


def test_another_encoding_is_noted(tmp_path: Path) -> None:
    sheet = READERS["csv"](csv_file(tmp_path, "单位,a\n大冶,1\n", "gb18030")).sheet(Wanted())
    assert sheet.notes == [("the file was read as {encoding}", {"encoding": "gb18030"})]


def test_quotes_newlines_and_blank_lines_keep_row_numbers(tmp_path: Path) -> None:
    text = 'unit,"a\nb",c\nU1,"x, ""y""\nz",1\n\nU2,2,3\n'
    headings, rows = read("csv", csv_file(tmp_path, text))
    assert headings == ["unit", "a b", "c"]
    assert rows == {2: ["U1", 'x, "y"\nz', "1"], 4: ["U2", "2", "3"]}


def test_rows_that_do_not_fit(tmp_path: Path) -> None:
    sheet = READERS["csv"](
        csv_file(tmp_path, "unit,a,b\nU1,1,2\nU2,3\nU3,4,5,,\nU4,6,7,8\n\nU5,9,9\n")
    ).sheet(Wanted())
    _, rows = cells(sheet)
    assert rows == {2: ["U1", "1", "2"], 3: ["U2", "3", None], 4: ["U3", "4", "5"], 7: ["U5", "9", "9"]}
    assert [(misfit.row, misfit.text) for misfit in sheet.misfits] == [(5, "U4,6,7,8")]


def test_trailing_separators_make_nameless_columns(tmp_path: Path) -> None:
    headings, rows = read("csv", csv_file(tmp_path, "unit,a\nU1,1,\nU2,2,\n"))
    assert headings == ["unit", "a"]
    assert rows == {2: ["U1", "1", None], 3: ["U2", "2", None]}


def test_row_numbers_over_many_blocks(tmp_path: Path) -> None:
    lines = [f"U{at},{'x' * (at % 300)},{at}" for at in range(2, 120_001)]
    lines[777] = "short"
    lines[90_000] = "too,long,for,this"
    sheet = READERS["csv"](csv_file(tmp_path, "unit,a,b\n" + "\n".join(lines) + "\n")).sheet(Wanted())
    _, rows = cells(sheet)
    assert len(rows) == 119_998
    assert all(row[2] == str(number) for number, row in rows.items() if number != 779)
    assert rows[779] == ["short", None, None]
    assert [misfit.row for misfit in sheet.misfits] == [90_002]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"), (b"  \n\n", "the file is empty"), (b"\x00\x01\x02\x03" * 50, "not a text file"),
        (b"\xff\xfea\x00\xd8", "damaged"), (b"unit,a\nU1,\"open\nU2,1\nU3,2\n", "quotation mark opens and never closes"),
        (b"unit,a\n" + b'U1,"' + b"x" * (17 << 20), "quotation mark opens and never closes"),
        (b"unit,a\nU1,1\n\x00\n", "not a text file"),
    ],
)  # fmt: skip
def test_no_tables(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(ReceiveError, match=message):
        read("csv", csv_file(tmp_path, content))


def test_a_header_row_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ReceiveError, match="no row 5 with headings"):
        read("csv", csv_file(tmp_path, "unit,a\nU1,1\n"), header_row=5)


def test_cells_of_a_workbook(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "f.xlsx",
        ("Data", [["unit", "n", "when", "yes", "text"], ["U1", 12, dt.date(2025, 3, 14), True, "1 796"],
                  ["U2", 1.5, dt.datetime(2025, 3, 14, 10, 30), False, None], [None] * 5,
                  ["U3", 1e20, None, None, " x "]]),
    )  # fmt: skip
    sheet = READERS["excel"](path).sheet(Wanted())
    chunk = next(iter(sheet.chunks))
    assert chunk.rows.tolist() == [2, 3, 4, 5]
    assert [column.text.to_pylist() for column in chunk.columns] == [
        ["U1", "U2", None, "U3"], ["12", "1.5", None, "1e+20"], ["2025-03-14", "2025-03-14 10:30:00", None, None],
        ["TRUE", "FALSE", None, None], ["1 796", None, None, " x "],
    ]  # fmt: skip
    assert chunk.columns[1].number is not None
    np.testing.assert_array_equal(chunk.columns[1].number, [12, 1.5, np.nan, 1e20])
    assert chunk.columns[3].number is None


def test_open_document(tmp_path: Path) -> None:
    path = ods(tmp_path / "f.ods", "Données", [["unit", "n"], ["U1", 12], ["U2", 1.5], [None, "x & y"]])
    assert read("excel", path) == (["unit", "n"], {2: ["U1", "12"], 3: ["U2", "1.5"], 4: [None, "x & y"]})


def test_a_kind_of_workbook_that_hides_failed_formulas_is_said_to(tmp_path: Path) -> None:
    """calamine gives such cells as empty; only an xlsx can be read for them."""
    rows = [["unit", "n"], ["U1", 12]]
    hidden = READERS["excel"](ods(tmp_path / "f.ods", "S", rows)).sheet(Wanted()).notes
    assert [values for _, values in hidden] == [{"kind": ".ods"}]
    assert "save it as .xlsx" in hidden[0][0]
    assert not READERS["excel"](workbook(tmp_path / "f.xlsx", ("S", rows))).sheet(Wanted()).notes


def test_merged_headings_have_names_from_both_rows(tmp_path: Path) -> None:
    rows = [
        ["District", "Antenatal", None, "Deliveries", None],
        [None, "due", "came", "due", "came"],
        ["U1", 1, 2, 3, 4],
    ]
    merges = [("S", "A1:A2", "District"), ("S", "B1:C1", "Antenatal"), ("S", "D1:E1", "Deliveries")]
    path = workbook(tmp_path / "f.xlsx", ("S", rows), merges=merges)
    top = READERS["excel"](path).sheet(Wanted(header_row=1, first_row=3)).headings
    assert top[0].names == ("District",)
    assert top[2].names == ("Antenatal / came", "came")
    assert top[4].label == "Deliveries / came"
    low = READERS["excel"](path).sheet(Wanted(header_row=2)).headings
    assert low[3].names == ("due", "Deliveries / due")
    text = "District,Antenatal,,Deliveries,\n,due,came,due,came\nU1,1,2,3,4\n"
    again = READERS["csv"](csv_file(tmp_path, text)).sheet(Wanted(header_row=1, first_row=3)).headings
    assert [heading.names for heading in again] == [heading.names for heading in top]


def test_sheets_by_nearly_their_name(tmp_path: Path) -> None:
    path = workbook(tmp_path / "f.xlsx", ("service data", [["unit"], ["U1"]]), ("Other", [["x"]]))
    opened = READERS["excel"](path)
    sheet = opened.sheet(Wanted(sheet="Service_Data".replace("_", " ")))
    assert sheet.name == "service data"
    assert sheet.notes[0][1] == {"found": "service data", "wanted": "Service Data"}
    assert opened.sheet(Wanted(sheet="ServiceData")).name == "service data"
    with pytest.raises(ReceiveError, match=re.escape("no sheet “Sevice data”. Did you mean “service data”?")):
        opened.sheet(Wanted(sheet="Sevice data"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"), (b"<html><table><tr><td>1</td></tr></table></html>", "a web page with the name of a workbook"),
        (b"<?xml version='1.0'?><Workbook/>", "an XML file"), (b"%PDF-1.7", "a PDF"), (b"unit,a\nU1,1\n", "no workbook"),
        (b"PK\x03\x04" + b"\0" * 100, "damaged"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "not a workbook"),
        (b"\0" * 600, "no workbook"),
    ],
)  # fmt: skip
def test_no_workbooks(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "f.xls"
    path.write_bytes(content)
    with pytest.raises(ReceiveError, match=message):
        READERS["excel"](path)


def test_password_far_cells_and_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ReceiveError, match="protected by a password"):
        READERS["excel"](encrypted(tmp_path / "p.xlsx"))
    with pytest.raises(ReceiveError, match="reaches to row 1048576, column 16384"):
        READERS["excel"](far_cell(tmp_path / "far.xlsx"))
    monkeypatch.setattr(excel_file, "MOST_BYTES", 20 << 20)
    with pytest.raises(ReceiveError, match="unpacks to more than"):
        READERS["excel"](bomb(tmp_path / "bomb.xlsx", megabytes=30))


@pytest.mark.parametrize("seed", range(12))
def test_damaged_workbooks_are_refused_or_read(tmp_path: Path, seed: int) -> None:
    whole = workbook(
        tmp_path / "w.xlsx", ("S", [["unit", "n"], *[[f"U{at}", at] for at in range(300)]])
    ).read_bytes()
    random = np.random.default_rng(seed)
    broken = bytearray(whole[: random.integers(100, len(whole))] if seed % 2 else whole)
    for at in random.integers(0, len(broken), 40):
        broken[at] = random.integers(0, 256)
    path = tmp_path / "f.xlsx"
    path.write_bytes(bytes(broken))
    with contextlib.suppress(ReceiveError):
        read("excel", path)


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    table = pa.table(
        {
            "unit": pa.array(["U1", None]).dictionary_encode(), "n": [1, None], "x": [1.5, 2.0],
            "day": [dt.date(2025, 3, 14), None],
            "at": pa.array([dt.datetime(2025, 3, 14, 1, 2, 3), None], pa.timestamp("us")),
            "yes": [True, None],
        }
    )  # fmt: skip
    pq.write_table(table, path)
    assert read("parquet", path) == (
        ["unit", "n", "x", "day", "at", "yes"],
        {
            1: ["U1", "1", "1.5", "2025-03-14", "2025-03-14 01:02:03", "true"],
            2: [None, None, "2", None, None, None],
        },
    )
    path.write_bytes(b"PAR1" + b"\0" * 50)
    with pytest.raises(ReceiveError, match="not a Parquet file"):
        READERS["parquet"](path)


def test_parquet_of_lists(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    pq.write_table(pa.table({"unit": [["U1"]]}), path)
    with pytest.raises(ReceiveError, match="cannot be read"):
        read("parquet", path)


def test_dhis2(tmp_path: Path) -> None:
    values = {
        "orgUnit": "O1",
        "period": "202503",
        "dataValues": [
            {"dataElement": "d1", "categoryOptionCombo": "c", "attributeOptionCombo": "a", "value": "12"},
            {"dataElement": "d2", "orgUnit": "O2", "value": 3, "deleted": True},
        ],
    }
    for name, packed in (
        ("f.json", json.dumps(values).encode()),
        ("f.json.gz", gzip.compress(json.dumps(values).encode())),
    ):
        path = tmp_path / name
        path.write_bytes(packed)
        assert read("dhis2", path)[1] == {
            1: ["d1", "202503", "O1", "c", "a", "12", None],
            2: ["d2", "202503", "O2", None, None, "3", "true"],
        }


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "no JSON"), (b"{", "no JSON"), (b'{"x": 1}', "no list `dataValues`"), (b'{"dataValues": [1]}', "no list"),
     (b"3", "no list"),
     (b"[" * 100_000, "no JSON"), (gzip.compress(bytes(range(256)) * 99, mtime=0)[:80], "damaged"), (b"\xff\xfe\xfd", "no JSON")],
)  # fmt: skip
def test_no_dhis2(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "f.json"
    path.write_bytes(content)
    with pytest.raises(ReceiveError, match=message):
        read("dhis2", path)
