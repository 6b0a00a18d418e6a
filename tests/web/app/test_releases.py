"""A release through the office to the public: made, attacked, approved by a second person, read, withdrawn; complaints."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

NOW = dt.datetime(2025, 11, 3, 9, tzinfo=dt.UTC)


@pytest.fixture
def clean(undone: Path) -> Iterator[Path]:
    """No release anywhere, before and after."""
    places = (undone / "web" / "releases", undone / "store" / "releases")
    for place in places:
        shutil.rmtree(place, ignore_errors=True)
    yield undone
    for place in places:
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def proposed(clean: Path) -> Any:
    """A release made by the statistician."""
    from tallymark_web.people.models import Person
    from tallymark_web.releases.proposing import propose_release
    from tallymark_web.workplace import newest_run

    run = newest_run()
    return propose_release(run.id, by=Person.objects.get(username="statistician"), at=NOW)


def approve(client: Any, release: Any, word: str = "approve", text: str = "") -> Any:
    release_page = client.post(f"/releases/{release.pk}/act", {"act": word, "text": text})
    release.refresh_from_db()
    return release_page


def test_a_release_is_made_by_the_job_and_only_once(clean: Path) -> None:
    from tallymark_web.audit.models import Entry
    from tallymark_web.jobs.kinds import KINDS
    from tallymark_web.jobs.models import Job
    from tallymark_web.people.models import Person
    from tallymark_web.releases.models import Release
    from tallymark_web.workplace import newest_run

    job = Job(kind="release", args={"run": newest_run().id}, by=Person.objects.get(username="statistician"))
    first, again = KINDS["release"](job, lambda _: None), KINDS["release"](job, lambda _: None)
    assert first.values == again.values
    assert Release.objects.count() == 1
    assert Release.objects.get().attacked["exposed"] == 0
    assert Entry.objects.filter(action="release proposed").count() == 1


def test_nobody_reads_a_release_before_a_second_person_approved(
    proposed: Any, signed_in: Callable[..., Any]
) -> None:
    from django.test import Client

    public = Client()
    assert public.get(f"/public/{proposed.code}/").status_code == 404
    assert public.get(f"/public/{proposed.code}/site/en/index.html").status_code == 404
    assert public.get(f"/api/releases/{proposed.code}/tables/measures").status_code == 404
    approve(signed_in("statistician"), proposed)
    assert proposed.state == "proposed"  # one's own
    approve(signed_in("leader"), proposed, "refuse")
    assert proposed.state == "proposed"  # without a reason
    approve(signed_in("leader"), proposed)
    assert proposed.state == "public"
    assert public.get(f"/public/{proposed.code}/").status_code == 200


def test_the_public_reads_pages_and_data_in_both_languages(
    proposed: Any, signed_in: Callable[..., Any]
) -> None:
    from django.test import Client

    approve(signed_in("leader"), proposed)
    for code, word in (("en", "Public statistics"), ("zh-hans", "公开统计")):
        public = Client(headers={"accept-language": code})
        listed = public.get("/public/")
        assert word in listed.content.decode()
        page = public.get(f"/public/{proposed.code}/").content.decode()
        assert "site/data/measures.csv" in page
        assert len(page) < 200_000
        for name in (
            f"{code[:2]}/index.html",
            f"{code[:2]}/withheld.html",
            "data/measures.csv",
            "assets/site.css",
        ):
            answer = public.get(f"/public/{proposed.code}/site/{name}")
            assert answer.status_code == 200, name
            assert "unsafe" not in answer["Content-Security-Policy"]
            assert answer.getvalue()
    assert (
        Client().get(f"/public/{proposed.code}/site/../../../../programme/programme.yaml").status_code == 404
    )
    assert Client().get(f"/public/{proposed.code}/site/..%2f..%2fweb.sqlite3").status_code == 404


def test_no_page_of_a_release_has_inline_script_or_style(proposed: Any) -> None:
    import re

    from tallymark_web.releases.files import site_of

    for path in site_of(proposed.code).rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\son[a-z]+=|\sstyle=|<style|javascript:", text), path
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), path


def test_a_withdrawn_release_shows_its_reason_and_nothing_else(
    proposed: Any, signed_in: Callable[..., Any]
) -> None:
    from django.test import Client

    from tallymark_web.releases.files import public_folder

    approve(signed_in("leader"), proposed)
    approve(signed_in("leader"), proposed, "withdraw")
    assert proposed.state == "public"  # without a reason
    approve(signed_in("leader"), proposed, "withdraw", "Somebody could be recognised in Dunvale.")
    page = Client().get(f"/public/{proposed.code}/").content.decode()
    assert "Somebody could be recognised in Dunvale." in page
    assert "measures.csv" not in page
    assert Client().get(f"/public/{proposed.code}/site/en/index.html").status_code == 404
    assert Client().get(f"/api/releases/{proposed.code}/tables/measures").status_code == 404
    assert (public_folder() / proposed.code).is_dir()  # what was public stays known to later attacks


def test_a_release_attacked_before_another_became_public_is_made_again(
    proposed: Any, signed_in: Callable[..., Any]
) -> None:
    from tallymark_web.releases.files import kept, public_folder

    public_folder().mkdir(parents=True)
    shutil.copytree(kept(proposed.code), public_folder() / "another")
    text = (public_folder() / "another" / "release.json").read_text(encoding="utf-8")
    (public_folder() / "another" / "release.json").write_text(
        text.replace(f'"release": "{proposed.code}"', '"release": "another"'), encoding="utf-8"
    )
    answer = approve(signed_in("leader"), proposed)
    assert answer.status_code == 302
    assert proposed.state == "proposed"


def test_the_interface_gives_releases_without_a_token(proposed: Any, signed_in: Callable[..., Any]) -> None:
    from django.test import Client

    approve(signed_in("leader"), proposed)
    public = Client()
    (listed,) = public.get("/api/releases").json()
    assert listed["release"] == proposed.code
    assert listed["attacked"]["exposed"] == 0
    part = public.get(f"/api/releases/{proposed.code}/tables/measures?rows=3&unit=C1").json()
    assert len(part["rows"]) == 3
    assert {row[part["columns"].index("unit")] for row in part["rows"]} == {"C1"}
    text = public.get(f"/api/releases/{proposed.code}/tables/withheld/csv").content.decode("utf-8-sig")
    assert text.startswith('"measure"')
    assert public.get(f"/api/releases/{proposed.code}/tables/manifest").status_code == 404
    paths = public.get("/api/openapi.json").json()["paths"]
    assert "/api/releases/{code}/tables/{table}" in paths


def test_a_complaint_asks_for_nothing_personal_and_reaches_staff(
    proposed: Any, signed_in: Callable[..., Any]
) -> None:
    from django.test import Client

    from tallymark_web.audit.models import Entry
    from tallymark_web.releases.models import Complaint

    public = Client()
    form = {
        "release": proposed.code,
        "about": "somebody can be recognised",
        "text": "Page 3 tells who it was.",
    }
    assert public.post("/public/complain", form | {"text": " "}).status_code == 422
    answer = public.post("/public/complain", form, follow=True)
    stored = Complaint.objects.get()
    assert str(stored.pk) in answer.content.decode()
    assert stored.reach == ""
    assert "Page 3" not in str(list(Entry.objects.values_list("detail", flat=True)))
    leader = signed_in("leader")
    assert "Page 3 tells" in leader.get("/complaints").content.decode()
    leader.post(f"/complaints/{stored.pk}/answer", {"text": "Withdrawn at once."})
    stored.refresh_from_db()
    assert (stored.state, stored.answer) == ("answered", "Withdrawn at once.")


def test_complaints_from_one_place_are_limited(proposed: Any) -> None:
    from django.test import Client

    from tallymark_web.releases.portal import MOST

    form = {"about": "something else", "text": "x"}
    states = [Client().post("/public/complain", form).status_code for _ in range(MOST + 1)]
    assert states == [302] * MOST + [429]
    other = Client(REMOTE_ADDR="10.1.1.1").post("/public/complain", form)
    assert other.status_code == 302


def test_the_demo_shows_the_release_that_it_was_built_with(clean: Path) -> None:
    """What `tallymark demo` published is on the portal from the first start, decided by two of the demo's people."""
    from django.test import Client

    from tallymark.publish import publish
    from tallymark.releasing import release
    from tallymark_web.releases.demo import show_published
    from tallymark_web.releases.models import Release
    from tallymark_web.workplace import newest_run

    made = release(newest_run(), clean / "store" / "releases", released_at=NOW)
    publish(made, clean / "site")
    try:
        show_published(at=NOW)
        show_published(at=NOW)
    finally:
        shutil.rmtree(clean / "site")
    shown = Release.objects.get()
    assert (shown.code, shown.state) == (made.id, "public")
    assert shown.by != shown.decided_by
    public = Client()
    assert made.id in public.get("/public/").content.decode()
    assert public.get(f"/public/{made.id}/site/en/index.html").status_code == 200
    assert public.get(f"/api/releases/{made.id}/tables/measures").status_code == 200
