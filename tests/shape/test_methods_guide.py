"""The methods guide names every function, its links lead somewhere, and its pictures are what the code draws."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docs.pictures import PICTURES

from tallymark import statistics

GUIDE = Path(__file__).parents[2] / "docs" / "methods"
PAGES = sorted(GUIDE.glob("*.md"))
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)")


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_public_function_is_named() -> None:
    told = set(re.findall(r"`(\w+)", "".join(page.read_text(encoding="utf-8") for page in PAGES)))
    functions = {name for name in statistics.__all__ if callable(getattr(statistics, name))}
    assert functions - told == set(), "say in docs/methods when to use it"


def test_links_lead_somewhere() -> None:
    assert len(PAGES) >= 6
    for page in PAGES:
        for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
            if target.startswith("http"):
                continue
            there = (page.parent / target).resolve() if target else page
            assert there.exists(), f"{page.name}: {target}"
            assert not anchor or anchor in _anchors(there), f"{page.name}: {target}#{anchor}"


def test_every_page_is_in_the_index() -> None:
    index = (GUIDE / "README.md").read_text(encoding="utf-8")
    for page in PAGES:
        assert page.name == "README.md" or f"({page.name})" in index, page.name


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_what_the_code_draws(name: str) -> None:
    drawn = (GUIDE / "pictures" / f"{name}.svg").read_text(encoding="utf-8")
    assert drawn == PICTURES[name](), "run python -m docs.pictures"


def test_pictures_are_shown_and_none_is_left_over() -> None:
    shown = set(
        re.findall(r"pictures/(\w+)\.svg", "".join(page.read_text(encoding="utf-8") for page in PAGES))
    )
    assert shown == set(PICTURES) == {path.stem for path in (GUIDE / "pictures").glob("*.svg")}
