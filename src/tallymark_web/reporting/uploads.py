"""Files handed in: look, send, decide by a second person, receive as they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from tallymark.errors import TallymarkError
from tallymark.model.text import Text
from tallymark.programme.resolved import Programme
from tallymark.sources.readers import DATASET
from tallymark_web.access import Access
from tallymark_web.audit.log import record
from tallymark_web.jobs.queue import ask
from tallymark_web.people.decision import two_people
from tallymark_web.reporting.due import entered_here
from tallymark_web.reporting.looking import MOST, TOO_LARGE, look
from tallymark_web.reporting.models import Upload
from tallymark_web.reporting.state import ACCEPT, ACCEPTED, DRAFT, RETURN, SUBMIT, SUBMITTED, after
from tallymark_web.words import explained, language
from tallymark_web.workplace import programme

SHOWN = 50
OUTSIDE = 8


def uploads(request: HttpRequest) -> HttpResponse:
    """The files of the person's units, and a form to hand in another."""
    return _listed(request)


def hand_in(request: HttpRequest) -> HttpResponse:
    """Looks through a file and shows what it would bring; nothing enters the store yet."""
    sent, source = request.FILES.get("file"), request.POST.get("source", "")
    declared = programme()
    try:
        if sent is None:
            raise TallymarkError("choose a file")
        if source not in _sources(declared):
            raise TallymarkError("choose what the file is")
        if sent.size > MOST:
            raise TallymarkError(TOO_LARGE, name=sent.name, most=MOST >> 20)
        found = look(declared, source, sent.name, sent.read(), at=timezone.now())
        inside(request.access, found.units, found.counts)
    except TallymarkError as error:
        return _listed(request, error=explained(error), status=422)
    made = Upload.objects.create(
        source=source, name=found.name, sha256=found.sha256, size=sent.size, units=found.units, counts=found.counts,
        findings=found.findings, personal=found.personal, by=request.user, at=timezone.now(),
    )  # fmt: skip
    return redirect("calendar-upload", upload=made.pk)


def upload(request: HttpRequest, upload: int) -> HttpResponse:
    """What a file brings, cell by cell. Who looks at a file with personal columns is recorded."""
    return _one(request, _reachable(request, upload))


def act(request: HttpRequest, upload: int) -> HttpResponse:
    """Sends a file, accepts it, or sends it back."""
    found = _reachable(request, upload)
    wanted = {"submit": SUBMIT, "accept": ACCEPT}.get(request.POST.get("act", ""), RETURN)
    try:
        _act(request, found.pk, wanted)
    except TallymarkError as error:
        found.refresh_from_db()
        return _one(request, found, error=explained(error), status=409)
    return redirect("calendar-uploads")


def _sources(declared: Programme) -> dict[str, Text]:
    """What a file may be: a declared source, or any dataset with the programme's own headings."""
    sources = {name: source.title for name, source in declared.sources.items()}
    return sources | {f"{DATASET}{name}": dataset.title for name, dataset in declared.datasets.items()}


def _act(request: HttpRequest, number: int, wanted: str) -> None:
    user, comment = request.user, request.POST.get("comment", "")[:2000]
    with transaction.atomic():
        found = Upload.objects.select_for_update().get(pk=number)
        if wanted == SUBMIT and (found.by_id != user.pk or found.state != DRAFT):
            raise TallymarkError("this file was dealt with meanwhile; load the page again")
        if wanted != SUBMIT:
            if not all(request.access.may("entry.decide", unit) for unit in found.units):
                raise TallymarkError("the file speaks of units that are not yours to decide on")
            if not two_people(found.by_id, user.pk):
                raise TallymarkError("a second person decides on a file; you handed this one in")
            if wanted == RETURN and not comment.strip():
                raise TallymarkError("say what has to be put right, so that the clerk knows")
            found.decided_by, found.decided_at, found.comment = user, timezone.now(), comment
        found.state = after(found.state, wanted)
        found.save()
        record(
            user.username,
            "file sent" if wanted == SUBMIT else "file accepted" if wanted == ACCEPT else "file returned",
            unit=found.units[0] if len(found.units) == 1 else "",
            thing=str(found),
            detail={"sha256": found.sha256, "comment": comment[:200]},
        )
        if wanted == ACCEPT:
            ask("deliver", by=user, at=timezone.now())


