"""The audit log's tables. Triggers in the database refuse to change or delete an entry."""

from __future__ import annotations

from typing import Any

from django.db import models


class Entry(models.Model):
    """One thing that somebody did or saw."""

    number = models.BigIntegerField(primary_key=True)
    at = models.CharField(max_length=40)
    """UTC, as text: what was hashed is what is stored."""
    who = models.CharField(max_length=150)
    action = models.CharField(max_length=60)
    unit = models.CharField(max_length=200, blank=True)
    thing = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)
    before = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ("number",)
        indexes = (models.Index(fields=["unit", "number"]), models.Index(fields=["who", "number"]))

    def __str__(self) -> str:
        return f"{self.number} {self.action}"

    def content(self) -> dict[str, Any]:
        """What the hash covers."""
        keys = ("number", "at", "who", "action", "unit", "thing", "detail")
        return {key: getattr(self, key) for key in keys}


class Head(models.Model):
    """How many entries there are and the hash of the last: one row, locked by whoever appends."""

    count = models.BigIntegerField(default=0)
    last = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.count} {self.last}"
