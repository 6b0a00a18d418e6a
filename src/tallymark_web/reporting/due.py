"""What is due when, pure: periods of a dataset around a day, their deadlines, and how a report stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from tallymark.model.periods import Calendar, Period
from tallymark.programme.resolved import Dataset, Programme
from tallymark_web.reporting.state import ACCEPTED, RETURNED, SUBMITTED

SHOWN = {"month": 6, "quarter": 4, "week": 8, "day": 14}
"""How many past periods a calendar shows; two of every other frequency."""
STEPS = ("draft", "returned", "submitted", "accepted", "received", "none")


@dataclass(frozen=True, slots=True)
class Deadline:
    """A period of a dataset and the last day on which its report is in time."""

    period: Period
    due: dt.date | None

    def late_on(self, day: dt.date) -> bool:
        """Whether a report that comes on `day` is late."""
        return self.due is not None and day > self.due


def entered_here(dataset: Dataset) -> bool:
    """Whether a dataset has forms: reports without breakdowns; all else comes as files."""
    return dataset.kind == "reports" and bool(dataset.items) and not dataset.breakdowns


def deadline(dataset: Dataset, period: Period) -> Deadline:
    """The period's deadline; none where none is declared."""
    due = None if dataset.due_days is None else period.end + dt.timedelta(days=dataset.due_days)
    return Deadline(period, due)


def deadlines(dataset: Dataset, calendar: Calendar, today: dt.date) -> list[Deadline]:
    """The periods that are over, newest first, and the running one before them if it can be reported already."""
    frequency = dataset.frequency or "month"
    running = calendar.containing(today, frequency)
    newest = running if running.end <= today else calendar.back(running)
    count = SHOWN.get(frequency, 2)
    return [deadline(dataset, calendar.back(newest, back)) for back in range(count)]


def is_open(dataset: Dataset, period: Period, today: dt.date) -> bool:
    """Whether a period can be reported at all: its frequency is the dataset's and it has ended."""
    return period.frequency == dataset.frequency and period.end <= today


def standing(state: str | None, *, in_store: bool) -> str:
    """How a unit's report stands: what was entered here, else whether a file brought it, else none."""
    if state in (SUBMITTED, RETURNED, ACCEPTED):
        return state
    if in_store:
        return "received"
    return state or "none"


def datasets_entered(programme: Programme) -> list[Dataset]:
    """The datasets that units have forms for, in the order declared."""
    apart = programme.of_inspections
    return [one for one in programme.datasets.values() if entered_here(one) and one.name not in apart]
