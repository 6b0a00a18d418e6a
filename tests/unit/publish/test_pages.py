"""Pieces of pages: checks that failed often are told once, many tiles stand under the units above them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from tallymark.model.text import Text
from tallymark.publish.edition import Edition
from tallymark.publish.facts import Facts
from tallymark.publish.pages.failed_checks import failed_check, told_together
from tallymark.publish.pages.tiles import MANY, Tile, blocks
from tallymark.publish.records import Found, Place


def failure(facts: Facts, unit: str, period: str, evidence: object) -> Found:
    check = next(iter(facts.programme.checks.values()))
    return Found(
        f"check.{check.name}", "warning", "", "", unit, period, "", "", "", float("nan"), float("nan"),
        "long", "长", "", "", json.dumps(evidence),
    )  # fmt: skip


def test_failures_of_one_check_are_one_table(english: Edition, facts: Facts) -> None:
    check = next(iter(facts.programme.checks.values()))
    name = next(iter(check.expect.names))
    units = facts.compared[:3]
    found = [failure(facts, unit, "2025-03", {name: 1234.5, "x": None}) for unit in units]
    ((told, members),) = told_together(english, found)
    assert told is check
    listed = failed_check(english, check, members)
    assert [row["unit"] for row in listed["rows"]] == [english.name(unit) for unit in units]  # type: ignore[attr-defined]
    assert [row["figures"] for row in listed["rows"]] == [["1,234.5", "–"]] * 3  # type: ignore[attr-defined]
    assert len(listed["columns"]) == 2  # type: ignore[arg-type]


def test_few_failures_or_such_without_figures_are_told_one_by_one(english: Edition, facts: Facts) -> None:
    unit = facts.compared[0]
    few = [failure(facts, unit, "2025-03", {"a": 1})] * 2
    assert [told for told, _ in told_together(english, few)] == [None, None]
    mute = [failure(facts, unit, "2025-03", evidence) for evidence in ({}, {"a": "text"}, [1])]
    assert [told for told, _ in told_together(english, mute)] == [None] * 3


def test_many_tiles_stand_under_the_units_above_them(english: Edition, facts: Facts) -> None:
    def tiles(n: int, parents: int) -> tuple[Edition, list[Tile]]:
        names = [f"N{n - i:03}" for i in range(n)]
        units = [Place(f"u{i}", Text(name, name), "town", f"p{i % parents}") for i, name in enumerate(names)]
        above = [Place(f"p{i}", Text(f"P{parents - i}", ""), "county", None) for i in range(parents)]
        places = replace(facts.places, by_code={place.code: place for place in (*above, *units)})
        made = [Tile(place.code, place.name["en"], "1", "", "h1", "") for place in units]
        return replace(english, facts=replace(facts, places=places)), made

    few = blocks(*tiles(MANY - 1, 3))
    assert [block.name for block in few] == [""]
    many = blocks(*tiles(MANY, 2))
    assert [block.name for block in many] == ["P1", "P2"]
    assert all([one.name for one in block.tiles] == sorted(one.name for one in block.tiles) for block in many)
    assert [block.name for block in blocks(*tiles(MANY, 1))] == [""]


def test_a_contract_changed_while_in_force_says_so(english: Edition, chinese: Edition, site: Path) -> None:
    """Wherever the contract is shown: when, which lines, why."""
    page = (site / "en" / "methods.html").read_text("utf-8")
    assert "Changed on 3 March 2025, lines S1" in page
    assert "A &lt;court&gt; asked for it" in page
    page = (site / "zh" / "methods.html").read_text("utf-8")
    assert "2025年3月3日修改条款S1" in page
    assert "依法院要求" in page
