"""Tokens: a program's way in, with no more rights than its person, and no way back from what is stored to the token."""

from __future__ import annotations

from django.db import models

from tallymark_web.people.models import Person


class Token(models.Model):
    """A token of a person; only its hash is kept."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    last_day = models.DateField()
    withdrawn_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
