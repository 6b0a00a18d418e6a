"""Due days against NumPy's business days, and China's 2025 holidays counted by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallymark.model.working_days import WorkingDays

DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2026, 12, 31))


@given(day=DAYS, count=st.integers(0, 60), holidays=st.frozensets(DAYS, max_size=40))
def test_a_due_day_is_numpys(day: dt.date, count: int, holidays: frozenset[dt.date]) -> None:
    off = sorted(holidays)
    expected = (
        np.busday_offset(day, 0, roll="forward", holidays=off)
        if count == 0
        else np.busday_offset(day, count, roll="preceding", holidays=off)
    )
    found = WorkingDays(holidays=holidays).after(day, count)
    assert np.datetime64(found) == expected
    assert WorkingDays(holidays=holidays).between(day, found) == np.busday_count(
        day + dt.timedelta(days=1), found + dt.timedelta(days=1), holidays=off
    )


@pytest.mark.parametrize(
    ("day", "count", "due"),
    [
        ("2025-09-26", 1, "2025-09-28"),  # a Sunday that is worked
        ("2025-09-30", 1, "2025-10-09"),  # National Day and Mid-Autumn, eight days
        ("2025-09-30", 3, "2025-10-11"),  # a Saturday that is worked
        ("2025-10-04", 0, "2025-10-09"),
        ("2025-03-07", 5, "2025-03-14"),
    ],
)
def test_the_holidays_of_2025(day: str, count: int, due: str) -> None:
    holidays = frozenset(dt.date(2025, 10, number) for number in range(1, 9))
    made_up = frozenset({dt.date(2025, 9, 28), dt.date(2025, 10, 11)})
    calendar = WorkingDays(holidays=holidays, made_up=made_up)
    assert calendar.after(dt.date.fromisoformat(day), count) == dt.date.fromisoformat(due)


def test_a_calendar_without_working_days_ends() -> None:
    with pytest.raises(ValueError, match="ten years"):
        WorkingDays(free=frozenset(range(7))).after(dt.date(2025, 1, 1), 1)
    with pytest.raises(ValueError, match="ahead"):
        WorkingDays().after(dt.date(2025, 1, 1), -1)
