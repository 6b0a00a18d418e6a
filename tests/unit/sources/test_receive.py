"""A delivery from file to store: what is taken, corrected, refused and found, row by row."""

from __future__ import annotations

import datetime as dt
import json
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter
from tests.unit.sources.files import workbook
from tests.unit.sources.offices import COUNTY, MONTHLY, dataset, item, programme, source

from tallymark.errors import ReceiveError, StoreError
from tallymark.findings import Finding, Severity
from tallymark.programme.resolved import Programme
from tallymark.programme.written.data import WrittenTable
from tallymark.sources import csv_file, reader
from tallymark.sources.receipt import Counts, Receipt
from tallymark.sources.receive import receive
from tallymark.sources.spool import Spool
from tallymark.store import Store, open_store
from tallymark.texts import told

AT = dt.datetime(2025, 4, 20, 9, 30, tzinfo=dt.UTC)
REGISTER = "birth_id,unit,born_on,sex,weight_g,skilled\n"


class Office:
    """A store and a programme, and files sent to them."""

    def __init__(self, folder: Path, **given: Any) -> None:
        self.folder = folder
        self.store: Store = open_store(folder / "store")
        self.programme: Programme = programme(**given)
        self.sent = 0

    def send(self, name: str, text: str | bytes, *, suffix: str = ".csv", at: dt.datetime = AT) -> Receipt:
        self.sent += 1
        path = self.folder / f"f{self.sent}{suffix}"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return self.give(name, path, at=at)

    def give(self, name: str, path: Path, *, at: dt.datetime = AT) -> Receipt:
        receipt = receive(self.programme, self.store, name, path, received_at=at)
        for counts in receipt.datasets.values():
            assert counts.read == counts.taken + counts.corrected + counts.unchanged + counts.refused
        if not receipt.again:
            mine = [row for row in self.refused() if row["_batch"] == receipt.batch]
            assert sum(row["values"] for row in mine) == sum(c.refused for c in receipt.datasets.values())
        return receipt

    def rows(self, name: str, columns: str) -> list[tuple[Any, ...]]:
        relation = self.store.relation(self.programme.datasets[name])
        return duckdb.sql(f"SELECT {columns} FROM {relation} ORDER BY ALL").fetchall()

    def refused(self) -> list[dict[str, Any]]:
        return self.store.system("_refused").to_pylist()


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def codes(receipt: Receipt) -> list[tuple[str, str | None]]:
    """Code and cell (or row) of every finding."""
    return [(finding.code.removeprefix("receive."), place(finding)) for finding in receipt.findings]


def place(finding: Finding) -> str | None:
    return finding.where.cell or (str(finding.where.row) if finding.where.row else None)


def test_a_register_is_taken(office: Office) -> None:
    receipt = office.send(
        "births", REGISTER + "B1,U1,2025-03-14,female,3100,yes\nB2,绿岸,14/03/2025,MALE,,否\n"
    )
    assert receipt.datasets == {"births": Counts(read=2, taken=2)}
    assert receipt.findings == ()
    assert receipt.batch == 1
    assert office.rows(
        "births", "birth_id, unit, born_on, sex, weight_g, skilled, _unit, _month, _day, _source_row"
    ) == [
        ("B1", "U1", dt.date(2025, 3, 14), "female", 3100, True, "U1", 24302, dt.date(2025, 3, 14), "2"),
        ("B2", "U2", dt.date(2025, 3, 14), "male", None, False, "U2", 24302, dt.date(2025, 3, 14), "3"),
    ]


def test_rows_that_cannot_be_taken_are_kept_as_delivered(office: Office) -> None:
    receipt = office.send(
        "births",
        REGISTER
        + "B1,Baringa,2025-03-14,female,3100,yes\n"  # unknown
        + "B2,C,2025-03-14,female,3100,yes\n"  # a county
        + "B3,U3,2025-03-14,female,3100,yes\n"  # closed in 2024
        + "B4,U1,2026-01-01,female,3100,yes\n"  # in the future
        + "B5,U1,31/02/2025,female,3100,yes\n"  # no such day
        + ",U1,2025-03-14,female,3100,yes\n"  # no key
        + "B7,U1,,female,3100,yes\n"  # no date
        + "B8,U1,2025-03-14,female,3100,yes\n",
    )
    assert receipt.datasets["births"] == Counts(read=8, taken=1, refused=7)
    assert set(codes(receipt)) == {
        ("unknown_unit", "B2"), ("other_level", "B3"), ("unit_not_open", "B4"), ("in_future", "C5"),
        ("no_such_day", "C6"),
        ("required_blank", "A7"), ("required_blank", "C8"),
    }  # fmt: skip
    kept = office.refused()[0]
    assert (kept["source_row"], kept["code"]) == ("2", "receive.unknown_unit")
    assert json.loads(kept["raw"]) == {
        "birth_id": "B1", "unit": "Baringa", "born_on": "2025-03-14", "sex": "female", "weight_g": "3100",
        "skilled": "yes",
    }  # fmt: skip
    unknown = next(finding for finding in receipt.findings if finding.code == "receive.unknown_unit")
    assert "Did you mean Baringo (U1)?" in unknown.hint()
    assert "是否指 Baringo (U1)？" in unknown.hint("zh")


