"""What was said, sent or handed in stays as it was, whoever asks the database; on SQLite, and on PostgreSQL by test_postgresql."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

AT, DAY = dt.datetime(2025, 9, 12, 9, 0, tzinfo=dt.UTC), dt.date(2025, 9, 12)
BY_OTHERS = {"entry": "0002_append_only", "revision": "0008_programme_versions"}
"""Tables that earlier migrations protect."""
MOVING = {
    "case": "a state, changed with a remark each time",
    "delivery": "a file on its way, written again after a crash",
    "head": "the end of the audit log; checked against it",
    "job": "work in the background",
    "meeting": "agenda and notes are written while it is held; decisions are actions",
    "person": "an account",
    "reminder": "mails",
    "report": "the draft; what was sent is in versions",
    "token": "a way in; withdrawn by a day",
}
"""Tables whose rows live, and why."""


def said() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = import_module("tallymark_web.migrations.0012_never_changed").SAID
    return found


def rows() -> Iterator[Any]:
    """One row of every table that is protected."""
    from tallymark_web import models as web

    by = web.Person.objects.get(username="clerk")
    who: dict[str, Any] = {"by": by, "at": AT}
    report = web.Report.objects.create(dataset="monthly", unit="C1", period="2025-08")
    version = web.Version.objects.create(report=report, number=1, key="a-key-of-it", values={"a": "1"}, **who)
    yield version
    yield web.Step.objects.create(version=version, act="submit", **who)
    yield web.Closing.objects.create(
        dataset="monthly", period="2025-08", unit="D", closed=True, reason="r", **who
    )
    yield web.Upload.objects.create(source="visits", name="a.csv", sha256="0" * 64, size=1, **who)
    case = web.Case.objects.create(key="k", code="c", unit="C1")
    remark = web.Remark.objects.create(case=case, act="reply", text="t", **who)
    yield remark
    paper = {"name": "n", "size": 1, "sha256": "0" * 64, "dated": DAY, "came_at": AT}
    yield web.Paper.objects.create(remark=remark, **paper)
    action = web.Action.objects.create(unit="C1", text="Do", source="order", owner=by, due=DAY, **who)
    yield action
    deed = web.Deed.objects.create(action=action, act="open", **who)
    yield deed
    yield web.Proof.objects.create(deed=deed, **paper)
    yield web.Appeal.objects.create(run="r", unit="C1", contract="c", text="t", **who)
    release = web.Release.objects.create(code="r", run="r", **who)
    yield release
    yield web.Complaint.objects.create(release=release, about="figure", text="t", at=AT)
    yield web.Grant.objects.create(person=by, role="clerk", unit="C1", first_day=DAY, given_at=AT)


def refused(sql: str, *values: object) -> bool:
    """Whether the database refuses, with our words."""
    from django.db import DatabaseError, connection, transaction

    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
    except DatabaseError as error:
        return "never changed" in str(error)
    return False


def other(column: str, value: Any) -> str:
    """SQL for another value of a column."""
    if isinstance(value, bool):
        return f'NOT "{column}"'
    if isinstance(value, dict):
        return '\'{"a": "2"}\''
    if isinstance(value, int):
        return f'"{column}" + 1'
    return "'2031-01-01'" if isinstance(value, dt.date) else "'another'" if value is not None else "1"


OF_DAYS = {"last_day"}


def test_every_table_is_protected_or_said_to_move(office: Path) -> None:
    from django.apps import apps

    tables = {model._meta.db_table.removeprefix("web_") for model in apps.get_app_config("web").get_models()}
    assert tables == set(said()) | set(BY_OTHERS) | set(MOVING)
    assert not (set(said()) | set(BY_OTHERS)) & set(MOVING)


def test_no_protected_column_changes_and_no_row_goes(undone: Path) -> None:
    seen, wrong = set(), []
    for row in rows():
        table = row._meta.db_table
        name = table.removeprefix("web_")
        seen.add(name)
        for column in said()[name]:
            fresh = "'2031-01-01'" if column in OF_DAYS else other(column, getattr(row, column))
            if not refused(f'UPDATE {table} SET "{column}" = {fresh} WHERE id = %s', row.pk):
                wrong.append((name, column))
        if not refused(f"DELETE FROM {table} WHERE id = %s", row.pk):
            wrong.append((name, "delete"))
        row.save()  # written again as it is: nothing changes
    assert not wrong
    assert seen == set(said())


def test_where_a_matter_stands_can_change(undone: Path) -> None:
    from tallymark_web.models import Appeal, Complaint, Grant, Release, Version

    list(rows())
    assert Version.objects.update(accepted=True)
    assert Appeal.objects.update(state="upheld", reasons="because")
    assert Release.objects.update(state="public", decided_at=AT)
    assert Complaint.objects.update(state="answered", answer="thank you")
    assert Grant.objects.filter(given_at=AT).update(withdrawn_at=AT)


def test_no_table_is_emptied(undone: Path) -> None:
    """At once: by TRUNCATE, which triggers on rows do not see, and where that is unknown (SQLite) by DELETE of all."""
    from django.db import connection

    list(rows())
    connection.check_constraints()  # else PostgreSQL answers first that checks of the rows above are still to come
    words = "TRUNCATE web_{} CASCADE" if connection.vendor == "postgresql" else "DELETE FROM web_{}"
    assert not [table for table in said() if not refused(words.format(table))]
