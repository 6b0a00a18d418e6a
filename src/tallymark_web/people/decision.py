"""The one decision on access, pure: may somebody with these grants do this, to this unit, on this day?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

CLERK, REVIEWER, INSPECTOR, STATISTICIAN = "clerk", "reviewer", "inspector", "statistician"
LEADER, AUDITOR, ADMINISTRATOR = "leader", "auditor", "administrator"
ROLES = (CLERK, REVIEWER, INSPECTOR, STATISTICIAN, LEADER, AUDITOR, ADMINISTRATOR)

_DATA = frozenset({CLERK, REVIEWER, INSPECTOR, STATISTICIAN, LEADER, AUDITOR})

ACTIONS: Mapping[str, frozenset[str]] = {
    "programme.view": frozenset(ROLES),
    "programme.write": frozenset({STATISTICIAN}),
    "programme.approve": frozenset({STATISTICIAN, LEADER}),
    "entry.view": _DATA,
    "entry.write": frozenset({CLERK}),
    "entry.decide": frozenset({REVIEWER}),
    "upload.write": frozenset({CLERK, INSPECTOR, STATISTICIAN}),
    "upload.reports": frozenset({CLERK, STATISTICIAN}),
    "upload.recounts": frozenset({INSPECTOR, STATISTICIAN}),
    "findings.view": _DATA,
    "findings.reply": frozenset({CLERK, REVIEWER, INSPECTOR}),
    "findings.decide": frozenset({REVIEWER, STATISTICIAN}),
    "scores.view": _DATA,
    "outlook.view": _DATA,
    "appeals.open": frozenset({CLERK, LEADER}),
    "appeals.decide": frozenset({LEADER}),
    "actions.view": _DATA,
    "actions.open": frozenset({REVIEWER, INSPECTOR, STATISTICIAN, LEADER}),
    "actions.work": frozenset({CLERK, REVIEWER, INSPECTOR, STATISTICIAN, LEADER}),
    "actions.check": frozenset({REVIEWER, INSPECTOR, STATISTICIAN, LEADER}),
    "meetings.hold": frozenset({STATISTICIAN, LEADER}),
    "calendar.close": frozenset({STATISTICIAN}),
    "runs.make": frozenset({STATISTICIAN}),
    "releases.view": frozenset({STATISTICIAN, LEADER, AUDITOR}),
    "releases.make": frozenset({STATISTICIAN}),
    "releases.approve": frozenset({STATISTICIAN, LEADER}),
    "complaints.view": frozenset({STATISTICIAN, LEADER, AUDITOR}),
    "complaints.answer": frozenset({STATISTICIAN, LEADER}),
    "jobs.view": frozenset({STATISTICIAN, ADMINISTRATOR}),
    "people.manage": frozenset({ADMINISTRATOR}),
    "audit.view": frozenset({AUDITOR}),
}
"""Every action there is, and the roles that may do it. What is not here nobody may do."""


@dataclass(frozen=True, slots=True)
class Granted:
    """A role over a unit and everything below it, from the first to the last day, both included."""

    role: str
    unit: str
    first: dt.date
    last: dt.date | None = None

    def holds_on(self, day: dt.date) -> bool:
        """Whether the grant counts on a day."""
        return self.first <= day and (self.last is None or day <= self.last)


def allowed(grants: Iterable[Granted], action: str, path: Collection[str], *, on: dt.date) -> bool:
    """Whether one of the grants allows `action` to the unit whose `path` is itself and every unit above it."""
    roles = ACTIONS.get(action, frozenset())
    return any(grant.role in roles and grant.unit in path and grant.holds_on(on) for grant in grants)


def reach(grants: Iterable[Granted], action: str, *, on: dt.date) -> frozenset[str]:
    """The units at the tops of the subtrees in which the grants allow `action`; empty when nowhere."""
    roles = ACTIONS.get(action, frozenset())
    return frozenset(grant.unit for grant in grants if grant.role in roles and grant.holds_on(on))


def two_people(first: int | None, second: int | None) -> bool:
    """Whether a step that needs a second person has one: nobody decides on their own work."""
    return first is not None and second is not None and first != second
