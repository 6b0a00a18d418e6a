"""The audit chain: every single change to a log is noticed."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tallymark_web.audit.chain import START, Link, broken, sealed


def log(contents: list[str]) -> list[Link]:
    links, before = [], START
    for number, text in enumerate(contents, 1):
        content = {"number": number, "what": text}
        links.append(Link(number, content, before, sealed(before, content)))
        before = links[-1].hash
    return links


def faults(links: list[Link], whole: list[Link]) -> list[str]:
    return [str(line) for line in broken(links, count=len(whole), last=whole[-1].hash if whole else START)]


texts = st.lists(st.text(max_size=8), min_size=1, max_size=8)


@given(st.lists(st.text(max_size=8), max_size=8))
def test_an_untouched_log_is_whole(contents: list[str]) -> None:
    assert faults(log(contents), log(contents)) == []


@given(texts, st.data())
def test_a_changed_entry_is_noticed(contents: list[str], data: st.DataObject) -> None:
    whole = log(contents)
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = [*whole]
    changed[at] = replace(changed[at], content=dict(changed[at].content) | {"what": contents[at] + "!"})
    assert faults(changed, whole)
    # Sealed again by somebody who knows how: the next entry, or the head, no longer fits.
    changed[at] = replace(changed[at], hash=sealed(changed[at].before, changed[at].content))
    assert faults(changed, whole)


@given(texts, st.data())
def test_a_missing_entry_is_noticed(contents: list[str], data: st.DataObject) -> None:
    whole = log(contents)
    at = data.draw(st.integers(0, len(whole) - 1))
    assert faults(whole[:at] + whole[at + 1 :], whole)


@given(texts, texts)
def test_a_rewritten_log_is_noticed_by_its_head(contents: list[str], other: list[str]) -> None:
    if contents != other:
        assert faults(log(other), log(contents))
