"""The access decision: role × unit × day, by a table one can check by hand and by laws."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallymark_web.people.decision import ACTIONS, ROLES, Granted, allowed, reach, two_people

PARENT = {"JC": None, "T01": "JC", "T02": "JC", "V1": "T01", "V2": "T02"}
DAY = dt.date(2025, 6, 15)


def path(unit: str) -> list[str]:
    return [unit, *path(PARENT[unit])] if PARENT.get(unit) else [unit]


@pytest.mark.parametrize(
    ("role", "at", "action", "unit", "expected"),
    [
        ("clerk", "T01", "entry.write", "V1", True),
        ("clerk", "T01", "entry.write", "T01", True),
        ("clerk", "T01", "entry.write", "V2", False),  # the neighbour's village
        ("clerk", "T01", "entry.write", "JC", False),  # never upwards
        ("clerk", "V1", "entry.write", "V1", True),
        ("clerk", "T01", "entry.decide", "V1", False),
        ("reviewer", "T01", "entry.decide", "V1", True),
        ("reviewer", "T01", "entry.write", "V1", False),
        ("statistician", "JC", "runs.make", "V2", True),
        ("administrator", "JC", "entry.view", "V1", False),  # sees no data
        ("administrator", "JC", "people.manage", "V2", True),
        ("auditor", "JC", "audit.view", "JC", True),
        ("auditor", "JC", "entry.write", "V1", False),
        ("leader", "JC", "appeals.decide", "T01", True),
        ("clerk", "JC", "no.such.action", "V1", False),
    ],
)
def test_who_may_what_where(role: str, at: str, action: str, unit: str, expected: bool) -> None:
    assert allowed([Granted(role, at, DAY)], action, path(unit), on=DAY) is expected


@pytest.mark.parametrize(
    ("first", "last", "on", "expected"),
    [
        ("2025-06-01", "2025-06-30", "2025-06-01", True),
        ("2025-06-01", "2025-06-30", "2025-06-30", True),
        ("2025-06-01", "2025-06-30", "2025-07-01", False),
        ("2025-06-01", "2025-06-30", "2025-05-31", False),
        ("2025-06-01", None, "2099-01-01", True),
    ],
)
def test_a_grant_holds_on_its_days(first: str, last: str | None, on: str, expected: bool) -> None:
    grant = Granted(
        "clerk", "V1", dt.date.fromisoformat(first), (last and dt.date.fromisoformat(last)) or None
    )
    assert allowed([grant], "entry.write", path("V1"), on=dt.date.fromisoformat(on)) is expected


granted = st.builds(
    Granted,
    role=st.sampled_from(ROLES),
    unit=st.sampled_from(list(PARENT)),
    first=st.dates(dt.date(2025, 1, 1), dt.date(2025, 12, 31)),
    last=st.none() | st.dates(dt.date(2025, 1, 1), dt.date(2025, 12, 31)),
)


@given(st.lists(granted, max_size=4), granted, st.sampled_from(list(ACTIONS)), st.sampled_from(list(PARENT)))
def test_more_grants_never_take_away(grants: list[Granted], more: Granted, action: str, unit: str) -> None:
    before = allowed(grants, action, path(unit), on=DAY)
    assert not before or allowed([*grants, more], action, path(unit), on=DAY)


@given(st.lists(granted, max_size=4), st.sampled_from(list(ACTIONS)), st.sampled_from(list(PARENT)))
def test_reach_and_decision_agree(grants: list[Granted], action: str, unit: str) -> None:
    tops = reach(grants, action, on=DAY)
    assert allowed(grants, action, path(unit), on=DAY) == bool(tops & set(path(unit)))


@given(st.lists(granted, max_size=4), st.sampled_from(list(ACTIONS)))
def test_what_is_allowed_above_is_allowed_below(grants: list[Granted], action: str) -> None:
    for unit, parent in PARENT.items():
        if parent and allowed(grants, action, path(parent), on=DAY):
            assert allowed(grants, action, path(unit), on=DAY)


def test_nobody_is_two_people() -> None:
    assert two_people(1, 2)
    assert not two_people(1, 1)
    assert not two_people(None, 2)


def test_no_action_for_roles_that_there_are_not() -> None:
    assert all(roles and roles <= set(ROLES) for roles in ACTIONS.values())
