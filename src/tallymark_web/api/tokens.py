"""Making and reading tokens."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from tallymark_web.access import Access, access_of
from tallymark_web.api.models import Token
from tallymark_web.audit.log import record
from tallymark_web.people.models import Person

DAYS = 365
PREFIX = "tm_"


def make_token(person: Person, name: str, *, at: dt.datetime) -> str:
    """A new token of somebody, shown once; it ends after a year."""
    token = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        last = timezone.localdate() + dt.timedelta(days=DAYS)
        Token.objects.create(person=person, name=name[:80], sha256=_hash(token), made_at=at, last_day=last)
        record(person.username, "token made", thing=name[:80])
    return token


def withdraw_token(token: Token, *, at: dt.datetime) -> None:
    """Ends a token now."""
    with transaction.atomic():
        token.withdrawn_at = at
        token.save(update_fields=["withdrawn_at"])
        record(token.person.username, "token withdrawn", thing=token.name)


class ByToken(HttpBearer):
    """`Authorization: Bearer tm_…`; what it may do is what its person may do today."""

    def authenticate(self, request: HttpRequest, token: str) -> Access | None:
        """The access of the token's person; None for a token that does not hold."""
        found = Token.objects.select_related("person").filter(sha256=_hash(token), withdrawn_at=None).first()
        if found is None or found.last_day < timezone.localdate():
            return None
        if not found.person.is_active or found.person.new_password_needed:
            return None
        request.user = found.person
        return access_of(request)


def _hash(token: str) -> str:
    # Tokens are random: a plain hash is enough, and lets the database find them.
    return hashlib.sha256(token.encode()).hexdigest()
