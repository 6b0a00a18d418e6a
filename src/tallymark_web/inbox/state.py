"""The way of a finding, pure: who may do what with it next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from tallymark.errors import TallymarkError

OPEN, ANSWERED, RECOUNT, SETTLED, WAIVED = "open", "answered", "recount", "settled", "waived"
STATES = (OPEN, ANSWERED, RECOUNT, SETTLED, WAIVED)
REPLIES = ("explain", "corrected", "dispute", "recounted")
"""What units and inspectors say."""
WAIVE, REOPEN = "waive", "reopen"
DECISIONS = ("settle", "ask_recount", WAIVE, REOPEN)
"""What reviewers and statisticians decide."""
LONGEST_WAIVER = 366
"""Days; whoever still knows the reason then says it again."""

_AFTER: Mapping[str, tuple[frozenset[str], str]] = {
    "explain": (frozenset({OPEN, ANSWERED, RECOUNT}), ANSWERED),
    "corrected": (frozenset({OPEN, ANSWERED, RECOUNT}), ANSWERED),
    "dispute": (frozenset({OPEN, ANSWERED, RECOUNT}), ANSWERED),
    "recounted": (frozenset({RECOUNT}), ANSWERED),
    "settle": (frozenset({ANSWERED}), SETTLED),
    "ask_recount": (frozenset({OPEN, ANSWERED}), RECOUNT),
    WAIVE: (frozenset({OPEN, ANSWERED, RECOUNT}), WAIVED),
    REOPEN: (frozenset({SETTLED, WAIVED, ANSWERED}), OPEN),
}


def after(state: str, act: str) -> str:
    """The state after an act.

    Errors: TallymarkError when the act does not fit the state.
    """
    fits, then = _AFTER.get(act, (frozenset(), ""))
    if state not in fits:
        raise TallymarkError("this finding was dealt with meanwhile; load the page again")
    return then


def standing(state: str, until: dt.date | None, today: dt.date) -> str:
    """The state on a day: what was waived is open again when the waiver's last day is over, or never had one."""
    return OPEN if state == WAIVED and (until is None or until < today) else state


def last_day_of(text: str, today: dt.date) -> dt.date:
    """The last day of a waiver as it was typed.

    Errors: TallymarkError without a day, for one that is over, and for one further away than a year.
    """
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise TallymarkError("say until when it is waived") from None
    most = today + dt.timedelta(days=LONGEST_WAIVER)
    if not today <= day <= most:
        raise TallymarkError(
            "a waiver ends between {first} and {last}; then the finding is open again",
            first=today.isoformat(), last=most.isoformat(),
        )  # fmt: skip
    return day


def possible(state: str, among: tuple[str, ...]) -> tuple[str, ...]:
    """Which of these acts fit the state."""
    return tuple(act for act in among if state in _AFTER[act][0])
