"""Whether a digest is worth a mail, pure: on working days, when something is new, or after a week of silence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from tallymark.model.working_days import WorkingDays

AGAIN_AFTER = 5
"""Working days after which the same things are told again."""


def worth_telling(
    things: Collection[str],
    *,
    today: dt.date,
    last: tuple[dt.date, Collection[str]] | None,
    calendar: WorkingDays,
) -> bool:
    """Whether to write today. `last` is the day of the last digest and what it told of."""
    if not things or not calendar.works_on(today):
        return False
    if last is None:
        return True
    day, told = last
    if day >= today:
        return False
    new = set(things) - set(told)
    return bool(new) or calendar.between(day, today) >= AGAIN_AFTER
