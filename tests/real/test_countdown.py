"""Kenya and Côte d'Ivoire: from the workbook as it was sent to a site, with the known faults as findings."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest

import tallymark as tm
from tallymark.engine.duckdb import Engine, connect
from tallymark.measure import measure
from tallymark.programme.resolved import Programme
from tallymark.sources.receipt import Receipt
from tallymark.store import Store
from tallymark.store.runs import Run
from tallymark.verify.patterns.grid import read_grid
from tallymark.verify.patterns.never import never_failing
from tallymark.verify.patterns.odd import Bearable
from tallymark.verify.patterns.shares import pair_of
from tallymark.verify.rules import check

HERE = Path(__file__).parents[2] / "programmes" / "countdown"
DATA = Path(__file__).parents[2].parent / "shared" / "data"
AT = dt.datetime(2024, 2, 1, tzinfo=dt.UTC)
CONTRACT = "child-and-mother-2023"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data")


@dataclass(frozen=True)
class Line:
    """A country from its workbook to a run."""

    country: str
    workbook: Path
    programme: Programme
    store: Store
    receipt: Receipt
    run: Run


def line(folder: Path, country: str, workbook: Path) -> Line:
    declared = folder / "programme"
    shutil.copytree(HERE / "shared", declared)
    shutil.copytree(HERE / country, declared, dirs_exist_ok=True)
    (declared / workbook.name).symlink_to(workbook)
    programme = tm.load(declared)
    store = tm.open_store(folder / "store")
    receipt = tm.receive(programme, store, "workbook", workbook, received_at=AT)
    run = tm.assess(programme, store, contract=CONTRACT, made_at=AT)
    return Line(country, workbook, programme, store, receipt, run)


@pytest.fixture(scope="module")
def kenya(tmp_path_factory: pytest.TempPathFactory) -> Line:
    return line(tmp_path_factory.mktemp("kenya"), "kenya", DATA / "kenya" / "kenya.xlsx")


@pytest.fixture(scope="module")
def cote(tmp_path_factory: pytest.TempPathFactory) -> Line:
    return line(tmp_path_factory.mktemp("cote"), "cote_divoire", DATA / "cote_divoire" / "cote.xlsx")


def found_over_all_years(line: Line) -> Counter[str]:
    """Findings of the declared checks over the five years of the workbook, by code."""
    periods = [line.programme.calendar.parse(str(year)) for year in range(2019, 2024)]
    connection = connect()
    measured = measure(line.programme, line.store, periods=periods, version=1, engine=Engine(connection))
    return Counter(row["code"] for row in check(line.programme, measured, connection=connection).to_pylist())


def counted(receipt: Receipt, code: str) -> list[str]:
    return [str(finding) for finding in receipt.findings if finding.code == code]


def test_kenya_faults_are_findings(kenya: Line) -> None:
    sentences = counted(kenya.receipt, "receive.not_a_number")
    assert len(sentences) == 2
    assert any("[Service_data_3!Q363]" in text and "EMBU" in text for text in sentences)
    assert any("[Service_data_3!Q2128]" in text and "nyandarua or nyeri" in text for text in sentences)
    below = [finding for finding in kenya.receipt.findings if finding.code == "receive.below_min"]
    stock = [finding for finding in below if finding.where.dataset == "vaccine_stock"]
    assert sum(int(finding.values.get("count", 1)) for finding in stock) == 575
    assert found_over_all_years(kenya)["check.penta_order"] == 18
    findings = kenya.run.table("findings").to_pylist()
    over = [row for row in findings if row["code"] == "receive.above_max" and row["item"] == "opd_rate"]
    assert over, "the outpatient reporting rate over 100 % is found"


def test_cote_divoire_faults_are_findings(cote: Line) -> None:
    (cleaned,) = [finding for finding in cote.receipt.findings if finding.code == "receive.number_cleaned"]
    assert cleaned.message().startswith("1,279 numbers of “HIV_test” had spaces")
    stock = [
        finding
        for finding in cote.receipt.findings
        if finding.code == "receive.below_min" and finding.where.dataset == "vaccine_stock"
    ]
    assert sum(int(finding.values.get("count", 1)) for finding in stock) == 452
    found = found_over_all_years(cote)
    assert found["check.penta_order"] == 54
    assert found["check.penta3_over_100"] == 231


def test_every_vaccination_report_of_cote_divoire_came_in_it_says(cote: Line) -> None:
    """113 districts × 60 months: received is due in every row. Other reports do fall short."""
    told = [
        row
        for row in cote.run.table("findings").to_pylist()
        if row["code"] == "verify.perfect" and row["unit"] is None
    ]
    assert [(row["item"], row["severity"]) for row in told] == [("vacc_in", "warning")]
    assert "1356 reports of all 113 units" in told[0]["message"]
    grid = read_grid(
        cote.programme, cote.store, cote.programme.datasets["completeness"],
        period=cote.programme.calendar.parse("2023"), version=cote.store.version, history=60, skip=(),
        engine=Engine(connect()),
    )  # fmt: skip
    assert grid is not None
    grid.told[:] = True
    assert cote.programme.patterns is not None
    pairs = [
        pair_of(grid, share) for share in cote.programme.patterns.shares if share.dataset == "completeness"
    ]
    whole = [odd for odd in never_failing(grid, pairs, bear=Bearable(0.05, 2.0, 1)) if not odd.unit]
    assert [(odd.item, odd.values["reports"]) for odd in whole] == [("vacc_in", 6780)]


def told_of_all(line: Line, code: str, dataset: str) -> dict[str | None, dict[str, object]]:
    """Findings of a kind that are told of all units at once, by item."""
    rows = line.run.table("findings").to_pylist()
    return {
        row["item"]: json.loads(row["evidence"])
        for row in rows
        if (row["code"], row["dataset"], row["unit"]) == (code, dataset, None)
        and '"units"' in row["evidence"]
    }


def test_one_column_given_as_two_is_found(kenya: Line, cote: Line) -> None:
    """Not in the list of known faults: antenatal and delivery reports are the same in every row of the last year."""
    for line, services in ((kenya, set()), (cote, {"instdelivery"})):
        rows = [row for row in line.run.table("findings").to_pylist() if row["code"] == "verify.alike"]
        found = {(row["dataset"], row["item"]) for row in rows}
        assert found == {("completeness", "delivery_due"), ("completeness", "delivery_in")} | {
            ("services", item) for item in services
        }


def test_numbers_of_facilities_that_hardly_change_do_not_drown_an_office(kenya: Line, cote: Line) -> None:
    """Told once, with every unit: before, 434 findings about reports due and received in Kenya's last year."""
    rows = kenya.run.table("findings").to_pylist()
    about = [row for row in rows if row["dataset"] == "completeness" and row["code"].startswith("verify.")]
    assert 50 < len(about) < 130
    repeated = told_of_all(kenya, "verify.nearly_copied", "completeness")[None]
    assert len(repeated["found"]) == 36
    assert all(repeated["found"].values()), "each with its months"
    hpv = told_of_all(cote, "verify.same_again", "services")["hpv2"]
    assert len(hpv["found"]) == 113, "one figure all year in every district: none is left out"


