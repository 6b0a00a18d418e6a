"""What is said of a waived finding."""

from __future__ import annotations

import json

from tallymark.texts import translate

SAID = "waived until {until} by {by}: {reason}"


def waived_text(waived: str | None, language: str) -> str:
    """`waived until 2025-12-31 by …: …`; empty where the finding is not waived."""
    if not waived:
        return ""
    told = json.loads(waived)
    return translate(SAID, language).format(until=told["until"], by=told["by"], reason=told["reason"])
