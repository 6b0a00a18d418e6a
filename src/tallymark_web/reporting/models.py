"""Reports on their way: drafts, versions, steps, closed months, deliveries to the store."""

from __future__ import annotations

from django.db import models

from tallymark_web.people.models import Person
from tallymark_web.reporting.state import DRAFT


class Report(models.Model):
    """One unit's report of a dataset for a period. What was sent is in its versions; the draft is what is being typed."""

    dataset = models.CharField(max_length=200)
    unit = models.CharField(max_length=200)
    period = models.CharField(max_length=20)
    state = models.CharField(max_length=12, default=DRAFT)
    version = models.IntegerField(default=0)
    draft = models.JSONField(default=dict)
    """Item → text as typed."""
    note = models.TextField(blank=True)
    """The clerk's remark on the draft."""
    draft_number = models.IntegerField(default=0)
    """Counts every saving, so that two browsers notice each other."""
    draft_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    draft_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["dataset", "unit", "period"], name="one_report"),)
        indexes = (models.Index(fields=["state", "dataset", "period"]),)

    def __str__(self) -> str:
        return f"{self.dataset} {self.unit} {self.period}"


class Version(models.Model):
    """A report as it was sent once; never changed."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="versions")
    number = models.IntegerField()
    key = models.CharField(max_length=80, unique=True)
    """Chosen by the browser: sending twice makes one version."""
    values = models.JSONField()
    """Item → text as handed on; `?` where it was said not to be known."""
    note = models.TextField(blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    delivery = models.ForeignKey("Delivery", models.PROTECT, null=True, related_name="versions")
    accepted = models.BooleanField(default=False)

    class Meta:
        ordering = ("report_id", "number")
        constraints = (models.UniqueConstraint(fields=["report", "number"], name="one_version"),)

    def __str__(self) -> str:
        return f"{self.report} v{self.number}"


class Step(models.Model):
    """What somebody did with a version: submitted, returned, accepted, with their words."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="steps")
    act = models.CharField(max_length=12)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    comment = models.TextField(blank=True)

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.version} {self.act}"


class Closing(models.Model):
    """A period of a dataset that was closed (or opened again) for a subtree, with the reason; the last one counts."""

    dataset = models.CharField(max_length=200)
    period = models.CharField(max_length=20)
    unit = models.CharField(max_length=200)
    closed = models.BooleanField()
    reason = models.TextField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.dataset} {self.period} {self.unit} {'closed' if self.closed else 'open'}"


class Delivery(models.Model):
    """Accepted versions on their way into the store: written as a file first, so that a crash changes nothing."""

    dataset = models.CharField(max_length=200)
    file = models.CharField(max_length=200)
    received_at = models.DateTimeField()
    """When the office had the reports in hand: the day that decides whether they are in time."""
    made_at = models.DateTimeField()
    batch = models.IntegerField(null=True)

    def __str__(self) -> str:
        return self.file


class Upload(models.Model):
    """A file somebody handed in: looked through first, then sent, decided by a second person, and received as it is."""

    source = models.CharField(max_length=200)
    name = models.CharField(max_length=160)
    sha256 = models.CharField(max_length=64)
    size = models.IntegerField()
    units = models.JSONField(default=list)
    """Every unit that the file speaks of."""
    counts = models.JSONField(default=dict)
    findings = models.JSONField(default=list)
    personal = models.BooleanField(default=False)
    state = models.CharField(max_length=12, default=DRAFT)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    comment = models.TextField(blank=True)
    batch = models.IntegerField(null=True)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.name} ({self.source})"
