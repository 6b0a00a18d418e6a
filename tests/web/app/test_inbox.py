"""Findings as work: found again in later runs, replied to, decided by a second person, papers that show their age."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.functional.test_hearing import DECLARED
from tests.functional.test_waivers import ANSWERS
from tests.web.app.conftest import moved_to


@pytest.fixture
def a_finding(office: Path) -> Any:
    """A finding of clinic C1's unit or another, with its key."""
    from tallymark_web.inbox.found import listed
    from tallymark_web.reading.runs import opened
    from tallymark_web.workplace import newest_run

    run = newest_run()
    assert run is not None
    reading = opened(run)
    rows = listed(reading, reading.facts.places.by_code, everywhere=True)
    assert rows
    return next(row for row in rows if row.found.unit)


def file(name: str, content: bytes) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, content)


def test_listed_worst_first_and_filtered(signed_in: Callable[..., Any], a_finding: Any) -> None:
    client = signed_in("statistician")
    rows = client.get("/findings").context["rows"]
    order = ["error", "warning", "note"]
    severities = [order.index(one["row"].found.severity) for one in rows]
    assert severities == sorted(severities)
    for one in client.get(f"/findings?code={a_finding.found.code}&state=open").context["rows"]:
        assert one["row"].found.code == a_finding.found.code
    assert client.get("/findings?severity=nothing").context["total"] == 0


def test_only_of_ones_units(signed_in: Callable[..., Any], a_finding: Any) -> None:

    other = "C1" if a_finding.found.unit != "C1" else "C2"
    moved_to("village-clerk", other)
    client = signed_in("village-clerk")
    assert all(one["row"].found.unit == other for one in client.get("/findings").context["rows"])
    assert client.get(f"/findings/{a_finding.key}").status_code == 404
    assert client.post(f"/findings/{a_finding.key}/act", {"act": "explain", "text": "x"}).status_code == 404


def test_reply_decide_and_every_word_kept(signed_in: Callable[..., Any], a_finding: Any) -> None:
    from tallymark_web.inbox.models import Case

    address = f"/findings/{a_finding.key}"
    clerk, reviewer, auditor = (signed_in(who) for who in ("clerk", "reviewer", "auditor"))
    assert clerk.post(f"{address}/act", {"act": "explain", "text": "  "}).status_code == 422
    assert (
        clerk.post(f"{address}/act", {"act": "waive", "text": "x"}).status_code == 404
    )  # not a clerk's to decide
    assert auditor.post(f"{address}/act", {"act": "explain", "text": "x"}).status_code == 404
    assert (
        reviewer.post(f"{address}/act", {"act": "settle", "text": "x"}).status_code == 422
    )  # nothing answered yet
    assert (
        clerk.post(f"{address}/act", {"act": "explain", "text": "counted twice <b>by hand</b>"}).status_code
        == 302
    )
    assert reviewer.post(f"{address}/act", {"act": "ask_recount", "text": "count again"}).status_code == 302
    assert (
        reviewer.post(f"{address}/act", {"act": "settle", "text": "never mind"}).status_code == 422
    )  # one's own last word
    assert (
        signed_in("inspector")
        .post(f"{address}/act", {"act": "recounted", "text": "7, as reported"})
        .status_code
        == 302
    )
    assert reviewer.post(f"{address}/act", {"act": "settle", "text": "agreed"}).status_code == 302
    case = Case.objects.get()
    assert case.state == "settled"
    assert [remark.act for remark in case.remarks.all()] == ["explain", "ask_recount", "recounted", "settle"]
    page = clerk.get(address).content.decode()
    assert "&lt;b&gt;by hand" in page
    assert "ask for a recount" in page
    assert "ask_recount" not in page