def test_an_event_is_not_lost_for_a_bad_cell(office: Office) -> None:
    receipt = office.send(
        "births", REGISTER + "B1,U1,2025-03-14,woman,3.5kg?,perhaps\nB2,U1,2025-03-14,male,12.5,1\n"
    )
    assert receipt.datasets["births"] == Counts(read=2, taken=2)
    assert office.rows("births", "birth_id, sex, weight_g, skilled") == [
        ("B1", None, None, None),
        ("B2", "male", None, True),
    ]
    assert set(codes(receipt)) == {
        ("not_a_category", "D2"), ("not_exact", "E2"), ("not_yes_or_no", "F2"), ("not_whole", "E3"),
    }  # fmt: skip
    assert [(row["source_row"], row["values"]) for row in office.refused()] == [("2", 0), ("3", 0)]
    assert (
        next(f for f in receipt.findings if f.code == "receive.not_a_category").hint()
        == "Declared are female, male."
    )


def test_values_outside_their_limits_are_kept(office: Office) -> None:
    receipt = office.send("births", REGISTER + "B1,U1,2025-03-14,male,12,1\nB2,U1,2025-03-14,male,70000,1\n")
    assert office.rows("births", "weight_g") == [(12,), (70000,)]
    assert codes(receipt) == [("below_min", "E2"), ("above_max", "E3")]
    assert receipt.findings[0].severity == "warning"


def test_the_same_file_twice_changes_nothing(office: Office) -> None:
    text = REGISTER + "B1,U1,2025-03-14,female,3100,yes\nB2,Nowhere,2025-03-14,female,3100,yes\n"
    first = office.send("births", text)
    again = office.send("births", text)
    assert not first.again
    assert again.again
    assert again.batch == 1
    assert "nothing changed" in again.summary()
    assert "没有变化" in again.summary("zh")
    assert office.store.version == 1
    assert office.store.receipts().num_rows == 1


def test_a_corrected_file_supersedes_and_keeps_the_old_value(office: Office) -> None:
    office.send("births", REGISTER + "B1,U1,2025-03-14,female,3100,yes\nB2,U1,2025-03-15,male,3000,no\n")
    receipt = office.send(
        "births",
        REGISTER
        + "B1,U1,2025-03-14,female,3200,yes\nB2,U1,2025-03-15,male,3000,no\nB3,U2,2025-03-15,male,2900,no\n",
    )
    assert receipt.datasets["births"] == Counts(read=3, taken=1, corrected=1, unchanged=1)
    assert office.rows("births", "birth_id, weight_g") == [("B1", 3200), ("B2", 3000), ("B3", 2900)]
    told = office.store.history("births", {"birth_id": "B1"}).to_pylist()
    assert [(row["weight_g"], row["_batch"], row["superseded_by"], row["reason"]) for row in told] == [
        (3100, 1, 2, "corrected"),
        (3200, 2, None, None),
    ]


def test_an_event_may_be_corrected_into_another_unit_and_month(office: Office) -> None:
    office.send("births", REGISTER + "B1,U1,2025-03-14,female,3100,yes\n")
    receipt = office.send("births", REGISTER + "B1,U2,2025-02-14,female,3100,yes\n")
    assert receipt.datasets["births"] == Counts(read=1, corrected=1)
    assert office.rows("births", "_unit, _month") == [("U2", 24301)]


