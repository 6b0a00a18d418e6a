"""Approving, refusing and withdrawing: never by who made the release, never undone, always on record."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from tallymark.errors import TallymarkError
from tallymark_web.audit.log import record
from tallymark_web.people.decision import two_people
from tallymark_web.people.models import Person
from tallymark_web.releases.files import make_public
from tallymark_web.releases.models import (
    ANSWERED,
    OPEN,
    PROPOSED,
    PUBLIC,
    REFUSED,
    WITHDRAWN,
    Complaint,
    Release,
)

LONGEST = 4_000
MEANWHILE = "this was dealt with meanwhile; load the page again"


def decide(number: int, *, approve: bool, note: str, by: Person, at: dt.datetime) -> Release:
    """The release public, or refused with a reason.

    Errors: TallymarkError for one's own release, without a reason, or when it was decided meanwhile.
    """
    with transaction.atomic():
        found = _locked(number, PROPOSED)
        if not two_people(found.by_id, by.pk):
            raise TallymarkError("a second person approves a release; this one is yours")
        if not approve and not note.strip():
            raise TallymarkError("say why it is refused")
        found.state, found.note = (PUBLIC, "") if approve else (REFUSED, note[:LONGEST])
        found.decided_by, found.decided_at = by, at
        found.save()
        said = "release approved" if approve else "release refused"
        record(by.username, said, thing=found.code, detail={"attacked": found.attacked, "note": note[:200]})
        if approve:
            make_public(found.code)
    return found


def withdraw(number: int, *, reason: str, by: Person, at: dt.datetime) -> Release:
    """The release withdrawn: its pages are gone, its reason stands in their place. What was public stays known."""
    with transaction.atomic():
        found = _locked(number, PUBLIC)
        if not reason.strip():
            raise TallymarkError("say why it is withdrawn; the public reads it")
        found.state, found.reason = WITHDRAWN, reason[:LONGEST]
        found.withdrawn_by, found.withdrawn_at = by, at
        found.save()
        record(by.username, "release withdrawn", thing=found.code, detail={"reason": reason[:200]})
    return found


def answer(number: int, *, text: str, by: Person, at: dt.datetime) -> Complaint:
    """The complaint answered, once."""
    with transaction.atomic():
        found: Complaint = Complaint.objects.select_for_update().get(pk=number)
        if found.state != OPEN:
            raise TallymarkError(MEANWHILE)
        if not text.strip():
            raise TallymarkError("say what was found and what is done")
        found.state, found.answer = ANSWERED, text[:LONGEST]
        found.answered_by, found.answered_at = by, at
        found.save()
        record(by.username, "complaint answered", thing=str(found))
    return found


def complain(complaint: Complaint) -> Complaint:
    """The complaint, stored for staff; the log says that one came, not what it says."""
    with transaction.atomic():
        complaint.save()
        record("public", "complaint received", thing=str(complaint))
    return complaint


def _locked(number: int, state: str) -> Release:
    found: Release = Release.objects.select_for_update().get(pk=number)
    if found.state != state:
        raise TallymarkError(MEANWHILE)
    return found
