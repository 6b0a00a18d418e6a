"""The guides tell of pages that are there, in the words that stand on them, with pictures that are small enough."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.shape.test_web_texts import said
from tests.web.app.pictures import CHINESE, MOST_BYTES, OUT, PICTURES

from tallymark.texts import translate

GUIDES = sorted(path for path in (OUT / "guide").glob("*.md") if path.name != "README.md")
BOLD, ADDRESS = re.compile(r"\*\*(.+?)\*\*", re.DOTALL), re.compile(r"`(/[^`]*)`")
ZERO = {"0 is none, ? is not known", "0 表示无，? 表示不详"}
"""The one rule that is said in bold itself."""


def role_of(guide: Path) -> str:
    return guide.name.split(".")[0]


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_words_in_bold_stand_on_pages(guide: Path) -> None:
    language = "zh" if guide.name.endswith(".zh.md") else "en"
    texts = {translate(message, language).strip(":：") for message in said()}
    text = guide.read_text(encoding="utf-8")
    bold = {re.sub(r"\s+", " ", one).replace("`", "").rstrip("。.") for one in BOLD.findall(text)}
    assert bold
    assert not sorted(bold - texts - ZERO)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_addresses_are_pages_of_the_role(guide: Path, signed_in: Callable[..., Any]) -> None:
    from django.test import Client

    client = Client() if role_of(guide) == "public" else signed_in(role_of(guide))
    found = ADDRESS.findall(guide.read_text(encoding="utf-8"))
    assert found
    assert {path: client.get(path).status_code for path in found} == dict.fromkeys(found, 200)


def test_there_is_a_guide_for_every_role_in_both_languages() -> None:
    from tallymark_web.people.cast import NAMES

    names = {path.name for path in GUIDES}
    assert names == {f"{role}{end}" for role in (*NAMES, "public") for end in (".md", ".zh.md")}
    index = (OUT / "guide" / "README.md").read_text(encoding="utf-8")
    assert not sorted(name for name in names if f"({name})" not in index)


def test_pictures_are_made_by_the_command_and_small() -> None:
    made = {f"{name}.jpg" for name in (*PICTURES, *CHINESE)}
    kept = {path.relative_to(OUT).as_posix(): path.stat().st_size for path in OUT.rglob("*.jpg")}
    assert set(kept) == made
    assert not {name: size for name, size in kept.items() if size > MOST_BYTES}
    for page in (*GUIDES, OUT / "README.md"):
        for name in re.findall(r"!\[.*?\]\((.+?)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / name).is_file(), f"{page.name}: {name}"
