"""Units from CSV, from a sheet with the whole path, from DHIS2: rows, encodings, findings."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import xlsxwriter

from tallymark.findings import Severity
from tallymark.programme.load import lint, load

HEAD = """programme:
  code: here
  title: {en: Here, zh: 此处}
  levels:
    - {code: country, title: {en: Country, zh: 国家}}
    - {code: region, title: {en: Region, zh: 地区}}
    - {code: clinic, title: {en: Clinic, zh: 站}}
"""


def programme(folder: Path, units: str, **files: bytes | str) -> Path:
    (folder / "programme.yaml").write_text(f"{HEAD}units:\n{units}", encoding="utf-8")
    for name, content in files.items():
        path = folder / name.replace("__", ".")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def said(folder: Path) -> list[str]:
    return [str(finding) for finding in lint(folder)]


KNOWN = "unit, name_en, name_zh, level, parent, opened, closed, size"
CSV = """unit,name_en,name_zh,level,parent,opened,closed,size
X,Land,国,country,,,,
R,Region,区,region,X,2020-01-01,,big
C,Clinic,站,clinic,R,2020-01-01,2024-07-01,
"""


def test_csv(tmp_path: Path) -> None:
    units = load(programme(tmp_path, "  {file: units.csv, attributes: [size]}\n", units__csv=CSV)).units
    assert units.codes == ("X", "R", "C")
    assert [name.zh for name in units.names] == ["国", "区", "站"]
    assert units.closed[2] == dt.date(2024, 7, 1)
    assert units.attributes == {"size": (None, "big", None)}
    assert units.parent_on("C", dt.date(2024, 6, 30)) == "R"


def test_csv_with_a_mark_semicolons_and_other_column_names(tmp_path: Path) -> None:
    text = "\ufeffCode;Nom;Niveau;Parent\nX;Pays;country;\nR;Région;region;X\n"
    units = "  {file: units.csv, columns: {unit: Code, name: Nom, level: Niveau, parent: Parent}}\n"
    assert load(programme(tmp_path, units, units__csv=text)).units.names[1].en == "Région"


def test_csv_of_a_chinese_spreadsheet_is_read_with_a_note(tmp_path: Path) -> None:
    folder = programme(
        tmp_path, "  {file: units.csv, attributes: [size]}\n", units__csv=CSV.encode("gb18030")
    )
    (note,) = lint(folder)
    assert (note.code, note.severity, str(note.where)) == ("programme.encoding", Severity.NOTE, "units.csv:1")
    assert load(folder).units.names[1].zh == "区"


def test_columns_that_are_not_there(tmp_path: Path) -> None:
    units = "  file: units.csv\n  attributes: [sizes]\n  columns: {unit: code, opened: begin}\n"
    assert said(programme(tmp_path, units, units__csv=CSV)) == [
        "programme.yaml:10: error programme.unknown_name: units.csv has no column 'sizes' — did you mean size?",
        f"programme.yaml:11: error programme.unknown_name: units.csv has no column 'code' — its columns are {KNOWN}",
        f"programme.yaml:11: error programme.unknown_name: units.csv has no column 'begin' — its columns are {KNOWN}",
    ]


def test_problems_of_rows_have_their_line(tmp_path: Path) -> None:
    folder = programme(
        tmp_path, "  {file: units.csv}\n", units__csv="unit,level,parent\nX,country,\n\nR,regoin,Y\n"
    )
    assert [str(finding.where) for finding in lint(folder)] == ["units.csv:4 R", "units.csv:4 R"]


def test_files_must_lie_in_the_folder_and_be_there(tmp_path: Path) -> None:
    assert "lies outside the programme's folder" in said(programme(tmp_path, "  {file: ../units.csv}\n"))[0]
    assert "did you mean units.csv?" in said(programme(tmp_path, "  {file: unit.csv}\n", units__csv=CSV))[0]


def workbook(path: Path, rows: list[list[Any]]) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Admin_data")
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)


PATH = """  file: book.xlsx
  format: excel
  sheet: Admin_data
  first_row: 3
  path: {country: Country, region: Region, clinic: District}
  attributes: [Beds]
