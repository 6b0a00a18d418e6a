"""Scorecards: the engine's figures, no others; of one's own units, no others; every one explained."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.web.app.conftest import moved_to

import tallymark as tm


@pytest.fixture
def run(office: Path) -> tm.Run:
    from tallymark_web.workplace import newest_run

    found = newest_run()
    assert found is not None
    return found


def test_the_heat_map_has_the_runs_points(signed_in: Callable[..., Any], run: tm.Run) -> None:
    shown = {row["unit"]: row for row in signed_in("statistician").get("/scores").context["rows"]}
    totals = {row["unit"]: row["total"] for row in run.table("totals").to_pylist()}
    assert shown.keys() == totals.keys()
    for unit, total in totals.items():
        assert shown[unit]["total"] == ("—" if total is None else f"{total:,.1f}")
    scores = {(row["unit"], row["line"]): row["points"] for row in run.table("scores").to_pylist()}
    for unit, row in shown.items():
        for cell in row["cells"]:
            points = scores[unit, cell["line"]]
            assert re.fullmatch(r"[\d.]+", cell["text"]) is None or abs(float(cell["text"]) - points) <= 0.06


def test_a_run_in_files_by_period_shows_the_same(
    signed_in: Callable[..., Any], run: tm.Run, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tallymark_web.workplace import programme, store

    asked = ("/scores/indicator/seen_in_time", "/scores/unit/C1", "/scores/explain/seen_in_time/C1")
    client = signed_in("statistician")

    def shown() -> list[Any]:
        found = [client.get(address) for address in asked]
        return [
            found[0].context["rows"],
            found[1].status_code,
            found[2].context["value"],
            found[2].context["sum"],
        ]

    before = shown()
    at = dt.datetime.fromisoformat(run.manifest["made_at"])
    asked_for: dict[str, Any] = {"contract": run.manifest["contract"], "period": run.manifest["period"]}
    monkeypatch.setattr("tallymark.flow.MANY", 1)
    try:
        again = tm.assess(programme(), store(), made_at=at + dt.timedelta(hours=1), **asked_for)
        assert again.files("indicators", ["2025-03"])[0].parent.name == "indicators"
        assert shown() == before
    finally:
        monkeypatch.undo()
        tm.assess(programme(), store(), made_at=at, **asked_for)


def test_only_ones_own_units(signed_in: Callable[..., Any]) -> None:
    client = signed_in("village-clerk")
    page = client.get("/scores")
    assert [row["unit"] for row in page.context["rows"]] == ["C1"]
    assert "Old Bridge" not in page.content.decode()
    table = client.get("/scores/indicator/seen_in_time").context
    assert [row["unit"] for row in table["rows"]] == ["C1"]
    assert client.get("/scores/indicator/seen_in_time?level=district").context["level"] == "clinic"
    for address in (
        "/scores/unit/C2",
        "/scores/unit/D",
        "/scores/explain/seen_in_time/C2",
        "/scores/explain/seen_in_time/D",
    ):
        assert client.get(address).status_code == 404, address
    assert client.get("/scores/unit/C1").status_code == 200


def test_a_figure_explains_itself(signed_in: Callable[..., Any], run: tm.Run) -> None:
    said = tm.explain(run, indicator="seen_in_time", unit="C1")
    page = signed_in("village-clerk").get("/scores/explain/seen_in_time/C1")
    assert page.context["value"] == f"{said.figure['value']:,.1f}".rstrip("0").rstrip(".")
    assert page.context["sum"] == f"{said.figure['numerator']:,.0f} ÷ {said.figure['denominator']:,.0f}"
    text = page.content.decode()
    assert "data-explanation" in text
    assert said.rows[0]["visit_id"] in text  # the clinic's visit numbers are not declared personal


def test_children_outside_ones_units_are_not_listed(signed_in: Callable[..., Any]) -> None:

    moved_to("leader", "C3")
    assert signed_in("leader").get("/scores/explain/seen_in_time/C3").context["children"] == []


@pytest.mark.parametrize("address", ["/scores/unit/nowhere", "/scores/explain/nothing/C1", "/scores/explain/seen_in_time/C1?period=x",
                                     "/scores/indicator/nothing", "/scores?run=../../x", "/scores/explain/seen_in_time/C1?period=1999"])  # fmt: skip
def test_what_is_not_there_is_said(signed_in: Callable[..., Any], address: str) -> None:
    assert signed_in("statistician").get(address).status_code == 404


def test_filter_and_language(signed_in: Callable[..., Any]) -> None:
    client = signed_in("statistician")
    assert [row["unit"] for row in client.get("/scores?q=old").context["rows"]] == ["C2"]
    client.cookies["django_language"] = "zh-hans"
    page = client.get("/scores/unit/C2")
    assert page.context["name"] == "老桥服务站"
    assert "Where points are lost" not in page.content.decode()


def test_stale_figures_say_so(
    signed_in: Callable[..., Any], settings_with: Any, run: tm.Run, tmp_path: Path, office: Path
) -> None:
    import shutil

    for name in ("programme", "store"):
        shutil.copytree(office / name, tmp_path / name)
    file = tmp_path / "more.csv"
    file.write_text("unit,period,item,value\nC1,2025-08,complaints,9\n", encoding="utf-8")
    tm.receive(tm.load(tmp_path / "programme"), tm.open_store(tmp_path / "store"), "dataset:monthly", file)
    with settings_with(workplace=tmp_path):
        assert signed_in("statistician").get("/scores").context["behind"] == 1
    assert signed_in("statistician").get("/scores").context["behind"] == 0


def test_runs_of_one_second_stand_in_the_order_of_their_data(
    settings_with: Any, run: tm.Run, tmp_path: Path
) -> None:
    import json
    import shutil

    from tallymark.store.runs import open_run
    from tallymark_web.reading.since import run_before
    from tallymark_web.workplace import newest_run

    place = tmp_path / "store" / "runs"
    for version, name in ((2, "zzz"), (3, "mmm"), (4, "aaa")):
        shutil.copytree(run.path, place / name)
        said = run.manifest | {"run": name, "data_version": version}
        (place / name / "manifest.json").write_text(json.dumps(said), encoding="utf-8")
    with settings_with(workplace=tmp_path):
        newest = newest_run()
        assert newest is not None
        assert newest.id == "aaa"
        assert [one and one.id for one in (run_before(newest), run_before(open_run(place / "mmm")))] == [
            "mmm",
            "zzz",
        ]
