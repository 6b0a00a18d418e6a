"""How texts are read: tricks undone, shortcuts that change nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tallymark.programme.rights.reader import Reader
from tallymark.programme.rights.rules import gate
from tallymark.programme.rights.words import BLANK_EN, BLANK_ZH, Reading, read

CASES = Path(__file__).parents[3] / "oracle" / "rights"


def reader() -> Reader:
    return Reader(gate().lexicon)


def test_every_pattern_compiles() -> None:
    lexicon = gate().lexicon
    assert all(patterns[name].pattern for patterns in (lexicon.en, lexicon.zh) for name in patterns)


def texts() -> list[str]:
    """Every text of the fixtures."""
    found: list[str] = []

    def gather(node: Any) -> None:
        if isinstance(node, str):
            found.append(node)
        elif isinstance(node, dict):
            for inner in node.values():
                gather(inner)
        elif isinstance(node, list):
            for inner in node:
                gather(inner)

    for name in ("daye_2012", "inventory", "evasions", "innocents"):
        gather(yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8")))
    return sorted(set(found))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Folic acid", "folic acid"),
        ("iud_insertions", "iud insertions"),
        ("iudInsertions", "iud insertions"),
        ("IUDInsertions", "iud insertions"),
        ("I.U.D. fitted", "iud fitted"),
        ("s t e r i l e", "sterile"),
        ("ster-ile", "sterile"),
        ("1UD", "iud"),
        ("stérile", "sterile"),
        ("ѕtеrіlе", "sterile"),
        ("ｉｕｄ", "iud"),
        ("st\u200berile", "sterile"),
        ("jie2za1", "jieza"),
    ],
)
def test_english_spellings(text: str, wanted: str) -> None:
    assert wanted in read(text).en


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("结 扎", "结扎"), ("结·扎", "结扎"), ("结\u200b扎", "结扎"), ("結紮", "结扎"), ("【结】扎", "结扎"), ("结x扎", "结扎"),
        ("Ｂ超", "b超"), ("", None), ("iud", None),
    ],
)  # fmt: skip
def test_chinese_spellings(text: str, wanted: str | None) -> None:
    assert (wanted in read(text).zh) if wanted else read(text).zh == ()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("iudinsertions", "iud insertions"),
        ("outofplanbirths", "out of plan births"),
        ("vasectemy", "vasectomy"),
        ("sterlisation", "sterilisation"),
    ],
)
def test_words_run_together_or_misspelt(text: str, wanted: str) -> None:
    assert wanted in reader()._reading(text).en


@pytest.mark.parametrize(
    "text",
    ["stabilisation", "litigation", "infertility", "therapist", "children", "policymaker", "classrooms"],
)
def test_other_words_are_left_alone(text: str) -> None:
    assert reader()._reading(text).en == (text,)


def test_the_shortcuts_hide_nothing() -> None:
    """`needs` only saves time: what it skips would not have matched."""
    lexicon, one = gate().lexicon, reader()
    for text in texts():
        spoken = one.spoken(text)
        for concept, languages in _slowly(one._reading(text)).items():
            assert languages <= set(spoken.get(concept, {})), (text, concept, languages)
    assert set(lexicon.concepts) == set(lexicon.needs_en) == set(lexicon.needs_zh)


def _slowly(reading: Reading) -> dict[str, set[str]]:
    lexicon = gate().lexicon
    found: dict[str, set[str]] = {}
    for language, spellings in (("en", reading.en), ("zh", reading.zh)):
        patterns = lexicon.en if language == "en" else lexicon.zh
        innocent = lexicon.innocent_en if language == "en" else lexicon.innocent_zh
        for spelling in spellings:
            plain = innocent.sub(BLANK_EN if language == "en" else BLANK_ZH, spelling)
            for concept in lexicon.concepts:
                if patterns[concept].search(plain):
                    found.setdefault(concept, set()).add(language)
    return found
