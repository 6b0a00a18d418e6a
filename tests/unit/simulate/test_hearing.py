"""The demo county's year has what its contract and pages tell of: somebody accepts, contests, puts right, is ruled on, waits."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
import yaml

from tallymark.cli.demo import SEED
from tallymark.simulate import Truth, simulate_county

WAIVERS = Path(__file__).parents[3] / "programmes" / "demo" / "waivers.yaml"


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    return simulate_county(tmp_path_factory.mktemp("county"), seed=SEED)


def rows(county: Truth, pattern: str) -> list[dict[str, str]]:
    return [
        row
        for path in sorted(county.out.glob(pattern))
        for row in csv.DictReader(path.read_text("utf-8").splitlines())
    ]


def test_every_way_of_being_heard_is_there(county: Truth) -> None:
    said = rows(county, "replies/*.csv")
    recounts = [row for row in said if not row["code"]]
    assert {row["answer"] for row in recounts} == {"accepts", "contests", ""}
    false = Counter((row["unit"], row["item"]) for row in recounts if row["ruling"] == "falsification")
    assert len(false) >= 2
    assert min(false.values()) >= 3  # the evidence that the programme declares
    contested = {(row["unit"], row["item"]) for row in recounts if row["answer"] == "contests"}
    assert len(contested) == 1
    assert contested <= set(false)  # heard, and ruled on afterwards
    findings = [row for row in said if row["code"]]
    assert {row["ruling"] for row in findings} == {"explained", ""}


def test_one_honest_error_a_quarter_is_put_right_and_the_last_waits(county: Truth) -> None:
    put_right = [fault for fault in county.faults if fault.kind == "zeros_corrected"]
    assert len(put_right) == 3
    assert len(rows(county, "heard/*.csv")) == 3
    last = {(row["unit"], row["period"]) for row in rows(county, "recounts/2025-Q3.csv")}
    waiting = [
        fault for fault in county.faults if fault.kind == "zeros" and (fault.unit, fault.period) in last
    ]
    assert len(waiting) == 1
    assert not [row for row in rows(county, "replies/*.csv") if row["unit"] == waiting[0].unit]


def test_the_demos_waiver_is_of_a_child_registered_twice(county: Truth) -> None:
    (waiver,) = yaml.safe_load(WAIVERS.read_text("utf-8"))["waivers"]
    twice = {(fault.unit, fault.period) for fault in county.faults if fault.kind == "registered_twice"}
    assert (waiver["unit"], waiver["period"]) in twice
