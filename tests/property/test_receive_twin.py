"""Deliveries against a slow, obvious twin that reads cell by cell into dictionaries; and nonsense that must not crash."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import math
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tallymark.errors import ReceiveError
from tallymark.programme.written.data import WrittenTable
from tallymark.sources.dates import parse_day, parse_period
from tallymark.sources.numbers import parse_number
from tallymark.sources.receipt import Counts
from tallymark.sources.receive import receive
from tallymark.sources.verdicts import Verdict
from tallymark.store import Store, open_store
from tests.drawing import drawn
from tests.unit.sources.offices import BIRTHS, MONTHLY, programme, source

AT = dt.datetime(2025, 4, 20, tzinfo=dt.UTC)
UNITS = {
    "U1": "U1",
    "baringo": "U1",
    "U2": "U2",
    "Cote  verte": "U2",
    "绿岸": "U2",
    "u4": "U4",
    "New Town": "U4",
}
NO_UNITS = ["", "C", "Daye", "Nowhere", "合计"]
PERIODS = ["2025-01", "202502", "March 2025", "2025年1月", "2024-05", "2025-12", "2025-Q1", "soon", ""]
CHANGE = dt.date(2024, 7, 1)
"""The day on which U3 closed and U4 opened."""
CELLS = [
    "",
    "1",
    "2",
    "3.5",
    "1 234",
    "nil",
    "N/A",
    "75O",
    "-4",
    "12人",
    "101",
    "yes",
    "2025-03-14",
    "１２",
    "#REF!",
]
ITEMS = ["anc1", "anc4", "rate"]
NAMED = {spelling: code for spelling, code in UNITS.items() if spelling not in ("U1", "U2", "U3", "u4")}
REPORTS = WrittenTable(
    dataset="monthly",
    first_row=2,
    unit="unit",
    period="period",
    aliases=NAMED,
    items={name: name for name in ITEMS},
)
PROGRAMME = programme(sources={"reports": source("reports", "csv", REPORTS)})
Row = tuple[str, str, str, str, str]
ROWS = st.lists(
    st.tuples(
        st.sampled_from([*UNITS, *NO_UNITS]), st.sampled_from(PERIODS), *[st.sampled_from(CELLS) for _ in ITEMS]
    ),
    max_size=12,
)  # fmt: skip


class Twin:
    """What the store should say, kept in a dictionary."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str, str], float] = {}

    def deliver(self, rows: list[Row]) -> Counts:
        said: dict[tuple[str, str, str], list[float]] = {}
        read = refused = blank = missing = 0
        for unit, period, *cells in rows:
            key = self.key(unit, period)
            for item, cell in zip(ITEMS, cells, strict=True):
                value, verdict = parse_number(cell, decimal=".", whole=item != "rate")
                if verdict is Verdict.BLANK:
                    blank += 1
                elif verdict in (Verdict.MISSING, Verdict.UNCLEAR_NONE):
                    missing += 1
                else:
                    read += 1
                    if key is None or math.isnan(value):
                        refused += 1
                    else:
                        said.setdefault((*key, item), []).append(value)
        taken = corrected = 0
        for place, values in said.items():
            if len(set(values)) > 1:
                refused += len(values)
            elif place not in self.values:
                taken += 1
                self.values[place] = values[0]
            elif self.values[place] != values[0]:
                corrected += 1
                self.values[place] = values[0]
        unchanged = read - refused - taken - corrected
        return Counts(read, taken, corrected, unchanged, refused, blank, missing)

    def key(self, unit: str, period: str) -> tuple[str, str] | None:
        found, _ = parse_period(
            period, frequency="month", calendar=PROGRAMME.calendar, order="ymd", latest_year=2025
        )
        if unit not in UNITS or found is None or found.start > AT.date():
            return None
        if (UNITS[unit] == "U4" and found.end < CHANGE) or (UNITS[unit] == "U3" and found.start >= CHANGE):
            return None
        return UNITS[unit], found.code


def reported(store: Store) -> dict[tuple[str, str, str], float]:
    with duckdb.connect() as connection:
        found = connection.sql(f"SELECT unit, period, item, value FROM {store.relation(MONTHLY)}").fetchall()
    assert len({row[:3] for row in found}) == len(found)
    return {(unit, period, item): value for unit, period, item, value in found}


