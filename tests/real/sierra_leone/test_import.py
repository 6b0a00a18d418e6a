"""Sierra Leone's DHIS2 export, as the files are: to a programme that loads, with usual indicators and a contract."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest

from tallymark.findings import Severity
from tallymark.programme.dhis2 import Imported, dhis2_arithmetic, import_dhis2
from tallymark.programme.load import lint, load
from tallymark.programme.resolved import Programme

ROOT = Path(__file__).parents[3]
DECLARED = ROOT / "programmes" / "sierra_leone"
DATA = ROOT.parent / "shared/data/sierra_leone"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="../shared/data/sierra_leone is absent")
LEVELS = ("Country", "District", "Chiefdom", "Facility")


def imported(out: Path) -> Imported:
    return import_dhis2(
        DATA / "metadata.json",
        DATA / "organisation_units.json",
        out,
        code="sierra-leone",
        title="Sierra Leone, child health and vaccine stock",
        levels=LEVELS,
        geometry=DATA / "geometry.geojson",
        words=DECLARED / "words.csv",
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sierra_leone")
    imported(out)
    for name in ("usual.yaml", "contract.yaml"):
        shutil.copyfile(DECLARED / name, out / name)
    return out


@pytest.fixture(scope="module")
def programme(folder: Path) -> Programme:
    return load(folder)


def test_every_unit_comes_with_its_groups_and_its_place_in_the_tree(programme: Programme) -> None:
    units = programme.units
    assert len(units.codes) == 1332
    assert [sum(level == name.lower() for level in units.levels) for name in LEVELS] == [1, 13, 152, 1166]
    assert programme.geometry is not None
    assert sum(value == "Hospital" for value in units.attributes["facility_type"]) == 34
    reporting = units.attributes["reports_child_health"]
    assert sum(value == "yes" for value in reporting) == 1161


def test_items_have_their_categories(programme: Programme) -> None:
    child, stock = programme.datasets["child_health"], programme.datasets["epi_stock"]
    assert (len(child.items), len(stock.items)) == (31, 12)
    assert child.breakdowns == ("location_fixed_outreach", "epi_nutrition_age")
    assert stock.columns["stock_discarded"].values == ("Expired", "Damages", "VVM Change")
    assert stock.due_days == 15
    (tables,) = [source.tables for source in programme.sources.values()]
    combinations = {uid for table in tables for uid in table.categories}
    with gzip.open(DATA / "data_values.json.gz") as file:
        values = json.load(file)["dataValues"]
    assert len(values) == 188_701
    assert {value["dataElement"] for value in values} <= {uid for table in tables for uid in table.items}
    assert {value["categoryOptionCombo"] for value in values} <= combinations
    assert {value["orgUnit"] for value in values} <= set(programme.units.codes)


def test_nothing_in_it_is_wrong(folder: Path) -> None:
    findings = lint(folder)
    assert not [str(finding) for finding in findings if finding.severity is Severity.ERROR]
    # DHIS2's own tree has parents that opened after their children; nothing else is amiss.
    warnings = {finding.code for finding in findings if finding.severity is Severity.WARNING}
    assert warnings <= {"units.before_parent"}


def test_its_three_indicators_are_translated_and_its_ten_program_indicators_are_not(tmp_path: Path) -> None:
    found = imported(tmp_path)
    assert found.translated == ("bcg_stock_phu", "opv_stock_phu", "measles_stock_end_balance")
    assert len(found.refused) == 10
    said = (tmp_path / "indicators.yaml").read_text(encoding="utf-8")
    assert said.count("# not supported:") == 10
    assert "numerator: stock_phu_start_balance_bcg + stock_phu_received_bcg" in said
    refused = [finding for finding in found.findings if finding.code == "dhis2.not_supported"]
    assert len(refused) == 10
    assert all("个案" in finding.hint("zh") for finding in refused)
    two_groups = [finding for finding in found.findings if finding.code == "dhis2.unit_in_two_groups"]
    assert len(two_groups) == 17


def test_the_translated_indicators_give_what_dhis2_gives(programme: Programme) -> None:
    """On every facility and month where all four items came in (DHIS2 counts what did not as 0; we do not)."""
    metadata = json.loads((DATA / "metadata.json").read_text(encoding="utf-8"))
    items = {
        uid: name
        for source in programme.sources.values()
        for table in source.tables
        for uid, name in table.items.items()
    }
    sums: dict[tuple[str, str], dict[str, float]] = {}
    with gzip.open(DATA / "data_values.json.gz") as file:
        for value in json.load(file)["dataValues"]:
            place = sums.setdefault((value["orgUnit"], value["period"]), {})
            place[value["dataElement"]] = place.get(value["dataElement"], 0.0) + float(value["value"])
    compared = 0
    for said in metadata["indicators"]:
        ours = next(one for one in programme.indicators.values() if one.source == f"DHIS2 {said['id']}")
        wanted = {uid: name for uid, name in items.items() if name in ours.names}
        for place in sums.values():
            if not wanted.keys() <= place.keys():
                continue
            values = {f"#{{{uid}}}": place[uid] for uid in wanted}
            found = ours.numerator.evaluate({name: [place[uid]] for uid, name in wanted.items()})
            assert float(found[0]) == pytest.approx(dhis2_arithmetic(said["numerator"], values))
            compared += 1
            if compared % 50 == 0:
                break
    assert compared == 150


def test_the_usual_indicators_and_the_contract_load(programme: Programme) -> None:
    assert len(programme.indicators) >= 3 + 19
    contract = programme.contracts["epi-2025"]
    assert contract.level.code == "chiefdom"
    assert sum(line.points for line in contract.lines) == 100


def test_it_reads_in_both_languages(programme: Programme, tmp_path: Path) -> None:
    """Every title has its Chinese, and no word of the list is idle."""
    assert not [one for one in imported(tmp_path).findings if one.code == "dhis2.word_unused"]
    named = [
        *programme.levels, *programme.datasets.values(), *programme.measures.values(),
        *programme.indicators.values(), *programme.contracts.values(), *programme.checks.values(),
    ]  # fmt: skip
    assert not [one.title["en"] for one in named if one.title["zh"] == one.title["en"]]
    assert (
        dict(zip(programme.units.codes, programme.units.names, strict=True))["ImspTQPwCqd"]["zh"]
        == "塞拉利昂"
    )
