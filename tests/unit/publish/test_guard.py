"""What leaves the run: declared columns only, nothing suppressed, nothing out of registers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from tests.unit.publish.fabricate import MadeUp

from tallymark.model.tables import TABLES
from tallymark.programme.resolved import Hearing, Programme
from tallymark.publish.guard import WITHHELD, declared, guarded

SECRET = "Wang Fang, 138 0000 0000"


def with_rows(run: MadeUp, name: str, change: Any) -> dict[str, pa.Table]:
    rows = run.tables[name].to_pylist()
    change(rows)
    return dict(run.tables) | {name: pa.Table.from_pylist(rows, schema=TABLES[name].schema)}


def suppressed(run: MadeUp, unit: str, indicator: str, period: str) -> dict[str, pa.Table]:
    def change(rows: list[dict[str, Any]]) -> None:
        for row in rows:
            if (row["unit"], row["indicator"], row["period"]) == (unit, indicator, period):
                row["basis"] = "suppressed"

    return with_rows(run, "indicators", change)


def test_columns_that_are_not_declared_stay_inside(run: MadeUp, programme: Programme) -> None:
    extra = run.tables["findings"].append_column(
        "child_name", pa.array([SECRET] * run.tables["findings"].num_rows)
    )
    safe = guarded(dict(run.tables) | {"findings": extra}, programme)
    assert safe["findings"].column_names == TABLES["findings"].schema.names


def test_a_declared_column_that_is_absent_is_empty() -> None:
    table = declared("allocations", pa.table({"unit": ["A"]}))
    assert table.schema == TABLES["allocations"].schema
    assert table.column("amount").null_count == 1


def test_a_suppressed_figure_is_emptied_and_its_neighbour_is_not(run: MadeUp, programme: Programme) -> None:
    tables = guarded(suppressed(run, "T10", "served_share", "SY2025"), programme)
    rows = {(r["unit"], r["indicator"], r["period"]): r for r in tables["indicators"].to_pylist()}
    hidden = rows["T10", "served_share", "SY2025"]
    for column in (
        "numerator",
        "denominator",
        "value",
        "low",
        "high",
        "previous",
        "last_year",
        "three_year_mean",
    ):
        assert hidden[column] is None
    assert hidden["basis"] == "suppressed"
    assert rows["t10", "served_share", "SY2025"]["value"] is not None
    assert rows["T10", "served_late", "SY2025"]["value"] is not None


@pytest.mark.parametrize("period", ["2024-03", "2024-Q1", "SY2024"])
def test_a_suppressed_figure_does_not_show_up_as_a_comparison(
    run: MadeUp, programme: Programme, period: str
) -> None:
    """Compared with the slow, obvious way: look up every row's past by its code."""
    before = {key(r): r for r in run.tables["indicators"].to_pylist()}
    after = {
        key(r): r
        for r in guarded(suppressed(run, "T10", "served_share", period), programme)["indicators"].to_pylist()
    }
    calendar, emptied = programme.calendar, 0
    for at, row in after.items():
        unit, indicator, code = at
        now = calendar.parse(code)
        past = {"previous": calendar.back(now).code, "last_year": calendar.last_year(now).code}
        for column, source in past.items():
            hides = (unit, indicator, source) == ("T10", "served_share", period) or at == (
                "T10",
                "served_share",
                period,
            )
            assert row[column] == (None if hides else before[at][column])
            emptied += hides and before[at][column] is not None
    assert emptied >= 2


