"""The digest of each person who has an address: written down first, then handed to the mail server."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import translation

from tallymark_web.access import Access
from tallymark_web.audit.log import record
from tallymark_web.home import Task, tasks_of
from tallymark_web.people.models import Person
from tallymark_web.reminders.deciding import worth_telling
from tallymark_web.reminders.models import Reminder
from tallymark_web.words import say
from tallymark_web.workplace import programme, tree

PRESSING = ("late", "returned", "due", "submitted")
"""States of tasks that somebody waits for."""
LANGUAGES = ("zh-hans", "en")
MOST = 30


def pressing(person: Person, today: dt.date) -> list[Task]:
    """What waits for a person: overdue, sent back, due, to be decided; most urgent first."""
    access = Access(person, person.granted(), today, tree(today))
    found = [task for task in tasks_of(access) if task.state in PRESSING]
    return sorted(found, key=lambda task: task.urgent)[:MOST]


def remind_all(*, today: dt.date, at: dt.datetime, tell: Callable[[str], None] = lambda _: None) -> int:
    """How many digests were sent. One that the mail server refuses is tried again the next time."""
    count = 0
    for person in Person.objects.filter(is_active=True, reminded=True).exclude(email="").order_by("pk"):
        found = pressing(person, today)
        things = sorted({f"{task.state} {task.href}" for task in found})
        last = Reminder.objects.filter(person=person, sent=True).first()
        before = (last.day, last.told) if last else None
        if not worth_telling(things, today=today, last=before, calendar=programme().working_days):
            continue
        made, _ = Reminder.objects.update_or_create(
            person=person, day=today, defaults={"told": things, "at": at}
        )
        tell(str(person))
        count += _sent(made, person, found)
    return count


def _sent(made: Reminder, person: Person, found: list[Task]) -> int:
    subject, body = digest(person, made.day)
    try:
        send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [person.email])
    except (SMTPException, OSError) as error:
        record("tallymark", "reminder not sent", thing=person.username, detail={"why": type(error).__name__})
        return 0
    with transaction.atomic():
        made.sent = True
        made.save(update_fields=["sent"])
        record("tallymark", "reminder sent", thing=person.username, detail={"things": len(found)})
    return 1


def digest(person: Person, today: dt.date) -> tuple[str, str]:
    """Subject and text of a person's digest, in both languages; names of tasks and pages, no data of anybody."""
    parts, subjects = [], []
    for language in LANGUAGES:
        with translation.override(language):
            found = pressing(person, today)
            late = sum(task.state == "late" for task in found)
            title = programme().title["zh" if language == "zh-hans" else "en"]
            subjects.append(say("{n} things wait for you, {late} overdue", n=len(found), late=late))
            parts.append("\n".join([title, "", *_lines(found)]))
    return " · ".join(subjects), "\n\n".join(parts) + "\n"


def _lines(found: list[Task]) -> Iterator[str]:
    address = settings.INSTALLATION.address
    for task in found:
        yield f"[{say(task.state)}] {task.title}" + (f" ({task.note})" if task.note else "")
        if address:
            yield f"    {address}{task.href}"
    yield ""
    yield say("You can stop these mails: your name at the top right, then “Reminders”.")
