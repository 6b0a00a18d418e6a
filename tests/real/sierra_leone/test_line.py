"""Sierra Leone from DHIS2's files to a site: 188,701 values received, measured, scored and published with the map."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import re
import shutil
from collections import Counter
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import pyarrow.compute as pc
import pytest

import tallymark as tm
from tallymark.programme.dhis2 import dhis2_arithmetic, import_dhis2
from tallymark.programme.resolved import Programme
from tallymark.sources.receipt import Receipt
from tallymark.store.runs import Run

ROOT = Path(__file__).parents[3]
DECLARED = ROOT / "programmes" / "sierra_leone"
DATA = ROOT.parent / "shared/data/sierra_leone"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="../shared/data/sierra_leone is absent")
AT = dt.datetime(2026, 1, 20, tzinfo=dt.UTC)
TOP = "ImspTQPwCqd"


@dataclass(frozen=True)
class Line:
    programme: Programme
    receipt: Receipt
    run: Run


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Line:
    folder = tmp_path_factory.mktemp("sierra_leone")
    import_dhis2(
        DATA / "metadata.json",
        DATA / "organisation_units.json",
        folder / "programme",
        code="sierra-leone",
        title="Sierra Leone, child health and vaccine stock",
        levels=("Country", "District", "Chiefdom", "Facility"),
        geometry=DATA / "geometry.geojson",
        words=DECLARED / "words.csv",
    )
    for name in ("usual.yaml", "contract.yaml"):
        shutil.copyfile(DECLARED / name, folder / "programme" / name)
    programme = tm.load(folder / "programme")
    store = tm.open_store(folder / "store")
    receipt = tm.receive(programme, store, "dhis2", DATA / "data_values.json.gz", received_at=AT)
    return Line(programme, receipt, tm.assess(programme, store, contract="epi-2025", made_at=AT))


@pytest.fixture(scope="module")
def sums() -> Counter[str]:
    """Every data element added up over everything, value by value."""
    found: Counter[str] = Counter()
    with gzip.open(DATA / "data_values.json.gz") as file:
        for value in json.load(file)["dataValues"]:
            found[value["dataElement"]] += float(value["value"])
    return found


def rows(run: Run, table: str, **wanted: str) -> list[dict[str, object]]:
    """Rows of a result table whose columns have these values."""
    found = run.table(table)
    keep = reduce(pc.and_, (pc.equal(found[name], value) for name, value in wanted.items()))
    return found.filter(keep).to_pylist()


def national(run: Run, indicator: str) -> object:
    (row,) = rows(run, "indicators", indicator=indicator, unit=TOP, period="2025", breakdown="")
    return row["value"]


def test_every_value_is_taken(line: Line) -> None:
    counts = line.receipt.datasets
    assert sum(one.taken for one in counts.values()) == 188_701
    assert sum(one.refused for one in counts.values()) == 0
    assert {finding.code for finding in line.receipt.findings} == {"receive.late"}


def test_national_figures_are_the_sums_of_the_file(line: Line, sums: Counter[str]) -> None:
    (source,) = line.programme.sources.values()
    items = {uid: name for table in source.tables for uid, name in table.items.items()}
    whole = rows(line.run, "measures", unit=TOP, period="2025", breakdown="")
    found = {row["measure"]: row["value"] for row in whole}
    compared = [uid for uid in sums if items[uid] in found]
    assert len(compared) == 43
    assert all(found[items[uid]] == pytest.approx(sums[uid]) for uid in compared)


def test_its_own_indicators_are_what_dhis2_would_show(line: Line, sums: Counter[str]) -> None:
    metadata = json.loads((DATA / "metadata.json").read_text(encoding="utf-8"))
    for said in metadata["indicators"]:
        values = {item: sums[item[2:-1]] for item in re.findall(r"#\{\w+\}", said["numerator"])}
        (ours,) = (one for one in line.programme.indicators.values() if one.source == f"DHIS2 {said['id']}")
        assert national(line.run, ours.name) == pytest.approx(dhis2_arithmetic(said["numerator"], values))


@pytest.mark.parametrize(
    ("item", "unit", "period"),
    [
        ("stock_phu_dispensed_bcg", "lyONqUkY1Bq", "2025-05"),  # 68,920 doses
        ("stock_phu_discarded_measles", "MiYhwDprCCA", "2025-03"),  # 62,010
        ("stock_phu_received_measles", "a5glgtnXJRG", "2025-06"),  # 40,198
    ],
)
def test_typing_errors_are_found(line: Line, item: str, unit: str, period: str) -> None:
    told = rows(line.run, "findings", item=item, unit=unit, period=period)
    assert {row["code"] for row in told} & {"verify.high", "verify.slipped"}
    assert {row["severity"] for row in told} == {"warning"}


def accounts_that_fail() -> int:
    """By plain loops over the file: more went out than there was, or the next opening is not what was left."""
    names = {
        one["id"]: " ".join(one["name"].split())
        for one in json.loads((DATA / "metadata.json").read_text(encoding="utf-8"))["dataElements"]
    }
    stock: dict[tuple[str, str, int], float] = {}
    with gzip.open(DATA / "data_values.json.gz") as file:
        for value in json.load(file)["dataValues"]:
            key = names[value["dataElement"]], value["orgUnit"], int(value["period"][4:])
            stock[key] = stock.get(key, 0.0) + float(value["value"])
    failing = 0
    for product, unit, month in {
        (name.split()[-1], unit, at) for name, unit, at in stock if name.startswith("Stock")
    }:
        opening, came, gone, lost, after = (
            stock.get((f"Stock PHU {what} {product}", unit, month + later))
            for what, later in (
                ("start balance", 0), ("received", 0), ("dispensed", 0), ("discarded", 0), ("start balance", 1),
            )
        )  # fmt: skip
        if opening is None or came is None:
            continue
        if (gone or 0) + (lost or 0) > opening + came:
            failing += 1
        elif gone is not None and lost is not None and after is not None:
            failing += after != opening + came - gone - lost
    return failing


def test_stock_accounts_that_fail_are_all_found(line: Line) -> None:
    told = rows(line.run, "findings", code="verify.ledger")
    assert {row["severity"] for row in told} == {"warning"}
    more = json.loads(str(told[-1]["evidence"]))["count"]
    assert len(told) - 1 + more == accounts_that_fail() == 1286
    overdrawn = [row for row in told if "but 8,220 went out" in str(row["message"])]
    assert [(row["unit"], row["period"]) for row in overdrawn] == [("ApLCxUmnT6q", "2025-10")]


def test_what_did_not_come_in_is_not_zero(line: Line) -> None:
    (reports,) = rows(
        line.run, "indicators", indicator="child_health_reports", unit=TOP, period="2025", breakdown=""
    )
    assert (reports["received"], reports["expected"]) == (2499, 1158 * 12)
    chiefdoms = rows(line.run, "indicators", indicator="penta_dropout", level="chiefdom")
    missing = [row for row in chiefdoms if row["basis"] == "missing"]
    assert missing
    assert all(row["value"] is None for row in missing)


def test_every_chiefdom_has_a_score_and_a_rank(line: Line) -> None:
    totals = line.run.table("totals")
    assert totals.num_rows == 152
    assert all(0 <= value <= 100 for value in totals["total"].to_pylist() if value is not None)
    assert line.run.table("ranks").num_rows == 152


@pytest.mark.slow
def test_the_site_has_a_page_for_every_chiefdom_and_a_map(line: Line, tmp_path: Path) -> None:
    site = tm.publish_run(line.run, tmp_path / "site", languages=("en",))
    assert site.pages > 152
    text = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert "Sierra Leone" in text
