"""Releases as the office sees them: made, attacked, approved, withdrawn; and the complaints that came."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from tallymark.errors import TallymarkError
from tallymark_web.jobs import queue
from tallymark_web.people.decision import two_people
from tallymark_web.releases import acts
from tallymark_web.releases.models import PROPOSED, PUBLIC, Complaint, Release
from tallymark_web.words import explained
from tallymark_web.workplace import runs

SHOWN = 100


def releases(request: HttpRequest) -> HttpResponse:
    """Every release with how its attack went, and the runs that can be released."""
    access = request.access
    decides = access.everywhere("releases.approve")
    rows = [
        {
            "release": one,
            "may_decide": decides and one.state == PROPOSED and two_people(one.by_id, request.user.pk),
            "own": one.state == PROPOSED and one.by_id == request.user.pk,
            "may_withdraw": decides and one.state == PUBLIC,
        }
        for one in Release.objects.select_related("by", "decided_by", "withdrawn_by")[:SHOWN]
    ]
    made = [run for run in runs() if run.manifest["mode"] == "official"][::-1]
    may_make = access.everywhere("releases.make")
    return render(request, "web/releases.html", {"rows": rows, "runs": made[:20], "may_make": may_make})


def make(request: HttpRequest) -> HttpResponse:
    """Asks for a release of a run."""
    if not request.access.everywhere("releases.make"):
        raise Http404
    run = request.POST.get("run", "")
    if run not in {one.id for one in runs() if one.manifest["mode"] == "official"}:
        raise Http404
    queue.ask("release", {"run": run}, by=request.user, at=timezone.now())
    return redirect("jobs")


def act(request: HttpRequest, release: int) -> HttpResponse:
    """Approves, refuses or withdraws."""
    found = get_object_or_404(Release, pk=release)
    if not request.access.everywhere("releases.approve"):
        raise Http404
    word, text = request.POST.get("act", ""), request.POST.get("text", "")
    try:
        if word == "withdraw":
            acts.withdraw(found.pk, reason=text, by=request.user, at=timezone.now())
        elif word in ("approve", "refuse"):
            acts.decide(found.pk, approve=word == "approve", note=text, by=request.user, at=timezone.now())
        else:
            raise Http404
    except TallymarkError as error:
        messages.error(request, explained(error))
    return redirect("releases")


def complaints(request: HttpRequest) -> HttpResponse:
    """What people complained about, open ones first."""
    found = Complaint.objects.select_related("release", "answered_by").order_by("-state", "-pk")[:SHOWN]
    may_answer = request.access.everywhere("complaints.answer")
    return render(request, "web/complaints.html", {"found": found, "may_answer": may_answer})


def answer(request: HttpRequest, complaint: int) -> HttpResponse:
    """Answers a complaint."""
    found = get_object_or_404(Complaint, pk=complaint)
    if not request.access.everywhere("complaints.answer"):
        raise Http404
    try:
        acts.answer(found.pk, text=request.POST.get("text", ""), by=request.user, at=timezone.now())
    except TallymarkError as error:
        messages.error(request, explained(error))
    return redirect("releases-complaints")
