"""What stops the engine is told to people in a sentence: a programme that does not load, a run that is damaged."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from tallymark.errors import TallymarkError
from tallymark_web.words import explained, language

log = logging.getLogger(__name__)


class Told:
    """Turns a TallymarkError that a page did not expect into a page that says it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page; None leaves a bug of ours to be handled as one."""
        if not isinstance(error, TallymarkError):
            return None
        log.warning("%s: %s", request.path, error)
        # Nothing of the usual frame: it reads the programme, which may be what does not load.
        lang = "zh-Hans" if language() == "zh" else "en"
        page = render_to_string("web/stopped.html", {"message": explained(error), "lang": lang})
        return HttpResponse(page, status=503)