@pytest.mark.parametrize("country", ["kenya", "cote"])
def test_figures_agree_with_the_workbook_read_by_another_library(
    country: str, request: pytest.FixtureRequest
) -> None:
    """Sums of the year for every district, read with openpyxl and plain loops, against the measured ones."""
    line: Line = request.getfixturevalue(country)
    sheet = openpyxl.load_workbook(line.workbook, read_only=True, data_only=True)["Service_data_2"]
    rows = sheet.iter_rows(min_row=1, values_only=True)
    header = [str(cell).strip() if cell else "" for cell in next(rows)]
    at = {name: header.index(name) for name in ("Penta1", "Penta3", "BCG")}
    truth: dict[tuple[str, str], float] = {}
    for place, row in enumerate(rows, 2):
        if place >= 4 and row[0] and row[1] and int(float(row[1])) == 2023:
            for name, column in at.items():
                if isinstance(row[column], int | float):
                    key = (" ".join(str(row[0]).split()).casefold(), name.lower())
                    truth[key] = truth.get(key, 0.0) + row[column]
    units = {
        unit: name["en"].casefold()
        for unit, name in zip(line.programme.units.codes, line.programme.units.names, strict=True)
    }
    measured = {
        (units[row["unit"]], row["measure"]): row["value"]
        for row in line.run.table("measures").to_pylist()
        if row["period"] == "2023" and row["level"] == "district" and row["measure"] in ("penta1", "penta3", "bcg")
        and row["value"] is not None
    }  # fmt: skip
    assert len(truth) > 100
    assert measured == pytest.approx(truth)


@pytest.mark.parametrize("country", ["kenya", "cote"])
def test_the_run_is_whole_and_recomputes(country: str, request: pytest.FixtureRequest) -> None:
    line: Line = request.getfixturevalue(country)
    assert len(line.programme.indicators) >= 25
    indicators = line.run.table("indicators").to_pylist()
    assert not [row for row in indicators if row["value"] is None and row["basis"] not in ("missing", None)][
        :1
    ]
    totals = line.run.table("totals").to_pylist()
    assert len(totals) == {"kenya": 47, "cote_divoire": 113}[line.country]
    assert all(row["total"] is None or 0 <= row["total"] <= 100 for row in totals)
    assert tm.recompute(line.run) == []


@pytest.mark.parametrize("country", ["kenya", "cote"])
def test_the_site_is_complete_and_light(country: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    line: Line = request.getfixturevalue(country)
    site = tm.publish_run(line.run, tmp_path / "site")
    pages = list((tmp_path / "site").rglob("*.html"))
    assert site.pages == len(pages) - 1  # the first one only leads to a language
    assert max(page.stat().st_size for page in pages) <= 200_000
    district = next(
        unit
        for unit, level in zip(line.programme.units.codes, line.programme.units.levels, strict=True)
        if level == "district"
    )
    explained = tm.explain(line.run, indicator="penta3_coverage", unit=district, period="2023")
    assert explained.rows
    assert explained.batches
    assert "penta3" in explained.text("zh")
