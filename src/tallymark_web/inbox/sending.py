"""Evidence as a form sends it: a file and the day that it claims."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest

from tallymark.errors import TallymarkError
from tallymark_web.inbox.acts import File
from tallymark_web.inbox.papers import MOST


def sent_file(request: HttpRequest) -> File | None:
    """The file of a form as `paper` with the day it claims as `dated`; None when there is none.

    Errors: TallymarkError for one that is too large.
    """
    sent = request.FILES.get("paper")
    if sent is None:
        return None
    if sent.size > MOST:
        raise TallymarkError(
            "{name}: files may have up to {most} MB and are not empty", name=sent.name, most=MOST >> 20
        )
    said = request.POST.get("dated", "")
    try:
        dated = dt.date.fromisoformat(said) if said else None
    except ValueError:
        dated = None
    return File(sent.name, sent.read(), dated)
