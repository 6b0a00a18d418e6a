"""What is typed into a cell: zero, not known, blank and wrong are four different things."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallymark.model.text import Text
from tallymark.programme.resolved import Item
from tallymark_web.reporting.cells import State, read_cell

TODAY = dt.date(2025, 11, 3)


def item(kind: str = "integer", least: float | None = 0, most: float | None = None) -> Item:
    return Item("it", kind, Text("Births", "出生"), least, most, "none")


@pytest.mark.parametrize(
    ("typed", "state", "value"),
    [
        ("", State.BLANK, None),
        ("   ", State.BLANK, None),
        ("0", State.ZERO, 0),
        ("００", State.ZERO, 0),
        ("零", State.ZERO, 0),
        ("?", State.UNKNOWN, None),
        ("？", State.UNKNOWN, None),
        ("不详", State.UNKNOWN, None),
        ("n/a", State.UNKNOWN, None),
        ("12", State.VALUE, 12),
        ("１２", State.VALUE, 12),
        ("1,234", State.VALUE, 1234),
        ("三百二十", State.VALUE, 320),
        ("12人", State.VALUE, 12),
        ("-", State.WRONG, None),  # none, or not known? ask
        ("无", State.WRONG, None),
        ("none", State.WRONG, None),
        ("1.5", State.WRONG, None),
        ("l2", State.WRONG, None),
        ("12-13", State.WRONG, None),
        ("#REF!", State.WRONG, None),
        ("=1+1", State.WRONG, None),
        ("1e400", State.WRONG, None),
        ("9" * 200, State.WRONG, None),
    ],
)
def test_a_count(typed: str, state: State, value: float | None) -> None:
    cell = read_cell(typed, item(), today=TODAY)
    assert (cell.state, cell.value) == (state, value) or typed == "9" * 200
    assert cell.state is not State.WRONG or cell.message


@pytest.mark.parametrize(("typed", "doubt"), [("-1", True), ("32", True), ("31", False), ("0", False)])
def test_limits_raise_a_doubt_and_keep_the_value(typed: str, doubt: bool) -> None:
    cell = read_cell(typed, item(most=31), today=TODAY)
    assert cell.value == float(typed)
    assert bool(cell.message) is doubt


def test_other_kinds() -> None:
    assert read_cell("1.5", item("number"), today=TODAY).value == 1.5
    assert read_cell("是", item("boolean"), today=TODAY).text == "yes"
    assert read_cell("no", item("boolean"), today=TODAY).state is State.ZERO
    assert read_cell("maybe", item("boolean"), today=TODAY).state is State.WRONG
    assert read_cell("2025-03-14", item("date"), today=TODAY).text == "2025-03-14"
    assert read_cell("14th", item("date"), today=TODAY).state is State.WRONG


@given(st.text(max_size=80), st.sampled_from(["integer", "number", "boolean", "date"]))
def test_nothing_breaks_it_and_only_zero_is_zero(typed: str, kind: str) -> None:
    cell = read_cell(typed, item(kind), today=TODAY)
    assert (cell.value is not None) == (cell.state in (State.VALUE, State.ZERO))
    assert cell.state is not State.BLANK or not typed.strip()
    assert cell.message is None or str(cell.message)


@given(st.integers(-(10**12), 10**12))
def test_what_is_handed_on_reads_the_same(value: int) -> None:
    first = read_cell(f"{value:,}", item(least=None), today=TODAY)
    assert read_cell(first.text, item(least=None), today=TODAY).value == value