"""


def test_a_sheet_with_the_whole_path_in_columns(tmp_path: Path) -> None:
    rows = [
        ["District", "Region", "Country", "Beds"],
        ["(write the district)", "", "", ""],
        ["North  Hill", "Côte d'Or", "Land", 12],
        ["\u00a0Old Town ", "Cote d'or", "Land ", 3],
        ["North Hill", "South", "Land", 5],
        ["", "West", "Land", ""],
        ["", "", "", ""],
        ["Lost", "", "Land", 1],
    ]
    workbook(tmp_path / "book.xlsx", rows)
    programme(tmp_path, PATH)
    assert said(tmp_path) == [
        "book.xlsx:4: warning programme.duplicate: 'Cote d'or' and 'Côte d'Or' differ only in signs;"
        " they are kept as two units — write the name the same way everywhere if they are one",
        "book.xlsx:8: error programme.wrong_value: 'Lost' is named without its region — fill the empty cell",
    ]
    workbook(tmp_path / "book.xlsx", rows[:7])
    units = load(tmp_path).units
    assert units.codes == (
        "land", "land/cote-d-or", "land/cote-d-or/north-hill", "land/cote-d-or-2", "land/cote-d-or-2/old-town",
        "land/south", "land/south/north-hill", "land/west",
    )  # fmt: skip
    assert units.names[4].en == "Old Town"
    assert units.attributes["Beds"] == (None, None, "12", None, "3", None, "5", None)
    assert units.parent_on("land/south/north-hill", dt.date(2025, 1, 1)) == "land/south"


def test_a_sheet_or_workbook_that_is_not_there(tmp_path: Path) -> None:
    workbook(tmp_path / "book.xlsx", [["District", "Region", "Country"]])
    assert (
        "book.xlsx has no sheet 'Admin' — did you mean Admin_data?"
        in said(programme(tmp_path, PATH.replace("Admin_data", "Admin")))[0]
    )
    assert "is no workbook" in said(programme(tmp_path, PATH, book__xlsx=b"PK nonsense"))[0]


DHIS2 = [
    {"id": "a1", "name": "Land", "level": 1, "openingDate": "1994-01-01T00:00:00.000", "path": "/a1"},
    {"id": "b1", "displayName": "Bo", "parent": {"id": "a1"}, "path": "/a1/b1", "code": "OU_1"},
    {"id": "c1", "name": "Clinic", "level": 3, "parent": {"id": "b1"}, "closedDate": "2020-05-01"},
    {"id": "c1", "name": "Clinic", "level": 3, "parent": {"id": "b1"}, "closedDate": "2020-05-01"},
]


def test_dhis2_units_with_groups(tmp_path: Path) -> None:
    export = {
        "organisationUnits": DHIS2,
        "organisationUnitGroupSets": [{"name": "Type", "organisationUnitGroups": [{"id": "g1"}]}],
        "organisationUnitGroups": [
            {"id": "g1", "name": "Hospital", "organisationUnits": [{"id": "c1"}]},
            {"id": "g2", "name": "Urban", "organisationUnits": [{"id": "b1"}, {"id": "c1"}]},
        ],
    }
    folder = programme(tmp_path, "  {file: ou.json, format: dhis2}\n", ou__json=json.dumps(export))
    units = load(folder).units
    assert (units.codes, units.levels) == (("a1", "b1", "c1"), ("country", "region", "clinic"))
    assert units.attributes == {"Type": (None, None, "Hospital"), "Urban": (None, "yes", "yes")}
    assert (units.opened[0], units.closed[2]) == (dt.date(1994, 1, 1), dt.date(2020, 5, 1))


def test_dhis2_units_as_a_list_with_attributes_chosen(tmp_path: Path) -> None:
    folder = programme(
        tmp_path, "  {file: ou.json, format: dhis2, attributes: [code]}\n", ou__json=json.dumps(DHIS2)
    )
    assert load(folder).units.attributes == {"code": (None, "OU_1", None)}


def test_dhis2_levels_deeper_than_declared_and_files_that_are_something_else(tmp_path: Path) -> None:
    deeper = [*DHIS2, {"id": "d1", "name": "Ward", "level": 4, "parent": {"id": "c1"}}]
    folder = programme(tmp_path, "  {file: ou.json, format: dhis2}\n", ou__json=json.dumps(deeper))
    assert "units.unknown_level" in {finding.code for finding in lint(folder)}
    for content in ("{", "[]", '{"organisationUnits": 3}', "[1]", "3"):
        assert said(programme(tmp_path, "  {file: ou.json, format: dhis2}\n", ou__json=content))


CHANGES = """date,kind,of,to,weight,parent,reason
2021-01-01,split,C,C2,0.25,,Growth
2021-01-01,split,C,C3,0.75,,Growth
2022-01-01,merge,C2,C4,,,
2022-01-01,merge,C3,C4,,,
2023-01-01,move,C4,,,R2,
"""


def test_changes_from_a_file_join_lines_of_one_change(tmp_path: Path) -> None:
    rows = (
        "unit,level,parent,opened,closed\nX,country,,,\nR,region,X,,\nR2,region,X,,\nC,clinic,R,,2021-01-01\n"
    )
    rows += "C2,clinic,R,2021-01-01,2022-01-01\nC3,clinic,R,2021-01-01,2022-01-01\nC4,clinic,R,2022-01-01,\n"
    folder = programme(
        tmp_path, "  {file: units.csv, changes_file: changes.csv}\n", units__csv=rows, changes__csv=CHANGES
    )
    units = load(folder).units
    assert [(change.kind, change.of, tuple(share.unit for share in change.to)) for change in units.changes] == [
        ("split", ("C",), ("C2", "C3")), ("merge", ("C2", "C3"), ("C4",)), ("move", ("C4",), ()),
    ]  # fmt: skip
    assert units.parent_on("C4", dt.date(2024, 1, 1)) == "R2"
    assert load(folder).files == ("changes.csv", "programme.yaml", "units.csv")


def test_a_weight_that_is_no_number_is_found(tmp_path: Path) -> None:
    rows = "unit,level,parent\nX,country,\nR,region,X\nR2,region,X\n"
    changes = "date,kind,of,to,weight\n2021-01-01,split,R,R2,half\n"
    folder = programme(
        tmp_path, "  {file: units.csv, changes_file: changes.csv}\n", units__csv=rows, changes__csv=changes
    )
    assert said(folder)[0] == (
        "changes.csv:2: error programme.wrong_value: 'weight' is a number; 'half' is none — write a share such as 0.4"
    )


def test_a_merge_may_say_how_later_figures_are_carried_back(tmp_path: Path) -> None:
    rows = "unit,level,parent,opened,closed\nX,country,,,\nA,region,X,,2021-01-01\n"
    rows += "B,region,X,,2021-01-01\nN,region,X,2021-01-01,\n"
    changes = "date,kind,of,to,of_weight\n2021-01-01,merge,A,N,0.7\n2021-01-01,merge,B,N,0.3\n"
    units = "  {file: units.csv, changes_file: changes.csv}\n"
    (change,) = load(programme(tmp_path, units, units__csv=rows, changes__csv=changes)).units.changes
    assert change.of_weights == (0.7, 0.3)


def test_geometry_that_fits_no_unit_is_a_warning(tmp_path: Path) -> None:
    shapes = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "id": "R", "properties": {"code": "zz"}}],
    }
    units = "  {file: units.csv, geometry: map.geojson%s}\n"
    folder = programme(tmp_path, units % "", units__csv=CSV, map__geojson=json.dumps(shapes))
    assert lint(folder) == []
    assert load(folder).geometry == tmp_path / "map.geojson"
    programme(tmp_path, units % ", geometry_key: code")
    assert [finding.code for finding in lint(folder)] == ["programme.geometry"]
    programme(tmp_path, units % "", map__geojson="[]")
    assert [finding.code for finding in lint(folder)] == ["programme.geometry"]
