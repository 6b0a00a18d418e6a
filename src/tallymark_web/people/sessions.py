"""Sessions in the database, written again now and then only: else every page that is read would be a commit."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.contrib.sessions.backends.db import SessionStore as InDatabase
from django.utils import timezone

if TYPE_CHECKING:
    from django.contrib.sessions.models import Session

SHARE = 60
"""A session that nobody touches ends after its time, or up to this part of it sooner: a minute of an hour."""


class SessionStore(InDatabase):
    """A session whose end is put off while it is in use."""

    def _get_session_from_db(self) -> Session | None:
        found = super()._get_session_from_db()
        if found is not None:
            age = dt.timedelta(seconds=self.get_session_cookie_age())
            if found.expire_date - timezone.now() < age - age / SHARE:
                self.modified = True
        return found
