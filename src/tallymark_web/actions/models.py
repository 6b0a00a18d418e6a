"""Actions, what was said and done about them, their evidence; meetings."""

from __future__ import annotations

from django.db import models

from tallymark_web.actions.state import OPEN, called
from tallymark_web.people.models import Person


class Meeting(models.Model):
    """A meeting of an office on a month: held on a day, with what was said. Its decisions are actions."""

    unit = models.CharField(max_length=200)
    period = models.CharField(max_length=20)
    held_on = models.DateField()
    title = models.CharField(max_length=200)
    agenda = models.TextField(blank=True)
    notes = models.TextField(blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("-held_on", "-pk")
        indexes = (models.Index(fields=["unit", "period"]),)

    def __str__(self) -> str:
        return f"{self.unit} {self.held_on}"


class Action(models.Model):
    """One corrective task: what, whose, by when."""

    unit = models.CharField(max_length=200)
    text = models.TextField()
    source = models.CharField(max_length=10)
    ref = models.CharField(max_length=200, blank=True)
    """The line, the key of a finding, the number of an order."""
    said_of = models.CharField(max_length=300, blank=True)
    """What it comes from, in words."""
    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, related_name="actions")
    owner = models.ForeignKey(Person, models.PROTECT, related_name="actions")
    helper = models.CharField(max_length=200, blank=True)
    """A unit that does better and helps this one."""
    due = models.DateField()
    state = models.CharField(max_length=10, default=OPEN)
    escalated = models.CharField(max_length=200, blank=True)
    """The unit above that has to see to it since it is overdue."""
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("due", "pk")
        indexes = (models.Index(fields=["state", "unit"]), models.Index(fields=["state", "due"]))

    def __str__(self) -> str:
        return f"{self.unit} {self.pk}"

    @property
    def called(self) -> str:
        """What pages call its state."""
        return called(self.state)


class Deed(models.Model):
    """What somebody said or did about an action; nobody (null) is the app itself. Never changed."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="deeds")
    act = models.CharField(max_length=12)
    text = models.TextField(blank=True)
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.act} {self.action_id}"


class Proof(models.Model):
    """Evidence: a file with the day it claims, the moment it came, and its hash."""

    deed = models.ForeignKey(Deed, models.PROTECT, related_name="proofs")
    name = models.CharField(max_length=120)
    size = models.IntegerField()
    sha256 = models.CharField(max_length=64)
    dated = models.DateField(null=True)
    came_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["sha256"]),)

    def __str__(self) -> str:
        return self.name
