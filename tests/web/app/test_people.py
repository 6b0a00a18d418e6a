"""Accounts: the first one, sign-in and lockout, grants with their limits, and the log of all that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.web.app.conftest import PASSWORD, moved_to


def post_first(client: Any, **changes: str) -> Any:
    from tallymark_web.people.start_code import start_code

    said = {"username": "root-of-it", "name": "Root", "password": "a long enough phrase", "again": "a long enough phrase", "code": start_code()}  # fmt: skip
    return client.post("/start", said | changes)


@pytest.fixture
def empty(undone: Path) -> Path:
    """Before the first account."""
    from django.db import connection

    from tallymark_web.people.models import Grant, Person

    with connection.cursor() as cursor:  # grants are never deleted; taken back with everything else
        on = "" if connection.vendor == "sqlite" else " ON web_grant"
        cursor.execute(f"DROP TRIGGER web_grant_no_delete{on}")
    Grant.objects.all().delete()
    Person.objects.all().delete()
    return undone


def test_first_run_leads_to_the_first_account_and_closes(empty: Path) -> None:
    from django.test import Client

    from tallymark_web.people.models import Grant, Person

    client = Client()
    assert client.get("/")["Location"] == "/start"
    assert client.get("/start").status_code == 200
    assert "code" in post_first(client, code="12345678").context["form"].errors
    assert "again" in post_first(client, again="another long phrase").context["form"].errors
    assert (
        "password" in post_first(client, password="123456789012", again="123456789012").context["form"].errors
    )
    assert not Person.objects.exists()
    assert post_first(client).status_code == 302
    assert [(grant.role, grant.unit) for grant in Grant.objects.all()] == [("administrator", "D")]
    assert client.get("/start").status_code == 404
    assert post_first(client, username="second").status_code == 404


def test_five_wrong_passwords_lock(undone: Path) -> None:
    from django.core.cache import cache
    from django.test import Client

    client = Client()
    for _ in range(5):
        last = client.post("/account/login/", {"login": "clerk", "password": "wrong"})
    assert last.status_code == 429
    cache.clear()  # what is remembered in memory is not what locks
    assert client.post("/account/login/", {"login": "clerk", "password": PASSWORD}).status_code == 429
    assert "_auth_user_id" not in client.session
    other = Client().post("/account/login/", {"login": "reviewer", "password": PASSWORD})
    assert other.status_code == 302


def test_signing_in_is_recorded_and_a_typed_password_is_not(undone: Path) -> None:
    from django.test import Client

    from tallymark_web.audit.models import Entry

    Client().post("/account/login/", {"login": "my secret password", "password": "x"})
    Client().post("/account/login/", {"login": "clerk", "password": "x"})
    Client().post("/account/login/", {"login": "clerk", "password": PASSWORD})
    entries = list(Entry.objects.order_by("-number")[:2])
    assert [(entry.who, entry.action) for entry in entries] == [
        ("clerk", "signed in"),
        ("clerk", "sign-in refused"),
    ]
    assert not Entry.objects.filter(who__contains="secret").exists()


def test_a_new_account_changes_its_password_first(signed_in: Callable[..., Any]) -> None:
    from django.test import Client

    answer = signed_in("administrator").post("/people/new", {"username": "new-one", "name": "New One"})
    password = answer.context["password"]
    client = Client()
    assert client.post("/account/login/", {"login": "new-one", "password": password}).status_code == 302
    assert client.get("/")["Location"] == "/account/password/change/"
    said = {"oldpassword": password, "password1": "ten green bottles", "password2": "ten green bottles"}
    assert client.post("/account/password/change/", said).status_code == 302
    assert client.get("/").status_code == 200


def test_grants_have_limits(signed_in: Callable[..., Any]) -> None:
    from tallymark_web.people.models import Grant, Person

    client = signed_in("administrator")
    mine = Person.objects.get(username="administrator")
    clerk = Person.objects.get(username="clerk")
    wanted = {"role": "statistician", "unit": "C3", "first_day": "2025-01-01"}
    assert client.post(f"/people/{mine.pk}/give", wanted).status_code == 422  # not to oneself
    assert client.post(f"/people/{clerk.pk}/give", wanted | {"unit": "nowhere"}).status_code == 422
    assert client.post(f"/people/{clerk.pk}/give", wanted | {"last_day": "2024-01-01"}).status_code == 422
    assert client.post(f"/people/{clerk.pk}/give", wanted).status_code == 302
    last = Grant.objects.get(person=mine, role="administrator")
    client.post(f"/grants/{last.pk}/withdraw")
    assert Grant.objects.get(pk=last.pk).withdrawn_at is None  # the last administrator stays


def test_an_administrator_of_a_part_keeps_to_it(signed_in: Callable[..., Any]) -> None:
    from tallymark_web.people.models import Person

    moved_to("administrator", "C1")
    client = signed_in("administrator")
    shown = {row["person"].username for row in client.get("/people").context["found"]}
    assert shown == {"administrator", "village-clerk"}
    leader = Person.objects.get(username="leader")
    village = Person.objects.get(username="village-clerk")
    for path in (f"/people/{leader.pk}", f"/people/{leader.pk}/password", f"/people/{leader.pk}/close"):
        assert (client.get(path) if path.endswith(str(leader.pk)) else client.post(path)).status_code == 404
    wanted = {"role": "clerk", "unit": "C2", "first_day": "2025-01-01"}
    assert client.post(f"/people/{village.pk}/give", wanted).status_code == 422


def test_a_closed_account_can_do_nothing(signed_in: Callable[..., Any]) -> None:
    from django.test import Client

    from tallymark_web.people.models import Person

    clerk = Person.objects.get(username="clerk")
    working = Client()
    working.post("/account/login/", {"login": "clerk", "password": PASSWORD})
    assert working.get("/").status_code == 200
    signed_in("administrator").post(f"/people/{clerk.pk}/close")
    assert working.get("/").status_code == 302
    assert Client().post("/account/login/", {"login": "clerk", "password": PASSWORD}).status_code != 500


def test_roles_with_a_second_factor_set_one_up_first(
    signed_in: Callable[..., Any], settings_with: Any
) -> None:
    with settings_with(second_factor=frozenset({"auditor"})):
        assert signed_in("auditor").get("/audit")["Location"] == "/account/second-factor/totp/activate/"
        assert signed_in("clerk").get("/").status_code == 200


def test_the_log_refuses_change_and_notices_it(undone: Path) -> None:
    from django.db import DatabaseError, connection, transaction

    from tallymark_web.audit.log import record, wrong
    from tallymark_web.audit.models import Entry

    record("somebody", "signed in")
    record("somebody", "signed out")
    assert wrong() == []
    for change in ("UPDATE web_entry SET who = 'x'", "DELETE FROM web_entry"):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change)
    with connection.cursor() as cursor:
        known = {"sqlite": "web_entry_no_update", "postgresql": "web_entry_append_only ON web_entry"}
        cursor.execute(f"DROP TRIGGER {known[connection.vendor]}")
        cursor.execute("UPDATE web_entry SET who = 'x' WHERE number = (SELECT max(number) FROM web_entry)")
    assert len(wrong()) == 1
    assert str(Entry.objects.count()) in str(wrong()[0])


def test_the_auditor_reads_and_checks(signed_in: Callable[..., Any]) -> None:
    client = signed_in("auditor")
    assert client.get("/audit?who=demo").status_code == 200
    assert client.post("/audit/check").context["wrong"] == []


def test_an_office_behind_one_address_can_sign_in(undone: Path) -> None:
    from django.test import Client

    answers = {
        Client().post("/account/login/", {"login": "clerk", "password": PASSWORD}).status_code
        for _ in range(40)
    }
    assert answers == {302}


def test_a_session_is_put_off_once_a_minute_and_ends(signed_in: Callable[..., Any]) -> None:
    import datetime as dt

    from django.contrib.sessions.models import Session
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    client = signed_in("clerk")
    key = client.cookies["sessionid"].value

    def left() -> dt.timedelta:
        return Session.objects.get(pk=key).expire_date - timezone.now()  # type: ignore[no-any-return]

    def aged(minutes: float) -> None:
        Session.objects.filter(pk=key).update(expire_date=timezone.now() + dt.timedelta(minutes=minutes))

    with CaptureQueriesContext(connection) as asked:
        assert client.get("/").status_code == 200
    written = [one["sql"] for one in asked.captured_queries if one["sql"].startswith(("UPDATE", "INSERT"))]
    assert not written  # reading a page writes nothing
    aged(58.9)
    assert client.get("/").status_code == 200
    assert left() > dt.timedelta(minutes=59.9)
    aged(0.01)
    assert client.get("/").status_code == 200
    assert left() > dt.timedelta(minutes=59.9)
    aged(-0.01)
    assert client.get("/").status_code == 302
