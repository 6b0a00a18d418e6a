"""The programme changed from the app: looked through as one types, two people, versions, nothing around the gate."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import DatabaseError, transaction
from tests.web.app.test_inbox import file

import tallymark as tm

LINE = "contracts/services-2025/sections/0/lines/0"
EDIT = "/programme/change/contracts/services-2025"
REASONS = {
    "reason.why": "The council asked for it",
    "reason.en": "More weight on waiting",
    "reason.zh": "提高等候权重",
}
SHIFTED = {f"{LINE}/points": "30", "contracts/services-2025/sections/0/lines/1/points": "30"}


@pytest.fixture
def place(undone: Path, settings_with: Any, tmp_path: Path) -> Any:
    """A copy of the workplace whose programme may be changed."""
    for name in ("programme", "store", "web"):
        shutil.copytree(undone / name, tmp_path / name)
    with settings_with(workplace=tmp_path):
        yield tmp_path


def check(client: Any, said: dict[str, Any], subject: str = EDIT) -> Any:
    answer = client.post(f"{subject}/check", said)
    assert answer.status_code == 200
    return answer.context


def proposed(client: Any, said: dict[str, Any], subject: str = EDIT) -> int:
    answer = client.post(subject, said | REASONS)
    assert answer.status_code == 302, answer.context["error"]
    return int(answer["Location"].rsplit("/", 1)[1])


def test_as_one_types_differences_findings_and_points_show(
    signed_in: Callable[..., Any], place: Path
) -> None:
    client = signed_in("statistician")
    assert check(client, {})["nothing"]
    before = {path.name: path.read_bytes() for path in (place / "programme").glob("*.yaml")}
    found = check(client, {f"{LINE}/points": "45"})
    assert [(one.place, one.key, one.before, one.after) for one in found["changes"]] == [("service · S1", "points", "40", "45")]  # fmt: skip
    assert found["errors"] == 1  # 105 points
    assert found["trial"] is None
    found = check(client, SHIFTED)
    assert found["errors"] == 0
    assert found["amended"]
    trial = found["trial"]
    assert {shift.unit for shift in trial.shifts} == {f"C{number}" for number in range(1, 7)}
    assert trial.moving
    assert before == {path.name: path.read_bytes() for path in (place / "programme").glob("*.yaml")}


def test_what_it_would_score_is_what_the_engine_scores(signed_in: Callable[..., Any], place: Path) -> None:
    from tallymark_web.declared.models import Revision

    client = signed_in("statistician")
    trial = check(client, SHIFTED | {"period": "SY2025"})["trial"]
    assert trial.period == "SY2025"
    number = proposed(client, SHIFTED)
    assert (
        signed_in("leader").post(f"/programme/versions/{number}/act", {"act": "approved"}).status_code == 302
    )
    assert Revision.objects.get(pk=number).applied
    programme = tm.load(place / "programme")
    run = tm.assess(programme, tm.open_store(place / "store"), contract="services-2025")
    totals = {row["unit"]: row["total"] for row in run.table("totals").to_pylist()}
    ranks = {row["unit"]: row["rank"] for row in run.table("ranks").to_pylist()}
    assert {one.unit: one.after.total for one in trial.shifts} == totals
    assert {one.unit: one.after.rank for one in trial.shifts} == ranks


def test_the_rights_gate_stands_in_the_form_and_cannot_be_proposed_around(
    signed_in: Callable[..., Any], place: Path
) -> None:
    from tallymark_web.declared.models import Revision

    client = signed_in("statistician")
    said = {f"{LINE}/title/en": "Births within the plan", f"{LINE}/title/zh": "政策符合率"}
    found = check(client, said)
    assert found["rights"]
    assert all(row["severity"] == "error" for row in found["rights"])
    answer = client.post(EDIT, said | REASONS)
    assert answer.status_code == 422
    new = {"name": "births_of_plan", "new.title.en": "Births", "new.numerator": "visits", "new.direction": "lower", "new.concerns": "births"}  # fmt: skip
    assert (
        check(client, new, "/programme/change/indicators/-new")["errors"] == 0
    )  # a statistic may be shown …
    score = {"new.section": "service", "new.code": "B1", "new.title.en": "Births", "new.points": "0.5", "new.indicator": "births_of_plan", "new.kind": "all_or_nothing", "new.target": "1"}  # fmt: skip
    assert check(client, score)["errors"]  # … and is not there to be scored
    assert not Revision.objects.exists()


def test_two_people_a_reason_a_version_and_comments_that_stay(
    signed_in: Callable[..., Any], place: Path
) -> None:
    from tallymark_web.audit.models import Entry
    from tallymark_web.declared.models import Revision

    client, contract = signed_in("statistician"), place / "programme" / "contract.yaml"
    before = contract.read_text("utf-8")
    assert client.post(EDIT, SHIFTED | {"reason.why": " "}).status_code == 422
    silent = client.post(EDIT, SHIFTED | {"reason.why": "because"})
    assert silent.status_code == 422
    assert "in force" in silent.context["error"]
    number = proposed(client, SHIFTED)
    assert contract.read_text("utf-8") == before
    client.post(f"/programme/versions/{number}/act", {"act": "approved"})
    assert Revision.objects.get(pk=number).state == "proposed"  # never one's own
    for who in ("clerk", "reviewer", "auditor", "administrator"):
        assert (
            signed_in(who).post(f"/programme/versions/{number}/act", {"act": "approved"}).status_code == 404
        )
    leader = signed_in("leader")
    leader.post(f"/programme/versions/{number}/act", {"act": "approved"})
    one = Revision.objects.get(pk=number)
    assert (one.state, one.number, one.applied) == ("approved", 1, True)
    after = contract.read_text("utf-8")
    loaded = tm.load(place / "programme")
    assert loaded.hash == one.after
    assert [line.points for line in loaded.contracts["services-2025"].lines] == [30, 30, 20, 20]
    (amendment,) = loaded.contracts["services-2025"].amendments
    assert (amendment.reason.en, amendment.reason.zh, amendment.lines) == ("More weight on waiting", "提高等候权重", ("S1", "S2"))  # fmt: skip
    comments = [line.split("#", 1)[1] for line in before.splitlines() if "#" in line]
    assert [line.split("#", 1)[1] for line in after.splitlines() if "#" in line] == comments
    told = {
        entry.action: entry.detail for entry in Entry.objects.filter(action__startswith="programme change")
    }
    assert told["programme change approved"]["after"] == one.after
    page = leader.get("/programme/contract/services-2025")
    assert [run["older"] for run in page.context["runs"]] == [True]
    assert leader.get("/scores").context["amended"]
    assert signed_in("auditor").get(f"/programme/versions/{number}").status_code == 200


def test_what_a_version_says_cannot_be_changed(signed_in: Callable[..., Any], place: Path) -> None:
    from tallymark_web.declared.models import Revision

    number = proposed(signed_in("statistician"), SHIFTED)
    for change in ({"reason": "another"}, {"files": {}}, {"after": "0" * 64}):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            Revision.objects.filter(pk=number).update(**change)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Revision.objects.filter(pk=number).delete()


def test_files_changed_meanwhile_stop_an_approval(signed_in: Callable[..., Any], place: Path) -> None:
    from tallymark_web.declared.models import Revision

    number = proposed(signed_in("statistician"), SHIFTED)
    figures = place / "programme" / "figures.yaml"
    figures.write_text(figures.read_text("utf-8") + "# by hand\n", "utf-8")
    leader = signed_in("leader")
    assert leader.get(f"/programme/versions/{number}").context["stale"]
    leader.post(f"/programme/versions/{number}/act", {"act": "approved"})
    assert Revision.objects.get(pk=number).state == "proposed"
    assert (
        leader.post(f"/programme/versions/{number}/act", {"act": "refused", "words": "made anew"}).status_code
        == 302
    )
    assert Revision.objects.get(pk=number).state == "refused"


def test_approved_and_not_written_is_written_at_the_next_start(
    signed_in: Callable[..., Any], place: Path
) -> None:
    from tallymark_web.declared.acts import put_into_force
    from tallymark_web.declared.models import Revision

    number = proposed(signed_in("statistician"), SHIFTED)
    Revision.objects.filter(pk=number).update(state="approved", number=1)  # the machine went down here
    assert put_into_force() == 1
    assert put_into_force() == 0
    assert tm.load(place / "programme").hash == Revision.objects.get(pk=number).after


def test_a_workbook_there_and_back(signed_in: Callable[..., Any], place: Path) -> None:
    client, address = signed_in("statistician"), "/programme/workbook/services-2025"
    content = client.get(address).content
    unchanged = client.post(address, {"file": file("c.xlsx", content)})
    assert unchanged.context["said"] == {}
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet, heads = book["lines"], [cell.value for cell in book["lines"][1]]
    rows = {row[1].value: row for row in sheet.iter_rows(min_row=2)}

    def put(code: str, column: str, value: object) -> None:
        rows[code][heads.index(column)].value = value

    put("S1", "points", 30)
    put("S2", "award.target", 0.5)
    put("A1", "award.bands.0.bound", 92)
    put("A2", "award.floor", 3)  # has none
    put("S1", "title.zh", "七日内服务")
    sheet.append([{"part": "service", "code": "S9", "award.kind": "all_or_nothing", "title.en": "Open on Saturdays", "points": 10, "indicator": "reports_on_time", "award.target": 80}.get(head) for head in heads])  # fmt: skip
    sheet.append(["nowhere", "X1"])
    indicators, names = book["indicators"], [cell.value for cell in book["indicators"][1]]
    indicators.cell(2, names.index("benchmark") + 1).value = 90
    out = io.BytesIO()
    book.save(out)
    page = client.post(address, {"file": file("c.xlsx", out.getvalue())})
    assert page.status_code == 200
    differences = {(one.place, one.key): (one.before, one.after) for one in page.context["changes"]}
    assert differences[("service · S1", "points")] == ("40", "30")
    assert differences[("service · S2", "target")] == ("0", "0.5")
    assert differences[("accountability · A1 · 1", "bound")] == ("90", "92")
    assert differences[("seen_in_time", "benchmark")] == ("", "90")
    assert any(place.endswith("S9") for place, _ in differences)
    assert page.context["errors"] == 0
    assert len(page.context["notes"]) == 2
    number = proposed(client, page.context["said"])
    signed_in("leader").post(f"/programme/versions/{number}/act", {"act": "approved"})
    loaded = tm.load(place / "programme")
    lines = {line.code: line for line in loaded.contracts["services-2025"].lines}
    assert (lines["S1"].points, lines["S9"].points, lines["S2"].award.target) == (30, 10, 0.5)
    assert lines["S1"].title.zh == "七日内服务"
    assert loaded.indicators["seen_in_time"].benchmark == 90


@pytest.mark.parametrize("content", [b"", b"nothing", b"PK\x03\x04 broken"])
def test_what_is_no_workbook_is_said(signed_in: Callable[..., Any], place: Path, content: bytes) -> None:
    answer = signed_in("statistician").post(
        "/programme/workbook/services-2025", {"file": file("c.xlsx", content)}
    )
    assert answer.status_code == 422
    assert answer.context["error"]


def test_a_workbook_that_unpacks_to_gigabytes_is_not_opened(
    signed_in: Callable[..., Any], place: Path
) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (65 << 20))
    answer = signed_in("statistician").post(
        "/programme/workbook/services-2025", {"file": file("c.xlsx", out.getvalue())}
    )
    assert answer.status_code == 422
    assert "unpacks" in answer.context["error"]


def test_declared_files_in_folders_are_read_again_when_they_change(
    signed_in: Callable[..., Any], place: Path
) -> None:
    from tallymark_web.workplace import programme

    inner = place / "programme" / "contracts"
    inner.mkdir()
    shutil.move(place / "programme" / "contract.yaml", inner / "services.yaml")
    number = proposed(signed_in("statistician"), SHIFTED)
    signed_in("leader").post(f"/programme/versions/{number}/act", {"act": "approved"})
    assert [line.points for line in programme().contracts["services-2025"].lines] == [30, 30, 20, 20]


def test_places_that_no_form_has_are_not_changed(signed_in: Callable[..., Any], place: Path) -> None:
    client = signed_in("statistician")
    for stray in (
        "programme/code",
        f"{LINE}/award/kind",
        "contracts/services-2025/period",
        "contracts/other/points",
        f"{LINE}/nothing",
    ):
        assert check(client, {stray: "x"})["nothing"], stray
    assert check(client, {"drop": ["contracts/services-2025/sections/0", "indicators/seen_in_time"]})[
        "nothing"
    ]
    assert client.get("/programme/change/units/file").status_code == 404
    assert client.get("/programme/change/contracts/other").status_code == 404


def test_a_change_of_figures_is_tried_by_a_run(signed_in: Callable[..., Any], place: Path) -> None:
    from tallymark_web.declared.models import Revision
    from tallymark_web.declared.running import try_run
    from tallymark_web.jobs.models import Job

    client, subject = signed_in("statistician"), "/programme/change/indicators/seen_in_time"
    found = check(client, {"indicators/seen_in_time/factor": "50"}, subject)
    assert found["needs_run"]
    assert found["trial"] is None
    number = proposed(client, {"indicators/seen_in_time/factor": "50"}, subject)
    client.post(f"/programme/versions/{number}/try")
    assert Job.objects.filter(kind="try", args={"revision": number}).exists()
    try_run(number, lambda said: None)
    trial = client.get(f"/programme/versions/{number}").context["trial"]
    assert trial.moving
    assert all(shift.after.total <= shift.before.total for shift in trial.shifts)
    assert Revision.objects.get(pk=number).amended == {"services-2025": ["S1"]}


def test_lines_are_taken_out_and_added(signed_in: Callable[..., Any], place: Path) -> None:
    client = signed_in("statistician")
    said = {
        "drop": [f"{LINE[:-1]}1"], "new.section": "accountability", "new.code": "A9", "new.title.en": "Told in time",
        "new.points": "20", "new.indicator": "reports_on_time", "new.kind": "bands", "new.bands": "95:1, 80:0.5",
    }  # fmt: skip
    assert check(client, said)["errors"] == 0
    number = proposed(client, said)
    signed_in("leader").post(f"/programme/versions/{number}/act", {"act": "approved"})
    lines = tm.load(place / "programme").contracts["services-2025"].lines
    assert [line.code for line in lines] == ["S1", "A1", "A2", "A9"]
    assert [band.share for band in lines[-1].award.bands] == [1, 0.5]


def test_a_rate_a_year_says_so(signed_in: Callable[..., Any]) -> None:
    signed_in("leader")
    from tallymark_web.declared.views import _indicator, _titles
    from tallymark_web.workplace import programme

    known = programme()
    yearly = replace(known.indicators["seen_in_time"], annualise=True)
    assert _indicator(yearly, _titles(known))["formula"].endswith("× periods a year")
