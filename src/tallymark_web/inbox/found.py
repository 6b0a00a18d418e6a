"""Findings of the newest run as the inbox lists them, each with a key that finds it again in later runs."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils import timezone

from tallymark.programme.waived import waived_text
from tallymark.publish.records import Found
from tallymark_web.inbox.models import Case
from tallymark_web.inbox.state import ANSWERED, OPEN, SETTLED, WAIVED, standing
from tallymark_web.reading.runs import Reading

ORDER = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True, slots=True)
class Listed:
    """A finding and how it stands."""

    key: str
    found: Found
    state: str
    here: bool = False
    """Whether somebody dealt with it in this inbox; its state comes from the run's data otherwise."""

    def message(self, language: str) -> str:
        """What is wrong."""
        return self.found.message_zh if language == "zh" and self.found.message_zh else self.found.message

    def waived(self, language: str) -> str:
        """By whom, why and until when the programme waives it; empty when it does not."""
        return waived_text(self.found.waived, language)

    def hint(self, language: str) -> str:
        """What to do."""
        return self.found.hint_zh if language == "zh" and self.found.hint_zh else self.found.hint


def key_of(found: Found) -> str:
    """What makes a finding the same in another run: where it is and what it is, not how it is worded."""
    where = (
        found.code,
        found.dataset,
        found.item,
        found.unit,
        found.period,
        found.file,
        found.sheet,
        found.cell,
    )
    row = "" if found.row != found.row else f"{found.row:.0f}"
    return hashlib.sha256("\x1f".join((*where, row)).encode()).hexdigest()


def listed(reading: Reading, units: Collection[str], *, everywhere: bool) -> list[Listed]:
    """The findings of these units, worst first; those of no unit for who sees everything.

    What rows of registers say was left out when the run was read: no person shows here.
    """
    mine = [
        (key_of(found), found)
        for found in reading.facts.findings
        if found.unit in units or (everywhere and found.unit not in reading.facts.places.by_code)
    ]
    cases: Mapping[str, Case] = {case.key: case for case in Case.objects.all()}
    today = timezone.localdate()
    rows = [_as_it_stands(key, found, cases.get(key), today) for key, found in mine]
    return sorted(
        rows, key=lambda row: (ORDER.get(row.found.severity, 3), row.found.unit, row.found.period, row.key)
    )


def one(reading: Reading, key: str) -> Listed | None:
    """The finding of that key; None when the newest run has none."""
    found = next((row for row in reading.facts.findings if key_of(row) == key), None)
    if found is None:
        return None
    return _as_it_stands(key, found, Case.objects.filter(key=key).first(), timezone.localdate())


def _as_it_stands(key: str, found: Found, case: Case | None, today: dt.date) -> Listed:
    """With its state: what was done here counts, then what the run says: waived by the programme, heard.

    Waivers given here end by the real day, as in runs, whose day is that of the last delivery.
    """
    state = standing(case.state, case.until, today) if case else OPEN
    if state == OPEN and found.waived and (case is None or case.until is None):
        return Listed(key, found, WAIVED)
    if case is None:
        state = {"answered": ANSWERED, "explained": SETTLED}.get(found.heard, OPEN)
    return Listed(key, found, state, here=case is not None)
