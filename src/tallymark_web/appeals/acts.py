"""Appealing and deciding: the unit's own leader does not decide, nor whoever appealed."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from tallymark.errors import TallymarkError
from tallymark_web.access import Access
from tallymark_web.appeals.models import OPEN, PARTLY, REJECTED, UPHELD, Appeal
from tallymark_web.audit.log import record
from tallymark_web.people.decision import two_people

DECISIONS = (UPHELD, PARTLY, REJECTED)
LONGEST = 6_000


def may_decide(access: Access, unit: str) -> bool:
    """Whether the person decides on appeals of a unit: somebody for the unit above it; for the top itself at the top."""
    above = access.tree.parent.get(unit)
    return access.may("appeals.decide", above or unit)


def open_appeal(appeal: Appeal) -> Appeal:
    """The appeal, on record.

    Errors: TallymarkError without words, or when one about the same is open.
    """
    if not appeal.text.strip():
        raise TallymarkError("say what is wrong, and what shows it")
    with transaction.atomic():
        same = Appeal.objects.filter(run=appeal.run, unit=appeal.unit, line=appeal.line, state=OPEN)
        if same.exists():
            raise TallymarkError("an appeal about this is open already")
        appeal.save()
        record(appeal.by.username, "appeal opened", unit=appeal.unit, thing=str(appeal))
    return appeal


def decide(number: int, state: str, reasons: str, *, access: Access, at: dt.datetime) -> Appeal:
    """The appeal decided, once, with reasons.

    Errors: TallymarkError without reasons, for one's own appeal, or when it was decided meanwhile.
    """
    with transaction.atomic():
        appeal: Appeal = Appeal.objects.select_for_update().get(pk=number)
        if appeal.state != OPEN or state not in DECISIONS:
            raise TallymarkError("this appeal was dealt with meanwhile; load the page again")
        if not two_people(appeal.by_id, access.person.pk):
            raise TallymarkError("a second person decides on an appeal; this one is yours")
        if not reasons.strip():
            raise TallymarkError("a decision needs its reasons; they are kept and shown")
        appeal.state, appeal.reasons = state, reasons[:LONGEST]
        appeal.decided_by, appeal.decided_at = access.person, at
        appeal.save()
        record(
            access.person.username,
            "appeal decided",
            unit=appeal.unit,
            thing=str(appeal),
            detail={"decision": state, "reasons": reasons[:200]},
        )
    return appeal
