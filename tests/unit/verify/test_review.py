"""The WHO data quality review by hand: every metric on figures small enough to check, and against plain loops."""

from __future__ import annotations

import random
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.unit.verify.test_rules import rows

from tallymark.programme.load import lint, load
from tallymark.programme.resolved import Programme
from tallymark.verify.review import review_table

UNITS = ["A", "B", "C"]
PROGRAMME = """
programme:
  {code: t, title: {en: T, zh: 测}, levels: [{code: top, title: {en: Top, zh: 上}}, {code: district, title: {en: District, zh: 区}}]}
units:
  rows:
    - {unit: X, name: X, level: top}
    - {unit: A, name: A, level: district, parent: X}
    - {unit: B, name: B, level: district, parent: X}
    - {unit: C, name: C, level: district, parent: X}
datasets:
  m: {kind: reports, frequency: month, level: district, title: {en: M, zh: 月报}, items: {anc1: {title: {en: A, zh: 甲}},
      dtp1: {title: {en: D, zh: 乙}}, dtp3: {title: {en: E, zh: 丙}}}}
measures:
  anc1: {dataset: m, item: anc1, title: {en: First visits, zh: 首次产检}}
  dtp1: {dataset: m, item: dtp1, title: {en: First doses, zh: 首剂}}
  dtp3: {dataset: m, item: dtp3, title: {en: Third doses, zh: 三剂}}
review:
  use: who_dqr
  level: district
  values: [anc1]
  related: [{first: anc1, second: dtp1}]
  dropout: [{first: dtp1, second: dtp3}]
  external: [{first: dtp1, second: dtp3}]
"""


@dataclass(frozen=True)
class Measured:
    measures: pa.Table
    indicators: pa.Table
    reports: pa.Table


@pytest.fixture
def programme(tmp_path: Path) -> Programme:
    (tmp_path / "p.yaml").write_text(PROGRAMME, encoding="utf-8")
    return load(tmp_path)


def value(name: str, unit: str, period: str, amount: float | None) -> dict[str, Any]:
    return {"unit": unit, "level": "district", "period": period, "frequency": "month" if "-" in period else "year",
            "measure": name, "breakdown": "", "category": "", "value": amount, "expected": 1}  # fmt: skip


def reviewed(
    programme: Programme, given: list[dict[str, Any]], reports: list[dict[str, Any]] | None = None
) -> dict[str, dict[str, Any]]:
    measured = Measured(rows("measures", given), rows("indicators", []), rows("reports", reports or []))
    found = review_table(programme, measured, programme.calendar.parse("2025")).to_pylist()
    return {row["metric"]: row for row in found}


def test_reports_and_timeliness(programme: Programme) -> None:
    """33 of 36 came, 24 in time; B has 9 of 12 = 75 % (below 90), in time A 100, B 50, C 50 %."""
    counts = {"A": (12, 12), "B": (9, 6), "C": (12, 6)}
    reports = [
        {"dataset": "m", "unit": unit, "level": "district", "period": "2025", "frequency": "year", "expected": 12,
         "received": came, "on_time": punctual} for unit, (came, punctual) in counts.items()
    ]  # fmt: skip
    found = reviewed(programme, [], reports)
    assert (found["reporting"]["value"], found["reporting"]["flagged"]) == (pytest.approx(100 * 33 / 36), 1)
    assert (found["timeliness"]["value"], found["timeliness"]["flagged"]) == (pytest.approx(100 * 24 / 36), 2)


def test_this_year_over_the_three_before(programme: Programme) -> None:
    """A 120 over (90 + 100 + 110) ÷ 3 = 1.2; B 200 ÷ 100 = 2; C lacks a year. All: 320 ÷ 200 = 1.6; 1.2 is 25 % off, 2 too."""
    years = {"A": [120, 110, 100, 90], "B": [200, 100, 100, 100], "C": [50, 40, None, 40]}
    given = [
        value("anc1", unit, str(2025 - at), v)
        for unit, values in years.items()
        for at, v in enumerate(values)
    ]
    row = reviewed(programme, given)["over_time"]
    assert (row["value"], row["units"], row["flagged"]) == (pytest.approx(1.6), 2, 0)
    given = [
        value("anc1", u, str(2025 - at), v)
        for u, values in (years | {"A": [60, 110, 100, 90]}).items()
        for at, v in enumerate(values)
    ]
    row = reviewed(programme, given)["over_time"]  # 0.6 and 2 of 1.3: both more than a third away
    assert (row["value"], row["flagged"]) == (pytest.approx(1.3), 2)


