"""How an action stands, pure: which act leads where, who may act, what overdue means."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from tallymark.model.working_days import WorkingDays

OPEN, DONE, CLOSED, DROPPED = "open", "done", "closed", "dropped"
STATES = (OPEN, DONE, CLOSED, DROPPED)
GAP, FINDING, MEETING, ORDER, HELP = "gap", "finding", "meeting", "order", "help"
SOURCES = (GAP, FINDING, MEETING, ORDER, HELP)
NOTE, REPORT, CONFIRM, SEND_BACK, DROP = "remark", "report", "confirm", "send back", "drop"
ACTS: Mapping[str, Mapping[str, str]] = {
    NOTE: {OPEN: OPEN, DONE: DONE},
    REPORT: {OPEN: DONE},
    CONFIRM: {DONE: CLOSED},
    SEND_BACK: {DONE: OPEN},
    DROP: {OPEN: DROPPED, DONE: DROPPED},
}
"""Act → state before → state after. Closed and dropped actions stay so."""
OWNERS = frozenset({NOTE, REPORT})
CHECKS = frozenset({CONFIRM, SEND_BACK})
OPENERS = frozenset({DROP})
ESCALATE_AFTER = 5
"""Working days after which what is overdue goes to the unit above, and again to the one above that."""
DEFAULT_DAYS = 10


def after(state: str, act: str) -> str | None:
    """The state after an act; None when it cannot be done now."""
    return ACTS.get(act, {}).get(state)


def called(state: str) -> str:
    """What pages call a state: an account that is closed is another thing than an action."""
    return "checked and closed" if state == CLOSED else state


def days_late(due: dt.date, today: dt.date, calendar: WorkingDays) -> int:
    """Working days since an action was due; 0 while it is in time."""
    return calendar.between(due, today)


def steps_up(due: dt.date, today: dt.date, calendar: WorkingDays) -> int:
    """How many levels up an overdue action belongs by now."""
    return days_late(due, today, calendar) // ESCALATE_AFTER
