"""Pages that belong to nobody in particular: language, errors, health."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

CODES = {code for code, _ in settings.LANGUAGES}
YEAR = 365 * 24 * 3600


def choose_language(request: HttpRequest) -> HttpResponse:
    """Remembers the language in a cookie and goes back to the page."""
    back = request.POST.get("back", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, settings.INSTALLATION.https):
        back = "/"
    response = HttpResponseRedirect(back)
    code = request.POST.get("language", "")
    if code in CODES:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            code,
            max_age=YEAR,
            samesite="Lax",
            secure=settings.LANGUAGE_COOKIE_SECURE,
        )
    return response


def healthy(request: HttpRequest) -> HttpResponse:
    """For whoever watches the service: it answers."""
    return HttpResponse("ok", content_type="text/plain")


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that did not come from our page, or was left open too long."""
    return render(request, "web/forged.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An address that leads nowhere, or nowhere for this person."""
    return render(request, "web/not_found.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """A bug of ours: said plainly, without anything that may fail again."""
    return HttpResponse(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Tallymark</title><h1>Something broke · 出错了</h1>"
        "<p>Nothing that was saved is lost. · 已保存的内容没有丢失。",
        status=500,
    )
