"""Accounts of the demo, one for each role: made only in a workplace that `tallymark demo` built."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from tallymark_web.audit.log import record
from tallymark_web.people.cast import NAMES, PASSWORD, Places
from tallymark_web.people.models import Grant, Person


def make_demo_accounts(places: Places, *, at: dt.datetime) -> None:
    """The demo's accounts; those that are there stay as they are."""
    with transaction.atomic():
        for username, (name, role, where) in NAMES.items():
            if Person.objects.filter(username=username).exists():
                continue
            person = Person.objects.create_user(username=username, password=PASSWORD, name=name)
            unit = getattr(places, where)
            Grant.objects.create(
                person=person, role=role, unit=unit, first_day=dt.date(2020, 1, 1), given_at=at
            )
            record("demo", "account made", unit=unit, thing=username, detail={"role": role, "demo": True})
