"""The first page: what there is to do, for everybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from tests.web.app.test_reporting import send

from tallymark_web.people.cast import NAMES


@pytest.mark.parametrize("who", NAMES)
def test_everybody_has_a_first_page(signed_in: Callable[..., Any], who: str) -> None:
    page = signed_in(who).get("/")
    assert page.status_code == 200
    assert page.context["roles"] == [NAMES[who][1]]


def test_tasks_follow_the_work(signed_in: Callable[..., Any], settings_with: Any) -> None:
    def tasks(who: str) -> list[str]:
        return [task.title for task in signed_in(who).get("/").context["tasks"]]

    with settings_with(today=dt.date(2025, 10, 3)):
        clerk = signed_in("village-clerk")
        assert not any("wait for your decision" in title for title in tasks("reviewer"))
        send(clerk, "key-number-1")
        assert any(title.startswith("1 reports wait") for title in tasks("reviewer"))
        report = signed_in("reviewer").get("/reports/review").context["found"][0].report
        signed_in("reviewer").post(
            f"/reports/{report.pk}/decide", {"act": "return", "version": 1, "comment": "look again"}
        )
        first = clerk.get("/").context["tasks"][0]
        assert (first.state, first.note) == ("returned", "look again")
