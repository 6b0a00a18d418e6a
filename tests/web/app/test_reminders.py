"""Reminders: what is due, on working days, nothing twice, nothing lost when the mail server refuses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.web.app.test_actions import opened

from tallymark.errors import TallymarkError
from tallymark.model.working_days import WorkingDays
from tallymark_web.environment import mail
from tallymark_web.reminders.deciding import worth_telling

FRIDAY = dt.date(2025, 9, 26)
AT = dt.datetime(2025, 9, 26, 7, 0, tzinfo=dt.UTC)


@given(days=st.lists(st.frozensets(st.sampled_from("abc"), max_size=3), max_size=40))
def test_never_twice_in_a_week_without_news_and_never_on_free_days(days: list[frozenset[str]]) -> None:
    calendar, last = WorkingDays(), None
    for step, things in enumerate(days):
        today = FRIDAY + dt.timedelta(days=step)
        if worth_telling(things, today=today, last=last, calendar=calendar):
            assert today.weekday() < 5
            assert things
            if last is not None:
                assert things - last[1] or calendar.between(last[0], today) >= 5
            last = (today, things)
            assert not worth_telling(things, today=today, last=last, calendar=calendar)


def remind(today: dt.date) -> int:
    from tallymark_web.reminders.sending import remind_all

    return remind_all(today=today, at=AT)


def test_one_mail_in_both_languages_then_silence(signed_in: Callable[..., Any], settings_with: Any) -> None:
    from django.core import mail as post

    with settings_with(today=FRIDAY, address="https://office.example"):
        opened(signed_in("inspector"), text="Mend the cold chain")
        clerk = signed_in("clerk")
        assert clerk.post("/reminders", {"email": "no address", "reminded": "yes"}).status_code == 422
        assert clerk.post("/reminders", {"email": "lin@office.example", "reminded": "yes"}).status_code == 302
        post.outbox.clear()
        assert remind(FRIDAY) == 1
        (sent,) = post.outbox
        assert sent.to == ["lin@office.example"]
        assert "Mend the cold chain" in sent.body
        assert "https://office.example/actions/" in sent.body
        assert "整改" in sent.body
        assert remind(FRIDAY) == 0  # the same day
        assert remind(FRIDAY + dt.timedelta(days=1)) == 0  # a Saturday
        assert remind(FRIDAY + dt.timedelta(days=3)) == 0  # nothing new
        opened(signed_in("inspector"), text="Count the stores")
        assert remind(FRIDAY + dt.timedelta(days=3)) == 1
        clerk.post("/reminders", {"email": "lin@office.example"})
        opened(signed_in("inspector"), text="Write the report")
        assert remind(FRIDAY + dt.timedelta(days=4)) == 0  # not wanted


def test_what_the_mail_server_refuses_is_sent_the_next_time(
    signed_in: Callable[..., Any], settings_with: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tallymark_web.audit.models import Entry
    from tallymark_web.reminders import sending

    with settings_with(today=FRIDAY):
        opened(signed_in("inspector"))
        signed_in("clerk").post("/reminders", {"email": "lin@office.example", "reminded": "yes"})

        def refuse(*_: object) -> int:
            raise ConnectionRefusedError

        monkeypatch.setattr(sending, "send_mail", refuse)
        assert remind(FRIDAY) == 0
        assert Entry.objects.filter(action="reminder not sent").exists()
        monkeypatch.undo()
        assert remind(FRIDAY) == 1


def test_tasks_tell_of_actions_and_changes(signed_in: Callable[..., Any], settings_with: Any) -> None:
    with settings_with(today=FRIDAY):
        number = opened(signed_in("inspector"))
        clerk, reviewer = signed_in("clerk"), signed_in("reviewer")
        assert any(task.href == f"/actions/{number}" for task in clerk.get("/").context["tasks"])
        clerk.post(f"/actions/{number}/act", {"act": "report", "text": "done"})
        assert any("your check" in task.title for task in reviewer.get("/").context["tasks"])


def test_a_mail_server_by_its_address() -> None:
    assert mail("", "") == {}
    found = mail("smtp://a%40b:p%3Aw@post.example:2525", "office@example.org")
    assert (found["host"], found["port"], found["user"], found["password"], found["starttls"]) == (
        "post.example",
        2525,
        "a@b",
        "p:w",
        True,
    )
    assert mail("smtps://post.example", "o@e.org")["port"] == 465
    for address, sender in (
        ("post.example", "o@e.org"),
        ("smtp://post.example", ""),
        ("http://x", "o@e.org"),
    ):
        with pytest.raises(TallymarkError, match="MAIL"):
            mail(address, sender)
