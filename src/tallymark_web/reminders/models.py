"""What was sent to whom, so that nothing is sent twice."""

from __future__ import annotations

from django.db import models

from tallymark_web.people.models import Person


class Reminder(models.Model):
    """One digest: the day it is for and what it told of."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="reminders")
    day = models.DateField()
    told = models.JSONField()
    """The addresses of what it told of, each with its state."""
    at = models.DateTimeField()
    sent = models.BooleanField(default=False)
    """Whether the mail was handed over; one that was not is tried again."""

    class Meta:
        ordering = ("-day", "-pk")
        constraints = (models.UniqueConstraint(fields=["person", "day"], name="one_reminder_a_day"),)

    def __str__(self) -> str:
        return f"{self.person_id} {self.day}"
