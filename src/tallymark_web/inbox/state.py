"""The way of a finding, pure: who may do what with it next."""

from __future__ import annotations

from collections.abc import Mapping

from tallymark.errors import TallymarkError

OPEN, ANSWERED, RECOUNT, SETTLED, WAIVED = "open", "answered", "recount", "settled", "waived"
STATES = (OPEN, ANSWERED, RECOUNT, SETTLED, WAIVED)
REPLIES = ("explain", "corrected", "dispute", "recounted")
"""What units and inspectors say."""
DECISIONS = ("settle", "ask_recount", "waive", "reopen")
"""What reviewers and statisticians decide."""

_AFTER: Mapping[str, tuple[frozenset[str], str]] = {
    "explain": (frozenset({OPEN, ANSWERED, RECOUNT}), ANSWERED),
    "corrected": (frozenset({OPEN, ANSWERED, RECOUNT}), ANSWERED),
    "dispute": (frozenset({OPEN, ANSWERED, RECOUNT}), ANSWERED),
    "recounted": (frozenset({RECOUNT}), ANSWERED),
    "settle": (frozenset({ANSWERED}), SETTLED),
    "ask_recount": (frozenset({OPEN, ANSWERED}), RECOUNT),
    "waive": (frozenset({OPEN, ANSWERED, RECOUNT}), WAIVED),
    "reopen": (frozenset({SETTLED, WAIVED, ANSWERED}), OPEN),
}


def after(state: str, act: str) -> str:
    """The state after an act.

    Errors: TallymarkError when the act does not fit the state.
    """
    fits, then = _AFTER.get(act, (frozenset(), ""))
    if state not in fits:
        raise TallymarkError("this finding was dealt with meanwhile; load the page again")
    return then


def possible(state: str, among: tuple[str, ...]) -> tuple[str, ...]:
    """Which of these acts fit the state."""
    return tuple(act for act in among if state in _AFTER[act][0])
