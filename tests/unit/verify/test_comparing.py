"""Tolerances and comparisons with past, parent, children and siblings: by hand, and against a slow twin."""

from __future__ import annotations

import json
import random
import statistics
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest
import sqlglot
from tests.unit.verify.test_rules import rows

from tallymark.engine.duckdb import connect
from tallymark.programme.load import lint, load
from tallymark.programme.resolved import Programme
from tallymark.verify.relatives import QUERIES, compared
from tallymark.verify.rules import check, failing_sql

VILLAGES = [f"V{n}" for n in range(1, 8)]
PROGRAMME = """
programme:
  {code: t, title: {en: T, zh: 测}, levels: [{code: town, title: {en: Town, zh: 乡}}, {code: village, title: {en: Village, zh: 村}}]}
units:
  rows:
    - {unit: T1, name: T1, level: town}
    - {unit: T2, name: T2, level: town}
%s
datasets:
  m: {kind: reports, frequency: month, level: village, title: {en: M, zh: 月报},
      items: {x: {title: {en: X, zh: 甲}}, y: {title: {en: Y, zh: 乙}}}}
  t: {kind: reports, frequency: month, level: town, title: {en: T, zh: 乡报}, items: {z: {title: {en: Z, zh: 丙}}}}
measures:
  x: {dataset: m, item: x, title: {en: First, zh: 第一}}
  y: {dataset: m, item: y, title: {en: Second, zh: 第二}}
  z: {dataset: t, item: z, title: {en: Town's, zh: 乡报数}}
checks:
  one: {title: {en: One, zh: 一}, %s}
"""
TREE = "\n".join(
    f"    - {{unit: {v}, name: {v}, level: village, parent: {'T1' if v != 'V7' else 'T2'}}}" for v in VILLAGES
)


@dataclass(frozen=True)
class Measured:
    measures: pa.Table
    indicators: pa.Table
    reports: pa.Table


def programme(folder: Path, declared: str) -> Programme:
    (folder / "p.yaml").write_text(PROGRAMME % (TREE, declared), encoding="utf-8")
    return load(folder)


Given = dict[tuple[str, str, str], float | None]
"""Measure, unit and month → value."""


def failing(folder: Path, declared: str, given: Given) -> set[tuple[str, str]]:
    table = rows("measures", [
        {"unit": unit, "level": "town" if unit[0] == "T" else "village", "period": month, "frequency": "month",
         "measure": name, "breakdown": "", "category": "", "value": value}
        for (name, unit, month), value in given.items()
    ])  # fmt: skip
    measured = Measured(table, rows("indicators", []), rows("reports", []))
    found = check(programme(folder, declared), measured, connection=connect()).to_pylist()
    return {(row["unit"], row["period"]) for row in found}


JAN, FEB, MAR, APR = "2025-01", "2025-02", "2025-03", "2025-04"


def pairs(*values: tuple[float, float]) -> Given:
    found: Given = {}
    for unit, (x, y) in zip(VILLAGES, values, strict=False):
        found |= {("x", unit, JAN): x, ("y", unit, JAN): y}
    return found


def units(found: set[tuple[str, str]]) -> set[str]:
    return {unit for unit, _ in found}


def test_absolute_and_relative(tmp_path: Path) -> None:
    given = pairs((10, 12), (10, 13), (100, 105), (100, 106), (10, 10))
    assert units(failing(tmp_path, "expect: x = y, tolerance: {absolute: 2}", given)) == {"V2", "V3", "V4"}
    assert units(failing(tmp_path, "expect: x = y, tolerance: {relative: 0.05}", given)) == {"V1", "V2", "V4"}
    both = "expect: x = y, tolerance: {absolute: 2, relative: 0.05}"
    assert units(failing(tmp_path, both, given)) == {"V2", "V4"}


def test_scaled_to_size(tmp_path: Path) -> None:
    """2 × √(5 + 12) = 8.2 > 7; 2 × √(50,000 + 50,600) = 634 > 600, < 700: a village may be out by more than itself."""
    given = pairs((5, 12), (50_000, 50_600), (50_000, 50_700), (5, 15))
    assert units(failing(tmp_path, "expect: x = y, tolerance: {scaled: 2}", given)) == {"V3", "V4"}


def test_one_sided(tmp_path: Path) -> None:
    given = pairs((10, 12), (13, 12), (15, 12))
    assert units(failing(tmp_path, "expect: x <= y, tolerance: {absolute: 2}", given)) == {"V3"}
    assert units(failing(tmp_path, "expect: y >= x, tolerance: {absolute: 2}", given)) == {"V3"}
    assert units(failing(tmp_path, "expect: x <= y", given)) == {"V2", "V3"}


def test_this_opening_is_the_last_closing(tmp_path: Path) -> None:
    given: Given = {("x", "V1", JAN): 5, ("y", "V1", JAN): 7, ("x", "V1", FEB): 7, ("y", "V1", FEB): 9,
                    ("x", "V1", MAR): 8, ("y", "V1", MAR): None, ("x", "V1", APR): 3, ("y", "V1", APR): 3}  # fmt: skip
    assert failing(tmp_path, "expect: x = previous.y", given) == {("V1", MAR)}


def test_change_limits(tmp_path: Path) -> None:
    """`past` is the median of up to twelve months before, and unknown with fewer than three of them."""
    given: Given = {("x", "V1", f"2025-{m:02}"): v for m, v in enumerate([10, 90, 12, 11, 40, 11], 1)}
    assert failing(tmp_path, "expect: x <= 3 * past.x", given) == {("V1", "2025-05")}
    year: Given = {("x", "V1", JAN): 5, ("x", "V1", "2026-01"): 11}
    assert failing(tmp_path, "expect: x <= 2 * last_year.x", year) == {("V1", "2026-01")}


