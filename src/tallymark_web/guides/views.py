"""The guide of one's roles, and those of the others; their pictures."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tallymark_web.access import Access
from tallymark_web.guides.marked import html_of, title_of
from tallymark_web.people.decision import CLERK
from tallymark_web.words import language

PACKAGE = Path(__file__).parents[1]
FOLDERS = (PACKAGE / "manual", PACKAGE.parents[1] / "docs" / "web")
"""Inside the package when installed, beside the source in a checkout."""
GUIDES = (
    "clerk", "village-clerk", "reviewer", "inspector", "statistician", "leader", "auditor", "administrator", "public",
)  # fmt: skip


def guide(request: HttpRequest, name: str = "") -> HttpResponse:
    """One guide: the one that was asked for, else that of one's role; and the others to choose from."""
    own = _own(request.access)
    chosen = name or next(iter(own), GUIDES[0])
    if chosen not in GUIDES:
        raise Http404
    text = _text(chosen, language())
    shown = {
        "name": title_of(text),
        "guide": html_of(text, _address),
        "own": [(one, title_of(_text(one, language()))) for one in own],
        "others": [(one, title_of(_text(one, language()))) for one in GUIDES if one not in own],
        "chosen": chosen,
    }
    return render(request, "web/help.html", shown)


def picture(request: HttpRequest, name: str) -> HttpResponse:
    """A picture of a guide."""
    if name not in _pictures():
        raise Http404
    return FileResponse(_pictures()[name].open("rb"), content_type="image/jpeg")


def _own(access: Access) -> list[str]:
    """The guides of somebody's roles; a clerk of one unit without others below has the one for a phone."""
    held = [grant for grant in access.grants if grant.holds_on(access.today)]
    found = {
        "village-clerk" if grant.role == CLERK and not access.tree.children.get(grant.unit) else grant.role
        for grant in held
    }
    return [one for one in GUIDES if one in found]


def _folder() -> Path:
    return next(folder for folder in FOLDERS if (folder / "guide").is_dir())


@lru_cache(maxsize=2 * len(GUIDES))
def _text(name: str, language: str) -> str:
    end = ".zh.md" if language == "zh" else ".md"
    return (_folder() / "guide" / f"{name}{end}").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _pictures() -> dict[str, Path]:
    return {path.name: path for path in _folder().rglob("*.jpg")}


def _address(said: str) -> str:
    name = Path(said).name
    return reverse("help-picture", kwargs={"name": name}) if name in _pictures() else ""
