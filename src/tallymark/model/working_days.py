"""Working days: the week's free days, public holidays, and free days that are worked to make up for them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

DAY = dt.timedelta(days=1)
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FURTHEST = 3_660
"""Days looked at before giving up: a calendar without any working day ends nowhere."""


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Which days are worked. `free` are days of the week, Monday 0."""

    free: frozenset[int] = frozenset({5, 6})
    holidays: frozenset[dt.date] = field(default_factory=frozenset)
    made_up: frozenset[dt.date] = field(default_factory=frozenset)

    def works_on(self, day: dt.date) -> bool:
        """Whether a day is worked: a made-up day always, a holiday never, else by the day of the week."""
        if day in self.made_up:
            return True
        return day not in self.holidays and day.weekday() not in self.free

    def after(self, day: dt.date, count: int) -> dt.date:
        """The working day that is `count` working days after a day; for 0 the day itself, or the next that is worked.

        Errors: ValueError for a negative count, or when there is no such day within ten years.
        """
        if count < 0:
            raise ValueError("a due day lies ahead")
        left = count
        for step in range(FURTHEST):
            at = day + step * DAY
            if self.works_on(at) and (step or not count):
                left -= 1
            if left < (1 if count else 0):
                return at
        raise ValueError("no working day within ten years")

    def between(self, first: dt.date, last: dt.date) -> int:
        """How many working days there are after `first`, up to and including `last`; 0 when `last` is not later."""
        return sum(self.works_on(first + step * DAY) for step in range(1, (last - first).days + 1))
