"""Linkages on the page of verification: exact for the office, rounded for the public, and unknown said to be so."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.publish.fabricate import MadeUp

from tallymark.errors import TallymarkError
from tallymark.publish import publish
from tallymark.publish.flows import read_flows

SAID = {
    "linkage": "births",
    "purpose": "birth_registration",
    "records": {
        "hospital": {"matched": 911, "unmatched": 33, "duplicate": 2},
        "registry": {"matched": 911, "unmatched": 87},
    },
    "contradictory": {"pairs": 13, "fields": {"village": 12, "born": 1}},
    "lost_to_blocking": 0.0123,
    "completeness": {
        "events_in_all": {"naive": 1041.2, "corrected": 1033.7, "low": 1019.4, "high": 1048.0},
        "share_held": {"hospital": 0.9132, "registry": 0.9655},
        "known": True,
    },
}

INFINITE = json.dumps(SAID | {"contradictory": {"pairs": float("inf"), "fields": {}}})


def written(folder: Path, **more: object) -> Path:
    folder.mkdir()
    (folder / "summary.json").write_text(json.dumps(SAID | more), encoding="utf-8")
    return folder


def page(run: MadeUp, folder: Path, linked: Path, language: str = "en") -> str:
    site = publish(run, folder / "site", languages=[language], linkages=[linked])
    text = (site.path / language / "verification.html").read_text(encoding="utf-8")
    return re.sub(r"<[^>]+>", " ", text[text.index('id="v-linked-1"') :])


def test_the_public_sees_rounded_counts(run: MadeUp, tmp_path: Path) -> None:
    text = page(run, tmp_path, written(tmp_path / "linked"))
    assert re.search(r"hospital\s+910\s+35\s+0\s+91\.3 %", text)
    assert re.search(r"registry\s+910\s+85\s+0\s+96\.6 %", text)  # 1,000 of 1,035
    assert "1,035 (1,020 to 1,050); without regard to linkage errors 1,040" in text
    assert "15 pairs were taken as one event though a field plainly differs (village 10)" in text
    assert "1.2 % of the matches" in text
    assert "multiples of 5" in text


@pytest.mark.parametrize("events", [942.6, 943.9, 947.4])
def test_a_share_does_not_give_the_exact_count_back(tmp_path: Path, events: float) -> None:
    """Lists that hold 942.6 to 947.4 of 1,033.7 events have the same share in public: 945 of 1,035."""
    found = SAID["completeness"] | {"share_held": {"hospital": events / 1033.7}}
    (flows,) = read_flows([written(tmp_path / "linked", completeness=found)], step=5)
    assert flows.lists[0].share == 945 / 1035


def test_a_linkage_of_tokens_is_told_to_be_one(tmp_path: Path) -> None:
    said = {
        "kinds": ["mother+born"],
        "records": {"hospital": 946, "registry": 998},
        "compared": 12,
        "matched": 9,
    }
    (tmp_path / "summary.json").write_text(json.dumps(said), encoding="utf-8")
    with pytest.raises(TallymarkError, match="linkage of tokens"):
        read_flows([tmp_path])


def test_the_office_sees_them_exactly(run: MadeUp, tmp_path: Path) -> None:
    office = replace(run, manifest=dict(run.manifest) | {"internal": True})
    text = page(office, tmp_path, written(tmp_path / "linked"))
    assert re.search(r"hospital\s+911\s+33\s+2\s+91\.3 %", text)
    assert "(village 12, born 1)" in text
    assert "multiples" not in text


def test_what_is_not_known_is_said_in_chinese_too(run: MadeUp, tmp_path: Path) -> None:
    unknown = written(tmp_path / "linked", completeness=SAID["completeness"] | {"known": False})
    text = page(run, tmp_path, unknown, "zh")
    assert "事件总数尚不能确定" in text
    assert "出生登记" in text


def test_three_lists_have_no_total_of_their_own(run: MadeUp, tmp_path: Path) -> None:
    said = {key: value for key, value in SAID.items() if key != "completeness"}
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "summary.json").write_text(json.dumps(said), encoding="utf-8")
    text = page(run, tmp_path, tmp_path / "linked")
    assert "Events in all" not in text
    assert re.search(r"hospital\s+910\s+35\s+0", text)


@pytest.mark.parametrize(
    "text", [None, "{}", "[1]", "not JSON", '{"linkage": "x", "purpose": "y", "records": 3}', INFINITE]
)
def test_another_folder_is_told_in_a_line(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "summary.json").write_text(text, encoding="utf-8")
    with pytest.raises(TallymarkError, match="holds no linkage"):
        read_flows([tmp_path])
