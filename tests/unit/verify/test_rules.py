"""Declared checks: false is a finding, unknown is not, and the figures are quoted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest

from tallymark.engine.duckdb import connect
from tallymark.model.tables import TABLES
from tallymark.programme.load import load
from tallymark.programme.resolved import Programme
from tallymark.verify.rules import check

PROGRAMME = """
programme: {code: t, title: {en: T, zh: 测}, levels: [{code: top, title: {en: Top, zh: 上}}, {code: low, title: {en: Low, zh: 下}}]}
units: {rows: [{unit: A, name: A, level: top}, {unit: B, name: B, level: low, parent: A}]}
datasets:
  m: {kind: reports, frequency: month, level: low, title: {en: M, zh: 月报}, items: {x: {title: {en: X, zh: 甲}}, y: {title: {en: Y, zh: 乙}}}}
measures:
  x: {dataset: m, item: x, title: {en: First, zh: 第一}}
  y: {dataset: m, item: y, title: {en: Second, zh: 第二}}
indicators:
  share: {title: {en: Share, zh: 占比}, numerator: y, denominator: x, factor: 100, direction: none, concerns: service_coverage}
checks:
  order: {title: {en: Order, zh: 顺序}, expect: y <= x, level: low, severity: error, hint: {en: Look, zh: 核对}}
  whole: {title: {en: Share at most 100, zh: 不超百}, expect: share <= 100, at: year}
  sent: {title: {en: All sent, zh: 报齐}, expect: m.received >= m.expected, level: low}
"""


@dataclass(frozen=True)
class Measured:
    measures: pa.Table
    indicators: pa.Table
    reports: pa.Table


def rows(name: str, given: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(given, schema=TABLES[name].schema)


def value(
    kind: str, name: str, amount: float | None, *, unit: str = "B", period: str = "2025-01"
) -> dict[str, object]:
    level = "top" if unit == "A" else "low"
    frequency = "month" if "-" in period else "year"
    return {"unit": unit, "level": level, "period": period, "frequency": frequency, kind: name, "breakdown": "",
            "category": "", "value": amount}  # fmt: skip


@pytest.fixture
def programme(tmp_path: Path) -> Programme:
    (tmp_path / "p.yaml").write_text(PROGRAMME, encoding="utf-8")
    return load(tmp_path)


def checked(programme: Programme, measured: Measured) -> list[dict[str, object]]:
    table = check(programme, measured, connection=connect())
    assert table.schema == TABLES["findings"].schema
    return table.to_pylist()


def test_false_is_found_with_its_figures_in_both_languages(programme: Programme) -> None:
    measured = Measured(
        rows("measures", [value("measure", "x", 10), value("measure", "y", 12)]),
        rows("indicators", []),
        rows("reports", []),
    )
    (found,) = checked(programme, measured)
    assert (found["code"], found["severity"], found["dataset"], found["unit"], found["period"]) == (
        "check.order", "error", "m", "B", "2025-01",
    )  # fmt: skip
    assert found["message"] == "Order: Second ≤ First does not hold (First 10, Second 12)"
    assert found["message_zh"] == "顺序：不满足 第二 ≤ 第一（第一 10, 第二 12）"
    assert (found["hint"], found["hint_zh"]) == ("Look", "核对")
    assert json.loads(str(found["evidence"])) == {"x": 10.0, "y": 12.0}


@pytest.mark.parametrize("y", [None, 9.0, 10.0])
def test_unknown_and_true_are_not_found(programme: Programme, y: float | None) -> None:
    measures = rows("measures", [value("measure", "x", 10), value("measure", "y", y)])
    assert checked(programme, Measured(measures, rows("indicators", []), rows("reports", []))) == []


def test_level_and_frequency_are_kept(programme: Programme) -> None:
    elsewhere = [value("measure", "x", 1, unit="A"), value("measure", "y", 2, unit="A")]
    elsewhere += [value("measure", "x", 1, period="2025"), value("measure", "y", 2, period="2025")]
    assert (
        checked(programme, Measured(rows("measures", elsewhere), rows("indicators", []), rows("reports", [])))
        == []
    )


def test_indicators_and_reports_can_be_checked(programme: Programme) -> None:
    report = {"dataset": "m", "unit": "B", "level": "low", "period": "2025-01", "frequency": "month", "expected": 2,
              "received": 1, "on_time": 1, "late": 0}  # fmt: skip
    indicators = rows("indicators", [value("indicator", "share", 120.5, period="2025")])
    found = checked(programme, Measured(rows("measures", []), indicators, rows("reports", [report])))
    assert [(row["code"], row["unit"], row["period"]) for row in found] == [
        ("check.whole", "B", "2025"),
        ("check.sent", "B", "2025-01"),
    ]
    assert "120.5" in str(found[0]["message"])
