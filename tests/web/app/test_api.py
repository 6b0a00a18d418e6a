"""The interface for programs: what its description says, no more rights than a person, nothing that breaks it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

ROW = {
    "unit": "C1",
    "items": {"visits_reported": "7", "stockout_days": "0", "complaints": "2", "complaints_closed": "?"},
}


@pytest.fixture
def token_of(undone: Path, settings_with: Any) -> Any:
    from tallymark.clock import now
    from tallymark_web.api.tokens import make_token
    from tallymark_web.people.models import Person

    def made(who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {make_token(Person.objects.get(username=who), 'test', at=now())}"}

    with settings_with(today=dt.date(2025, 10, 3)):
        yield made


@pytest.fixture
def client(undone: Path) -> Any:
    from django.test import Client

    return Client()


def post(client: Any, headers: dict[str, str], key: str = "key-number-1", **row: Any) -> Any:
    body = {"key": key, "rows": [ROW | row]}
    return client.post("/api/reports/monthly/2025-09", body, content_type="application/json", headers=headers)


def test_sent_exactly_once(client: Any, token_of: Any) -> None:
    mine = token_of("village-clerk")
    due = client.get("/api/due", headers=mine).json()
    assert due[0] == {
        "dataset": "monthly",
        "period": "2025-09",
        "due": "2025-10-05",
        "units": ["C1"],
        "items": list(ROW["items"]),
    }
    assert post(client, mine).json() == [{"unit": "C1", "version": 1, "refused": None}]
    assert post(client, mine).json() == [{"unit": "C1", "version": 1, "refused": None}]
    assert client.get("/api/reports/monthly/2025-09", headers=mine).json() == [
        {"unit": "C1", "state": "submitted", "version": 1}
    ]


def test_no_more_than_the_person(client: Any, token_of: Any) -> None:
    from tallymark_web.reporting.models import Report

    assert post(client, token_of("village-clerk"), unit="C2").json()[0]["refused"]
    assert post(client, token_of("auditor")).json()[0]["refused"]
    assert post(client, token_of("administrator")).json()[0]["refused"]
    assert client.get("/api/due", headers=token_of("administrator")).json() == []
    assert not Report.objects.exists()


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Bearer tm_" + "A" * 43, "Basic Y2xlcms6eA=="])
def test_without_a_token_nothing(client: Any, token_of: Any, header: str) -> None:
    assert client.get("/api/due", headers={"Authorization": header}).status_code == 401


def test_tokens_end(client: Any, token_of: Any, signed_in: Callable[..., Any]) -> None:
    from tallymark_web.api.models import Token
    from tallymark_web.people.models import Person

    mine = token_of("village-clerk")
    token = Token.objects.get()
    assert mine["Authorization"].removeprefix("Bearer ") not in str(Token.objects.values_list())
    assert signed_in("clerk").post(f"/tokens/{token.pk}/withdraw").status_code == 404  # another's
    Token.objects.update(last_day=dt.date(2020, 1, 1))
    assert client.get("/api/due", headers=mine).status_code == 401
    Token.objects.update(last_day=dt.date(2099, 1, 1))
    assert client.get("/api/due", headers=mine).status_code == 200
    Person.objects.filter(username="village-clerk").update(is_active=False)
    assert client.get("/api/due", headers=mine).status_code == 401
    Person.objects.filter(username="village-clerk").update(is_active=True)
    assert signed_in("village-clerk").post(f"/tokens/{token.pk}/withdraw").status_code == 302
    assert client.get("/api/due", headers=mine).status_code == 401


def test_a_page_makes_a_token_and_shows_it_once(signed_in: Callable[..., Any]) -> None:
    page = signed_in("clerk").post("/tokens", {"name": "monthly script"})
    fresh = page.context["fresh"]
    assert fresh.startswith("tm_")
    assert fresh not in signed_in("clerk").get("/tokens").content.decode()


def test_whatever_fits_the_description_gets_what_the_description_says(token_of: Any) -> None:
    from django.core import signals
    from django.core.wsgi import get_wsgi_application
    from django.db import close_old_connections

    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)  # the test's transaction lives on this connection
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())
    mine, seen = token_of("clerk"), set[str]()
    for found in schema.get_all_operations():
        operation = found.ok()
        seen.add(operation.label)

        @given(case=operation.as_strategy())
        @settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def holds(case: Any) -> None:
            case.call_and_validate(
                headers=mine,
                excluded_checks=[schemathesis.checks.ignored_auth]
                if hasattr(schemathesis.checks, "ignored_auth")
                else [],
            )

        holds()
    assert len(seen) == 7
