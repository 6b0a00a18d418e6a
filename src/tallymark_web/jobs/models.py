"""Work in the background: a row each, so that a restart loses nothing."""

from __future__ import annotations

from django.db import models

from tallymark_web.people.models import Person

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"


class Job(models.Model):
    """One piece of work; `attempt` tells a worker that died from the one that took over."""

    kind = models.CharField(max_length=20)
    args = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default=QUEUED)
    attempt = models.IntegerField(default=0)
    said = models.CharField(max_length=300, blank=True)
    """What it is doing, or how it ended."""
    cancel = models.BooleanField(default=False)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    asked_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)
    """When its worker was last seen."""
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=["state", "id"]),)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