def test_an_empty_cell_deletes_nothing(office: Office) -> None:
    office.send("births", REGISTER + "B1,U1,2025-03-14,female,3100,yes\n")
    receipt = office.send("births", REGISTER + "B1,U1,2025-03-14,female,,\n")
    assert receipt.datasets["births"] == Counts(read=1, unchanged=1)
    office.send("monthly", "unit,period,anc1,anc4\nU1,2025-03,5,3\n")
    receipt = office.send("monthly", "unit,period,anc1,anc4\nU1,2025-03,,N/A\nU2,2025-03,,4\n")
    assert receipt.datasets["monthly"] == Counts(read=1, taken=1, blank=2, missing=1)
    kept = next(finding for finding in receipt.findings if finding.code == "receive.kept_earlier")
    assert kept.evidence["count"] == 2
    assert office.rows("monthly", "unit, item, value") == [
        ("U1", "anc1", 5),
        ("U1", "anc4", 3),
        ("U2", "anc4", 4),
    ]


def test_the_same_row_twice_in_a_file_is_taken_once(office: Office) -> None:
    row = "B1,U1,2025-03-14,female,3100,yes\n"
    receipt = office.send("births", REGISTER + row + row + row)
    assert receipt.datasets["births"] == Counts(read=3, taken=1, unchanged=2)
    assert [(f.code, f.severity, f.evidence["count"]) for f in receipt.findings] == [
        ("receive.repeated", "note", 2)
    ]
    assert office.rows("births", "_source_row") == [("2",)]


def test_rows_that_contradict_each_other_are_all_refused(office: Office) -> None:
    office.send("births", REGISTER + "B1,U1,2025-03-14,female,3000,yes\n")
    receipt = office.send(
        "births",
        REGISTER
        + "B1,U1,2025-03-14,female,3100,yes\nB2,U1,2025-03-14,male,1000,\nB1,U1,2025-03-14,female,3200,yes\n",
    )
    assert receipt.datasets["births"] == Counts(read=3, taken=1, refused=2)
    assert office.rows("births", "birth_id, weight_g") == [("B1", 3000), ("B2", 1000)]
    assert codes(receipt) == [("conflict", "2"), ("conflict", "4")]
    assert [json.loads(row["raw"])["weight_g"] for row in office.refused()] == ["3100", "3200"]


def test_events_without_a_key_are_counted(office: Office) -> None:
    office.send("visits", "unit,day,kind\nU1,2025-03-01,a\nU1,2025-03-01,a\nU1,2025-03-02,b\n")
    receipt = office.send(
        "visits", "unit,day,kind\nU1,2025-03-01,a\nU1,2025-03-01,a\nU1,2025-03-01,a\nU2,2025-03-02,b\n"
    )
    assert receipt.datasets["visits"] == Counts(read=4, taken=2, unchanged=2)
    assert len(office.rows("visits", "day")) == 5


def test_a_wide_report(office: Office) -> None:
    receipt = office.send(
        "monthly",
        "unit,period,anc1,anc4,rate,open\nU1,2025-03,1\u00a0796,750,85.7%,是\n"
        "绿岸,202503,nil,My file,3,no\nTotal,2025-03,1,2,3,1\n",
        at=dt.datetime(2025, 4, 3, tzinfo=dt.UTC),
    )
    assert receipt.datasets["monthly"] == Counts(read=11, taken=6, refused=5, missing=1)
    assert office.rows("monthly", "unit, period, item, value, _month, _source_row") == [
        ("U1", "2025-03", "anc1", 1796, 24302, "C2"), ("U1", "2025-03", "anc4", 750, 24302, "D2"),
        ("U1", "2025-03", "open", 1, 24302, "F2"), ("U1", "2025-03", "rate", 85.7, 24302, "E2"),
        ("U2", "2025-03", "open", 0, 24302, "F3"), ("U2", "2025-03", "rate", 3, 24302, "E3"),
    ]  # fmt: skip
    assert codes(receipt) == [
        ("not_a_number", "D3"), ("none_or_zero", "C3"), ("total_row", "A4"),
        ("number_cleaned", "C2"), ("percent_sign", "E2"),
    ]  # fmt: skip
    assert [(row["source_row"], row["values"]) for row in office.refused()] == [("D3", 1), ("4", 4)]


def test_a_long_report_says_the_same_as_a_wide_one(tmp_path: Path) -> None:
    wide, long = Office(tmp_path / "w"), Office(tmp_path / "l")
    for office in (wide, long):
        office.folder.mkdir(exist_ok=True)
    wide.send("monthly", "unit,period,anc1,rate,open\nU1,2025-03,5,1.5,yes\nU2,2025-02,,2,no\n")
    long.send(
        "monthly",
        "unit;period;item;value\nU1;2025-03;anc1;5\nU1;2025-03;rate;1.5\nU1;2025-03;open;yes\nU2;2025-02;rate;2\nU2;2025-02;open;no\n",
    )
    said = "unit, period, item, value"
    assert wide.rows("monthly", said) == long.rows("monthly", said)