def test_papers_show_their_age_and_their_twins(
    signed_in: Callable[..., Any], a_finding: Any, settings_with: Any, tmp_path: Path, office: Path
) -> None:
    import os

    for name in ("programme", "store"):
        os.symlink(office / name, tmp_path / name)
    with settings_with(workplace=tmp_path):
        clerk = signed_in("clerk")
        address = f"/findings/{a_finding.key}"
        said = {"act": "explain", "text": "see the register", "dated": "2020-01-01"}
        assert (
            clerk.post(
                f"{address}/act", said | {"paper": file("../../register.pdf", b"%PDF-1.7 x")}
            ).status_code
            == 302
        )
        shown = clerk.get(address).context["remarks"][0][1][0]
        assert shown["paper"].name == "register.pdf"
        assert "days after its date" in shown["late"]
        assert not shown["twins"]
        answer = clerk.get(f"/papers/{shown['paper'].pk}")
        assert b"".join(answer.streaming_content) == b"%PDF-1.7 x"
        assert answer["Content-Disposition"].startswith("attachment")
        assert "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.exe", b"MZ"),
        ("x.pdf", b"<html>"),
        ("x.svg", b"<svg>"),
        ("x.pdf", b""),
        ("noending", b"x"),
        ("x.png", b"\xff\xd8\xff"),
    ],
)
def test_other_files_are_refused(
    signed_in: Callable[..., Any], a_finding: Any, name: str, content: bytes
) -> None:
    from tallymark_web.inbox.models import Case

    answer = signed_in("clerk").post(
        f"/findings/{a_finding.key}/act", {"act": "explain", "text": "x", "paper": file(name, content)}
    )
    assert answer.status_code == 422 or not content
    assert not Case.objects.exists() or not content


def test_the_same_finding_has_the_same_key_however_it_is_worded(a_finding: Any) -> None:
    from tallymark_web.inbox.found import key_of

    assert key_of(a_finding.found._replace(message="other words", batch=9.0)) == a_finding.key
    assert key_of(a_finding.found._replace(period="1999")) != a_finding.key


REPLIES = DECLARED.replace("  answer_days: 20\n", "")
"""Replies, a check that fails, and the usual days to answer."""


def test_a_reply_counts_as_the_units_answer_in_runs_made_afterwards(
    undone: Path, signed_in: Callable[..., Any], settings_with: Any, tmp_path: Path
) -> None:
    import shutil

    import tallymark as tm
    from tallymark_web.inbox.found import listed
    from tallymark_web.inbox.replying import deliver_replies
    from tallymark_web.reading.runs import opened
    from tallymark_web.workplace import newest_run, programme, store

    place = tmp_path / "workplace"
    for name in ("programme", "store"):
        shutil.copytree(undone / name, place / name)
    (place / "programme" / "hearing.yaml").write_text(REPLIES, encoding="utf-8")

    def heard() -> dict[tuple[str, str], str]:
        run = tm.assess(programme(), store(), contract="services-2025")
        rows = run.table("findings").to_pylist()
        return {
            (row["unit"], row["period"]): row["heard"] for row in rows if row["code"] == "check.few_visits"
        }

    with settings_with(workplace=place):
        assert set(heard().values()) == {"waits"}
        run = newest_run()
        assert run is not None
        reading = opened(run)
        rows = listed(reading, reading.facts.places.by_code, everywhere=True)
        row = next(one for one in rows if one.found.code == "check.few_visits" and one.found.unit == "C1")
        act = {"act": "explain", "text": "Nurse Chen had a fever; we were closed"}
        assert signed_in("clerk").post(f"/findings/{row.key}/act", act).status_code == 302
        assert deliver_replies() == 1
        version = store().version
        assert (deliver_replies(), store().version) == (0, version)  # once
        after = heard()
        assert after["C1", row.found.period] == "answered"
        newest = newest_run()
        assert newest is not None
        assert not tm.recompute(newest)
        (file,) = (place / "web" / "deliveries").glob("web-replies-*.csv")
        assert "Nurse" not in file.read_text("utf-8")  # words stay in the inbox


