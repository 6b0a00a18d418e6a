"""Laws of periods: codes go round, periods tile time, steps undo one another, tables equal slow counting."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from tallymark.model.dhis2_periods import FINANCIAL, from_dhis2, to_dhis2
from tallymark.model.periods import FREQUENCIES, SPANS, Calendar, DeclaredYear, month_number

days = st.dates(dt.date(1900, 1, 1), dt.date(2150, 12, 31))
calendars = st.builds(
    lambda start, named: Calendar({"SY": DeclaredYear(start, named)}),
    st.integers(1, 12),
    st.sampled_from(["end", "start"]),
)
frequencies = st.sampled_from([*FREQUENCIES, "SY"])
months_made = st.sampled_from([*SPANS, "SY"])
DAY = dt.timedelta(days=1)


@given(calendars, days, frequencies)
def test_a_period_contains_its_day_and_its_code_names_it(
    calendar: Calendar, day: dt.date, frequency: str
) -> None:
    period = calendar.containing(day, frequency)
    assert period.start <= day <= period.end
    assert calendar.parse(period.code) == period


@given(calendars, days, frequencies)
def test_periods_tile_time(calendar: Calendar, day: dt.date, frequency: str) -> None:
    period = calendar.containing(day, frequency)
    following = calendar.back(period, -1)
    assert following.start == period.end + DAY
    assert calendar.containing(following.start, frequency) == following
    assert calendar.back(following, 1) == period < following


@given(calendars, days, frequencies, st.integers(-40, 40))
def test_steps_add_up(calendar: Calendar, day: dt.date, frequency: str, n: int) -> None:
    period = calendar.containing(day, frequency)
    one_by_one = period
    for _ in range(abs(n)):
        one_by_one = calendar.back(one_by_one, 1 if n > 0 else -1)
    assert calendar.back(period, n) == one_by_one


@given(calendars, days, frequencies)
def test_last_year_is_a_year_earlier(calendar: Calendar, day: dt.date, frequency: str) -> None:
    period = calendar.containing(day, frequency)
    earlier = calendar.last_year(period)
    assert earlier.frequency == frequency
    assert 357 <= (period.start - earlier.start).days <= 371
    if frequency in SPANS or frequency == "SY":
        assert (earlier.start.month, earlier.start.day) == (period.start.month, period.start.day)
    elif frequency == "day":
        assert earlier.start.month == period.start.month
    else:
        assert int(earlier.code[-2:]) == min(int(period.code[-2:]), 52)


@given(calendars, days, frequencies, frequencies)
def test_within_is_every_period_wholly_inside(
    calendar: Calendar, day: dt.date, outer: str, inner: str
) -> None:
    period = calendar.containing(day, outer)
    every_day = [period.start + n * DAY for n in range(period.days)]
    touching = sorted({calendar.containing(day, inner) for day in every_day})
    inside = [part for part in touching if part.start >= period.start and part.end <= period.end]
    assert list(calendar.within(period, inner)) == inside


@given(calendars, days, months_made)
def test_months_are_those_of_its_days(calendar: Calendar, day: dt.date, frequency: str) -> None:
    period = calendar.containing(day, frequency)
    assert list(calendar.months(period)) == sorted(
        {month_number(period.start + n * DAY) for n in range(period.days)}
    )


@given(calendars, months_made, st.integers(1950 * 12, 2050 * 12), st.integers(-1, 60), st.booleans())
def test_period_table_is_what_counting_finds(
    calendar: Calendar, frequency: str, first: int, length: int, partial: bool
) -> None:
    expected = []
    period = calendar.back(calendar.containing(dt.date(first // 12, first % 12 + 1, 1), frequency), 2)
    for _ in range(length + 40):
        months = calendar.months(period)
        inside = [month for month in months if first <= month <= first + length]
        if inside and (partial or len(inside) == len(months)):
            expected.append((period.code, frequency, months[0], months[-1]))
        period = calendar.back(period, -1)
    table = calendar.period_table(frequency, first, first + length, partial=partial)
    assert [tuple(row.values()) for row in table.to_pylist()] == expected


@given(st.sampled_from(sorted(FINANCIAL)), st.sampled_from(["end", "start"]), days, frequencies)
def test_dhis2_codes_go_round(name: str, named_by: str, day: dt.date, frequency: str) -> None:
    calendar = Calendar({"SY": DeclaredYear(FINANCIAL[name], named_by)})
    period = calendar.containing(day, frequency)
    code = to_dhis2(period, calendar)
    assert from_dhis2(code, calendar) == period
    if frequency == "SY":
        assert code == f"{period.start.year}{name}"


@given(st.text(max_size=12), calendars)
def test_any_text_is_a_period_or_a_value_error(text: str, calendar: Calendar) -> None:
    for read in (calendar.parse, lambda code: from_dhis2(code, calendar)):
        try:
            period = read(text)
        except ValueError:
            continue
        assert calendar.parse(period.code) == period
