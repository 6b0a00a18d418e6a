"""Years put together, from files to explanation and pages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from docs.pages.explanation import PARTS
from tests.functional.compared import written
from tests.functional.conftest import Call

SHARE = ("explain", "store", "--indicator", "served_share", "--unit", "C1")
TESTS = """tests:
  - name: cases of the years are added, and a missing year is no year without cases
    given:
      yearly:
        - {unit: C1, period: "2025", item: asked, stay: residents, value: 10}
        - {unit: C1, period: "2025", item: served, stay: residents, value: 9}
        - {unit: C1, period: "2024", item: asked, stay: residents, value: 30}
        - {unit: C1, period: "2024", item: served, stay: residents, value: 3}
        - {unit: C2, period: "2024", item: asked, stay: residents, value: 30}
        - {unit: C2, period: "2024", item: served, stay: residents, value: 3}
    expect:
      - {indicator: served_share, unit: C1, period: "2025", value: 30}
      - {indicator: served_share, unit: C1, period: "2024", value: 10}
      - {indicator: served_share, unit: C2, period: "2025", missing: true}
"""


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call) -> Path:
    monkeypatch.chdir(tmp_path)
    programme = written(tmp_path, gaps="pooled: 3 years")
    (programme / "tests.yaml").write_text(TESTS, encoding="utf-8")
    for dataset in ("people", "yearly"):
        said = call("receive", "compared", "store", dataset, f"{dataset}.csv", "--received-at", "2026-01-05")
        assert said.code == 0, said.out + said.err
    said = call("assess", "compared", "store", "--contract", "care-2025")
    assert said.code == 0, said.err
    return tmp_path


def test_the_programmes_own_tests_hold(office: Path, call: Call) -> None:
    said = call("lint", "compared", "--tests")
    assert said.code == 0, said.out
    tests = office / "compared" / "tests.yaml"
    tests.write_text(
        TESTS.replace('period: "2025", value: 30}', 'period: "2025", value: 30.1}'), encoding="utf-8"
    )
    said = call("lint", "compared", "--tests")
    assert (said.code, "is 30, not 30.1" in said.out) == (1, True), said.out


def test_explained(office: Path, call: Call) -> None:
    """2023 was not reported: 2025 and 2024 are all there is, and it is said."""
    told = json.loads(call(*SHARE, "--json").out)
    assert told["figure"]["value"] == pytest.approx(100 * 442 / 600)
    assert (told["figure"]["years"], told["figure"]["basis"]) == (2, "partial")
    assert [(row["period"], row["numerator"], row["denominator"], row["used"]) for row in told["years"]] == [
        ("2025", 240, 300, True),
        ("2024", 202, 300, True),
        ("2023", None, None, False),
    ]
    assert set(told["years"][0]) == set(PARTS["years"][1])
    said = call(*SHARE).out
    assert "2024: 202 of 300" in said
    assert "2023: missing" in said
    assert "each added up over 3 years" in said
    assert "2024：300中的202" in call(*SHARE, "--lang", "zh").out


def test_published_in_both_languages(office: Path, call: Call) -> None:
    assert call("publish", "store", "site").code == 0
    about = (office / "site" / "en" / "indicators" / "served_share.html").read_text(encoding="utf-8")
    assert "Cases of 3 years put together" in about
    page = (office / "site" / "en" / "figures" / "C1.1.html").read_text(encoding="utf-8")
    assert "Years put together" in page
    assert "2 of 3" in page
    assert "合并3年同一时期的例数" in (office / "site" / "zh" / "indicators" / "served_share.html").read_text(encoding="utf-8")  # fmt: skip


def test_recomputed_to_the_same_bytes(office: Path, call: Call) -> None:
    assert call("recompute", "store").code == 0
