"""People and their grants."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.models import AbstractUser
from django.db import models

from tallymark_web.people.decision import ROLES, Granted
from tallymark_web.words import later

ROLE_NAMES = {
    "clerk": later("Clerk"),
    "reviewer": later("Reviewer"),
    "inspector": later("Inspector"),
    "statistician": later("Statistician"),
    "leader": later("Leader"),
    "auditor": later("Auditor"),
    "administrator": later("Administrator"),
}


class Person(AbstractUser):
    """Somebody with an account. What they may do is in their grants alone; Django's own flags give nothing."""

    name = models.CharField(max_length=80)
    reminded = models.BooleanField(default=True)
    """Is written to, when there is an address, about what waits."""
    new_password_needed = models.BooleanField(default=False)
    """Somebody else chose the password, so it is changed before anything else."""

    def __str__(self) -> str:
        return self.name or self.username

    def granted(self) -> tuple[Granted, ...]:
        """The person's grants as values; none for a closed account."""
        if not self.is_active:
            return ()
        return tuple(grant.value() for grant in self.grants.filter(withdrawn_at=None))


class Grant(models.Model):
    """A role over a subtree for a while. Never changed but to be withdrawn, so that the past can be read."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=[(role, ROLE_NAMES[role]) for role in ROLES])
    unit = models.CharField(max_length=200)
    first_day = models.DateField()
    last_day = models.DateField(null=True, blank=True)
    given_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    given_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("person_id", "role", "unit", "first_day")

    def __str__(self) -> str:
        return f"{self.role} {self.unit}"

    def value(self) -> Granted:
        """The grant as the decision takes it."""
        return Granted(self.role, self.unit, self.first_day, self.last_day)

    def ended(self, today: dt.date) -> bool:
        """Whether the grant no longer counts."""
        return self.withdrawn_at is not None or (self.last_day is not None and self.last_day < today)
