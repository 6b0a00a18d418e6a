"""Making accounts, giving and withdrawing grants: each a decision first, then one transaction with its record."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from django.db import transaction

from tallymark.errors import TallymarkError
from tallymark_web.audit.log import record
from tallymark_web.people.decision import ADMINISTRATOR, ROLES
from tallymark_web.people.models import Grant, Person

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letters that look alike: passwords are read out over telephones."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A grant somebody wants to give."""

    role: str
    unit: str
    first_day: dt.date
    last_day: dt.date | None = None


def fresh_password() -> str:
    """A password of four groups of four letters, about 79 bits, to be changed at the first sign-in."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def first_administrator(
    username: str, name: str, password: str, *, tops: list[str], at: dt.datetime
) -> Person:
    """The first account, over everything.

    Errors: TallymarkError when there is an account already.
    """
    with transaction.atomic():
        # Of two requests at once the second waits here, at the log's head, and then sees the first's account.
        record("–", "first account asked for")
        if Person.objects.exists():
            raise TallymarkError("there is an administrator already; sign in")
        person: Person = Person.objects.create_user(username=username, password=password, name=name)
        for unit in tops:
            _grant(person, Wanted(ADMINISTRATOR, unit, at.date()), by=None, at=at)
        record(username, "account made", thing=username, detail={"name": name, "first": True})
    return person


def open_account(username: str, name: str, *, by: Person) -> tuple[Person, str]:
    """A new account without any grant, and the password that its owner changes at the first sign-in."""
    password = fresh_password()
    with transaction.atomic():
        person: Person = Person.objects.create_user(username=username, password=password, name=name)
        person.new_password_needed = True
        person.save(update_fields=["new_password_needed"])
        record(by.username, "account made", thing=username, detail={"name": name})
    return person, password


def new_password(person: Person, *, by: Person) -> str:
    """A fresh password for somebody who lost theirs; every open session of theirs ends."""
    password = fresh_password()
    with transaction.atomic():
        person.set_password(password)
        person.new_password_needed = True
        person.save(update_fields=["password", "new_password_needed"])
        record(by.username, "password replaced", thing=person.username)
    return password


def close_account(person: Person, *, by: Person, closed: bool) -> None:
    """Closes an account (or opens it again); what was done with it stays."""
    with transaction.atomic():
        person.is_active = not closed
        person.save(update_fields=["is_active"])
        record(by.username, "account closed" if closed else "account opened again", thing=person.username)


def give(person: Person, wanted: Wanted, *, by: Person, at: dt.datetime) -> Grant:
    """A grant given.

    Errors: TallymarkError for a role that there is not, days the wrong way round, or a grant to oneself.
    """
    if wanted.role not in ROLES:
        raise TallymarkError("there is no role '{role}'", role=wanted.role)
    if wanted.last_day is not None and wanted.last_day < wanted.first_day:
        raise TallymarkError("the last day lies before the first")
    if person.pk == by.pk:
        raise TallymarkError("nobody gives a role to themselves; ask another administrator")
    with transaction.atomic():
        return _grant(person, wanted, by=by, at=at)


def withdraw(grant: Grant, *, by: Person, at: dt.datetime) -> None:
    """Ends a grant now.

    Errors: TallymarkError when it was the last administrator's.
    """
    with transaction.atomic():
        others = Grant.objects.filter(role=ADMINISTRATOR, withdrawn_at=None, person__is_active=True)
        if grant.role == ADMINISTRATOR and not others.exclude(pk=grant.pk).exists():
            raise TallymarkError("this is the last administrator; give the role to somebody else first")
        grant.withdrawn_by, grant.withdrawn_at = by, at
        grant.save(update_fields=["withdrawn_by", "withdrawn_at"])
        record(
            by.username,
            "role withdrawn",
            unit=grant.unit,
            thing=grant.person.username,
            detail={"role": grant.role},
        )


def _grant(person: Person, wanted: Wanted, *, by: Person | None, at: dt.datetime) -> Grant:
    grant: Grant = Grant.objects.create(
        person=person,
        role=wanted.role,
        unit=wanted.unit,
        first_day=wanted.first_day,
        last_day=wanted.last_day,
        given_by=by,
        given_at=at,
    )
    days = {"first_day": str(wanted.first_day), "last_day": str(wanted.last_day or "")}
    record(
        by.username if by else person.username,
        "role given",
        unit=wanted.unit,
        thing=person.username,
        detail={"role": wanted.role} | days,
    )
    return grant
