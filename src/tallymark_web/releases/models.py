"""A release on its way to the public and back, and what people complain about."""

from __future__ import annotations

from django.db import models

from tallymark_web.people.models import Person

PROPOSED, PUBLIC, REFUSED, WITHDRAWN = "proposed", "public", "refused", "withdrawn"
OPEN, ANSWERED = "open", "answered"


class Release(models.Model):
    """One release. Its content lies in files that never change; here is who did what with it."""

    code = models.CharField(max_length=200, unique=True)
    run = models.CharField(max_length=200)
    state = models.CharField(max_length=10, default=PROPOSED)
    attacked = models.JSONField(default=dict)
    reasons = models.JSONField(default=dict)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)
    """Why it was refused."""
    withdrawn_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    """Why it was withdrawn: said in public."""

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return str(self.code)


class Complaint(models.Model):
    """What somebody complains about. Nobody is asked who they are; how to reach them only if they want an answer."""

    release = models.ForeignKey(Release, models.PROTECT, null=True, related_name="complaints")
    about = models.CharField(max_length=40)
    page = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    reach = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    state = models.CharField(max_length=10, default=OPEN)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=["state", "id"]),)

    def __str__(self) -> str:
        return f"complaint {self.pk}"