def test_related_figures_and_dropout(programme: Programme) -> None:
    """ANC1 : DTP1 = 1, 1, 2 against 4/3: −25, −25, +50 %. Dropout 10, −1, −5 %."""
    figures = {"A": (100, 100, 90), "B": (100, 100, 101), "C": (200, 100, 105)}
    given = [value(name, unit, "2025", v) for unit, values in figures.items()
             for name, v in zip(("anc1", "dtp1", "dtp3"), values, strict=True)]  # fmt: skip
    found = reviewed(programme, given)
    assert (found["related"]["value"], found["related"]["flagged"]) == (pytest.approx(4 / 3), 1)
    assert (found["dropout"]["value"], found["dropout"]["flagged"]) == (
        pytest.approx(100 * (1 - 296 / 300)),
        2,
    )
    assert found["external"]["value"] == pytest.approx(statistics.median([100 / 90, 100 / 101, 100 / 105]))
    assert found["external"]["flagged"] == 0


def test_an_outlier_of_three_standard_deviations(programme: Programme) -> None:
    """Eleven tens and 100: (100 − 17.5) ÷ 25.98 = 3.175, the most that twelve months can show."""
    given = [value("anc1", "A", f"2025-{m:02}", 100.0 if m == 6 else 10.0) for m in range(1, 13)]
    given += [value("anc1", "B", f"2025-{m:02}", 10.0 + m % 3) for m in range(1, 13)]
    given += [value("anc1", "C", f"2025-{m:02}", None if m > 10 else 5.0) for m in range(1, 13)]
    found = reviewed(programme, given)
    assert (found["outliers_extreme"]["value"], found["outliers_extreme"]["flagged"]) == (
        pytest.approx(100 / 34),
        1,
    )
    assert found["outliers_moderate"]["flagged"] == 0
    assert (found["data"]["value"], found["data"]["flagged"]) == (pytest.approx(100 * 34 / 36), 1)


@pytest.mark.parametrize("seed", range(5))
def test_outliers_like_plain_loops(programme: Programme, seed: int) -> None:
    rng = random.Random(seed)
    series = {
        unit: [None if rng.random() < 0.1 else float(rng.choice([5, 6, 7, 8, 9, 30])) for _ in range(12)]
        for unit in UNITS
    }
    given = [
        value("anc1", unit, f"2025-{m:02}", v)
        for unit, values in series.items()
        for m, v in enumerate(values, 1)
    ]
    found = reviewed(programme, given)
    extreme, moderate, robust, count = (
        dict.fromkeys(UNITS, 0),
        dict.fromkeys(UNITS, 0),
        dict.fromkeys(UNITS, 0),
        0,
    )
    for unit, values in series.items():
        known = [v for v in values if v is not None]
        count += len(known)
        mean, sd, middle = statistics.fmean(known), statistics.stdev(known), statistics.median(known)
        mad = statistics.median(abs(v - middle) for v in known)
        for v in known:
            z = abs(v - mean) / sd
            extreme[unit] += z >= 3
            moderate[unit] += 2 <= z < 3
            mean_size = statistics.fmean(abs(each - middle) for each in known)
            scale = mad / 0.6745 if mad > 0 else 1.253314 * mean_size
            robust[unit] += scale > 0 and abs(v - middle) / scale > 3.5
    for metric, counts, fewest in (
        ("outliers_extreme", extreme, 1),
        ("outliers_moderate", moderate, 2),
        ("outliers_modified_z", robust, 2),
    ):
        assert found[metric]["flagged"] == sum(n >= fewest for n in counts.values()), metric
        assert found[metric]["value"] == pytest.approx(100 * sum(counts.values()) / count), metric


def test_nothing_is_known_without_figures(programme: Programme) -> None:
    found = reviewed(programme, [])
    assert all(row["value"] is None or row["value"] == 0 for row in found.values())
    assert {row["units"] for row in found.values()} == {0}
    assert {row["share"] for row in found.values()} == {None}


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("use: who_dqr", "use: who_dqa", "who_dqr"),
        ("values: [anc1]", "values: [anc11]", "did you mean anc1"),
        ("level: district\n  values", "level: distrct\n  values", "did you mean district"),
        ("second: dtp3", "second: dpt3", "did you mean"),
    ],
)
def test_lint(tmp_path: Path, before: str, after: str, words: str) -> None:
    assert before in PROGRAMME
    (tmp_path / "p.yaml").write_text(PROGRAMME.replace(before, after), encoding="utf-8")
    said = [f"{each.message()} {each.hint()} {each.where}" for each in lint(tmp_path)]
    assert [one for one in said if words in one and "p.yaml" in one], said
