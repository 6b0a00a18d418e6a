"""The audit log as an auditor reads and checks it."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tallymark_web.audit.log import wrong
from tallymark_web.audit.models import Entry, Head
from tallymark_web.words import explained

A_PAGE = 100


def audit(request: HttpRequest) -> HttpResponse:
    """Entries about the auditor's units, newest first; entries about no unit for those over the whole."""
    return render(request, "web/audit.html", _shown(request))


def check(request: HttpRequest) -> HttpResponse:
    """Follows the whole chain and says whether it is whole."""
    return render(
        request,
        "web/audit.html",
        _shown(request) | {"checked": True, "wrong": [explained(line) for line in wrong()]},
    )


def _shown(request: HttpRequest) -> dict[str, object]:
    access = request.access
    found = Entry.objects.order_by("-number")
    tops = access.tops("audit.view")
    if any(access.tree.parent.get(top) is not None for top in tops):
        found = found.filter(unit__in=access.units("audit.view"))
    for key in ("who", "action", "unit"):
        said = request.GET.get(key, "").strip()
        if said:
            found = found.filter(**{f"{key}__icontains": said[:100]})
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    return {"page": page, "head": Head.objects.filter(pk=1).first(), "asked": request.GET}
