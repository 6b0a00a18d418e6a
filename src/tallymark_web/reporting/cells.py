"""What somebody typed into a cell, pure: a value, explicitly none, explicitly not known, or not yet anything."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from enum import StrEnum

from tallymark.programme.resolved import Item
from tallymark.sources.dates import parse_day
from tallymark.sources.numbers import parse_number
from tallymark.sources.spellings import fold
from tallymark.sources.verdicts import PROBLEMS, REFUSES, Verdict
from tallymark.sources.words import NO, YES
from tallymark.texts import Message

EPOCH = dt.date(1970, 1, 1)
NOT_KNOWN = ("?", "？")
LONGEST = 60


class State(StrEnum):
    """What a cell says. Zero is a value; not known is an answer; blank is none yet."""

    BLANK = "blank"
    VALUE = "value"
    ZERO = "zero"
    UNKNOWN = "unknown"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as read. `value` is a number; days since 1970 for a date, 1 or 0 for yes and no."""

    state: State
    value: float | None = None
    text: str = ""
    """As it is handed on: `12`, `2025-03-14`, `yes`."""
    message: Message | None = None
    """What is wrong, or worth a second look."""


def read_cell(typed: str, item: Item, *, today: dt.date) -> Cell:
    """The cell that a typed text means, read as files are read; unclear signs are refused here, where one can ask."""
    text = typed.strip()[:LONGEST]
    if not text:
        return Cell(State.BLANK)
    if text in NOT_KNOWN:
        return Cell(State.UNKNOWN, text="?")
    return _READ[item.type](text, item, today)


def _number(text: str, item: Item, today: dt.date) -> Cell:
    del today
    value, verdict = parse_number(text, decimal=".", whole=item.type == "integer")
    if verdict is Verdict.MISSING:
        return Cell(State.UNKNOWN, text="?")
    if verdict is Verdict.UNCLEAR_NONE or math.isnan(value) or REFUSES <= verdict < Verdict.BELOW_MIN:
        return _wrong(text, verdict, item)
    if item.type == "integer" and value != math.floor(value):
        return Cell(State.WRONG, message=Message("“{text}” is not a whole number.", text=text))
    plain = f"{value:.0f}" if value == math.floor(value) and abs(value) < 1e15 else repr(value)
    state = State.ZERO if value == 0 else State.VALUE
    return Cell(state, value, plain, _outside(value, item))


def _outside(value: float, item: Item) -> Message | None:
    if item.min is not None and value < item.min:
        return Message("{value} is below {limit}. Is it right?", value=f"{value:g}", limit=f"{item.min:g}")
    if item.max is not None and value > item.max:
        return Message("{value} is above {limit}. Is it right?", value=f"{value:g}", limit=f"{item.max:g}")
    return None


def _wrong(text: str, verdict: Verdict, item: Item) -> Cell:
    if (
        verdict in PROBLEMS
        and verdict is not Verdict.UNCLEAR_NONE
        and not PROBLEMS[verdict].one.count("{limit}")
    ):
        told = Message(PROBLEMS[verdict].one, text=text, column=item.title)
        return Cell(State.WRONG, message=told)
    return Cell(
        State.WRONG, message=Message("“{text}”: write 0 for none, ? for not known, or a number.", text=text)
    )


def _yes_or_no(text: str, item: Item, today: dt.date) -> Cell:
    del item, today
    word = fold(text)
    if word in YES:
        return Cell(State.VALUE, 1.0, "yes")
    if word in NO:
        return Cell(State.ZERO, 0.0, "no")
    return Cell(State.WRONG, message=Message("“{text}”: write yes or no, or ? for not known.", text=text))


def _day(text: str, item: Item, today: dt.date) -> Cell:
    del item
    day, verdict = parse_day(text, order="ymd", latest_year=today.year + 1)
    if day is None or REFUSES <= verdict < Verdict.BELOW_MIN:
        return Cell(State.WRONG, message=Message("“{text}”: write a day such as 2025-03-14.", text=text))
    return Cell(State.VALUE, float((day - EPOCH).days), day.isoformat())


_READ = {"integer": _number, "number": _number, "boolean": _yes_or_no, "date": _day}
