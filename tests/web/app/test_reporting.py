"""A report's way: typed, sent once, decided by a second person, in the store, corrected, and every version kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

SHEET = "/reports/monthly/2025-09/C1"
ITEMS = {"visits_reported": "7", "stockout_days": "0", "complaints": "2", "complaints_closed": "1"}


def rows(unit: str = "C1", number: int = 0, **items: str) -> dict[str, Any]:
    return {unit: {"items": ITEMS | items, "number": number, "note": ""}}


def post(client: Any, address: str, body: object) -> Any:
    return client.post(
        address, json.dumps(body), content_type="application/json", headers={"Accept": "application/json"}
    )


def send(client: Any, key: str, address: str = SHEET, **items: str) -> Any:
    return post(client, f"{address}/send", {"key": key, "rows": rows(**items)})


@pytest.fixture
def clerk(signed_in: Callable[..., Any], settings_with: Any) -> Any:
    """The clerk of one village, in October 2025."""
    import datetime as dt

    with settings_with(today=dt.date(2025, 10, 3)):
        yield signed_in("village-clerk")


@pytest.fixture
def reviewer(signed_in: Callable[..., Any]) -> Any:
    return signed_in("reviewer")


def test_checks_and_draft_as_one_types(clerk: Any) -> None:
    answer = post(
        clerk,
        f"{SHEET}/typed",
        {"rows": rows(complaints_closed="3", stockout_days="40", visits_reported="-")},
    ).json()["rows"]["C1"]
    assert answer["number"] == 1
    assert answer["cells"]["visits_reported"]["state"] == "wrong"
    assert "above 31" in answer["cells"]["stockout_days"]["message"]
    assert [check["items"] for check in answer["checks"]] == [["complaints", "complaints_closed"]]
    assert "does not hold" in answer["checks"][0]["message"]
    assert not answer["complete"]
    line = clerk.get(SHEET).context["sheet"].lines[0]
    assert line.typed["stockout_days"] == "40"
    assert line.before["visits_reported"]  # August, from the store


def test_chinese_readers_get_chinese(clerk: Any) -> None:
    clerk.cookies["django_language"] = "zh-hans"
    answer = post(clerk, f"{SHEET}/typed", {"rows": rows(visits_reported="-")}).json()["rows"]["C1"]
    assert "不详" in answer["cells"]["visits_reported"]["message"]


def test_sent_twice_is_taken_once(clerk: Any) -> None:
    from tallymark_web.reporting.models import Version

    assert send(clerk, "key-number-1").json() == {"rows": {"C1": {"version": 1}}}
    assert send(clerk, "key-number-1").json() == {"rows": {"C1": {"version": 1}}}
    assert Version.objects.count() == 1
    assert send(clerk, "key-number-2").json() == {"rows": {"C1": {"version": 2}}}


def test_a_key_of_somebody_else_is_no_way_in(clerk: Any, signed_in: Callable[..., Any]) -> None:
    send(clerk, "key-number-1")
    answer = send(signed_in("clerk"), "key-number-1").json()["rows"]["C1"]
    assert "refused" in answer


@pytest.mark.parametrize("items", [{"complaints": ""}, {"complaints": "x"}, dict.fromkeys(ITEMS, "?")])
def test_what_is_not_complete_is_not_taken(clerk: Any, items: dict[str, str]) -> None:
    assert "refused" in send(clerk, "key-number-1", **items).json()["rows"]["C1"]


def test_nonsense_is_not_taken(clerk: Any) -> None:
    assert post(clerk, f"{SHEET}/send", {"rows": rows()}).status_code == 400
    for body in (
        [],
        {"key": "long-enough", "rows": []},
        {"key": "long-enough", "rows": {"C1": 1}},
        {"key": "long-enough", "rows": {"C1": {"items": []}}},
    ):
        assert post(clerk, f"{SHEET}/send", body).status_code in (200, 400)
    assert clerk.post(f"{SHEET}/send", b"\xff\xfe", content_type="application/json").status_code == 400
    typed = post(
        clerk,
        f"{SHEET}/typed",
        {"rows": {"C1": {"items": {"visits_reported": ["x"], "nothing": "1"}, "number": "x"}}},
    )
    assert typed.status_code == 200


def test_nothing_outside_ones_subtree(clerk: Any) -> None:
    from tallymark_web.reporting.models import Report

    for address in (
        "/reports/monthly/2025-09/C2",
        "/reports/monthly/2025-09/D",
        "/reports/monthly/2025-09/nowhere",
    ):
        assert clerk.get(address).status_code == 404
        assert post(clerk, f"{address}/typed", {"rows": rows("C2")}).status_code == 404
        assert send(clerk, "key-number-1", address).status_code == 404
    # a row smuggled into one's own sheet
    assert post(clerk, f"{SHEET}/send", {"key": "key-number-1", "rows": rows("C2")}).json() == {"rows": {}}
    assert post(clerk, f"{SHEET}/typed", {"rows": rows("C2")}).json() == {"rows": {}}
    assert not Report.objects.exists()


@pytest.mark.parametrize("address", ["/reports/visits/2025-09/C1", "/reports/monthly/2025-10/C1", "/reports/monthly/2025-Q3/C1",
                                     "/reports/monthly/x/C1", "/reports/nothing/2025-09/C1", "/reports/residents/2025-09/C1"])  # fmt: skip
def test_only_reports_of_periods_that_are_over(clerk: Any, address: str) -> None:
    assert clerk.get(address).status_code == 404


def test_two_people(clerk: Any, signed_in: Callable[..., Any]) -> None:
    """One who is clerk and reviewer does not decide on their own report."""
    import datetime as dt

    from tallymark_web.people.models import Grant, Person
    from tallymark_web.reporting.models import Report

    both = Person.objects.get(username="village-clerk")
    Grant.objects.create(
        person=both,
        role="reviewer",
        unit="C1",
        first_day=dt.date(2020, 1, 1),
        given_at=dt.datetime.now(dt.UTC),
    )
    send(clerk, "key-number-1")
    report = Report.objects.get()
    assert clerk.post(f"/reports/{report.pk}/decide", {"act": "accept", "version": 1}).status_code == 409
    report.refresh_from_db()
    assert report.state == "submitted"


def test_a_broken_check_needs_a_word(clerk: Any) -> None:
    refused = send(clerk, "key-number-1", complaints_closed="3").json()["rows"]["C1"]
    assert "remark" in refused["refused"]
    assert refused["checks"]


def test_returned_with_words_and_corrected(clerk: Any, reviewer: Any) -> None:
    from tallymark_web.reporting.models import Report

    said = rows(complaints_closed="3")
    said["C1"]["note"] = "one was left over from August"
    post(clerk, f"{SHEET}/send", {"key": "key-number-1", "rows": said})
    waiting = reviewer.get("/reports/review").context["found"]
    assert [one.name.en for one in waiting] == ["Riverside"]
    assert waiting[0].failed
    report = Report.objects.get()
    assert (
        reviewer.post(f"/reports/{report.pk}/decide", {"act": "return", "version": 1}).status_code == 409
    )  # no words
    assert (
        reviewer.post(
            f"/reports/{report.pk}/decide",
            {"act": "return", "version": 1, "comment": "more closed than received"},
        ).status_code
        == 302
    )
    line = clerk.get(SHEET).context["sheet"].lines[0]
    assert (line.standing, line.returned, line.typed["complaints_closed"]) == (
        "returned",
        "more closed than received",
        "3",
    )
    assert send(clerk, "key-number-2").json()["rows"]["C1"] == {"version": 2}
    assert (
        reviewer.post(f"/reports/{report.pk}/decide", {"act": "accept", "version": 1}).status_code == 409
    )  # the old one
    assert reviewer.post(f"/reports/{report.pk}/decide", {"act": "accept", "version": 2}).status_code == 302
    report.refresh_from_db()
    assert report.state == "accepted"
    shown = clerk.get(f"/reports/{report.pk}").content.decode()
    assert "more closed than received" in shown


def test_all_without_doubt_at_once(clerk: Any, reviewer: Any) -> None:
    from tallymark_web.jobs.models import Job
    from tallymark_web.reporting.models import Report

    send(clerk, "key-number-1")
    page = reviewer.get("/reports/review").context
    assert len(page["clean"]) == 1
    reviewer.post("/reports/review/accept", {"version": [str(page["clean"][0].version.pk), "999"]})
    assert Report.objects.get().state == "accepted"
    assert Job.objects.filter(kind="deliver", state="queued").count() == 1


def test_two_browsers_notice_each_other(clerk: Any, signed_in: Callable[..., Any]) -> None:
    post(clerk, f"{SHEET}/typed", {"rows": rows()})
    other = signed_in("clerk")
    answer = post(other, f"{SHEET}/typed", {"rows": rows(number=0, complaints="9")}).json()["rows"]["C1"]
    assert "Zhou Ping" in answer["refused"]
    assert (
        post(other, f"{SHEET}/typed", {"rows": rows(number=1, complaints="9")}).json()["rows"]["C1"]["number"]
        == 2
    )


def test_a_closed_period_takes_nothing(clerk: Any, signed_in: Callable[..., Any]) -> None:
    statistician = signed_in("statistician")
    closing = {"dataset": "monthly", "period": "2025-09", "unit": "D", "act": "close"}
    statistician.post("/reports/close", closing | {"reason": ""})
    assert "version" in send(clerk, "key-number-1").json()["rows"]["C1"]
    statistician.post("/reports/close", closing | {"reason": "the year is scored"})
    assert "closed" in send(clerk, "key-number-2").json()["rows"]["C1"]["refused"]
    assert clerk.get(SHEET).context["sheet"].lines[0].closed
    statistician.post("/reports/close", closing | {"act": "open", "reason": "a court asked for it"})
    assert "version" in send(clerk, "key-number-3").json()["rows"]["C1"]


def test_the_calendar_says_how_it_stands(clerk: Any) -> None:
    row = clerk.get("/reports").context["found"][0]["periods"][0]
    assert (row["deadline"].period.code, str(row["deadline"].due), row["due"]) == ("2025-09", "2025-10-05", 1)
    before = row["done"]
    send(clerk, "key-number-1")
    row = clerk.get("/reports").context["found"][0]["periods"][0]
    assert row["counts"]["submitted"] == 1
    assert row["done"] <= before