def action_for(dataset: str, declared: Programme) -> str:
    """What it takes to hand in rows of a dataset: recounts and rulings are not for the units they are about."""
    return "upload.recounts" if dataset in declared.of_inspections else "upload.reports"


def inside(access: Access, units: list[str], datasets: Iterable[str]) -> None:
    """TallymarkError naming the units of a file that are not the giver's, for the datasets that it has rows of."""
    actions = {action_for(name, programme()) for name in datasets}
    if any(not access.anywhere(action) for action in actions):
        raise TallymarkError(
            "recounts and rulings are handed in by inspectors, reports and registers by clerks"
        )
    outside = [unit for unit in units if not all(access.may(action, unit) for action in actions)]
    if outside:
        shown = ", ".join(outside[:OUTSIDE]) + (" …" if len(outside) > OUTSIDE else "")
        raise TallymarkError("the file speaks of units that are not yours: {units}", units=shown)
    if not units:
        raise TallymarkError("nothing in the file could be taken; look at the form and the headings")


def _brings(declared: Programme, source: str) -> list[str]:
    """The datasets that a source has rows of."""
    if source.startswith(DATASET):
        return [source.removeprefix(DATASET)]
    return [table.dataset for table in declared.sources[source].tables]


def _mine(access: Access, found: Upload) -> bool:
    return bool(found.units) and all(access.may("entry.view", unit) for unit in found.units)


def _reachable(request: HttpRequest, number: int) -> Upload:
    found: Upload = get_object_or_404(Upload.objects.select_related("by", "decided_by"), pk=number)
    if not _mine(request.access, found) or (found.state == DRAFT and found.by_id != request.user.pk):
        raise Http404
    return found


def _listed(request: HttpRequest, *, error: str = "", status: int = 200) -> HttpResponse:
    access = request.access
    shown = [
        found
        for found in Upload.objects.select_related("by").exclude(~Q(by=request.user), state=DRAFT)[
            : SHOWN * 4
        ]
        if _mine(access, found)
    ][:SHOWN]
    declared = programme()
    return render(
        request,
        "web/uploads.html",
        {
            "found": shown,
            "sources": {
                name: title
                for name, title in _sources(declared).items()
                if any(access.anywhere(action_for(one, declared)) for one in _brings(declared, name))
            },
            "typed": [
                one
                for one in declared.datasets.values()
                if not entered_here(one) and access.anywhere(action_for(one.name, declared))
            ],
            "may_write": access.anywhere("upload.write"),
            "error": error,
        },
        status=status,
    )


def _one(request: HttpRequest, found: Upload, *, error: str = "", status: int = 200) -> HttpResponse:
    if found.personal and found.by_id != request.user.pk:
        record(request.user.username, "file with personal columns looked at", thing=str(found))
    waits = found.state == SUBMITTED and found.by_id != request.user.pk
    shown: dict[str, Any] = {
        "upload": found,
        "findings": [
            one | {"message": one[language()], "hint": one[f"hint_{language()}"]} for one in found.findings
        ],
        "counts": [
            (programme().datasets[name].title if name in programme().datasets else name, counts)
            for name, counts in found.counts.items()
        ],
        "may_send": found.state == DRAFT and found.by_id == request.user.pk,
        "may_decide": waits and all(request.access.may("entry.decide", unit) for unit in found.units),
        "accepted": found.state == ACCEPTED,
        "error": error,
    }
    return render(request, "web/upload.html", shown, status=status)
