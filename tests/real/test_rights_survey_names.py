"""Real indicator names as scored lines: a national survey's statistics are refused, its services load.

Names: India's National Family Health Survey, DHIS2 demo, a results-based-financing contract (see ../shared/data/README.md).
"""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from tests.oracle.rights.declare import rules, scored_throughout, shown

DATA = Path(__file__).parents[2].parent / "shared" / "data"
SURVEY = DATA / "india" / "nfhs5_phase1_district_factsheets_vDec21.csv"
DHIS2 = DATA / "sierra_leone" / "metadata.json"
PAY = DATA / "liberia" / "lib_project.yml"
STATISTICS = re.compile(
    r"third or higher order|already mothers or pregnant|Any (modern )?method|sterilization|^IUD|^Injectables|^Pill|Sex ratio"
)


@pytest.mark.skipif(not SURVEY.exists(), reason="../shared/data/india is absent")
def test_a_surveys_statistics_are_refused_and_its_services_load() -> None:
    with SURVEY.open(encoding="utf-8", errors="replace") as file:
        names = {re.sub(r"^\W*\d+\. ?", "", row["Indicator"]) for row in csv.DictReader(file)}
    wrong = [
        name
        for name in sorted(names)
        if bool(rules(scored_throughout(name))) != bool(STATISTICS.search(name))
    ]
    assert not wrong, [(name, shown(scored_throughout(name))) for name in wrong]
    assert len(names) > 100


@pytest.mark.skipif(not DHIS2.exists(), reason="../shared/data/sierra_leone is absent")
def test_items_of_a_child_health_programme_load() -> None:
    known = json.loads(DHIS2.read_text(encoding="utf-8"))
    names = {one["name"] for key in ("dataElements", "indicators", "dataSets") for one in known[key]}
    assert not [
        (name, shown(scored_throughout(name))) for name in sorted(names) if rules(scored_throughout(name))
    ]
    assert len(names) > 60


@pytest.mark.skipif(not PAY.exists(), reason="../shared/data/liberia is absent")
def test_lines_of_a_results_based_financing_contract_load() -> None:
    names = set(re.findall(r'name: "?([^"\n]+)', PAY.read_text(encoding="utf-8")))
    assert not [
        (name, shown(scored_throughout(name))) for name in sorted(names) if rules(scored_throughout(name))
    ]
    assert len(names) > 150