def test_reports_with_breakdowns(office: Office) -> None:
    receipt = office.send(
        "by_sex",
        "unit,period,sex,visits\nU1,2025-03,female,5\nU1,2025-03,male,3\nU1,2025-03,,1\nU1,2025-03,boy,1\n",
    )
    assert receipt.datasets["by_sex"] == Counts(read=4, taken=3, refused=1)
    assert office.rows("by_sex", "sex, value") == [("female", 5), ("male", 3), (None, 1)]
    receipt = office.send("by_sex", "unit,period,sex,visits\nU1,2025-03,male,4\nU1,2025-03,,1\n")
    assert receipt.datasets["by_sex"] == Counts(read=2, corrected=1, unchanged=1)
    assert office.rows("by_sex", "sex, value") == [("female", 5), ("male", 4), (None, 1)]


def test_stocks(office: Office) -> None:
    receipt = office.send("people", "unit,date,residents,women\nU1,2025-01-01,100,50\nU1,2027-01-01,110,\n")
    assert receipt.datasets["people"] == Counts(read=3, taken=3, blank=1)
    assert codes(receipt) == [("future_stock", "B3")]
    assert office.rows("people", "unit, date, item, value, _month")[0] == (
        "U1",
        dt.date(2025, 1, 1),
        "residents",
        100,
        24300,
    )


@pytest.mark.parametrize(
    ("day", "late", "early"), [("2025-03-31", 0, 2), ("2025-04-01", 0, 0), ("2025-04-05", 0, 0), ("2025-04-06", 2, 0)]
)  # fmt: skip
def test_late_and_early_reports(office: Office, day: str, late: int, early: int) -> None:
    at = dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC)
    receipt = office.send("monthly", "unit,period,anc1\nU1,2025-03,5\nU2,2025-03,6\n", at=at)
    found = {
        finding.code: finding.evidence["count"]
        for finding in receipt.findings
        if "receive.column" not in finding.code
    }
    assert found == ({"receive.late": late} if late else {}) | ({"receive.early": early} if early else {})


def test_a_correction_is_not_late(office: Office) -> None:
    office.send("monthly", "unit,period,anc1\nU1,2025-03,5\n", at=dt.datetime(2025, 4, 3, tzinfo=dt.UTC))
    receipt = office.send("monthly", "unit,period,anc1\nU1,2025-03,6\n")
    assert "receive.late" not in [finding.code for finding in receipt.findings]


def test_a_report_for_a_period_to_come_is_refused(office: Office) -> None:
    receipt = office.send("monthly", "unit,period,anc1\nU1,2025-05,5\n")
    assert receipt.datasets["monthly"] == Counts(read=1, refused=1)
    assert codes(receipt)[0] == ("in_future", "B2")


def test_many_problems_of_a_kind_are_one_finding(office: Office) -> None:
    rows = "".join(f"B{at},U1,2025-03-14,female,heavy{at},yes\n" for at in range(1000))
    receipt = office.send("births", REGISTER + rows)
    assert receipt.datasets["births"].taken == 1000
    (finding,) = receipt.findings
    assert finding.evidence["count"] == 1000
    assert finding.evidence["places"][:2] == ["E2", "E3"]
    assert finding.message().startswith("1,000 cells of “weight_g” are not numbers (“heavy0”, ")
    assert len(office.refused()) == 1000


def test_many_unknown_units_do_not_drown_the_office(office: Office) -> None:
    rows = "".join(f"B{at},Nowhere {at // 2},2025-03-14,female,3000,yes\n" for at in range(400))
    receipt = office.send("births", REGISTER + rows)
    assert receipt.datasets["births"] == Counts(read=400, refused=400)
    assert len(receipt.findings) <= 60
    assert sum(int(finding.evidence["count"]) for finding in receipt.findings) == 400
    assert (
        "“Nowhere 50, Nowhere 51, "
        in next(f for f in receipt.findings if int(f.evidence["count"]) > 2).message()
    )
    assert len(office.refused()) == 400


