"""What comes before everything else: a first account, an own password, a second factor where the role asks for it."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from tallymark_web.people.models import Person

FREE = ("/static/", "/language", "/account/logout", "/public/", "/healthy", "/api/")


class FirstThingsFirst:
    """Leads to what has to be done before pages are shown."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        target = None if request.path.startswith(FREE) else first_thing(request)
        if target is None or request.path == target:
            return self.get_response(request)
        return redirect(target)


def first_thing(request: HttpRequest) -> str | None:
    """The address of what has to be done first; None when nothing has to."""
    user = request.user
    if not user.is_authenticated:
        return None if Person.objects.exists() else reverse("start")
    if user.new_password_needed:
        return str(reverse("account_change_password"))
    if request.path.startswith("/account/"):
        return None
    roles = {grant.role for grant in user.granted()}
    if settings.INSTALLATION.demo or not roles & settings.INSTALLATION.second_factor:
        return None
    has_one = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
    return None if has_one else str(reverse("mfa_activate_totp"))
