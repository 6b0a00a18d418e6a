"""Findings that somebody has dealt with, what was said, and papers."""

from __future__ import annotations

from django.db import models

from tallymark_web.inbox.state import OPEN
from tallymark_web.people.models import Person


class Case(models.Model):
    """A finding as work. Made when somebody first acts on it; `key` finds it again in later runs."""

    key = models.CharField(max_length=64, unique=True)
    code = models.CharField(max_length=120)
    unit = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, default=OPEN)
    until = models.DateField(null=True)
    """Last day of the last waiver given here; from the day after the finding is open again."""

    class Meta:
        indexes = (models.Index(fields=["unit", "state"]),)

    def __str__(self) -> str:
        return f"{self.code} {self.unit}"


class Remark(models.Model):
    """What somebody said or decided; never changed. `until`: the last day of a waiver."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="remarks")
    act = models.CharField(max_length=12)
    text = models.TextField()
    until = models.DateField(null=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.act} {self.case}"


class Paper(models.Model):
    """Evidence: a file with the day it claims, the moment it came, and its hash, so that papers made afterwards show."""

    remark = models.ForeignKey(Remark, models.PROTECT, related_name="papers")
    name = models.CharField(max_length=120)
    size = models.IntegerField()
    sha256 = models.CharField(max_length=64)
    dated = models.DateField(null=True)
    came_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["sha256"]),)

    def __str__(self) -> str:
        return self.name