def test_children_add_up_to_what_the_town_reported(tmp_path: Path) -> None:
    given: Given = {("x", f"V{n}", JAN): 10 for n in range(1, 7)}
    given |= {("z", "T1", JAN): 61, ("x", "V7", JAN): 4, ("z", "T2", JAN): 4}
    declared = "expect: z = children.x, level: town"
    assert failing(tmp_path, declared, given) == {("T1", JAN)}
    assert failing(tmp_path, declared, given | {("x", "V3", JAN): None}) == set()
    del given["x", "V3", JAN]
    assert failing(tmp_path, declared, given) == set()  # one is missing: not known, never zero


def test_ratio_to_the_parent(tmp_path: Path) -> None:
    given: Given = {("x", f"V{n}", JAN): v for n, v in enumerate([10, 10, 70, 10], 1)} | {
        ("z", "T1", JAN): 100
    }
    assert failing(tmp_path, "expect: x <= 0.5 * parent.z, level: village", given) == {("V3", JAN)}


def test_siblings(tmp_path: Path) -> None:
    """Of six villages the median is 11 and the MAD 1: 11 + 3.5 × 1.4826 = 16.2. V7 has no five siblings: unknown."""
    given: Given = {("x", f"V{n}", JAN): v for n, v in enumerate([10, 11, 11, 12, 10, 17, 900], 1)}
    declared = "expect: x <= siblings.x + 3.5 * siblings_spread.x, level: village"
    assert failing(tmp_path, declared, given) == {("V6", JAN)}
    del given["x", "V1", JAN], given["x", "V2", JAN]
    assert failing(tmp_path, declared, given) == set()


@pytest.mark.parametrize("seed", range(5))
def test_like_a_slow_twin(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    months = [f"{2024 + m // 12}-{m % 12 + 1:02}" for m in range(15)]
    given: Given = {
        ("x", v, m): rng.choice([None, *range(12)]) for v in VILLAGES for m in months if rng.random() < 0.9
    }
    declared = "expect: 2 * x <= previous.x + past.x + siblings.x, level: village"
    expected = set()
    for at, month in enumerate(months):
        for unit in VILLAGES:
            town = VILLAGES[:6] if unit != "V7" else ["V7"]
            beside = [v for each in town if (v := given.get(("x", each, month))) is not None]
            past = [v for m in months[max(at - 12, 0) : at] if (v := given.get(("x", unit, m))) is not None]
            own = given.get(("x", unit, month))
            before = given.get(("x", unit, months[at - 1])) if at else None
            if own is None or before is None or len(beside) < 5 or len(past) < 3:
                continue
            if 2 * own > before + statistics.median(past) + statistics.median(beside):
                expected.add((unit, month))
    assert failing(tmp_path, declared, given) == expected
    assert expected


def test_what_is_said(tmp_path: Path) -> None:
    declared = "expect: x <= 3 * previous.x, tolerance: {absolute: 2, scaled: 3}"
    table = rows("measures", [
        {"unit": "V1", "level": "village", "period": month, "frequency": "month", "measure": "x", "breakdown": "",
         "category": "", "value": value} for month, value in ((JAN, 2.0), (FEB, 40.0))
    ])  # fmt: skip
    measured = Measured(table, rows("indicators", []), rows("reports", []))
    one = programme(tmp_path, declared)
    (found,) = check(one, measured, connection=connect()).to_pylist()
    assert found["message"] == (
        "One: First ≤ 3 × First in the period before, within 2 / 3 × √n does not hold "
        "(First in the period before 2, First 40)"
    )
    assert "上期第一" in found["message_zh"]
    assert "容许相差" in found["message_zh"]
    assert json.loads(found["evidence"]) == {"previous.x": 2, "x": 40}
    assert found["dataset"] == "m"


@pytest.mark.parametrize("kind", QUERIES)
def test_queries_are_read_by_spark_too(kind: str) -> None:
    figure = sqlglot.select("unit", "period", "value").from_("f")
    text = compared(f"{kind}.x", figure).sql("spark")
    assert sqlglot.parse_one(text, read="spark")


def test_a_failure_disputes_values_only_where_it_says_so(tmp_path: Path) -> None:
    assert programme(tmp_path, "expect: x = y, severity: error").checks["one"].disputes
    assert not programme(tmp_path, "expect: x = y, severity: error, value: keep").checks["one"].disputes
    assert programme(tmp_path, "expect: x = y, value: dispute").checks["one"].disputes
    assert not programme(tmp_path, "expect: x = y").checks["one"].disputes
    assert (
        "checked_tree"
        not in failing_sql(
            programme(tmp_path, "expect: x = y"), programme(tmp_path, "expect: x = y").checks["one"]
        ).sql()
    )


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ("expect: x = previous.yy", "did you mean"),
        ("expect: x = prevous.y", "did you mean previous.y"),
        ("expect: x = y AND x > 0, tolerance: {absolute: 1}", "single comparison"),
        ("expect: x = y, tolerance: {absolut: 1}", "did you mean absolute"),
        ("expect: x = y, tolerance: {scaled: -1}", "scaled"),
        ("expect: x = y, value: drop", "drop"),
    ],
)
def test_lint(tmp_path: Path, declared: str, words: str) -> None:
    (tmp_path / "p.yaml").write_text(PROGRAMME % (TREE, declared), encoding="utf-8")
    said = [f"{each.message()} {each.hint()} {each.where}" for each in lint(tmp_path)]
    assert [one for one in said if words in one and "p.yaml" in one], said
