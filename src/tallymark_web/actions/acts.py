"""Opening an action and acting on it: one transaction with its record; the owner's work is checked by somebody else."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from tallymark.errors import TallymarkError
from tallymark_web.actions.models import Action, Deed, Meeting, Proof
from tallymark_web.actions.state import (
    CHECKS,
    CLOSED,
    DROPPED,
    OPEN,
    OWNERS,
    REPORT,
    SOURCES,
    after,
    steps_up,
)
from tallymark_web.audit.log import record
from tallymark_web.inbox.acts import File
from tallymark_web.inbox.papers import keep
from tallymark_web.people.decision import allowed, two_people
from tallymark_web.people.models import Person
from tallymark_web.workplace import Tree, calendar_today, programme

LONGEST = 4_000
MOST_DAYS = 250


def due_after(today: dt.date, days: str) -> dt.date:
    """The day on which an action is due, so many working days from today.

    Errors: TallymarkError for what is no such number.
    """
    if not days.isdigit() or not 1 <= int(days) <= MOST_DAYS:
        raise TallymarkError("say in how many working days, from 1 to {most}", most=MOST_DAYS)
    return programme().working_days.after(today, int(days))


def owners_of(unit: str, tree: Tree, today: dt.date) -> list[Person]:
    """Who may own an action of a unit: whoever works for it, or for a unit above or below it."""
    path, below = tree.path(unit), tree.below([unit])
    return [
        person
        for person in Person.objects.filter(is_active=True).prefetch_related("grants").order_by("name", "pk")
        if any(
            grant.holds_on(today) and (grant.unit in path or grant.unit in below)
            for grant in person.granted()
            if allowed([grant], "actions.view", (grant.unit,), on=today)
        )
    ]


def open_action(action: Action) -> Action:
    """The action, on record.

    Errors: TallymarkError without words, or for an unknown kind of origin.
    """
    if not action.text.strip():
        raise TallymarkError("say what is to be done")
    if action.source not in SOURCES:
        raise TallymarkError("say what the action comes from")
    with transaction.atomic():
        action.save()
        Deed.objects.create(action=action, act=OPEN, text="", by=action.by, at=action.at)
        detail = {"source": action.source, "owner": action.owner.username, "due": action.due.isoformat()}
        record(action.by.username, "action opened", unit=action.unit, thing=str(action), detail=detail)
    return action


def act_on(
    number: int, act: str, text: str, *, by: Person, at: dt.datetime, file: File | None = None
) -> Action:
    """The action after somebody acted on it.

    Errors: TallymarkError without words, out of turn, for another's task, or for checking one's own.
    """
    if not text.strip():
        raise TallymarkError("say it in words; they are kept")
    kept = keep(file.name, file.content) if file else None
    with transaction.atomic():
        action: Action = Action.objects.select_for_update().get(pk=number)
        state = after(action.state, act)
        if state is None:
            raise TallymarkError("this was dealt with meanwhile; load the page again")
        if act == REPORT and by.pk != action.owner_id:
            raise TallymarkError("only its owner reports an action done")
        if act in CHECKS and not _second(action, by):
            raise TallymarkError("somebody else checks it: neither its owner nor who reported it done")
        action.state = state
        action.escalated = "" if state in (CLOSED, DROPPED) else action.escalated
        action.save(update_fields=["state", "escalated"])
        deed = Deed.objects.create(action=action, act=act, text=text[:LONGEST], by=by, at=at)
        if file and kept:
            name, digest = kept
            Proof.objects.create(
                deed=deed, name=name, size=len(file.content), sha256=digest, dated=file.dated, came_at=at
            )
        detail = {"act": act, "state": state} | ({"paper": kept[1]} if kept else {})
        record(by.username, "action dealt with", unit=action.unit, thing=str(action), detail=detail)
    return action


def _second(action: Action, by: Person) -> bool:
    reported = action.deeds.filter(act=REPORT).last()
    return two_people(action.owner_id, by.pk) and (reported is None or two_people(reported.by_id, by.pk))


def call_meeting(meeting: Meeting) -> Meeting:
    """The meeting, on record."""
    with transaction.atomic():
        meeting.save()
        record(
            meeting.by.username,
            "meeting called",
            unit=meeting.unit,
            thing=str(meeting),
            detail={"period": meeting.period},
        )
    return meeting


def write_down(meeting: Meeting, *, agenda: str, notes: str, by: Person) -> Meeting:
    """The meeting with its agenda and what was said."""
    with transaction.atomic():
        meeting.agenda, meeting.notes = agenda, notes
        meeting.save(update_fields=["agenda", "notes"])
        record(by.username, "meeting written down", unit=meeting.unit, thing=str(meeting))
    return meeting


def escalate(tree: Tree, *, today: dt.date | None = None, at: dt.datetime) -> int:
    """How many overdue actions went up: to the unit above after five working days, then to the one above that."""
    day, count = today or calendar_today(), 0
    calendar = programme().working_days
    for action in Action.objects.filter(state=OPEN, due__lt=day):
        path = tree.path(action.unit)
        up = min(steps_up(action.due, day, calendar), len(path) - 1)
        if up < 1 or path[up] == action.escalated:
            continue
        with transaction.atomic():
            action.escalated = path[up]
            action.save(update_fields=["escalated"])
            Deed.objects.create(action=action, act="escalate", text=path[up], by=None, at=at)
            record(
                "tallymark", "action escalated", unit=action.unit, thing=str(action), detail={"to": path[up]}
            )
            count += 1
    return count


__all__ = [
    "OWNERS",
    "act_on",
    "call_meeting",
    "due_after",
    "escalate",
    "open_action",
    "owners_of",
    "write_down",
]
