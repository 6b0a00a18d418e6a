"""Every route, as everybody: what the table of rules says is what the pages do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tallymark_web.people.cast import NAMES, PASSWORD
from tallymark_web.people.decision import ACTIONS

EVERYBODY = (*NAMES, "nobody", "stranger")
"""`nobody` is signed out; `stranger` has an account and no role."""


@pytest.fixture
def client_of(signed_in: Callable[..., Any]) -> Callable[[str], Any]:
    from django.test import Client

    from tallymark_web.people.models import Person

    def made(who: str) -> Any:
        if who == "nobody":
            return Client()
        if who == "stranger":
            Person.objects.get_or_create(username="stranger")
        return signed_in(who)

    return made


def addresses(route: Any) -> Iterator[str]:
    """The route's address with something that exists in every place, as far as tests know it."""
    from tallymark_web.people.models import Grant, Person

    known = {
        "person": str(Person.objects.get(username="clerk").pk),
        "grant": str(Grant.objects.filter(person__username="clerk").first().pk),
        "dataset": "monthly", "period": "2025-09", "unit": "C2", "indicator": "seen_in_time", "contract": "services-2025",
        "line": "S1", "kind": "contracts", "name": "services-2025",
    }  # fmt: skip
    yield "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda place: known.get(place[1], "1"), route.path)


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_route_keeps_its_rule(who: str, client_of: Callable[[str], Any]) -> None:
    from tallymark_web.access import OPEN, SIGNED_IN
    from tallymark_web.routes import ROUTES

    client, role = client_of(who), NAMES.get(who, ("", "", ""))[1]
    wrong = []
    for route in ROUTES:
        if route.name in ("language",):
            continue
        for address in addresses(route):
            answer = client.get(address) if "GET" in route.methods else client.post(address)
            if route.action == OPEN:
                expected = {200, 404}
            elif who == "nobody":
                expected = {302}
            elif route.action == SIGNED_IN or role in ACTIONS[route.action]:
                expected = {200, 302, 400, 404, 409, 422}  # what the page itself says
            else:
                expected = {403}
            if answer.status_code not in expected or (
                who == "nobody" and answer.status_code == 302 and "/account/login/" not in answer["Location"]
            ):
                wrong.append((route.name, answer.status_code))
    assert not wrong


def test_every_address_is_a_route_or_signing_in(office: Path) -> None:
    from tallymark_web.routes import ROUTES
    from tallymark_web.urls import urlpatterns

    ours = {route.name for route in ROUTES}
    others = {str(pattern.pattern) for pattern in urlpatterns if getattr(pattern, "name", None) not in ours}
    assert all(other.startswith(("account/", "api/")) for other in others), others
    assert all(route.action in {*ACTIONS, "open", "signed in"} for route in ROUTES)


def test_methods_that_a_route_does_not_have_are_refused(signed_in: Callable[..., Any]) -> None:
    client = signed_in("administrator")
    assert client.post("/people").status_code == 405
    assert client.get("/people/new").status_code == 405
    assert client.delete("/").status_code == 405


def test_forms_need_their_token(signed_in: Callable[..., Any]) -> None:
    client = signed_in("administrator", enforce_csrf_checks=True)
    answer = client.post("/people/new", {"username": "x", "name": "X"})
    assert answer.status_code == 403


def test_answers_carry_their_headers(signed_in: Callable[..., Any]) -> None:
    answer = signed_in("clerk").get("/")
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"


def test_the_cookie_of_a_session_is_kept_from_scripts(undone: Path) -> None:
    from django.test import Client

    answer = Client().post("/account/login/", {"login": "clerk", "password": PASSWORD})
    assert answer.status_code == 302
    cookie = answer.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["max-age"]  # it ends with the browser


def test_no_page_has_inline_script_or_style() -> None:
    templates = Path(__file__).parents[3] / "src" / "tallymark_web" / "templates"
    for path in templates.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\son[a-z]+=|\sstyle=|<style|javascript:", text), path.name
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), path.name


DATA = ("clerk", "reviewer", "inspector", "statistician", "leader", "auditor")
OPENERS = ("reviewer", "inspector", "statistician", "leader")
WHO_MAY = {
    "/actions/{action}": DATA,
    "/meetings/{meeting}": DATA,
    "/actions/new?unit=C2": OPENERS,
    "/actions/new?unit=C1": OPENERS,
    "/files/form/visits": ("clerk", "village-clerk", "statistician"),
    "/files/form/visits?unit=C2": ("clerk", "statistician"),
    "/scores/compare": (*DATA, "village-clerk"),
    "/outlook": (*DATA, "village-clerk"),
    "/scores/trends/seen_in_time": (*DATA, "village-clerk"),
    "/programme/contract/services-2025": tuple(NAMES),
    "/programme/versions": tuple(NAMES),
    "/programme/versions/{revision}": tuple(NAMES),
    "/programme/change/contracts/services-2025": ("statistician",),
    "/programme/change/indicators/-new": ("statistician",),
    "/programme/workbook/services-2025": ("statistician",),
    "/reminders": tuple(NAMES),
}
"""Page → who sees it; the village's clerk works for C1 alone, everybody else for the whole district."""


def test_pages_about_things_that_are_there_by_role(client_of: Callable[[str], Any]) -> None:
    """The crawler asks for things that may not be there; these are."""
    import datetime as dt

    from tallymark_web.actions.models import Action, Meeting
    from tallymark_web.declared.models import Revision
    from tallymark_web.people.models import Person

    by, at, day = Person.objects.get(username="leader"), dt.datetime.now(dt.UTC), dt.date(2025, 9, 26)
    made = {"by": by, "at": at}
    meeting = Meeting.objects.create(unit="D", period="2025-08", held_on=day, title="Meeting", **made)
    action = Action.objects.create(unit="C2", text="Do it", source="order", owner=by, due=day, **made)
    revision = Revision.objects.create(
        kind="contracts",
        subject="services-2025",
        base="0",
        after="1",
        files={},
        changes=[],
        reason="why",
        **made,
    )
    there = {"meeting": meeting.pk, "action": action.pk, "revision": revision.pk}
    clients, wrong = {who: client_of(who) for who in EVERYBODY}, []
    for page, may in WHO_MAY.items():
        for who, client in clients.items():
            status = client.get(page.format(**there)).status_code
            expected = {200} if who in may else {302} if who == "nobody" else {403, 404}
            if page == "/reminders" and who == "stranger":
                expected = {200}
            if status not in expected:
                wrong.append((page, who, status))
    assert not wrong
    for act in ("approved", "refused", "withdrawn"):
        for who, client in clients.items():
            status = client.post(f"/programme/versions/{revision.pk}/act", {"act": act}).status_code
            may = ("statistician",) if act == "withdrawn" else ("statistician", "leader")
            if (status == 302) != (who in (*may, "nobody")):
                wrong.append((act, who, status))
    assert not wrong
    assert Revision.objects.get(pk=revision.pk).state == "proposed"
