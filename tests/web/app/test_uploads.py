"""Files handed in: looked through cell by cell, of one's own units, decided by a second person, received once."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.web.app.test_inbox import file

HEAD = "clinic,month,visits,days without stock,complaints,closed in 15 days\n"


@pytest.fixture
def place(undone: Path, settings_with: Any, tmp_path: Path) -> Any:
    """A copy of the workplace to write into."""
    import shutil

    for name in ("programme", "store"):
        shutil.copytree(undone / name, tmp_path / name)
    with settings_with(workplace=tmp_path):
        yield tmp_path


def hand_in(client: Any, content: str | bytes, name: str = "august.csv", source: str = "monthly") -> Any:
    sent = content.encode() if isinstance(content, str) else content
    return client.post("/files/new", {"source": source, "file": file(name, sent)}, follow=True)


def test_looked_through_sent_decided_received(signed_in: Callable[..., Any], place: Path) -> None:
    from tallymark_web.reporting.delivering import deliver_all
    from tallymark_web.reporting.models import Upload
    from tallymark_web.workplace import store

    clerk, reviewer, before = signed_in("clerk"), signed_in("reviewer"), store().version
    page = hand_in(clerk, HEAD + "C1,2025-08,9,0,1,1\nC2,2025-08,abc,0,1,1\n")
    found = page.context["upload"]
    assert found.units == ["C1", "C2"]
    assert page.context["counts"][0][1]["refused"] == 1
    assert any("“abc”" in one["message"] for one in page.context["findings"])
    address = f"/files/{found.pk}"
    assert reviewer.get(address).status_code == 404  # not sent yet
    assert store().version == before
    assert clerk.post(f"{address}/act", {"act": "accept"}).status_code == 409  # not a clerk's
    assert clerk.post(f"{address}/act", {"act": "submit"}).status_code == 302
    assert reviewer.post(f"{address}/act", {"act": "return"}).status_code == 409  # no words
    assert reviewer.post(f"{address}/act", {"act": "accept"}).status_code == 302
    assert deliver_all(lambda said: None) == 1
    assert deliver_all(lambda said: None) == 0
    assert (Upload.objects.get().batch, store().version) == (before + 1, before + 1)
    assert reviewer.post(f"{address}/act", {"act": "accept"}).status_code == 409


def test_a_workbook_names_its_cells(signed_in: Callable[..., Any], place: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "August"
    for row in (
        ["unit", "period", "visits_reported", "complaints"],
        ["C1", "2025-08", 9, "many"],
        ["C2", "2025-08", 9, 1],
    ):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    page = hand_in(signed_in("clerk"), content.getvalue(), "august.xlsx", "dataset:monthly")
    assert page.status_code == 200
    assert [one["place"] for one in page.context["findings"] if "“many”" in one["message"]] == ["August!D2"]
    assert (
        hand_in(signed_in("clerk"), content.getvalue(), "august.xlsx", "monthly").status_code == 422
    )  # declared as CSV
    assert (
        hand_in(signed_in("clerk"), content.getvalue(), "august.xlsx", "dataset:nothing").status_code == 422
    )


def test_of_other_units_nothing_is_taken(signed_in: Callable[..., Any], place: Path) -> None:
    from tallymark_web.reporting.models import Upload

    page = hand_in(signed_in("village-clerk"), HEAD + "C1,2025-08,9,0,1,1\nC2,2025-08,9,0,1,1\n")
    assert page.status_code == 422
    assert "C2" in page.context["error"]
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.exe", "MZ"),
        ("x.csv", ""),
        ("x.csv", "a,b\n1,2\n"),
        ("x.csv", "\x00\x01\x02"),
        ("../../x.csv", "a"),
    ],
)
def test_nonsense_is_said_in_a_sentence(
    signed_in: Callable[..., Any], place: Path, name: str, content: str
) -> None:
    page = hand_in(signed_in("clerk"), content, name)
    assert page.status_code == 422
    assert page.context["error"]


def test_the_giver_does_not_decide(signed_in: Callable[..., Any], place: Path) -> None:
    import datetime as dt

    from tallymark_web.people.models import Grant, Person

    both = Person.objects.get(username="clerk")
    Grant.objects.create(
        person=both,
        role="reviewer",
        unit="D",
        first_day=dt.date(2020, 1, 1),
        given_at=dt.datetime.now(dt.UTC),
    )
    client = signed_in("clerk")
    found = hand_in(client, HEAD + "C1,2025-08,9,0,1,1\n").context["upload"]
    client.post(f"/files/{found.pk}/act", {"act": "submit"})
    assert client.post(f"/files/{found.pk}/act", {"act": "accept"}).status_code == 409


def test_a_file_of_people_is_kept_under_the_vault_s_key(signed_in: Callable[..., Any], place: Path) -> None:
    import shutil

    import tallymark as tm
    from tallymark_web.reporting.delivering import deliver_all
    from tallymark_web.workplace import store

    declared = place / "programme" / "datasets.yaml"
    said = declared.read_text(encoding="utf-8")
    assert "visit_id: {type: text, required: true" in said
    said = said.replace("visit_id: {type: text,", "visit_id: {type: text, sensitivity: personal,")
    said = said.replace(
        "    key: [visit_id]\n", "    key: [visit_id]\n    purpose: Giving the care asked for.\n"
    )
    declared.write_text(said, encoding="utf-8")
    shutil.rmtree(place / "store")
    tm.open_store(place / "store")
    head = "visit_id,unit,visited_on,kind\n"
    page = hand_in(
        signed_in("clerk"),
        head + "PERSON-77,C1,2025-08-03,check\nPERSON-78,C1,2025-08-99,check\n",
        "v.csv",
        "dataset:visits",
    )
    found = page.context["upload"]
    address = f"/files/{found.pk}"
    signed_in("clerk").post(f"{address}/act", {"act": "submit"})
    signed_in("reviewer").post(f"{address}/act", {"act": "accept"})
    assert deliver_all(lambda said: None) == 1
    assert store().version == 1
    kept = [path for path in place.rglob("*") if path.is_file()]
    assert any(path.suffix == ".sealed" for path in kept)
    assert not [path for path in kept if b"PERSON-7" in path.read_bytes()]


def test_recounts_are_handed_in_by_inspectors_and_never_by_the_unit(
    undone: Path, signed_in: Callable[..., Any], settings_with: Any, tmp_path: Path
) -> None:
    import shutil

    from django.core.files.uploadedfile import SimpleUploadedFile
    from tests.functional.test_verdicts import DECLARED

    shutil.copytree(undone / "programme", tmp_path / "programme")
    shutil.copytree(undone / "store", tmp_path / "store")
    (tmp_path / "programme" / "verification.yaml").write_text(DECLARED, encoding="utf-8")

    def hand_in(who: str, source: str, text: str) -> int:
        file = SimpleUploadedFile("x.csv", text.encode())
        return int(
            signed_in(who).post("/files/new", {"source": f"dataset:{source}", "file": file}).status_code
        )

    recount = "unit,period,visits_reported\nC1,2025-03,7\n"
    ruling = "answer_id,unit,said_on,period,item,answer,ruling\nA1,C1,2025-10-01,2025-03,visits_reported,,explained\n"
    with settings_with(workplace=tmp_path):
        assert {who: hand_in(who, "recounts", recount) for who in ("village-clerk", "clerk", "inspector")} == {
            "village-clerk": 422, "clerk": 422, "inspector": 302,
        }  # fmt: skip
        assert [hand_in(who, "answers", ruling) for who in ("clerk", "statistician")] == [422, 302]
        assert "dataset:recounts" not in signed_in("clerk").get("/files").context["sources"]
        assert "dataset:monthly" not in signed_in("inspector").get("/files").context["sources"]
        assert signed_in("clerk").get("/reports/recounts/2025-03/C1").status_code == 404
