"""An explanation as JSON has the keys that the reference promises, no more and no fewer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from docs.pages.explanation import PARTS
from tests.functional.conftest import CONTRACT, Call

FILES = {
    "visits": "number,clinic,day,kind,waited\nV0006,C1,2024-10-01,advice,9\n",
    "monthly": "clinic,month,visits,days without stock,complaints,closed in 15 days\nC1,2024-10,7,3,1,1\n",
}
"""One correction each: a visit that waited 9 days, not 6; 3 days without stock, not 0."""


@pytest.fixture
def corrected(office: Path, call: Call) -> Path:
    """The office with a correction in its register and one in a report, and a second run."""
    for dataset, text in FILES.items():
        (office / f"{dataset}.csv").write_text(text, encoding="utf-8")
        assert (
            call("receive", "clinic", "store", dataset, f"{dataset}.csv", "--received-at", "2025-10-05").code
            == 0
        )
    assert call("assess", "clinic", "store", "--contract", CONTRACT).code == 0
    return office


def explained(call: Call, indicator: str, unit: str) -> dict[str, Any]:
    said = call("explain", "store", "--indicator", indicator, "--unit", unit, "--json")
    assert said.code == 0, said.err
    whole: dict[str, Any] = json.loads(said.out)
    return whole


ELSEWHERE = ("rows", "years", "ages", "differences", "parts", "weights", "gates")
"""Not of this figure: see test_pooled, test_standardised, test_gaps, test_composite, test_verdict_gates."""


def test_the_keys_are_those_of_the_reference(corrected: Path, call: Call) -> None:
    above, below = explained(call, "seen_in_time", "D"), explained(call, "seen_in_time", "C1")
    assert list(above) == list(PARTS)
    for part, (_, keys) in PARTS.items():
        told = above[part] or below[part]
        if not keys or part in ELSEWHERE:
            continue
        assert told, f"nothing to compare for {part}"
        assert set(told[0] if isinstance(told, list) else told) == set(keys), part
    assert set(PARTS["rows"][1]) <= set(above["rows"][0])


@pytest.mark.parametrize(
    "most", [1, 3, 1000], ids=["the first unit has all", "some units", "fewer than wanted"]
)
def test_rows_are_the_first_however_many_units_are_asked_first(
    corrected: Path, call: Call, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr("tallymark.explaining.rows.MOST_ROWS", most)
    found = []
    for few in (1, 1000):
        monkeypatch.setattr("tallymark.explaining.rows.FEW", few)
        found.append(explained(call, "seen_in_time", "D")["rows"])
    assert found[0] == found[1]
    assert len(found[0]) == most or 3 < len(found[0]) < most


def test_corrections_show_old_and_new(corrected: Path, call: Call) -> None:
    (row,) = explained(call, "stockout_share", "D")["corrections"]
    assert (row["where"], row["old"], row["new"], row["batch"]) == (
        "C1 2024-10 stockout_days",
        "0",
        "3",
        5,
    )
    (row,) = explained(call, "seen_in_time", "C1")["corrections"]
    assert (row["where"], row["old"], row["new"], row["batch"]) == (
        "C1 2024-10-01 visit_id=V0006",
        "wait_days=6",
        "wait_days=9",
        4,
    )
    assert explained(call, "seen_in_time", "C2")["corrections"] == []


def test_the_change_since_the_last_run(corrected: Path, call: Call) -> None:
    change = explained(call, "seen_in_time", "C1")["change"]
    assert (round(change["before"], 4), round(change["now"], 4)) == (
        round(10400 / 107, 4),
        round(10300 / 107, 4),
    )
    assert (change["batches"], change["causes"]) == ([4, 5], ["other data"])


@pytest.mark.parametrize(("language", "became"), [("en", "0 became 3 with batch 5"), ("zh", "第5批将0改为3")])
def test_the_text_says_what_the_json_says(language: str, became: str, corrected: Path, call: Call) -> None:
    whole = explained(call, "stockout_share", "D")
    text = call("explain", "store", "--indicator", "stockout_share", "--unit", "D", "--lang", language).out
    assert whole["title"][language] in text
    assert whole["in_words"][language] in text
    assert became in text
    assert all(child["name"][language] in text for child in whole["children"])
