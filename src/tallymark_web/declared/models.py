"""Changes of the programme: proposed by one person, approved by another; what they say is never changed."""

from __future__ import annotations

from django.db import models

from tallymark_web.people.models import Person

PROPOSED, APPROVED, REFUSED, WITHDRAWN = "proposed", "approved", "refused", "withdrawn"


class Revision(models.Model):
    """One change: whose, why, what differs. Approved, it is the version `number` of the programme."""

    number = models.IntegerField(null=True, unique=True)
    state = models.CharField(max_length=10, default=PROPOSED)
    kind = models.CharField(max_length=12)
    subject = models.CharField(max_length=100)
    base = models.CharField(max_length=64)
    """Hash of the programme that it changes."""
    after = models.CharField(max_length=64)
    """Hash of the programme that it makes."""
    files = models.JSONField()
    """File → its text before and after."""
    changes = models.JSONField()
    amended = models.JSONField(default=dict)
    """Contract in force → codes of the lines that it changes."""
    measured = models.BooleanField(default=False)
    """Figures change, too, so that trying it takes a run."""
    reason = models.TextField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    words = models.TextField(blank=True)
    applied = models.BooleanField(default=False)
    """Its files stand in the programme."""
    trial = models.JSONField(default=dict)
    """Period and run on whose figures it was tried, and every unit before and after."""

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.subject} {self.number or self.pk}"
