"""WHO's data quality review against WHO's own software.

Series, statistics and decisions: computed on 2026-11-30 with the functions of the WHO Data Quality Tool for DHIS2
(© WHO 2017, github.com/dhis2/who-data-quality-app, commit c3fac52): `getStats`, `MeanAD`, `calculateZScore` and
`dropOutRate` of src/appCore/appServiceMath.js, decisions of `startIndicatorOutlierAnalysis`
(appServiceDataAnalysis.js, lines 952–1043) with the value's own index and both signs for the modified z, and with
its mean deviation where `getStats` returns the median one twice: two slips of that file, repaired in its successor
(github.com/hisprwanda/who-data-quality-annual-report, 5e65430, src/components/annual-report/utils/mathService.js).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.unit.verify.test_review import PROGRAMME, reviewed, value

from tallymark.programme.load import load
from tallymark.programme.resolved import Programme
from tallymark.verify.review import THRESHOLDS, _modified, review_table

SERIES = {
    "A": [100, 104, 98, 101, 99, 103, 97, 102, 100, 250, 96, 100],
    "B": [50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 55],
    "C": [20, 35, 22, 18, 60, 21, 19, 24, 58, 20, 23, 17],
    "E": [10, 12, 11, 9, 13, 10, 12, 11, 30, 10, 29, 12],
}
EXTREME = {"A": [250], "B": [55], "C": [], "E": []}
MODERATE: dict[str, list[int]] = {"A": [], "B": [], "C": [60], "E": [30, 29]}
MODIFIED_Z = {
    "A": {250: 50.59}, "B": {55: 9.57}, "C": {35: 3.64, 60: 10.39, 58: 9.85}, "E": {30: 8.32, 29: 7.87},
}  # fmt: skip


@pytest.fixture
def programme(tmp_path: Path) -> Programme:
    more = "    - {unit: C, name: C, level: district, parent: X}\n"
    text = PROGRAMME.replace(more, more + more.replace("C", "E"))
    assert text != PROGRAMME
    (tmp_path / "p.yaml").write_text(text, encoding="utf-8")
    return load(tmp_path)


def yearly(name: str, amounts: dict[str, float]) -> list[dict[str, Any]]:
    return [value(name, unit, "2025", amount) for unit, amount in amounts.items()]


def test_outliers_are_those_of_whos_tool(programme: Programme) -> None:
    given = [value("anc1", unit, f"2025-{month:02}", amount)
             for unit, values in SERIES.items() for month, amount in enumerate(values, 1)]  # fmt: skip
    found = reviewed(programme, given)
    for metric, odd, fewest in (
        ("outliers_extreme", EXTREME, 1),
        ("outliers_moderate", MODERATE, 2),
        ("outliers_modified_z", MODIFIED_Z, 2),
    ):
        row = found[metric]
        assert row["value"] == pytest.approx(100 * sum(len(values) for values in odd.values()) / 48), metric
        assert json.loads(row["missed"]) == [unit for unit, values in odd.items() if len(values) >= fewest], (
            metric
        )


def test_modified_z_is_that_of_whos_tool() -> None:
    for unit, scores in MODIFIED_Z.items():
        z = _modified(np.array(SERIES[unit], float))
        beyond = {
            amount: round(score, 2) for amount, score in zip(SERIES[unit], z, strict=True) if abs(score) > 3.5
        }
        assert beyond == scores


def test_dropout_is_missed_below_nought(programme: Programme) -> None:
    """`dropOutRate` of (100, 90), (100, 101), (100, 105): 0.1, −0.01, −0.05; the tool tells those below 0."""
    first, last = {"A": 100.0, "B": 100.0, "C": 100.0}, {"A": 90.0, "B": 101.0, "C": 105.0}
    row = reviewed(programme, yearly("dtp1", first) + yearly("dtp3", last))["dropout"]
    assert json.loads(row["missed"]) == ["B", "C"]


def test_thresholds_are_the_tools_own() -> None:
    """d2Map.js, line 822 (datasets: 90, 75, 33); metaData.json: missing 90, consistency 33, extremeOutlier 3,
    moderateOutlier 2, criteria 10 of relations between numerators and of populations, 33 of surveys;
    dqAnalysisConsistency.js `isOutlier`: dropout below 0, `eq` against 1, `level` against the ratio of all."""
    assert THRESHOLDS == {
        "reporting": 90, "timeliness": 75, "data": 90, "over_time": 33, "outliers_extreme": 3, "outliers_moderate": 2,
        "outliers_modified_z": 3.5, "equal": 10, "related": 33, "external": 33, "dropout": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("thresholds", "missed"), [("", ["B", "C"]), ("thresholds: {dropout: -2, equal: 5}", ["C"])]
)
def test_an_office_sets_its_own(tmp_path: Path, thresholds: str, missed: list[str]) -> None:
    text = PROGRAMME.replace("  use: who_dqr\n", f"  use: who_dqr\n  {thresholds}\n")
    text = text.replace("  related: [", "  equal: [{first: dtp1, second: dtp3}]\n  related: [")
    (tmp_path / "p.yaml").write_text(text, encoding="utf-8")
    first, last = {"A": 100.0, "B": 100.0, "C": 100.0}, {"A": 94.0, "B": 101.0, "C": 105.0}
    found = reviewed(load(tmp_path), yearly("dtp1", first) + yearly("dtp3", last))
    assert json.loads(found["dropout"]["missed"]) == missed
    # 100 ÷ 94 is 6 % above 1, 100 ÷ 105 under 5 % below it
    assert json.loads(found["equal"]["missed"]) == (["A"] if thresholds else [])


def test_the_table_is_empty_without_a_review(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(PROGRAMME.partition("review:")[0], encoding="utf-8")
    programme = load(tmp_path)
    table = review_table(programme, _Nothing(), programme.calendar.parse("2025"))
    assert table.num_rows == 0


class _Nothing:
    measures = indicators = reports = pa.table({})
