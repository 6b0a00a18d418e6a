"""A release proposed: its files first, then the row that says so; done again, nothing is doubled."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from tallymark.errors import TallymarkError
from tallymark_web.audit.log import record
from tallymark_web.people.models import Person
from tallymark_web.releases.files import propose
from tallymark_web.releases.models import Release
from tallymark_web.workplace import runs


def propose_release(run: str, *, by: Person | None, at: dt.datetime) -> Release:
    """The release of a run, for a second person to approve.

    Errors: TallymarkError when there is no such run, or a small count could be worked out.
    """
    chosen = next((one for one in runs() if one.id == run), None)
    if chosen is None or by is None:
        raise TallymarkError("there is no run '{run}'", run=run)
    made = propose(chosen, at=at)
    with transaction.atomic():
        values = {
            "run": run,
            "attacked": made.manifest["attacked"],
            "reasons": made.manifest["reasons"],
            "by": by,
            "at": at,
        }
        found, new = Release.objects.get_or_create(code=made.id, defaults=values)
        if new:
            record(by.username, "release proposed", thing=made.id, detail={"attacked": found.attacked})
    return found
