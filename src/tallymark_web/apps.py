"""The one Django application: people and workflow."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """People, submissions, replies and jobs; figures stay with the engine."""

    name = "tallymark_web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Tallymark"
