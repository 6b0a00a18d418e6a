"""How accounts are opened, entered and left: nobody signs up, and the audit log hears of it."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from tallymark_web.audit.log import record
from tallymark_web.people.models import Person


class Door(DefaultAccountAdapter):
    """Accounts are made by administrators; coming and going is recorded."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: an administrator makes accounts."""
        return False

    def login(self, request: HttpRequest, user: Person) -> None:
        """Signs a person in once every step, a second factor among them, is done."""
        super().login(request, user)
        record(user.username, "signed in")

    def logout(self, request: HttpRequest) -> None:
        """Signs a person out."""
        who = request.user.username if request.user.is_authenticated else ""
        super().logout(request)
        if who:
            record(who, "signed out")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Records a refused attempt on an account that exists; what else was typed may be a password."""
        super().authentication_failed(request, **credentials)
        name = str(credentials.get("username", ""))
        if Person.objects.filter(username__iexact=name).exists():
            record(name.lower(), "sign-in refused")

    def set_password(self, user: Person, password: str) -> None:
        """A password chosen by its owner; one that an administrator chose is used up."""
        user.set_password(password)
        user.new_password_needed = False
        user.save(update_fields=["password", "new_password_needed"])
        record(user.username, "password changed")
