"""Writing and checking the audit log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import transaction

from tallymark.clock import now
from tallymark.texts import Message
from tallymark_web.audit.chain import START, Link, broken, sealed
from tallymark_web.audit.models import Entry, Head

AT_ONCE = 2_000


def record(
    who: str, action: str, *, unit: str = "", thing: str = "", detail: Mapping[str, Any] | None = None
) -> Entry:
    """Appends an entry in the caller's transaction: what happened and its record stand or fall together."""
    with transaction.atomic():
        Head.objects.get_or_create(pk=1, defaults={"count": 0, "last": START})
        head = Head.objects.select_for_update().get(pk=1)
        entry = Entry(
            number=head.count + 1,
            at=now().isoformat(),
            who=who,
            action=action,
            unit=unit,
            thing=thing,
            detail=dict(detail or {}),
            before=head.last,
        )
        entry.hash = sealed(entry.before, entry.content())
        entry.save(force_insert=True)
        head.count, head.last = entry.number, entry.hash
        head.save()
    return entry


def wrong() -> list[Message]:
    """What is wrong with the log; empty when every entry is as it was written and none is missing."""
    head = Head.objects.filter(pk=1).first() or Head(count=0, last=START)
    return list(broken(_links(), count=head.count, last=head.last))


def _links() -> Iterator[Link]:
    for entry in Entry.objects.order_by("number").iterator(AT_ONCE):
        yield Link(entry.number, entry.content(), entry.before, entry.hash)
