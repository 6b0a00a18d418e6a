"""The versions of the programme: what was changed, by whom, why; deciding on what is proposed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from tallymark.errors import TallymarkError
from tallymark.programme.files import read_folder
from tallymark_web.declared.acts import decide
from tallymark_web.declared.changing import Change, Tried, sha256, try_files
from tallymark_web.declared.edit_views import shown_trial
from tallymark_web.declared.fields import CONTRACTS
from tallymark_web.declared.models import APPROVED, PROPOSED, REFUSED, WITHDRAWN, Revision
from tallymark_web.declared.trying import Trial, from_rows, try_contract
from tallymark_web.jobs import queue
from tallymark_web.words import explained
from tallymark_web.workplace import programme

SHOWN = 200


def versions(request: HttpRequest) -> HttpResponse:
    """Every change, newest first; whether the files were changed outside of the app since the last."""
    found = list(Revision.objects.select_related("by", "decided_by")[:SHOWN])
    last = Revision.objects.filter(state=APPROVED).order_by("-number").first()
    shown = {
        "found": [{"one": one, "title": _title(one)} for one in found],
        "hash": programme().hash,
        "outside": last is not None and last.after != programme().hash,
        "last": last,
    }
    return render(request, "web/programme_versions.html", shown)


def version(request: HttpRequest, revision: int) -> HttpResponse:
    """One change with its difference, its reasons, and while it waits what it would do."""
    found = get_object_or_404(Revision.objects.select_related("by", "decided_by"), pk=revision)
    tried = _tried(found) if found.state == PROPOSED else None
    whole = request.access.everywhere("programme.approve")
    shown: dict[str, Any] = {
        "one": found,
        "subject": _title(found),
        "changes": [Change(**change) for change in found.changes],
        "files": [(name, texts, sha256(texts[1])) for name, texts in found.files.items()],
        "difference": _difference(found),
        "amended": [(_contract_title(code), lines) for code, lines in found.amended.items()],
        "stale": found.state == PROPOSED and (tried is None or tried.base != found.base),
        "may_decide": whole and found.state == PROPOSED and found.by_id != request.user.pk,
        "own": found.state == PROPOSED and found.by_id == request.user.pk,
        "may_try": found.state == PROPOSED and request.access.everywhere("runs.make"),
        "trial": _trial(found, tried),
    }
    if tried is not None:
        shown |= shown_trial(tried) | {"changes": shown["changes"]}
    return render(request, "web/programme_version.html", shown)


def act(request: HttpRequest, revision: int) -> HttpResponse:
    """Decides on a change, or withdraws one's own."""
    wanted = request.POST.get("act", "")
    allowed = "programme.write" if wanted == WITHDRAWN else "programme.approve"
    if wanted not in (APPROVED, REFUSED, WITHDRAWN) or not request.access.everywhere(allowed):
        raise Http404
    found = get_object_or_404(Revision, pk=revision)
    try:
        decide(found.pk, wanted, request.POST.get("words", ""), by=request.user, at=timezone.now())
    except TallymarkError as error:
        messages.error(request, explained(error))
    return redirect("programme-version", revision=revision)


def attempt(request: HttpRequest, revision: int) -> HttpResponse:
    """Asks for a run by the proposed rules: for changes after which figures are others, too."""
    found = get_object_or_404(Revision, pk=revision, state=PROPOSED)
    if not request.access.everywhere("runs.make"):
        raise Http404
    queue.ask("try", {"revision": found.pk}, by=request.user, at=timezone.now())
    return redirect("jobs")


def _tried(found: Revision) -> Tried | None:
    """The change on the programme as it is now; None when it was made for another one."""
    known = programme()
    current = read_folder(known.root)
    if known.hash != found.base or any(name not in current.bytes for name in found.files):
        return None
    return try_files(known, {name: (texts[0], texts[1]) for name, texts in found.files.items()}, ())


def _difference(found: Revision) -> list[tuple[str, str]]:
    """The files' differences as (kind, line)."""
    files = {name: (texts[0], texts[1]) for name, texts in found.files.items()}
    text = Tried(found.base, found.after, files, (), (), None).difference
    kinds = {"+": "added", "-": "removed", "@": "place"}
    return [
        ("file" if line.startswith(("+++", "---")) else kinds.get(line[:1], "same"), line)
        for line in text.splitlines()
        if not line.startswith("+++")
    ]


def _trial(found: Revision, tried: Tried | None) -> Trial | None:
    if found.trial:
        kept = found.trial
        return from_rows(programme(), kept["period"], kept["run"], kept["rows"])
    contract = found.subject if found.kind == CONTRACTS else next(iter(programme().contracts), "")
    if tried is None or tried.programme is None or found.measured or not contract:
        return None
    return try_contract(programme(), tried.programme, contract)


def _title(found: Revision) -> Any:
    known = programme()
    declared = (known.contracts if found.kind == CONTRACTS else known.indicators).get(found.subject)
    return declared.title if declared else found.subject


def _contract_title(code: str) -> Any:
    contract = programme().contracts.get(code)
    return contract.title if contract else code
