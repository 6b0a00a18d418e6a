"""Laws of the rights gate: its shortcuts are sound, its reading survives any file, more words never permit more."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tallymark.findings import Severity
from tallymark.programme.rights import rights_findings_raw
from tallymark.programme.rights.reader import Reader
from tallymark.programme.rights.rules import gate
from tests.oracle.rights.declare import contract, line, programme, rules, scored_line

LEXICON = gate().lexicon
READER = Reader(LEXICON)
PLAIN = "abcdefghijklmnopqrstuvwxyz0123456789 _"
QUIET = settings(
    max_examples=30,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("concept", LEXICON.concepts)
def test_english_words_needed_are_in_every_match(concept: str) -> None:
    """`needs` names a word of everything that the concept's pattern can match."""
    pattern = LEXICON.en[concept]

    @QUIET
    @given(st.from_regex(re.compile(pattern.pattern, re.ASCII), alphabet=PLAIN))
    def matches(text: str) -> None:
        found = pattern.search(text)
        words = found.group().split() if found else []
        assert not words or "_" in words or any(concept in READER._wants(word) for word in words), found

    matches()


@pytest.mark.parametrize("concept", LEXICON.concepts)
def test_chinese_characters_needed_are_in_every_match(concept: str) -> None:
    pattern = LEXICON.zh[concept]

    @QUIET
    @given(st.from_regex(pattern))
    def matches(text: str) -> None:
        found = pattern.search(text)
        assert not found or LEXICON.needs_zh[concept] & set(found.group()), found

    matches()


KEYS = st.sampled_from(
    [
        "programme",
        "units",
        "datasets",
        "sources",
        "measures",
        "indicators",
        "checks",
        "contracts",
        "allocations",
        "tests",
        "items",
        "columns",
        "lines",
        "sections",
        "gates",
        "deductions",
        "bonus",
        "watch",
        "bundle",
        "award",
        "things",
        "title",
        "description",
        "code",
        "indicator",
        "numerator",
        "denominator",
        "where",
        "item",
        "dataset",
        "concerns",
        "kind",
        "en",
        "zh",
        "when",
        "expect",
        "tables",
        "purpose",
        "sensitivity",
        "legal_reference",
    ]
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=True),
    st.text(max_size=12),
    st.just("births"),
)
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(KEYS | st.text(max_size=4) | st.integers(), inner, max_size=4)
    ),
    max_leaves=25,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(KEYS, TREES, max_size=6))
def test_any_file_is_read(raw: dict[str, Any]) -> None:
    """Whatever shape a file has, the gate answers with findings, in two languages, and changes nothing."""
    for finding in rights_findings_raw(raw, {}):
        assert finding.severity in (Severity.ERROR, Severity.NOTE)
        assert finding.message("en")
        assert finding.message("zh")


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["结扎率", "IUD uptake", "政策符合率", "birth quota", "社会抚养费"]), st.text(max_size=30)
)
def test_words_beside_a_refused_one_do_not_permit_it(refused: str, beside: str) -> None:
    assert rules(scored_line(f"{beside} ；; {refused}"))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 6), st.integers(0, 6))
def test_a_refused_line_is_refused_wherever_it_stands(before: int, after: int) -> None:
    lines = [line("Work", code=f"a{i}") for i in range(before)] + [line("Vasectomies", code="v")]
    lines += [line("Work", code=f"b{i}") for i in range(after)]
    assert rules(programme(contracts={"c": contract(*lines)})) == {"sterilisation"}
