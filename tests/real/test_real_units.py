"""Units of real programmes, read from the files as they are."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import pytest

from tallymark.findings import errors_among
from tallymark.programme.load import lint, load

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
DAY = dt.date(2023, 6, 30)

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real data (../shared/data) are not here")

HEAD = """programme:
  code: real
  title: {en: Real, zh: 真实}
  levels:
"""


def programme(folder: Path, levels: list[str], units: str, source: Path) -> Path:
    listed = "".join(f"    - {{code: {level}, title: {{en: {level}, zh: 层}}}}\n" for level in levels)
    (folder / "p.yaml").write_text(f"{HEAD}{listed}units:\n{units}", encoding="utf-8")
    shutil.copy(source, folder / source.name)
    return folder


ADMIN = """  file: {file}
  format: excel
  sheet: Admin_data
  header_row: 1
  first_row: 4
  path: {{country: Country, region: First_admin_level, district: {district}}}
  attributes: [Number_hospitals]
"""


@pytest.mark.parametrize(
    ("source", "column", "regions", "districts"),
    [("kenya/kenya.xlsx", "district", 8, 47), ("cote_divoire/cote.xlsx", "District_name", 33, 113)],
)
def test_countdown_workbooks(tmp_path: Path, source: str, column: str, regions: int, districts: int) -> None:
    declared = ADMIN.format(file=Path(source).name, district=column)
    path = programme(tmp_path, ["country", "region", "district"], declared, DATA / source)
    assert [str(finding) for finding in errors_among(lint(path))] == []
    units = load(path).units
    counts = [len(units.at_level(level, DAY)) for level in ("country", "region", "district")]
    assert counts == [1, regions, districts]
    assert all(units.parent_on(code, DAY) for code in units.at_level("district", DAY))
    assert all(name.en == " ".join(name.en.split()) for name in units.names)
    assert len(set(units.codes)) == len(units.codes)
    assert all(code == code.lower() and " " not in code for code in units.codes)


def test_kenya_s_codes_and_attributes(tmp_path: Path) -> None:
    source = DATA / "kenya" / "kenya.xlsx"
    units = load(
        programme(
            tmp_path,
            ["country", "region", "district"],
            ADMIN.format(file="kenya.xlsx", district="district"),
            source,
        )
    ).units
    at = units.index["kenya/rift-valley/baringo"]
    assert units.names[at].en == "Baringo"
    assert units.attributes["Number_hospitals"][at] == "186"
    assert units.parent_on("kenya/rift-valley/baringo", DAY) == "kenya/rift-valley"


def test_sierra_leone_s_dhis2_export(tmp_path: Path) -> None:
    source = DATA / "sierra_leone" / "organisation_units.json"
    shutil.copy(DATA / "sierra_leone" / "geometry.geojson", tmp_path)
    listed = json.loads(source.read_text(encoding="utf-8"))
    path = programme(
        tmp_path,
        ["national", "district", "chiefdom", "facility"],
        "  file: organisation_units.json\n  format: dhis2\n  attributes: [code]\n  geometry: geometry.geojson\n",
        source,
    )
    assert [str(finding) for finding in errors_among(lint(path))] == []
    loaded = load(path)
    assert len(loaded.units) == len({unit["id"] for unit in listed}) == 1332
    assert [len(loaded.units.at_level(level.code, DAY)) for level in loaded.levels][:2] == [1, 13]
    assert set(loaded.files) == {"geometry.geojson", "organisation_units.json", "p.yaml"}
    codes = dict(zip(loaded.units.codes, loaded.units.attributes["code"], strict=True))
    assert all(codes[unit["id"]] == unit.get("code") for unit in listed)