def test_answers_that_cannot_hold_a_reply_say_so(
    undone: Path, signed_in: Callable[..., Any], settings_with: Any, tmp_path: Path, a_finding: Any
) -> None:
    import shutil

    from tallymark.errors import TallymarkError
    from tallymark_web.inbox.replying import deliver_replies

    place = tmp_path / "workplace"
    for name in ("programme", "store"):
        shutil.copytree(undone / name, place / name)
    text = REPLIES.replace("ruling: {type: category,", "ruling: {type: category, required: true,")
    (place / "programme" / "hearing.yaml").write_text(text, encoding="utf-8")
    with settings_with(workplace=place):
        assert deliver_replies() == 0
        signed_in("clerk").post(
            f"/findings/{a_finding.key}/act", {"act": "explain", "text": "we were closed"}
        )
        with pytest.raises(TallymarkError, match="cannot hold replies"):
            deliver_replies()


def test_a_waiver_has_a_last_day_and_the_command_line_sees_it(
    undone: Path,
    signed_in: Callable[..., Any],
    settings_with: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import datetime as dt
    import shutil

    from django.utils import timezone

    import tallymark as tm
    from tallymark_web.inbox.found import key_of, one
    from tallymark_web.inbox.models import Case, Remark
    from tallymark_web.inbox.replying import deliver_replies
    from tallymark_web.reading.runs import opened
    from tallymark_web.workplace import newest_run, programme, store

    place = tmp_path / "workplace"
    for name in ("programme", "store"):
        shutil.copytree(undone / name, place / name)
    (place / "programme" / "hearing.yaml").write_text(ANSWERS, encoding="utf-8")

    def waived() -> list[tuple[str, str]]:
        rows = tm.assess(programme(), store(), contract="services-2025").table("findings").to_pylist()
        return [(row["unit"], row["period"]) for row in rows if row["waived"]]

    def reading() -> Any:
        run = newest_run()
        assert run is not None
        return opened(run)

    today = timezone.localdate()
    until = (today + dt.timedelta(30)).isoformat()
    with settings_with(workplace=place):
        assert waived() == []
        found = reading().facts.findings
        key = next(key_of(row) for row in found if row.code == "check.few_visits" and row.unit == "C1")
        other = next(key_of(row) for row in found if row.code.startswith("receive.") or not row.unit)
        reviewer, address = signed_in("reviewer"), f"/findings/{key}"
        assert "waive" in reviewer.get(address).context["decisions"]
        assert "waive" not in signed_in("statistician").get(f"/findings/{other}").context["decisions"]
        good = {"act": "waive", "text": "Closed for repairs", "until": until}
        for bad in ({"until": ""}, {"until": "2025-10-02"}, {"until": "2199-01-01"}, {"text": "no"}):
            assert reviewer.post(f"{address}/act", good | bad).status_code == 422, bad
        assert not Remark.objects.exists()
        assert reviewer.post(f"{address}/act", good).status_code == 302
        page = reviewer.get(address)
        assert f"waived until {until}" in page.context["waived"]
        assert page.context["row"].state == "waived"
        assert deliver_replies() == 1
        assert waived() == [("C1", page.context["row"].found.period)]
        row = one(reading(), key)
        assert row is not None
        assert "Closed for repairs" in row.waived("en")
        monkeypatch.setattr(timezone, "localdate", lambda: today + dt.timedelta(30))
        assert reviewer.get(address).context["row"].state == "waived"
        monkeypatch.setattr(timezone, "localdate", lambda: today + dt.timedelta(31))
        assert (reviewer.get(address).context["row"].state, Case.objects.get().state) == ("open", "waived")
        assert "waive" in signed_in("statistician").get(address).context["decisions"]
        monkeypatch.undo()
        ended = {"act": "reopen", "text": "It was open after all"}
        assert signed_in("statistician").post(f"{address}/act", ended).status_code == 302
        assert reviewer.get(address).context["row"].state == "open"
        assert deliver_replies() == 1
        assert waived() == []
