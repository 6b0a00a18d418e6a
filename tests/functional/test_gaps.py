"""Change over time and gaps between groups, from files to explanation and pages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.functional.compared import written
from tests.functional.conftest import Call

SHARE = ("explain", "store", "--indicator", "served_share", "--unit", "C1")


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call) -> Path:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, gaps="gaps: {breakdown: stay, reference: residents}")
    for dataset in ("people", "yearly"):
        said = call("receive", "compared", "store", dataset, f"{dataset}.csv", "--received-at", "2026-01-05")
        assert said.code == 0, said.out + said.err
    said = call("assess", "compared", "store", "--contract", "care-2025")
    assert said.code == 0, said.err
    return tmp_path


def test_explained(office: Path, call: Call) -> None:
    gap, change = sorted(
        json.loads(call(*SHARE, "--json").out)["differences"], key=lambda row: row["breakdown"] == ""
    )
    assert (gap["category"], gap["against"], gap["told"]) == ("migrants", "residents", "lower")
    assert gap["difference"] == pytest.approx(-30)
    assert (change["against"], change["told"]) == ("2024", "higher")
    said = call(*SHARE).out
    assert re.search(
        r"migrants against residents: 30 lower \(19\.\d to 40\.\d\); ratio 0\.67 \(0\.\d+ to 0\.\d+\)", said
    )
    assert re.search(r"2025 against 2024: 12\.7 higher \(\d\.\d to \d+(\.\d)?\)", said)
    assert "migrants与residents相比：低30（" in call(*SHARE, "--lang", "zh").out


def test_published_in_both_languages(office: Path, call: Call) -> None:
    assert call("publish", "store", "site").code == 0
    page = (office / "site" / "en" / "figures" / "C1.1.html").read_text(encoding="utf-8")
    assert re.search(r"migrants: 30\.0 points lower than residents \(19\.\d to 40\.\d\); ratio 0\.67", page)
    assert re.search(r"12\.7 points higher than a year before", page)
    assert "Between groups" in page
    assert "migrants：比residents低30.0个百分点（" in (office / "site" / "zh" / "figures" / "C1.1.html").read_text(encoding="utf-8")  # fmt: skip
    page = (office / "site" / "en" / "indicators" / "served_share.html").read_text(encoding="utf-8")
    assert "What differs" in page
    assert "false discovery rate" in page
    assert "migrants less residents" in page
    assert "Birch" in page
    assert (office / "site" / "data" / "differences.csv").is_file()


def test_recomputed_to_the_same_bytes(office: Path, call: Call) -> None:
    said = call("recompute", "store")
    assert said.code == 0, said.out
