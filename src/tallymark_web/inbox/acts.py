"""Acting on a finding: one transaction with its record."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from tallymark.errors import TallymarkError
from tallymark_web.audit.log import record
from tallymark_web.inbox.found import Listed
from tallymark_web.inbox.models import Case, Paper, Remark
from tallymark_web.inbox.papers import keep
from tallymark_web.inbox.state import DECISIONS, WAIVE, WAIVED, after, standing
from tallymark_web.people.decision import two_people
from tallymark_web.people.models import Person

LONGEST = 4_000
SHORTEST_REASON = 8


@dataclass(frozen=True, slots=True)
class File:
    """A file as it came, with the day that it claims."""

    name: str
    content: bytes
    dated: dt.date | None


def act_on(
    row: Listed,
    act: str,
    text: str,
    *,
    by: Person,
    at: dt.datetime,
    file: File | None = None,
    until: dt.date | None = None,
) -> Case:
    """The finding after somebody replied to it or decided on it; `until`: the last day, where it is waived.

    Errors: TallymarkError without words, out of turn, or for deciding on one's own reply.
    """
    if not text.strip():
        raise TallymarkError("say it in words; they are kept")
    if act == WAIVE and (until is None or len(text.strip()) < SHORTEST_REASON):
        raise TallymarkError(
            "a waiver says why in a few words, and until when; both are shown with the finding"
        )
    kept = keep(file.name, file.content) if file else None
    with transaction.atomic():
        Case.objects.get_or_create(
            key=row.key, defaults={"code": row.found.code, "unit": row.found.unit, "state": row.state}
        )
        case: Case = Case.objects.select_for_update().get(key=row.key)
        last = case.remarks.order_by("-at", "-pk").first()
        if act in DECISIONS and last is not None and not two_people(last.by_id, by.pk):
            raise TallymarkError("a second person decides; the last word here is yours")
        case.state = after(standing(case.state, case.until, timezone.localdate()), act)
        if case.state == WAIVED:
            case.until = until
        case.save(update_fields=["state", "until"])
        remark = Remark.objects.create(case=case, act=act, text=text[:LONGEST], by=by, at=at, until=until)
        if file and kept:
            name, digest = kept
            Paper.objects.create(
                remark=remark, name=name, size=len(file.content), sha256=digest, dated=file.dated, came_at=at
            )
        record(
            by.username,
            "finding dealt with",
            unit=case.unit,
            thing=f"{case.code} {case.key[:12]}",
            detail={"act": act, "state": case.state}
            | ({"until": until.isoformat()} if until else {})
            | ({"paper": kept[1]} if kept else {}),
        )
    return case
