"""Many texts at once come to what each text comes to by itself, wherever they lie in a column."""

from __future__ import annotations

from itertools import pairwise

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tallymark.verify.linkage.letters import all_different, characters, in_order, laid

ASCII = st.lists(st.none() | st.text("abcz09", max_size=6), max_size=8)
compiled_first = settings(deadline=None, max_examples=30)
CHINESE = st.lists(st.text("王芳之子单仇", max_size=4), max_size=8)


@compiled_first
@given(ASCII, st.integers(0, 3))
def test_letters_lie_behind_each_other(texts: list[str | None], start: int) -> None:
    whole = pa.array([*texts, "end"], pa.string())
    ends, letters = laid([whole.slice(start), pa.array([], pa.string()), whole])
    expected = [*whole.slice(start).to_pylist(), *whole.to_pylist()]
    parts = [bytes(letters[a:b]).decode() for a, b in pairwise(ends)]
    assert parts == [text or "" for text in expected]


@compiled_first
@given(ASCII)
def test_letters_are_put_in_order(texts: list[str | None]) -> None:
    array = pa.array(["first", *texts], pa.string()).slice(1)
    expected = [None if text is None else "".join(sorted(text)) for text in texts]
    assert in_order(array).to_pylist() == expected
    assert array.to_pylist() == texts


@compiled_first
@given(CHINESE)
def test_characters_are_found(texts: list[str]) -> None:
    found = characters(pa.array(texts, pa.string()), 4)
    assert ["".join(chr(each) for each in row if each) for row in found] == texts


@compiled_first
@given(CHINESE)
def test_doubles_are_seen(texts: list[str]) -> None:
    assert all_different(pa.array(texts, pa.string())) == (len(set(texts)) == len(texts))