def test_a_known_file_under_a_changed_programme_adds_what_it_can(tmp_path: Path) -> None:
    text = REGISTER + "B1,U1,2025-03-14,female,3100,yes\nB2,Old Place,2025-03-14,male,3000,yes\n"
    path = tmp_path / "b.csv"
    path.write_text(text)
    office = Office(tmp_path)
    office.give("births", path)
    office.send("births", REGISTER + "B1,U1,2025-03-14,female,3333,yes\n")
    aliased = source(
        "births_csv", "csv", WrittenTable(dataset="births", unit="unit", aliases={"old place": "U2"})
    )
    office.programme = programme(hash="p2", sources={"births": aliased})
    receipt = office.give("births", path)
    assert receipt.datasets["births"] == Counts(read=2, taken=1, unchanged=1)
    assert [finding.code for finding in receipt.findings] == ["receive.older_file"]
    assert office.rows("births", "birth_id, unit, weight_g") == [("B1", "U1", 3333), ("B2", "U2", 3000)]
    office.programme = programme(hash="p3", sources={"births": aliased})
    assert office.give("births", path).again
    assert office.store.version == 3


def test_a_workbook_with_sheets_instructions_and_merged_headings(tmp_path: Path) -> None:
    rows = [
        ["District", "Month", "Antenatal", None, "Remarks"],
        [None, None, "First", "Fourth", None],
        ["Name of the district", "Month as 2025-03", "Enter the number of first visits",
         "Enter the number of fourth visits", None],
        ["Baringo", dt.date(2025, 3, 1), 1796, "75O", "ok"],
        ["cote verte", "Mar 2025", "1 234", "#DIV/0!", None],
        [None] * 5,
        ["合计", None, 5, 6, None],
    ]  # fmt: skip
    path = workbook(tmp_path / "f.xlsx", ("Monthly ", rows), merges=[("Monthly ", "C1:D1", "Antenatal")])
    table = WrittenTable(
        dataset="monthly", sheet="monthly", header_row=1, first_row=4, unit="District", match="name", period="Month",
        items={"Antenatal / First": "anc1", "Fourth": "anc4"},
    )  # fmt: skip
    office = Office(tmp_path, sources={"book": source("book", "excel", table)})
    receipt = office.give("book", path)
    assert receipt.datasets["monthly"] == Counts(read=6, taken=2, refused=4, blank=2)
    assert office.rows("monthly", "unit, item, value, _source_row") == [
        ("U1", "anc1", 1796, "Monthly !C4"), ("U2", "anc1", 1234, "Monthly !C5"),
    ]  # fmt: skip
    assert set(codes(receipt)) >= {
        ("letter_for_digit", "D4"), ("sheet_error", "D5"), ("total_row", "A7"), ("number_cleaned", "C5"),
        ("read_as", None),
    }  # fmt: skip
    left = next(finding for finding in receipt.findings if finding.code == "receive.columns_left_out")
    assert "“Remarks”" in left.message()


def test_instructions_under_the_header_are_found_when_not_declared(tmp_path: Path) -> None:
    rows = [["district", "period", "anc1"], ["", "", "Enter the number of first visits. Do not move columns."],
            ["Name", "Month", "ANC1"], ["Baringo", "2025-03", 5], ["Baringoo", "2025-03", 6]]  # fmt: skip
    path = workbook(tmp_path / "f.xlsx", ("S", rows))
    table = WrittenTable(
        dataset="monthly", unit="district", match="name", period="period", items={"anc1": "anc1"}
    )
    office = Office(tmp_path, sources={"book": source("book", "excel", table)})
    receipt = office.give("book", path)
    assert receipt.datasets["monthly"] == Counts(read=2, taken=1, refused=1)
    note = next(finding for finding in receipt.findings if finding.code == "receive.instruction_rows")
    assert note.evidence["rows"] == [2, 3]


def test_a_first_row_of_an_unknown_unit_is_no_instruction(office: Office) -> None:
    receipt = office.send("monthly", "unit,period,anc1\nNowhere,2025-03,5\nU1,2025-03,6\n")
    assert receipt.datasets["monthly"] == Counts(read=2, taken=1, refused=1)
    receipt = office.send(
        "births", REGISTER + "B1,Nowhere,2025-03-14,female,3100,yes\nB2,U1,2025-03-14,female,3100,yes\n"
    )
    assert receipt.datasets["births"] == Counts(read=2, taken=1, refused=1)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("births", "birth_id,Unti,born_on\n1,2,3\n", "no column “unit” for the unit .did you mean “Unti”"),
        ("births", "unit,sex\nU1,male\n", "no column “birth_id” .*no column “born_on”"),
        ("monthly", "unit,anc1\nU1,5\n", "no column “period”"),
        ("monthly", "unit,period,x\nU1,2025-03,5\n", "no column of any item"),
        ("monthly", "unit,unit,period,anc1\nU1,U1,2025-03,5\n", "2 columns are called “unit”"),
        ("birth", "x\n", "no source or dataset is called “birth”. Did you mean births"),
    ],
)  # fmt: skip
def test_files_that_lack_what_they_need(office: Office, name: str, text: str, message: str) -> None:
    with pytest.raises(ReceiveError, match=message):
        office.send(name, text)
    assert office.store.version == 0