def key(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["unit"], row["indicator"], row["period"]


def test_three_year_mean_is_emptied_when_one_of_its_years_is(run: MadeUp, programme: Programme) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        for row in rows:
            row["three_year_mean"] = 50.0
            if key(row) == ("T10", "served_share", "SY2023"):
                row["basis"] = "suppressed"

    safe = guarded(with_rows(run, "indicators", change), programme)["indicators"]
    means = {key(row): row["three_year_mean"] for row in safe.to_pylist()}
    assert means["T10", "served_share", "SY2025"] is None
    assert means["t10", "served_share", "SY2025"] == 50.0


def test_points_and_gap_of_a_suppressed_score_are_emptied(run: MadeUp, programme: Programme) -> None:
    lost = run.tables["gaps"].to_pylist()[0]
    at = (lost["unit"], lost["line"])

    def change(rows: list[dict[str, Any]]) -> None:
        for row in rows:
            if (row["unit"], row["line"]) == at:
                row["basis"] = "suppressed"

    safe = guarded(with_rows(run, "scores", change), programme)
    scores = {(row["unit"], row["line"]): row for row in safe["scores"].to_pylist()}
    gap = next(row for row in safe["gaps"].to_pylist() if (row["unit"], row["line"]) == at)
    assert scores[at]["points"] is scores[at]["value"] is scores[at]["points_high"] is None
    assert gap["lost"] is gap["value"] is gap["events_needed"] is None
    assert (
        sum(row["points"] is None for row in scores.values())
        == 1 + run.tables["scores"].column("points").null_count
    )


def test_rows_of_registers_are_counted_not_quoted(run: MadeUp, programme: Programme) -> None:
    rows = [
        {"code": "receive.not_a_date", "severity": "error", "dataset": "register", "unit": "T10", "row": 7, "cell": "C7",
         "message": f"“{SECRET}” is not a date", "message_zh": SECRET, "hint": SECRET, "evidence": SECRET},
        {"code": "check.register", "severity": "error", "dataset": "register", "unit": "T10", "heard": "silent", "message": "Too few rows."},
        {"code": "receive.not_a_number", "severity": "error", "dataset": "monthly", "row": 7, "cell": "C7", "message": "“x” is not a number."},
    ]  # fmt: skip
    findings = pa.Table.from_pylist(rows, schema=TABLES["findings"].schema)
    first, second, third = guarded(dict(run.tables) | {"findings": findings}, programme)[
        "findings"
    ].to_pylist()
    assert SECRET not in repr(first)
    assert (first["code"], first["unit"], first["message"]) == ("receive.not_a_date", "T10", WITHHELD)
    assert first["row"] is first["cell"] is first["evidence"] is None
    assert second["message"] == "Too few rows."
    assert third["message"] == "“x” is not a number."


def test_nobody_is_named_for_a_pattern_before_they_were_heard(run: MadeUp, programme: Programme) -> None:
    rows = [
        {"code": "verify.rush", "severity": "warning", "dataset": "monthly", "item": "served", "unit": unit, "period": "SY2025",
         "message": f"served is {n} in {unit}", "message_zh": f"{unit}{n}", "evidence": '{"periods": ["2025-08"], "chance": 0.0001}'}
        for unit, n in (("T10", 431), ("T11", 977))
    ]  # fmt: skip
    rows += [
        {"code": "verify.rush", "severity": "warning", "dataset": "monthly", "unit": None, "evidence": '{"count": 5, "units": ["T12", "T13"]}'},
        {"code": "verify.bunched", "severity": "warning", "dataset": "monthly", "evidence": '{"periods": [], "units": ["T10"]}'},
        {"code": "verify.missing_reports", "severity": "note", "dataset": "monthly", "unit": "T10", "message": "1 of 12"},
        {"code": "verify.over_reported", "severity": "warning", "dataset": "monthly", "unit": "T10", "message": "0.8"},
    ]  # fmt: skip
    findings = pa.Table.from_pylist(rows, schema=TABLES["findings"].schema)
    safe = guarded(dict(run.tables) | {"findings": findings}, programme)["findings"].to_pylist()
    named = {row["code"] for row in safe if row["unit"]}
    assert named == {"verify.missing_reports", "verify.over_reported"}
    (bunched, rush) = sorted((row for row in safe if not row["unit"]), key=lambda row: row["code"])
    assert (bunched["code"], rush["code"]) == ("verify.bunched", "verify.rush")
    assert json.loads(rush["evidence"]) == {"count": 7, "places": 4, "units": []}
    assert rush["message"].startswith("7 findings")
    assert rush["message_zh"].startswith("此类发现共7条")
    assert not {"431", "977", "T10", "T11", "T12"} & set(re.findall(r"\w+", repr([bunched, rush])))


@pytest.mark.parametrize(
    ("heard", "named"),
    [("answered", True), ("silent", True), ("explained", False), ("waits", False), (None, False)],
)
def test_a_failed_check_names_its_unit_once_that_was_heard(
    run: MadeUp, programme: Programme, heard: str | None, named: bool
) -> None:
    row = {"code": "check.ledger", "severity": "error", "dataset": "monthly", "unit": "T10", "period": "SY2025",
           "message": "431 is not 430", "heard": heard}  # fmt: skip
    findings = pa.Table.from_pylist([row], schema=TABLES["findings"].schema)
    (safe,) = guarded(dict(run.tables) | {"findings": findings}, programme)["findings"].to_pylist()
    assert (safe["unit"] == "T10") is named
    assert ("431" in safe["message"]) is named
    assert safe["severity"] == "error"
    (full,) = guarded(dict(run.tables) | {"findings": findings}, programme, office=True)[
        "findings"
    ].to_pylist()
    assert full["unit"] == "T10"


def test_patterns_are_named_only_where_the_programme_says_so_and_the_unit_was_heard(
    run: MadeUp, programme: Programme
) -> None:
    rows = [{"code": "verify.high", "severity": "warning", "dataset": "monthly", "unit": unit, "heard": heard}
            for unit, heard in (("T10", "silent"), ("T11", "waits"))]  # fmt: skip
    findings = {"findings": pa.Table.from_pylist(rows, schema=TABLES["findings"].schema)}
    usual = guarded(dict(run.tables) | findings, programme)["findings"]
    assert usual.column("unit").to_pylist() == [None]
    open_ = replace(programme, hearing=Hearing(named=("checks", "patterns")))
    assert guarded(dict(run.tables) | findings, open_)["findings"].column("unit").to_pylist() == ["T10", None]


def test_counting_twice_changes_nothing(run: MadeUp, programme: Programme) -> None:
    """A release is guarded when it is made and again when its pages are."""
    rows = [{"code": code, "severity": "warning", "dataset": "monthly", "unit": unit, "heard": "waits"}
            for code in ("verify.high", "check.ledger") for unit in ("T10", "T11")]  # fmt: skip
    tables = dict(run.tables) | {"findings": pa.Table.from_pylist(rows, schema=TABLES["findings"].schema)}
    once = guarded(tables, programme)
    assert guarded(dict(once), programme)["findings"].equals(once["findings"])
    assert {json.loads(each)["places"] for each in once["findings"].column("evidence").to_pylist()} == {2}


def test_a_verdict_that_may_still_be_answered_names_nobody(run: MadeUp, programme: Programme) -> None:
    rows = [{"verification": "v", "dataset": "monthly", "unit": "T10", "period": "2025-01", "item": "served",
             "verdict": "disputed", "basis": "reported", "reason": reason}
            for reason in ("awaiting_answer", "check_open", "contested")]  # fmt: skip
    verdicts = {"verdicts": pa.Table.from_pylist(rows, schema=TABLES["verdicts"].schema)}
    assert guarded(dict(run.tables) | verdicts, programme)["verdicts"].column("unit").to_pylist() == [
        None,
        None,
        "T10",
    ]
    full = guarded(dict(run.tables) | verdicts, programme, office=True)["verdicts"]
    assert full.column("unit").to_pylist() == ["T10"] * 3
