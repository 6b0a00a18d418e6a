"""Actions: whose, what, by when; opened from what was found, reported done with evidence, checked by somebody else."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from tallymark.errors import TallymarkError
from tallymark.model.text import Text
from tallymark_web.actions.acts import act_on, due_after, open_action, owners_of
from tallymark_web.actions.models import Action, Meeting, Proof
from tallymark_web.actions.origins import origin, watched
from tallymark_web.actions.state import (
    DEFAULT_DAYS,
    HELP,
    OPEN,
    SOURCES,
    STATES,
    after,
    called,
    days_late,
)
from tallymark_web.inbox.papers import path_of
from tallymark_web.inbox.sending import sent_file
from tallymark_web.words import explained, say
from tallymark_web.workplace import calendar_today, programme

A_PAGE = 50


def actions(request: HttpRequest) -> HttpResponse:
    """The actions of the person's units and the person's own, those due first; whom to help."""
    asked, today = request.GET, calendar_today()
    mine = request.access.units("actions.view")
    found = [
        one
        for one in Action.objects.select_related("owner")
        if one.unit in mine or one.owner_id == request.user.pk
    ]
    wanted = asked.get("state", OPEN)
    rows = [one for one in found if _fits(one, wanted, asked.get("q", ""), request.user.pk)]
    page = Paginator(rows, A_PAGE).get_page(asked.get("page"))
    shown = {
        "page": page,
        "rows": [_row(one, today) for one in page],
        "counts": [(state, called(state), sum(one.state == state for one in found)) for state in STATES],
        "late": sum(one.state == OPEN and one.due < today for one in found),
        "wanted": wanted,
        "q": asked.get("q", ""),
        "total": len(rows),
        "may_open": request.access.anywhere("actions.open"),
        "may_meet": request.access.anywhere("actions.view"),
        "watched": watched(request.access.units("actions.open")),
    }
    return render(request, "web/actions.html", shown)


def new(request: HttpRequest) -> HttpResponse:
    """The form of a new action, begun from what it comes from; sent, the action."""
    said = request.POST if request.method == "POST" else request.GET
    unit, source = said.get("unit", ""), said.get("source", "order")
    access = request.access
    if unit and not access.may("actions.open", unit):
        raise Http404
    meeting = _meeting(request, said.get("meeting", ""))
    come = origin(source, said.get("ref", ""), unit)
    if request.method == "GET":
        return _form(request, said, come.said_of, come.text)
    try:
        action = Action(
            unit=_known(request, unit),
            text=said.get("text", "")[:4_000],
            source=source,
            ref=come.ref[:200],
            said_of=come.said_of or said.get("said_of", "")[:300],
            meeting=meeting,
            owner=_owner(request, unit, said.get("owner", "")),
            helper=_helper(said.get("helper", "")),
            due=due_after(calendar_today(), said.get("days", "")),
            by=request.user,
            at=timezone.now(),
        )
        open_action(action)
    except TallymarkError as error:
        return _form(request, said, come.said_of, "", error=explained(error), status=422)
    return redirect("actions-one", action=action.pk)


def action(request: HttpRequest, action: int) -> HttpResponse:
    """One action and all that was done."""
    return _shown(request, _visible(request, action))


def act(request: HttpRequest, action: int) -> HttpResponse:
    """Acts on an action: its owner reports, somebody else checks, whoever may open one may drop it."""
    found, wanted = _visible(request, action), request.POST.get("act", "")
    if wanted not in _possible(request, found):
        raise Http404
    try:
        act_on(
            found.pk,
            wanted,
            request.POST.get("text", ""),
            by=request.user,
            at=timezone.now(),
            file=sent_file(request),
        )
    except TallymarkError as error:
        return _shown(request, found, error=explained(error), status=422)
    return redirect("actions-one", action=action)


def proof(request: HttpRequest, proof: int) -> HttpResponse:
    """A paper, to be saved: browsers do not open it here."""
    found = get_object_or_404(Proof.objects.select_related("deed"), pk=proof)
    _visible(request, found.deed.action_id)
    answer = FileResponse(path_of(found.sha256).open("rb"), as_attachment=True, filename=found.name)
    answer.headers["Content-Type"] = "application/octet-stream"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def name_of(unit: str) -> Any:
    """A unit's name; its code when it is no unit any more."""
    units = programme().units
    at = units.index.get(unit)
    return units.names[at] if at is not None else unit


def _visible(request: HttpRequest, number: int) -> Action:
    found = get_object_or_404(Action.objects.select_related("owner", "by", "meeting"), pk=number)
    if found.owner_id != request.user.pk and not request.access.may("actions.view", found.unit):
        raise Http404
    return found