def test_files_that_are_not_there(office: Office) -> None:
    with pytest.raises(ReceiveError, match="cannot be read"):
        office.give("births", office.folder / "none.csv")
    (office.folder / "dir.csv").mkdir()
    with pytest.raises(ReceiveError, match="cannot be read"):
        office.give("births", office.folder / "dir.csv")
    with pytest.raises(ReceiveError, match="does not say what the file is"):
        office.send("births", "x", suffix=".docx")


def test_a_file_with_headings_only(office: Office) -> None:
    receipt = office.send("births", REGISTER)
    assert receipt.datasets == {"births": Counts()}
    assert office.rows("births", "birth_id") == []


def test_several_tables_of_one_file(tmp_path: Path) -> None:
    monthly = [
        ["district", "year", "month", "anc1"],
        ["Baringo", 2025, "Mars", 5],
        ["Baringo", 2025, "Smarch", 5],
    ]
    people = [["district", "year", "residents"], ["Baringo", 2024, 100.0]]
    path = workbook(tmp_path / "f.xlsx", ("M", monthly), ("P", people))
    tables = (
        WrittenTable(
            dataset="monthly",
            sheet="M",
            unit="district",
            match="name",
            year="year",
            month="month",
            items={"anc1": "anc1"},
        ),
        WrittenTable(
            dataset="people",
            sheet="P",
            unit="district",
            match="name",
            year="year",
            day="07-01",
            items={"residents": "residents"},
        ),
    )
    office = Office(tmp_path, sources={"book": source("book", "excel", *tables)})
    receipt = office.give("book", path)
    assert receipt.datasets == {
        "monthly": Counts(read=2, taken=1, refused=1),
        "people": Counts(read=1, taken=1),
    }
    assert office.rows("people", "date, value, _source_row") == [(dt.date(2024, 7, 1), 100, "P!C2")]
    assert ("not_a_period", "C3") in codes(receipt)


def test_a_formula_that_failed_is_told(tmp_path: Path) -> None:
    """An error cell is neither empty nor a number: it is refused, with its place."""
    path = tmp_path / "failed.xlsx"
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("Empty & first")
    sheet = book.add_worksheet("A & B")
    for row, cells in enumerate(
        [["unit", "period", "anc1", "anc4"], ["U1", "2025-03", 5, 6], ["U2", "2025-03", 7, 8]]
    ):
        sheet.write_row(row, 0, cells)
    sheet.write_formula(1, 3, "=1/0", None, "#DIV/0!")
    sheet.write_formula(2, 2, "=A1+B1", None, "#VALUE!")
    book.close()
    table = WrittenTable(
        dataset="monthly", sheet="A & B", unit="unit", period="period", items={"anc1": "anc1", "anc4": "anc4"}
    )
    office = Office(tmp_path, sources={"book": source("book", "excel", table)})
    receipt = office.give("book", path)
    assert receipt.datasets["monthly"] == Counts(read=4, taken=2, refused=2)
    assert [("sheet_error", cell) for cell in ("C3", "D2")] == sorted(
        pair for pair in codes(receipt) if pair[0] == "sheet_error"
    )


def test_half_characters_in_json_are_read_as_question_marks(tmp_path: Path) -> None:
    office = Office(tmp_path)
    text = (
        '{"dataValues": [{"dataElement": "anc1", "period": "202503", "orgUnit": "U1", "value": "\\ud800"}]}'
    )
    receipt = office.send("monthly", text, suffix=".json")
    assert receipt.datasets["monthly"] == Counts(read=1, refused=1)


def test_a_table_may_say_when_it_was_received(tmp_path: Path) -> None:
    table = WrittenTable(
        dataset="monthly", unit="unit", period="period", items={"anc1": "anc1"}, received=dt.date(2025, 4, 4)
    )
    office = Office(tmp_path, sources={"old": source("old", "csv", table)})
    receipt = office.send(
        "old", "unit,period,anc1\nU1,2025-03,5\n", at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    )
    assert receipt.findings == ()
    assert office.rows("monthly", "_at::DATE") == [(dt.date(2025, 4, 4),)]


