"""What every page has around it: where one is, where one may go, in which language."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from tallymark_web.access import access_of
from tallymark_web.outlook.views import any_projection
from tallymark_web.words import language
from tallymark_web.workplace import programme

PAGES = (
    ("home", "Today", ""),
    ("calendar", "Reports", "entry.view"),
    ("inbox", "Findings", "findings.view"),
    ("actions", "Actions", "actions.view"),
    ("scores", "Scorecard", "scores.view"),
    ("outlook", "Population", "outlook.view"),
    ("programme", "Programme", "programme.view"),
    ("releases", "Releases", "releases.view"),
    ("jobs", "Background", "jobs.view"),
    ("people", "People", "people.manage"),
    ("audit", "Audit log", "audit.view"),
)
"""Name of the route, what the navigation calls it, the action that it needs."""


def around(request: HttpRequest) -> dict[str, Any]:
    """Title, language, navigation by what the person may do, whether this is a demo."""
    declared = programme()
    user = getattr(request, "user", None)
    found: dict[str, Any] = {
        "title": declared.title[language()],
        "publisher": (declared.publisher or declared.title)[language()],
        "lang": "zh-Hans" if language() == "zh" else "en",
        "demo": settings.INSTALLATION.demo,
        "pages": [],
        "path_with_query": request.get_full_path(),
    }
    if user is not None and user.is_authenticated:
        access = getattr(request, "access", None) or access_of(request)
        here = request.resolver_match.url_name if request.resolver_match else ""
        found["pages"] = [
            (name, label, (here or "").startswith(name))
            for name, label, action in PAGES
            if (not action or access.anywhere(action)) and (name != "outlook" or any_projection())
        ]
    return found
