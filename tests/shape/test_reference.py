"""The reference pages are those that the code gives, and what they point to is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docs.generate import PAGES, REFERENCE, index_page
from docs.pages.expressions import MEANINGS, OPERATORS, value_of
from docs.pages.markdown import anchor

from tallymark.programme.written import WrittenFolder

DOCS = REFERENCE.parent
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
NAMES = ["README.md", *PAGES]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_up_to_date(name: str) -> None:
    written = index_page() if name == "README.md" else PAGES[name][1]()
    assert (REFERENCE / name).read_text(encoding="utf-8") == written, "run `make docs`"


def test_no_page_is_left_over() -> None:
    assert sorted(path.name for path in REFERENCE.iterdir()) == sorted(NAMES)


@pytest.mark.parametrize(
    "path", sorted([*DOCS.rglob("*.md"), DOCS.parent / "README.md"]), ids=lambda path: path.name
)
def test_links_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for target in LINK.findall(text):
        if "://" in target:
            continue
        file, _, part = target.partition("#")
        there = (path.parent / file) if file else path
        assert there.exists(), target
        if part:
            headings = HEADING.findall(there.read_text(encoding="utf-8"))
            assert f"#{part}" in {anchor(heading) for heading in headings}, target


def test_every_section_and_key_is_explained() -> None:
    text = (REFERENCE / "programme.md").read_text(encoding="utf-8")
    assert all(f"\n## `{section}`\n" in text for section in WrittenFolder.model_fields)
    rows = re.findall(r"^\| `\w+` \| .*$", text, re.MULTILINE)
    empty = [row for row in rows if row.endswith("|  |") and "| `kind` |" not in row]
    assert len(rows) > 150
    assert not empty


def test_examples_of_expressions_give_values() -> None:
    for *_, examples in [*OPERATORS, *MEANINGS.values()]:
        for example in examples:
            value_of(example)