def test_date_order_and_category_spellings(tmp_path: Path) -> None:
    table = WrittenTable(
        dataset="births", unit="unit", date_order="dmy", columns={"id": "birth_id", "geboren": "born_on"},
        categories={"sex": {"F": "female", "女": "female"}},
    )  # fmt: skip
    office = Office(tmp_path, sources={"s": source("s", "csv", table)})
    office.send("s", "id,unit,geboren,sex\n1,U1,3/4/2025,F\n2,U1,4/4/2025,女\n")
    assert office.rows("births", "born_on, sex") == [
        (dt.date(2025, 4, 3), "female"),
        (dt.date(2025, 4, 4), "female"),
    ]


def test_continental_numbers(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.send("monthly", "unit;period;anc1;rate\nU1;2025-03;1.234;12,5\nU2;2025-03;1.234.567;3,25\n")
    assert office.rows("monthly", "unit, item, value") == [
        ("U1", "anc1", 1234), ("U1", "rate", 12.5), ("U2", "anc1", 1234567), ("U2", "rate", 3.25),
    ]  # fmt: skip


def test_dhis2_values_add_up_by_part(tmp_path: Path) -> None:
    office = Office(tmp_path)

    def value(element: str, combination: str, number: str, **more: Any) -> dict[str, Any]:
        return {"dataElement": element, "period": "202503", "orgUnit": "U1", "categoryOptionCombo": combination,
                "attributeOptionCombo": "default", "value": number} | more  # fmt: skip

    first = [
        value("anc1", "m", "5"),
        value("anc1", "f", "6"),
        value("other", "m", "1"),
        value("other", "m", "2", orgUnit="U2"),
    ]
    receipt = office.send("monthly", json.dumps({"dataValues": first}), suffix=".json")
    assert receipt.datasets["monthly"] == Counts(read=4, taken=2, refused=2)
    assert [
        (f.code, f.severity, f.evidence["count"]) for f in receipt.findings if f.code != "receive.late"
    ] == [("receive.undeclared_item", "warning", 2)]
    again = [
        value("anc1", "m", "7"),
        value("anc1", "f", "", deleted=True),
        value("anc4", "f", "1", deleted=True),
    ]
    receipt = office.send("monthly", json.dumps({"dataValues": again}), suffix=".json")
    assert receipt.datasets["monthly"] == Counts(read=3, corrected=2, unchanged=1)
    assert office.rows("monthly", "item, _part, value") == [("anc1", "m.default", 7)]
    assert [finding.code for finding in receipt.findings] == ["receive.deleted"]


def test_rows_of_another_dataset_of_the_file_are_judged_there(tmp_path: Path) -> None:
    """One DHIS2 export: a district's months and its county's quarters; each row answers to its own dataset only."""
    team = dataset("team", "reports", level=COUNTY, frequency="quarter", items=(item("score"),))
    tables = (
        WrittenTable(dataset="monthly", items={"a1": "anc1"}),
        WrittenTable(dataset="team", items={"s1": "score"}),
    )
    chosen = programme(MONTHLY, team, sources={"dhis2": source("dhis2", "dhis2", *tables)})
    values = [
        {"dataElement": "a1", "period": "202503", "orgUnit": "U1", "value": "5"},
        {"dataElement": "s1", "period": "2025Q1", "orgUnit": "C", "value": "7"},
        {"dataElement": "s1", "period": "2025Q1", "orgUnit": "U1", "value": "8"},
    ]
    path = tmp_path / "values.json"
    path.write_text(json.dumps({"dataValues": values}), encoding="utf-8")
    receipt = receive(chosen, open_store(tmp_path / "store"), "dhis2", path, received_at=AT)
    assert receipt.datasets["monthly"] == Counts(read=1, taken=1, ignored=2)
    assert receipt.datasets["team"] == Counts(read=2, taken=1, refused=1, ignored=1)
    assert [finding.code for finding in receipt.findings if finding.severity is Severity.ERROR] == [
        "receive.other_level"
    ]


def test_dhis2_option_combinations_become_breakdowns(tmp_path: Path) -> None:
    table = WrittenTable(
        dataset="by_sex",
        items={"vst": "visits"},
        categories={"cm": {"sex": "male"}, "cf": {"sex": "female"}, "c0": {}},
    )
    office = Office(tmp_path, sources={"export": source("export", "dhis2", table)})
    values = [
        {"dataElement": "vst", "period": "202503", "orgUnit": "U1", "categoryOptionCombo": part,
         "attributeOptionCombo": "d", "value": "3"}
        for part in ("cm", "cf", "c0", "cx")
    ]  # fmt: skip
    receipt = office.send("export", json.dumps({"dataValues": values}), suffix=".json")
    assert receipt.datasets["by_sex"] == Counts(read=4, taken=3, refused=1)
    assert office.rows("by_sex", "sex, value") == [("female", 3), ("male", 3), (None, 3)]
    assert ("unknown_combination", "4") in codes(receipt)


def test_the_receipt_as_json_and_in_words(office: Office) -> None:
    receipt = office.send(
        "births", REGISTER + "B1,U1,2025-03-14,female,3100,yes\nB2,Nowhere,2025-03-14,female,3100,yes\n"
    )
    told = json.loads(json.dumps(receipt.as_dict()))
    assert told["datasets"]["births"] == {
        "read": 2, "taken": 1, "corrected": 0, "unchanged": 0, "refused": 1, "blank": 0, "missing": 0, "ignored": 0,
    }  # fmt: skip
    assert told["found"] == {"error": 1, "warning": 0, "note": 0}
    assert json.loads(office.store.receipts().column("receipt")[0].as_py()) == told
    assert receipt.summary() == (
        "f1.csv received as batch 1.\nbirths: 2 read: 1 taken, 0 corrected, 0 unchanged, 1 refused.\n"
        "Findings: 1 errors, 0 warnings, 0 notes."
    )
    assert "未接收 1" in receipt.summary("zh")


def test_findings_are_stored_in_both_languages(office: Office) -> None:
    office.send("births", REGISTER + "B2,Nowhere,2025-03-14,female,3100,yes\n")
    (found,) = office.store.findings().to_pylist()
    assert (found["code"], found["severity"], found["cell"], found["row"], found["batch"]) == (
        "receive.unknown_unit", "error", "B2", 2, 1,
    )  # fmt: skip
    assert found["message_zh"] == "没有单位“Nowhere”，该行未接收"
    assert json.loads(found["evidence"])["count"] == 1


def test_headings_with_quotes_and_spaces(tmp_path: Path) -> None:
    table = WrittenTable(dataset="monthly", unit="the 'unit'", period='per"iod', items={"a; 'b'": "anc1"})
    office = Office(tmp_path, sources={"s": source("s", "csv", table)})
    receipt = office.send("s", 'the \'unit\',"per""iod","a; \'b\'"\nU1,2025-03,x\'y"\nU2,2025-03,5\n')
    assert receipt.datasets["monthly"] == Counts(read=2, taken=1, refused=1)
    assert json.loads(office.refused()[0]["raw"]) == {
        "the 'unit'": "U1",
        'per"iod': "2025-03",
        "a; 'b'": "x'y\"",
    }


def test_a_store_whose_rows_are_damaged(office: Office) -> None:
    office.send("births", REGISTER + "B1,U1,2025-03-14,female,3100,yes\n")
    for file in (office.folder / "store" / "tables" / "births").glob("*.parquet"):
        file.write_bytes(b"PAR1")
    with pytest.raises(StoreError, match="cannot be read or written"):
        office.send("births", REGISTER + "B1,U1,2025-03-14,female,3200,yes\n")


def test_what_stops_a_delivery_is_told_in_chinese(office: Office) -> None:
    with pytest.raises(ReceiveError) as stopped:
        office.send("births", "birth_id,Unti,born_on\n1,2,3\n")
    assert told(stopped.value, "zh") == (
        "f1.csv：没有“unit”列（单位），是否指 “Unti”？。现有表头：“birth_id”, “Unti”, “born_on”。"
    )


def test_more_rows_than_memory_holds_go_by_way_of_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "Spool", partial(Spool, most=1000))
    monkeypatch.setattr(csv_file, "BLOCK", 4096)
    office = Office(tmp_path)
    rows = "".join(f"B{at},U{at % 2 + 1},2025-0{at % 3 + 1}-14,female,{at + 300},yes\n" for at in range(2000))
    receipt = office.send("births", REGISTER + rows + "B7,U1,2025-03-14,female,999,yes\n")
    assert receipt.datasets["births"] == Counts(read=2001, taken=1999, refused=2)
    assert office.rows("births", "count(*), sum(weight_g)") == [(1999, sum(range(300, 2300)) - 307)]
