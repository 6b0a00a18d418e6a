"""Appeals: the list, opening one beside a score, deciding."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from tallymark.errors import TallymarkError
from tallymark_web.appeals.acts import DECISIONS, LONGEST, decide, may_decide, open_appeal
from tallymark_web.appeals.models import OPEN, Appeal
from tallymark_web.reading.runs import chosen, opened
from tallymark_web.words import explained
from tallymark_web.workplace import programme

SHOWN = 200


def appeals(request: HttpRequest) -> HttpResponse:
    """The appeals of the person's units, open ones first."""
    mine = request.access.units("scores.view")
    found = [
        appeal for appeal in Appeal.objects.select_related("by", "decided_by")[:SHOWN] if appeal.unit in mine
    ]
    rows = [_shown(request, appeal) for appeal in sorted(found, key=lambda one: (one.state != OPEN, -one.pk))]
    return render(request, "web/appeals.html", {"rows": rows, "decisions": DECISIONS})


def appeal(request: HttpRequest, unit: str) -> HttpResponse:
    """Opens an appeal about a unit's points in a run."""
    run = chosen(request.POST.get("run"))
    if run is None:
        raise Http404
    facts = opened(run).facts
    line = request.POST.get("line", "")
    if facts.contract is None or (line and line not in {one.code for one in facts.lines}):
        raise Http404
    made = Appeal(
        run=run.id,
        unit=unit,
        contract=facts.contract.code,
        line=line,
        text=request.POST.get("text", "")[:LONGEST],
        by=request.user,
        at=timezone.now(),
    )
    try:
        open_appeal(made)
    except TallymarkError as error:
        messages.error(request, explained(error))
        return redirect("scores-unit", unit=unit)
    return redirect("appeals")


def act(request: HttpRequest, appeal: int) -> HttpResponse:
    """Decides on an appeal."""
    found = get_object_or_404(Appeal, pk=appeal)
    if not may_decide(request.access, found.unit):
        raise Http404
    try:
        decide(
            found.pk,
            request.POST.get("act", ""),
            request.POST.get("reasons", ""),
            access=request.access,
            at=timezone.now(),
        )
    except TallymarkError as error:
        messages.error(request, explained(error))
    return redirect("appeals")


def _shown(request: HttpRequest, appeal: Appeal) -> dict[str, Any]:
    declared = programme()
    contract = declared.contracts.get(appeal.contract)
    titles = {line.code: line.title for line in (*contract.lines, *contract.bonus)} if contract else {}
    at = declared.units.index.get(appeal.unit)
    return {
        "appeal": appeal,
        "name": declared.units.names[at] if at is not None else appeal.unit,
        "line": titles.get(appeal.line, appeal.line),
        "may_decide": appeal.state == OPEN
        and appeal.by_id != request.user.pk
        and may_decide(request.access, appeal.unit),
    }