@settings(max_examples=drawn(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deliveries=st.lists(ROWS, min_size=1, max_size=4))
def test_reports_are_what_the_twin_says(
    tmp_path_factory: pytest.TempPathFactory, deliveries: list[list[Row]]
) -> None:
    folder = tmp_path_factory.mktemp("twin")
    store, twin = open_store(folder / "store"), Twin()
    for number, rows in enumerate(deliveries):
        path = folder / f"{number}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("unit", "period", *ITEMS), *rows])
        before = dict(twin.values)
        expected = twin.deliver(rows)
        receipt = receive(PROGRAMME, store, "reports", path, received_at=AT)
        if receipt.again:
            twin.values = before
            assert reported(store) == before
            continue
        assert receipt.datasets["monthly"] == expected
        refused = [row for row in store.system("_refused").to_pylist() if row["_batch"] == receipt.batch]
        assert sum(row["values"] for row in refused) == expected.refused
        assert reported(store) == twin.values


NASTY = st.one_of(
    st.sampled_from(["B1", "B2", "B3", "U1", "U2", "2025-03-14", "14/03/2025", "female",
                     "3100", "yes", "", '"', "a,b", "x\ny"]),
    st.text(max_size=8),
)  # fmt: skip
TABLE = st.lists(st.lists(NASTY, min_size=1, max_size=8), max_size=10)


@settings(max_examples=drawn(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TABLE, st.sampled_from(",;\t"), st.booleans())
def test_nonsense_is_taken_or_refused_and_never_lost(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]], delimiter: str, quote: bool
) -> None:
    folder = tmp_path_factory.mktemp("nonsense")
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL if quote else csv.QUOTE_MINIMAL)
    writer.writerows([["birth_id", "unit", "born_on", "sex", "weight_g", "skilled"], *table])
    path = folder / "f.csv"
    path.write_bytes(text.getvalue().encode("utf-8", errors="replace"))
    store = open_store(folder / "store")
    with contextlib.suppress(ReceiveError):
        receipt = receive(PROGRAMME, store, "births", path, received_at=AT)
        counts = receipt.datasets["births"]
        instructions = [f.values["count"] for f in receipt.findings if f.code == "receive.instruction_rows"]
        assert counts.read + sum(instructions) == sum(any(cell.strip() for cell in row) for row in table)
        with duckdb.connect() as connection:
            query = f"SELECT count(*) FROM {store.relation(BIRTHS)}"
            assert connection.execute(query).fetchall() == [(counts.taken,)]


@settings(max_examples=drawn(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400), st.sampled_from([".csv", ".xlsx", ".parquet", ".json", ".json.gz", ".ods"]))
def test_any_bytes_are_received_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, suffix: str
) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    path = folder / f"f{suffix}"
    path.write_bytes(content)
    store = open_store(folder / "store")
    with contextlib.suppress(ReceiveError):
        receive(PROGRAMME, store, "births", path, received_at=AT)


@settings(max_examples=drawn(200), deadline=None)
@given(st.text(max_size=20))
def test_a_spelling_is_read_alike_wherever_it_stands(text: str) -> None:
    """Numbers, days and periods never raise; what is one is not made another by spaces around it."""
    for padded in (text, f" {text}\u00a0"):
        assert repr(parse_number(padded, decimal=".", whole=False)[0]) == repr(
            parse_number(text, decimal=".", whole=False)[0]
        )
        assert (
            parse_day(padded, order="dmy", latest_year=2025)[0]
            == parse_day(text, order="dmy", latest_year=2025)[0]
        )


def test_the_twin_can_fail(tmp_path: Path) -> None:
    store, twin = open_store(tmp_path / "store"), Twin()
    path = tmp_path / "f.csv"
    path.write_text("unit,period,anc1,anc4,rate\nU1,2025-01,1,,\n")
    receive(PROGRAMME, store, "reports", path, received_at=AT)
    twin.deliver([("U1", "2025-01", "2", "", "")])
    assert reported(store) != twin.values