def _possible(request: HttpRequest, one: Action) -> list[str]:
    """What the person may do now."""
    access, own = request.access, one.owner_id == request.user.pk
    rights = {
        "remark": own or access.may("actions.work", one.unit),
        "report": own,
        "confirm": not own and access.may("actions.check", one.unit),
        "send back": not own and access.may("actions.check", one.unit),
        "drop": not own and access.may("actions.open", one.unit),
    }
    return [act for act, may in rights.items() if may and after(one.state, act) is not None]


def _fits(one: Action, wanted: str, words: str, person: int) -> bool:
    if wanted == "mine":
        if one.owner_id != person or one.state != OPEN:
            return False
    elif wanted != "all" and one.state != wanted:
        return False
    name = name_of(one.unit)
    known = f"{name['en']} {name['zh']}" if isinstance(name, Text) else name
    text = f"{one.text} {one.unit} {known} {one.said_of} {one.owner}".casefold()
    return words.strip().casefold()[:60] in text


def _row(one: Action, today: dt.date) -> dict[str, Any]:
    late = days_late(one.due, today, programme().working_days) if one.state == OPEN and one.due < today else 0
    return {
        "one": one,
        "name": name_of(one.unit),
        "late": one.state == OPEN and one.due < today,
        "days": late,
        "escalated": name_of(one.escalated) if one.escalated else "",
        "helper": name_of(one.helper) if one.helper else "",
    }


def _form(
    request: HttpRequest, said: Any, said_of: str, text: str, *, error: str = "", status: int = 200
) -> HttpResponse:
    unit, access = said.get("unit", ""), request.access
    units = [
        (code, name_of(code))
        for code in sorted(
            access.units("actions.open"), key=lambda code: programme().units.index.get(code, 0)
        )
    ]
    helpers: list[tuple[str, str]] = next(
        (row["helpers"] for row in watched([unit]) if row["unit"] == unit), []
    )
    shown = {
        "unit": unit,
        "name": name_of(unit) if unit else "",
        "units": [] if unit else units[:2_000],
        "source": said.get("source", "order"),
        "sources": SOURCES,
        "ref": said.get("ref", ""),
        "said_of": said_of or said.get("said_of", ""),
        "meeting": said.get("meeting", ""),
        "text": said.get("text", "") or text,
        "owners": owners_of(unit, access.tree, access.today) if unit else [],
        "owner": said.get("owner", ""),
        "days": said.get("days", str(DEFAULT_DAYS)),
        "helpers": helpers,
        "helper": said.get("helper", ""),
        "help": said.get("source") == HELP,
        "error": error,
    }
    return render(request, "web/action_new.html", shown, status=status)


def _known(request: HttpRequest, unit: str) -> str:
    if not request.access.may("actions.open", unit):
        raise TallymarkError("choose a unit")
    return unit


def _owner(request: HttpRequest, unit: str, chosen: str) -> Any:
    for person in owners_of(unit, request.access.tree, request.access.today):
        if str(person.pk) == chosen:
            return person
    raise TallymarkError("choose who does it: somebody who works for this unit, or for one above or below it")


def _helper(unit: str) -> str:
    return unit if unit in programme().units.index else ""


def _meeting(request: HttpRequest, number: str) -> Meeting | None:
    if not number:
        return None
    found = Meeting.objects.filter(pk=int(number)).first() if number.isdigit() else None
    if found is None or not request.access.may("actions.view", found.unit):
        raise Http404
    return found


def _shown(request: HttpRequest, one: Action, *, error: str = "", status: int = 200) -> HttpResponse:
    deeds = one.deeds.select_related("by").prefetch_related("proofs")
    shown = _row(one, calendar_today()) | {
        "deeds": [
            (
                deed,
                name_of(deed.text) if deed.act == "escalate" else deed.text,
                [_proof(one, paper) for paper in deed.proofs.all()],
            )
            for deed in deeds
        ],
        "acts": _possible(request, one),
        "may_score": request.access.may("scores.view", one.unit),
        "error": error,
        "said": request.POST.get("text", "") if error else "",
    }
    return render(request, "web/action.html", shown, status=status)


def _proof(one: Action, paper: Proof) -> dict[str, Any]:
    """A paper with what is odd about it: handed in long after its day, or handed in before for another action."""
    twins = Proof.objects.filter(sha256=paper.sha256).exclude(deed__action=one).count()
    late = (paper.came_at.date() - paper.dated).days if paper.dated else None
    return {
        "paper": paper,
        "late": say("handed in {n} days after its date", n=late) if late and late > 0 else "",
        "twins": say("the same file was handed in for {n} other actions", n=twins) if twins else "",
    }


__all__ = ["act", "action", "actions", "name_of", "new", "proof"]
