"""The inbox: findings by unit, severity, kind and state; one finding with all that was said."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from tallymark.errors import TallymarkError
from tallymark.programme.waived import SAID
from tallymark_web.inbox.acts import act_on
from tallymark_web.inbox.found import Listed, listed, one
from tallymark_web.inbox.models import Case, Paper
from tallymark_web.inbox.papers import path_of
from tallymark_web.inbox.replying import keeps_waivers
from tallymark_web.inbox.sending import sent_file
from tallymark_web.inbox.state import (
    DECISIONS,
    LONGEST_WAIVER,
    REPLIES,
    STATES,
    WAIVE,
    WAIVED,
    last_day_of,
    possible,
)
from tallymark_web.reading.runs import Reading, opened
from tallymark_web.words import explained, language, say
from tallymark_web.workplace import newest_run

A_PAGE = 50


def inbox(request: HttpRequest) -> HttpResponse:
    """The findings of the person's units, filtered."""
    reading = _reading()
    if reading is None:
        return render(request, "web/no_run.html", {})
    access, asked = request.access, request.GET
    rows = listed(reading, access.units("findings.view"), everywhere=access.everywhere("findings.view"))
    kinds = sorted({row.found.code for row in rows})
    rows_open = Counter(row.state for row in rows)
    wanted = {key: asked.get(key, "") for key in ("severity", "code", "state")}
    words = asked.get("q", "").strip().casefold()[:60]
    shown = [row for row in rows if _fits(row, wanted, words, reading)]
    page = Paginator(shown, A_PAGE).get_page(asked.get("page"))
    edition = reading.edition()
    return render(
        request,
        "web/inbox.html",
        {
            "page": page,
            "rows": [_line(row, edition.name(row.found.unit) if row.found.unit else "") for row in page],
            "kinds": kinds,
            "states": [(state, rows_open[state]) for state in STATES],
            "asked": asked,
            "total": len(shown),
            "run": reading.run,
            "behind": max(reading.behind, 0),
        },
    )


def finding(request: HttpRequest, key: str) -> HttpResponse:
    """One finding and all that was said."""
    return _shown(request, *_known(request, key))


def act(request: HttpRequest, key: str) -> HttpResponse:
    """Replies to a finding, or decides on it; which of the two decides which right is asked for."""
    reading, row = _known(request, key)
    wanted = request.POST.get("act", "")
    if not _may(request, "findings.decide" if wanted in DECISIONS else "findings.reply", row):
        raise Http404
    if wanted in DECISIONS and wanted not in _decisions(row):
        raise Http404
    try:
        act_on(
            row,
            wanted,
            request.POST.get("text", ""),
            by=request.user,
            at=timezone.now(),
            file=sent_file(request),
            until=last_day_of(request.POST.get("until", ""), timezone.localdate())
            if wanted == WAIVE
            else None,
        )
    except TallymarkError as error:
        return _shown(request, reading, row, error=explained(error), status=422)
    return redirect("inbox-one", key=key)


def paper(request: HttpRequest, paper: int) -> HttpResponse:
    """A paper, to be saved: browsers do not open it here."""
    found = get_object_or_404(Paper.objects.select_related("remark__case"), pk=paper)
    if not _may_case(request, "findings.view", found.remark.case):
        raise Http404
    answer = FileResponse(path_of(found.sha256).open("rb"), as_attachment=True, filename=found.name)
    answer.headers["Content-Type"] = "application/octet-stream"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def _reading() -> Reading | None:
    run = newest_run()
    return None if run is None else opened(run)


def _known(request: HttpRequest, key: str) -> tuple[Reading, Listed]:
    reading = _reading()
    row = one(reading, key) if reading else None
    if reading is None or row is None or not _may(request, "findings.view", row):
        raise Http404
    return reading, row


def _may(request: HttpRequest, action: str, row: Listed) -> bool:
    access = request.access
    return access.may(action, row.found.unit) or (
        not access.tree.path(row.found.unit) and access.everywhere(action)
    )


def _may_case(request: HttpRequest, action: str, case: Case) -> bool:
    access = request.access
    return access.may(action, case.unit) or (not access.tree.path(case.unit) and access.everywhere(action))


def _fits(row: Listed, wanted: dict[str, str], words: str, reading: Reading) -> bool:
    found = row.found
    if any(
        value and value != getattr(row if key == "state" else found, key) for key, value in wanted.items()
    ):
        return False
    if not words:
        return True
    name = reading.facts.places.name(found.unit)
    text = " ".join((found.unit, name.en, name.zh, found.period, found.message, found.message_zh))
    return words in text.casefold()


def _line(row: Listed, name: str) -> dict[str, Any]:
    return {"row": row, "name": name, "message": row.message(language()), "hint": row.hint(language())}


def _shown(
    request: HttpRequest, reading: Reading, row: Listed, *, error: str = "", status: int = 200
) -> HttpResponse:
    case = Case.objects.filter(key=row.key).first()
    remarks = list(case.remarks.select_related("by").prefetch_related("papers")) if case else []
    name = reading.edition().name(row.found.unit) if row.found.unit else ""
    shown = _line(row, name) | {
        "remarks": [(remark, [_paper(one) for one in remark.papers.all()]) for remark in remarks],
        "replies": possible(row.state, REPLIES) if _may(request, "findings.reply", row) else (),
        "decisions": possible(row.state, _decisions(row)) if _may(request, "findings.decide", row) else (),
        "error": error,
        "waived": row.waived(language()) or _waived(remarks, case),
        "said": request.POST.get("text", "") if error else "",
        "until": request.POST.get("until", "") if error else "",
        "first_day": timezone.localdate(),
        "last_day": timezone.localdate() + dt.timedelta(days=LONGEST_WAIVER),
        "may_score": request.access.may("scores.view", row.found.unit),
        "may_act": request.access.may("actions.open", row.found.unit),
    }
    return render(request, "web/finding.html", shown, status=status)


def _decisions(row: Listed) -> tuple[str, ...]:
    """What can be decided on such a finding: waiving needs a kind that can be waived and answers that can hold it; what
    the programme waives is ended there."""
    without = set()
    if not keeps_waivers(row.found):
        without.add(WAIVE)
    if row.state == WAIVED and not row.here:
        without.add("reopen")
    return tuple(act for act in DECISIONS if act not in without)


def _waived(remarks: list[Any], case: Case | None) -> str:
    """By whom, why and until when it is waived here, before a run knows it."""
    if case is None or case.state != WAIVED or case.until is None:
        return ""
    last = next(remark for remark in reversed(remarks) if remark.act == WAIVE)
    return say(SAID, until=case.until.isoformat(), by=str(last.by), reason=last.text)


def _paper(paper: Paper) -> dict[str, Any]:
    """A paper with what is odd about it: handed in long after its day, or handed in before for another finding."""
    twins = Paper.objects.filter(sha256=paper.sha256).exclude(remark__case=paper.remark.case).count()
    late = (paper.came_at.date() - paper.dated).days if paper.dated else None
    return {
        "paper": paper,
        "late": say("handed in {n} days after its date", n=late) if late and late > 0 else "",
        "twins": say("the same file was handed in for {n} other findings", n=twins) if twins else "",
    }
