"""What everybody may read without an account: releases, their pages and data, and how to complain."""

from __future__ import annotations

import mimetypes
from typing import Any

from django.core.cache import cache
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from tallymark.publish.numbers import period_text
from tallymark.publish.pages.data import size_text
from tallymark.releasing import open_release
from tallymark_web.releases.acts import LONGEST, complain
from tallymark_web.releases.files import kept, page, site_of
from tallymark_web.releases.models import PUBLIC, WITHDRAWN, Complaint, Release
from tallymark_web.words import language
from tallymark_web.workplace import programme

ABOUT = ("a figure is wrong", "too much is withheld", "somebody can be recognised", "something else")
MOST, WINDOW = 5, 3600
"""Complaints from one address within so many seconds."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; frame-src 'self'; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
)
"""Pages of a release open their explanations in a frame of their own."""
KINDS = {
    ".parquet": "application/vnd.apache.parquet",
    ".csv": "text/csv; charset=utf-8",
    "": "text/plain; charset=utf-8",
}
SHOWN_PAGES = (
    ("index.html", "Overview"),
    ("scorecard.html", "Scorecard"),
    ("indicators.html", "Indicators"),
    ("methods.html", "Methods"),
    ("data.html", "Data and dictionary"),
    ("withheld.html", "What is withheld"),
)


def portal(request: HttpRequest) -> HttpResponse:
    """The list of releases, newest first; withdrawn ones with the reason."""
    found = Release.objects.filter(state__in=(PUBLIC, WITHDRAWN)).select_related(None)
    return render(request, "web/portal.html", {"rows": [_shown(one) for one in found], "contact": _contact()})


def release(request: HttpRequest, code: str) -> HttpResponse:
    """One release: what is in it, how it was tested, where to read and download it."""
    found = get_object_or_404(Release, code=code, state__in=(PUBLIC, WITHDRAWN))
    shown = _shown(found)
    if found.state == PUBLIC:
        data = sorted((site_of(code) / "data").iterdir())
        shown["files"] = [(f"data/{one.name}", size_text(one.stat().st_size)) for one in data]
        shown["pages_of"] = [
            (f"{language()}/{name}", label)
            for name, label in SHOWN_PAGES
            if page(code, f"{language()}/{name}") is not None
        ]
    return render(request, "web/portal_release.html", {**shown, "contact": _contact()})


def file(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """A page or data file of a public release."""
    get_object_or_404(Release, code=code, state=PUBLIC)
    found = page(code, name)
    if found is None:
        raise Http404
    kind = KINDS.get(found.suffix) or mimetypes.guess_type(found.name)[0] or "application/octet-stream"
    answer = FileResponse(found.open("rb"), content_type=kind)
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer


def complaint(request: HttpRequest) -> HttpResponse:
    """The form for complaints, and what was sent with it."""
    chosen = Release.objects.filter(code=request.GET.get("release", request.POST.get("release", ""))).first()
    shown: dict[str, Any] = {"release": chosen, "abouts": ABOUT, "contact": _contact(), "text": ""}
    if request.method != "POST":
        return render(request, "web/complain.html", shown)
    shown |= {name: request.POST.get(name, "") for name in ("about", "page", "text", "reach")}
    if shown["about"] not in ABOUT or not shown["text"].strip():
        return render(request, "web/complain.html", shown | {"wrong": True}, status=422)
    if not _may(request):
        return render(request, "web/complain.html", shown | {"too_many": True}, status=429)
    made = Complaint(
        release=chosen,
        about=shown["about"],
        page=shown["page"][:300],
        text=shown["text"][:LONGEST],
        reach=shown["reach"][:200],
        at=timezone.now(),
    )
    complain(made)
    return redirect(f"/public/complain/thanks?number={made.pk}")


def thanks(request: HttpRequest) -> HttpResponse:
    """That the complaint came, and under which number."""
    number = request.GET.get("number", "")
    return render(request, "web/thanks.html", {"number": number if number.isdecimal() else ""})


def _may(request: HttpRequest) -> bool:
    """Whether the address has not sent too many; the address itself is not kept with the complaint."""
    key = f"complaints:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(key, 0, WINDOW)
    return int(cache.incr(key)) <= MOST


def _contact() -> str:
    declared = programme()
    return declared.contact[language()] if declared.contact else ""


def _shown(one: Release) -> dict[str, Any]:
    made = open_release(kept(one.code))
    declared = made.programme
    title = made.manifest.get("contract_title", {}).get(language()) or declared.title[language()]
    period = declared.calendar.parse(str(made.manifest["period"]))
    return {
        "release": one,
        "title": title,
        "period": period_text(period, declared.calendar, language()),
        "attacked": one.attacked,
        "withheld": sum(one.reasons.values()),
        "start": f"{language()}/index.html",
    }
