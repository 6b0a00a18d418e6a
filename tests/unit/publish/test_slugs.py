"""File names of codes: safe everywhere, never two alike, stable."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from tallymark.publish.slugs import LONGEST, anchor, file_names

CODES = st.lists(st.text(min_size=1, max_size=80), unique=True, max_size=30)


@given(CODES)
def test_names_are_safe_and_never_meet(codes: list[str]) -> None:
    names = file_names(codes)
    assert list(names) == codes
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", name) for name in names.values())
    assert all(len(name) <= LONGEST + 9 for name in names.values())
    assert len({name.casefold() for name in names.values()}) == len(codes)


@given(CODES)
def test_order_changes_nothing(codes: list[str]) -> None:
    assert file_names(codes) == file_names(codes[::-1])


def test_a_plain_code_keeps_its_name() -> None:
    assert file_names(["T01", "v-2"]) == {"T01": "T01", "v-2": "v-2"}


def test_names_that_differ_in_case_only_are_told_apart() -> None:
    names = file_names(["a", "A"])
    assert names["a"].casefold() != names["A"].casefold()


def test_names_that_systems_keep_for_themselves_are_not_used() -> None:
    assert not {"con", "NUL", "com1", "index"} & set(file_names(["con", "NUL", "com1", "index"]).values())


@given(st.text(min_size=1), st.text(min_size=1))
def test_anchors_hold_no_space_or_quote_and_tell_codes_apart(one: str, other: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_.-]+", anchor("x", one))
    assert one == other or anchor("x", one) != anchor("x", other)
