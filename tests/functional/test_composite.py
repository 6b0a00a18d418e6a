"""A composite indicator, from files to explanation, pages and recomputation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from docs.pages.explanation import PARTS
from tests.functional.compared import written
from tests.functional.conftest import Call

CARE = ("explain", "store", "--indicator", "care", "--unit", "C1")
COMPOSITE = """composites:
  care:
    title: {en: Care in one figure, zh: 照护指数}
    description: {en: Waits and requests., zh: 久候与申请。}
    normalise: target
    aggregate: geometric
    parts:
      - {indicator: served_share, weight: 2, target: 100}
      - {indicator: waits, target: 7}
"""


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call) -> Path:
    monkeypatch.chdir(tmp_path)
    programme = written(tmp_path)
    (programme / "composites.yaml").write_text(COMPOSITE, encoding="utf-8")
    for dataset in ("people", "yearly"):
        said = call("receive", "compared", "store", dataset, f"{dataset}.csv", "--received-at", "2026-01-05")
        assert said.code == 0, said.out + said.err
    said = call("assess", "compared", "store", "--contract", "care-2025")
    assert said.code == 0, said.err
    return tmp_path


def test_explained(office: Path, call: Call) -> None:
    """C1 served 240 of 300 and has 14 long waits a thousand, twice the target: 0.8 and 0.5."""
    told = json.loads(call(*CARE, "--json").out)
    assert told["figure"]["value"] == pytest.approx(0.8 ** (2 / 3) * 0.5 ** (1 / 3))
    assert [(row["indicator"], row["scaled"]) for row in told["parts"]] == [
        ("served_share", pytest.approx(0.8)),
        ("waits", pytest.approx(0.5)),
    ]
    assert list(told["weights"]) == list(PARTS["weights"][1])
    assert set(told["parts"][0]) == set(PARTS["parts"][1])
    assert told["weights"]["of"] == 2
    said = call(*CARE).out
    assert "Requests served: 80, scaled 0.8; weight 66.7 %" in said
    assert "if each part weighed up to 20 % more or less: rank 2 to 2" in said
    assert "办结率：80，换算为0.8；权重66.7%" in call(*CARE, "--lang", "zh").out


def test_only_of_the_runs_own_period(office: Path, call: Call) -> None:
    said = call(*CARE, "--period", "2024")
    assert said.code == 2
    assert "composites are of its own period 2025" in said.err


def test_published_in_both_languages(office: Path, call: Call) -> None:
    assert call("publish", "store", "site").code == 0
    page = (office / "site" / "en" / "composites.html").read_text(encoding="utf-8")
    for text in ("Care in one figure", "Weighted geometric mean", "0.68", "Ash", "would keep their rank"):
        assert text in page, text
    assert 'href="composites.html#care"' in (office / "site" / "en" / "indicators.html").read_text(
        encoding="utf-8"
    )
    assert "照护指数" in (office / "site" / "zh" / "composites.html").read_text(encoding="utf-8")
    assert (office / "site" / "data" / "composites.csv").is_file()


def test_recomputed_to_the_same_bytes(office: Path, call: Call) -> None:
    assert call("recompute", "store").code == 0


def test_what_makes_no_sense_is_refused_before_it_runs(office: Path, call: Call) -> None:
    file = office / "compared" / "composites.yaml"
    file.write_text(COMPOSITE.replace("normalise: target", "normalise: z").replace(", target: 100", "").replace(", target: 7", ""), encoding="utf-8")  # fmt: skip
    said = call("assess", "compared", "store", "--contract", "care-2025")
    assert said.code != 0
    assert "a geometric mean of figures scaled by 'z' has no meaning" in said.out + said.err
