"""Real deliveries: the Countdown workbooks of Kenya and Côte d'Ivoire, and Sierra Leone's DHIS2 export."""

from __future__ import annotations

import datetime as dt
import math
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.real.receive.countdown import SHEETS, countdown, grid, slug
from tests.real.receive.dhis2_sierra_leone import sierra_leone, values

from tallymark.model.text import Text
from tallymark.programme.resolved import Programme, Source
from tallymark.sources.receipt import Receipt
from tallymark.sources.receive import receive
from tallymark.store import Store, open_store

DATA = Path(__file__).parents[3].parent / "shared" / "data"
AT = dt.datetime(2024, 2, 20, tzinfo=dt.UTC)
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real data sets (../shared/data) are not here")

Delivered = tuple[Programme, Store, Receipt, Path]


def delivered(path: Path, folder: Path) -> Delivered:
    programme, store = countdown(path), open_store(folder / "store")
    return programme, store, receive(programme, store, "workbook", path, received_at=AT), path


@pytest.fixture(scope="module")
def kenya(tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    return delivered(DATA / "kenya" / "kenya.xlsx", tmp_path_factory.mktemp("kenya"))


@pytest.fixture(scope="module")
def cote_divoire(tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    return delivered(DATA / "cote_divoire" / "cote.xlsx", tmp_path_factory.mktemp("cote"))


def expected(path: Path) -> tuple[dict[str, Counter[str]], dict[tuple[str, str], float]]:
    """What a plain loop finds: per dataset how many cells are numbers, words or blank; and every value by its cell."""
    found: dict[str, Counter[str]] = {}
    places: dict[tuple[str, str], float] = {}
    for dataset, sheets in SHEETS.items():
        counts = found.setdefault(dataset, Counter())
        for sheet in sheets:
            rows = grid(path, sheet)
            for number, row in enumerate(rows[3:], 4):
                for at, cell in enumerate(row[3:], 3):
                    kind, value = told(cell)
                    counts[kind] += bool(rows[0][at])
                    if kind == "number" and rows[0][at]:
                        places[sheet, f"{chr(65 + at)}{number}"] = value
    return found, places


def told(cell: Any) -> tuple[str, float]:
    if isinstance(cell, str) and not cell.strip():
        return "blank", math.nan
    if isinstance(cell, float):
        return "number", cell
    bare = str(cell).replace("\u00a0", "")
    try:
        return "number", float(bare)
    except ValueError:
        return "words", math.nan


@pytest.mark.parametrize("name", ["kenya", "cote_divoire"])
def test_every_cell_of_the_workbook_is_accounted_for(name: str, request: pytest.FixtureRequest) -> None:
    programme, store, receipt, path = request.getfixturevalue(name)
    counts, places = expected(path)
    for dataset, found in counts.items():
        got = receipt.datasets[dataset]
        assert (got.taken, got.refused, got.blank) == (found["number"], found["words"], found["blank"]), (
            dataset
        )
        assert got.read == got.taken + got.refused
    stored: dict[tuple[str, str], float] = {}
    for dataset in counts:
        relation = store.relation(programme.datasets[dataset])
        for place, value in duckdb.sql(f"SELECT _source_row, value FROM {relation}").fetchall():
            sheet, _, cell = place.partition("!")
            stored[sheet, cell] = value
    assert stored == places


def test_two_sentences_in_kenya_become_findings_at_their_cells(kenya: Delivered) -> None:
    _, store, receipt, _ = kenya
    errors = [finding for finding in receipt.findings if finding.severity == "error"]
    assert [(f.code, f.where.sheet, f.where.cell, f.values["text"]) for f in errors] == [
        ("receive.not_a_number", "Service_data_3", "Q363", "My excel file this is the data for December for EMBU"),
        ("receive.not_a_number", "Service_data_3", "Q2128", "is it nyandarua or nyeri? In my download KHIS FILE its Nyeri"),
    ]  # fmt: skip
    assert [row["source_row"] for row in store.system("_refused").to_pylist()] == [
        "Service_data_3!Q363",
        "Service_data_3!Q2128",
    ]


def test_numbers_with_no_break_spaces_become_numbers(cote_divoire: Delivered) -> None:
    programme, store, receipt, _ = cote_divoire
    (cleaned,) = [finding for finding in receipt.findings if finding.code == "receive.number_cleaned"]
    assert cleaned.evidence["count"] == 1279
    assert cleaned.where.sheet == "Service_data_1"
    assert not [finding for finding in receipt.findings if finding.severity == "error"]
    (nameless,) = [finding for finding in receipt.findings if finding.code == "receive.no_heading"]
    assert (nameless.where.sheet, nameless.values) == ("Vaccine_stock_data", {"column": "U", "count": "280"})
    relation = store.relation(programme.datasets["services"])
    query = f"SELECT value FROM {relation} WHERE _source_row = 'Service_data_1!K4' AND item = '{slug('HIV_test')}'"
    assert duckdb.sql(query).fetchall() == [(1796,)]


def test_a_workbook_with_one_corrected_cell(kenya: Delivered, tmp_path: Path) -> None:
    """The workbook again as CSV of one sheet, with one value changed: one correction, the rest unchanged."""
    programme, _, _, path = kenya
    store = open_store(tmp_path / "store")
    rows = grid(path, "Service_data_1")[:1] + grid(path, "Service_data_1")[3:]
    table = programme.sources["workbook"].tables[0].model_copy(update={"sheet": None, "first_row": 2})
    given = replace(programme, sources={"csv": Source("csv", Text(), "csv", (table,))})
    for number in (1, 2):
        if number == 2:
            rows[1][3] += 1
        file = tmp_path / f"{number}.csv"
        file.write_text("\n".join(";".join(str(cell) for cell in row) for row in rows), encoding="utf-8")
        receipt = receive(given, store, "csv", file, received_at=AT)
    counts = receipt.datasets["services"]
    assert (counts.taken, counts.corrected, counts.refused) == (0, 1, 0)
    assert counts.unchanged == counts.read - 1 > 10_000


def test_sierra_leone_in_full(tmp_path: Path) -> None:
    folder = DATA / "sierra_leone"
    given = values(folder)
    programme = sierra_leone(folder, sorted({value["dataElement"] for value in given}))
    store = open_store(tmp_path / "store")
    started = time.process_time()
    receipt = receive(
        programme, store, "export", folder / "data_values.json.gz", received_at=AT.replace(year=2026)
    )
    assert time.process_time() - started < 10
    counts = receipt.datasets["values"]
    assert (counts.read, counts.taken, counts.refused) == (188_701, 188_701, 0)
    relation = store.relation(programme.datasets["values"])
    stored = dict(duckdb.sql(f"SELECT item, sum(value) FROM {relation} GROUP BY item").fetchall())
    sums: Counter[str] = Counter()
    for value in given:
        sums[value["dataElement"]] += float(value["value"])
    assert stored == pytest.approx(dict(sums))


def test_what_sierra_leone_does_not_declare_is_grouped(tmp_path: Path) -> None:
    folder = DATA / "sierra_leone"
    given = Counter(value["dataElement"] for value in values(folder))
    declared = sorted(given)[::2]
    store = open_store(tmp_path / "store")
    receipt = receive(
        sierra_leone(folder, declared),
        store,
        "export",
        folder / "data_values.json.gz",
        received_at=AT.replace(year=2026),
    )
    found = {finding.values["text"]: finding.evidence["count"] for finding in receipt.findings}
    assert found == {element: count for element, count in given.items() if element not in declared}
    assert receipt.datasets["values"].refused == sum(found.values())
    assert store.system("_refused").num_rows == receipt.datasets["values"].refused
