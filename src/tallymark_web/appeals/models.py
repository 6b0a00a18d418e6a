"""An appeal: what was scored, why it is held to be wrong, what was decided and why."""

from __future__ import annotations

from django.db import models

from tallymark_web.people.models import Person

OPEN, UPHELD, PARTLY, REJECTED = "open", "upheld", "partly", "rejected"


class Appeal(models.Model):
    """Against a unit's points on a line (or its total, when `line` is empty) in one run."""

    run = models.CharField(max_length=200)
    unit = models.CharField(max_length=200)
    contract = models.CharField(max_length=200)
    line = models.CharField(max_length=100, blank=True)
    text = models.TextField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    state = models.CharField(max_length=10, default=OPEN)
    reasons = models.TextField(blank=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=["state", "unit"]),)

    def __str__(self) -> str:
        return f"{self.run} {self.unit} {self.line}".strip()
