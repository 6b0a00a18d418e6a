"""Actions: opened from what was found, done with evidence, checked by somebody else, up when overdue; the meeting pack."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from tests.web.app.test_inbox import file

TODAY = dt.date(2025, 9, 26)


@pytest.fixture
def now(settings_with: Any) -> Any:
    with settings_with(today=TODAY):
        yield


def pk(username: str) -> int:
    from tallymark_web.people.models import Person

    return int(Person.objects.get(username=username).pk)


def opened(client: Any, owner: str = "clerk", **said: object) -> int:
    form = {
        "unit": "C2",
        "source": "order",
        "said_of": "Order 12 of 2025",
        "text": "Mend the cold chain",
        "owner": pk(owner),
        "days": 5,
    }
    answer = client.post("/actions/new", form | said)
    assert answer.status_code == 302, answer.context["error"]
    return int(answer["Location"].rsplit("/", 1)[1])


def act(client: Any, action: int, act: str, **said: object) -> int:
    return int(
        client.post(
            f"/actions/{action}/act", {"act": act, "text": "Here is what was done."} | said
        ).status_code
    )


def one(number: int) -> Any:
    from tallymark_web.actions.models import Action

    return Action.objects.get(pk=number)


def test_done_with_evidence_and_checked_by_somebody_else(signed_in: Callable[..., Any], now: None) -> None:
    from tallymark_web.audit.models import Entry

    inspector, clerk, reviewer = signed_in("inspector"), signed_in("clerk"), signed_in("reviewer")
    number = opened(inspector)
    assert one(number).due == dt.date(2025, 10, 3)  # the starter declares no holidays
    assert act(inspector, number, "report") == 404  # not theirs
    assert act(clerk, number, "confirm") == 404
    assert act(clerk, number, "report", paper=file("sheet.pdf", b"%PDF-1.7 x"), dated="2025-01-01") == 302
    page = clerk.get(f"/actions/{number}")
    assert page.context["acts"] == ["remark"]
    _, _, (paper,) = page.context["deeds"][-1]
    assert "days after its date" in paper["late"]
    assert reviewer.get(f"/proofs/{paper['paper'].pk}").status_code == 200
    assert act(clerk, number, "confirm") == 404
    assert act(reviewer, number, "send back") == 302
    assert one(number).state == "open"
    assert act(clerk, number, "report") == 302
    assert act(reviewer, number, "confirm") == 302
    assert one(number).state == "closed"
    assert act(reviewer, number, "drop") == 404
    assert [
        entry.detail["state"] for entry in Entry.objects.filter(action="action dealt with").order_by("number")
    ] == ["done", "open", "done", "closed"]


def test_an_owner_who_may_check_does_not_check_their_own(signed_in: Callable[..., Any], now: None) -> None:
    from tallymark.errors import TallymarkError
    from tallymark_web.actions.acts import act_on
    from tallymark_web.people.models import Person

    number = opened(signed_in("leader"), owner="reviewer")
    reviewer = signed_in("reviewer")
    assert act(reviewer, number, "report") == 302
    assert act(reviewer, number, "confirm") == 404
    with pytest.raises(TallymarkError, match="somebody else"):
        act_on(
            number, "confirm", "mine", by=Person.objects.get(username="reviewer"), at=dt.datetime.now(dt.UTC)
        )


def test_only_ones_own_units(signed_in: Callable[..., Any], now: None) -> None:
    number, village = opened(signed_in("inspector")), signed_in("village-clerk")  # of C1 alone
    assert village.get(f"/actions/{number}").status_code == 404
    assert village.get("/actions").context["rows"] == []
    assert act(village, number, "remark") == 404
    assert signed_in("clerk").post("/actions/new", {"unit": "C2"}).status_code == 403
    assert signed_in("auditor").get(f"/actions/{number}").status_code == 200
    assert signed_in("auditor").get(f"/actions/{number}").context["acts"] == []
    theirs = opened(signed_in("inspector"), owner="village-clerk", unit="C1")
    assert act(village, theirs, "report") == 302


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"text": " "}, "to be done"),
        ({"days": "0"}, "working days"),
        ({"days": "x"}, "working days"),
        ({"owner": 0}, "who does it"),
        ({"source": "x"}, "comes from"),
    ],
)
def test_what_an_action_needs(
    signed_in: Callable[..., Any], now: None, said: dict[str, object], words: str
) -> None:
    form = {"unit": "C2", "source": "order", "text": "Do it", "owner": pk("clerk"), "days": 5}
    answer = signed_in("leader").post("/actions/new", form | said)
    assert answer.status_code == 422
    assert words in answer.context["error"]


def test_overdue_goes_up_by_working_days_once(signed_in: Callable[..., Any], now: None) -> None:
    from tallymark_web.actions.acts import escalate
    from tallymark_web.workplace import tree

    number, at, units = opened(signed_in("inspector")), dt.datetime.now(dt.UTC), tree(TODAY)
    due = one(number).due
    for days, to in ((6, ""), (7, "D"), (8, "D"), (60, "D")):  # due on a Friday: five working days are a week
        escalate(units, today=due + dt.timedelta(days=days), at=at)
        assert one(number).escalated == to, days
    assert one(number).deeds.filter(act="escalate").count() == 1
    assert act(signed_in("clerk"), number, "report") == 302
    assert escalate(units, today=due + dt.timedelta(days=90), at=at) == 0


def test_from_a_gap_and_from_a_finding(signed_in: Callable[..., Any], now: None) -> None:
    leader = signed_in("leader")
    page = leader.get("/scores/unit/C3")
    gap = page.context["gaps"][0]
    form = leader.get("/actions/new", {"source": "gap", "unit": "C3", "ref": gap["code"]})
    assert gap["title"] in form.context["said_of"]
    number = opened(leader, unit="C3", source="gap", ref=gap["code"], said_of="somebody's words")
    assert one(number).said_of == form.context["said_of"]
    row = next(row for row in leader.get("/findings").context["rows"] if row["row"].found.unit)
    found = row["row"]
    number = opened(leader, unit=found.found.unit, source="finding", ref=found.key)
    assert one(number).ref == found.key
    assert leader.get(f"/actions/{number}").status_code == 200


def test_a_meeting_pack_whose_decisions_are_actions(signed_in: Callable[..., Any], now: None) -> None:
    leader = signed_in("leader")
    late = opened(leader)
    from tallymark_web.actions.models import Action

    Action.objects.filter(pk=late).update(due=dt.date(2025, 9, 12))
    said = {"unit": "D", "period": "2025-08", "held_on": "2025-09-26", "title": "September meeting"}
    assert signed_in("reviewer").post("/meetings/new", said).status_code == 403
    assert leader.post("/meetings/new", said | {"period": "x"}).status_code == 302
    answer = leader.post("/meetings/new", said)
    address = answer["Location"]
    page = leader.get(address)
    assert [days for _, _, days in page.context["late"]] == [10]
    lost = [row["lost"] for row in page.context["gaps"]]
    assert lost == sorted(lost, key=float, reverse=True)
    opened(leader, source="meeting", meeting=address.rsplit("/", 1)[1], text="Call the clinics by Friday")
    leader.post(f"{address}/notes", {"agenda": "Staffing", "notes": "All agreed."})
    page = leader.get(address)
    assert [action.text for action, _ in page.context["decisions"]] == ["Call the clinics by Friday"]
    assert "All agreed." in page.content.decode()
    assert signed_in("village-clerk").get(address).status_code == 404


def test_a_demo_begins_with_examples_in_every_state_made_once(
    signed_in: Callable[..., Any], now: None
) -> None:
    from tallymark_web.actions.demo import MARK, make_demo_actions
    from tallymark_web.actions.models import Action, Meeting
    from tallymark_web.audit.models import Entry

    at = dt.datetime(2025, 9, 26, 8, 0, tzinfo=dt.UTC)
    make_demo_actions(at=at)
    made = list(Action.objects.all())
    assert {one.state for one in made} == {"open", "done", "closed"}
    assert {one.source for one in made} == {"gap", "finding", "meeting"}
    assert all(one.text.startswith(MARK) for one in made)
    (late,) = (one for one in made if one.state == "open" and one.due < TODAY)
    assert late.escalated == "D"
    (checked,) = (one for one in made if one.state == "closed")
    by = {deed.act: deed.by.username for deed in checked.deeds.all()}
    assert (by["report"], by["confirm"]) == ("clerk", "reviewer")
    held = Meeting.objects.get()
    assert (held.period, held.actions.count()) == ("2025-08", 1)
    count = Entry.objects.count()
    make_demo_actions(at=at)
    assert (Action.objects.count(), Entry.objects.count()) == (len(made), count)
    page = signed_in("leader", headers={"accept-language": "zh-hans"}).get("/actions?state=all")
    assert page.content.decode().count(f'">{MARK}') == len(made) + 1  # the decision names its meeting, too
