"""Reports against the collection calendar: how many new ones came late, and how many before their period had ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from tallymark.findings import Finding, Severity, Where
from tallymark.model.periods import Period

EACH = 6
"""Up to so many periods are told one by one."""
LATE = "reports of {period} that came after {due}, the day they were due: {count}"
LATE_SPANS = "reports of {spans} periods, {period} to {last}, that came after the days they were due: {count}"
EARLY = "reports of {period} that came before the period had ended on {due}: {count}"
EARLY_SPANS = (
    "reports of {spans} periods, {period} to {last}, that came before the periods had ended: {count}"
)
EARLY_HINT = "Were the last days counted? Send a corrected file when they were not."


@dataclass(frozen=True, slots=True)
class Arrived:
    """New reports of one period: how many units', and the day of receipt."""

    period: Period
    count: int
    received: dt.date


def timeliness(dataset: str, due_days: int, arrived: Sequence[Arrived], file: str) -> list[Finding]:
    """Notes on late reports and warnings on early ones: one a period, or one for all when there are many periods.

    A report is late from the day after `due_days` days after its period's end, early up to the period's last day.
    """
    days = {one.period.code: one.period.end + dt.timedelta(days=due_days) for one in arrived}
    late = [one for one in arrived if one.received > days[one.period.code]]
    early = [one for one in arrived if one.received <= one.period.end]
    found = []
    for code, severity, those, (each, together), hint in (
        ("receive.late", Severity.NOTE, late, (LATE, LATE_SPANS), ""),
        ("receive.early", Severity.WARNING, early, (EARLY, EARLY_SPANS), EARLY_HINT),
    ):
        if len(those) > EACH:
            first, last = min(one.period for one in those), max(one.period for one in those)
            count = sum(one.count for one in those)
            values = {"count": f"{count:,}", "spans": len(those), "period": first.code, "last": last.code}
            where = Where(file=file, dataset=dataset)
            found.append(Finding(code, severity, together, hint, values, where, {"count": count}))
            continue
        for one in those:
            due = days[one.period.code] if code == "receive.late" else one.period.end
            values = {"count": f"{one.count:,}", "period": one.period.code, "due": due.isoformat()}
            where = Where(file=file, dataset=dataset, period=one.period.code)
            found.append(Finding(code, severity, each, hint, values, where, {"count": one.count}))
    return found
