"""One's own reminders: the address, whether to be reminded, and what would be told today."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tallymark_web.audit.log import record
from tallymark_web.reminders.models import Reminder
from tallymark_web.reminders.sending import pressing
from tallymark_web.words import say
from tallymark_web.workplace import calendar_today

SHOWN = 10


def reminders(request: HttpRequest) -> HttpResponse:
    """Shows and keeps the address."""
    person, error = request.user, ""
    if request.method == "POST":
        email = request.POST.get("email", "").strip()[:254]
        try:
            if email:
                validate_email(email)
            with transaction.atomic():
                person.email, person.reminded = email, request.POST.get("reminded") == "yes"
                person.save(update_fields=["email", "reminded"])
                record(
                    person.username,
                    "reminders set",
                    thing=person.username,
                    detail={"on": person.reminded and bool(email)},
                )
            return redirect("reminders")
        except ValidationError:
            error = say("This is no e-mail address.")
    shown = {
        "person": person,
        "error": error,
        "tasks": pressing(person, calendar_today()),
        "sent": Reminder.objects.filter(person=person, sent=True)[:SHOWN],
    }
    return render(request, "web/reminders.html", shown, status=422 if error else 200)
