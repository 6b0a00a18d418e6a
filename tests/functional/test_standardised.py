"""A standardised rate from files to explanation, pages and recomputing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.functional.compared import written
from tests.functional.conftest import Call

WAITS = ("explain", "store", "--indicator", "waits", "--unit")


def assessed(folder: Path, call: Call, **more: object) -> None:
    written(folder, **more)  # type: ignore[arg-type]
    for dataset in ("people", "yearly"):
        said = call("receive", "compared", "store", dataset, f"{dataset}.csv", "--received-at", "2026-01-05")
        assert said.code == 0, said.out + said.err
    said = call("assess", "compared", "store", "--contract", "care-2025")
    assert said.code == 0, said.err


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_explained_by_age(here: Path, call: Call) -> None:
    assessed(here, call)
    told = json.loads(call(*WAITS, "C1", "--json").out)
    assert told["figure"]["value"] == pytest.approx(14)
    assert [row["category"] for row in told["ages"]] == ["0-39", "40-69", "70+"]
    assert [row["value"] for row in told["ages"]] == pytest.approx([2, 10, 50])
    assert [row["weight"] for row in told["ages"]] == pytest.approx([0.5, 0.3, 0.2])
    assert sum(row["adds"] for row in told["ages"]) == pytest.approx(told["figure"]["value"])
    said = call(*WAITS, "C1").out
    assert "70+: 5 ÷ 100 → 50, × 0.2 = 10" in said
    assert "in each group of age group, averaged with the weights of the declared standard population" in said
    assert "all ages together, without weights: 12 among 1,600" in said
    chinese = call(*WAITS, "C1", "--lang", "zh").out
    assert "年龄组各组的" in chinese
    assert "权重" in chinese


def test_missing_age_is_said(here: Path, call: Call) -> None:
    assessed(here, call, lost=("C1", "70+"))
    assert "70+: missing, so there is no rate of all ages" in call(*WAITS, "C1").out
    (line,) = json.loads(call(*WAITS, "C1", "--json").out)["points"]
    assert line["points"] in (None, 0.0)


def test_recomputed_to_the_same_bytes_and_published(here: Path, call: Call) -> None:
    assessed(here, call)
    said = call("recompute", "store")
    assert said.code == 0, said.out
    assert call("publish", "store", "site").code == 0
    page = (here / "site" / "en" / "figures" / "C1.1.html").read_text(encoding="utf-8")
    assert "averaged with the weights of the declared standard population" in page
    assert "Adds to the rate" in page
    assert "Dobson and others 1991" in page
    assert "对率的贡献" in (here / "site" / "zh" / "figures" / "C1.1.html").read_text(encoding="utf-8")


def test_the_rights_gate_judges_it_as_any_other(here: Path, call: Call) -> None:
    """A birth rate with the age structure taken out is a birth rate still."""
    programme = written(here) / "programme.yaml"
    text = programme.read_text(encoding="utf-8")
    births = text.replace("Long waits", "Births").replace("久候", "出生")
    programme.write_text(births, encoding="utf-8")
    said = call("lint", "compared")
    assert said.code == 1
    assert "rights." in said.out
    alone = births[: births.index("contracts:")].replace(
        "concerns: service_quality", "concerns: births, benchmark: 9"
    )
    alone = alone.replace("concerns: births, benchmark: 9", "concerns: births\n    benchmark: 9")
    programme.write_text(alone, encoding="utf-8")
    said = call("lint", "compared")
    assert "rights.statistics_only" in said.out


def test_names_of_units_in_two_languages_are_told_to_be_texts(here: Path, call: Call) -> None:
    """A mapping where one text belongs is no "whole number"."""
    programme = written(here) / "programme.yaml"
    text = programme.read_text(encoding="utf-8").replace(
        "name_en: Dale, name_zh: 戴尔", "name: {en: Dale, zh: 戴尔}"
    )
    programme.write_text(text, encoding="utf-8")
    assert "'name' is one text, not a list or a mapping" in call("lint", "compared").out
