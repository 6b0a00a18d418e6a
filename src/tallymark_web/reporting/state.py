"""The way of a report, pure: from draft to accepted, and back when it is returned or corrected."""

from __future__ import annotations

from tallymark.errors import TallymarkError

DRAFT, SUBMITTED, RETURNED, ACCEPTED = "draft", "submitted", "returned", "accepted"
STATES = (DRAFT, SUBMITTED, RETURNED, ACCEPTED)
SUBMIT, RETURN, ACCEPT = "submit", "return", "accept"

_NEXT = {
    (DRAFT, SUBMIT): SUBMITTED,
    (RETURNED, SUBMIT): SUBMITTED,
    (ACCEPTED, SUBMIT): SUBMITTED,  # a correction
    (SUBMITTED, SUBMIT): SUBMITTED,  # changed before anybody looked
    (SUBMITTED, RETURN): RETURNED,
    (SUBMITTED, ACCEPT): ACCEPTED,
}


def after(state: str, act: str) -> str:
    """The state after an act.

    Errors: TallymarkError when the act does not fit the state.
    """
    found = _NEXT.get((state, act))
    if found is None:
        raise TallymarkError("this report was dealt with meanwhile; load the page again")
    return found
