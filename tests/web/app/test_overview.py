"""The first page, trends and comparisons: the run's own figures, of one's own units, and what changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tallymark as tm
from tallymark.publish.slices import read_slice


@pytest.fixture
def twice(undone: Path, settings_with: Any, tmp_path: Path) -> Any:
    """A workplace in which the contract was assessed twice, with a delivery in between."""
    for name in ("programme", "store", "web"):
        shutil.copytree(undone / name, tmp_path / name)
    programme, store = tm.load(tmp_path / "programme"), tm.open_store(tmp_path / "store")
    rows = "".join(f"C2,{period},9,30,4,0\n" for period in ("2025-06", "2025-07", "2025-08"))
    late = tmp_path / "late.csv"
    late.write_text("clinic,month,visits,days without stock,complaints,closed in 15 days\n" + rows, "utf-8")
    tm.receive(programme, store, "monthly", late)
    tm.assess(programme, store, contract="services-2025")
    with settings_with(workplace=tmp_path):
        yield tmp_path


def test_a_slice_is_the_tables_rows(office: Path) -> None:
    from tallymark_web.workplace import newest_run

    run = newest_run()
    table = run.table("indicators").to_pylist()
    found = read_slice(
        run, "indicators", whole=True, unit=["C1", "C2"], indicator=["seen_in_time"]
    ).to_pylist()
    expected = [
        row
        for row in table
        if row["unit"] in ("C1", "C2") and row["indicator"] == "seen_in_time" and not row["breakdown"]
    ]
    key = lambda row: (row["unit"], row["period"])  # noqa: E731
    assert [row["value"] for row in sorted(found, key=key)] == [
        row["value"] for row in sorted(expected, key=key)
    ]
    assert expected
    assert read_slice(run, "indicators", unit=["C1' OR 1=1 --"]).num_rows == 0


def test_the_first_page_shows_ones_own_units(signed_in: Callable[..., Any]) -> None:
    page = signed_in("leader").get("/")
    totals = {
        row["unit"]: row["total"] for row in tm.open_run(page.context["run"].path).table("totals").to_pylist()
    }
    assert {tile.href.rsplit("/", 1)[1]: tile.total for tile in page.context["tiles"]} == {
        unit: f"{total:,.1f}" for unit, total in totals.items()
    }
    village = signed_in("village-clerk").get("/")
    assert [tile.href for tile in village.context["tiles"]] == ["/scores/unit/C1"]
    assert "tiles" not in signed_in("administrator").get("/").context


def test_what_changed_since_the_last_assessment(signed_in: Callable[..., Any], twice: Path) -> None:
    page = signed_in("leader").get("/")
    old, new = (
        {row["unit"]: row["total"] for row in run.table("totals").to_pylist()}
        for run in (page.context["before"], page.context["run"])
    )
    shown = {shift.unit: shift.by for shift in page.context["moved"]}
    assert shown == {unit: new[unit] - old[unit] for unit in new if abs(new[unit] - old[unit]) >= 0.05}
    assert "C2" in shown
    assert page.context["deliveries"] == 1
    assert signed_in("village-clerk").get("/").context["moved"] == []


def test_trends_have_every_period_and_nobody_elses(signed_in: Callable[..., Any]) -> None:
    page = signed_in("leader").get("/scores/trends/seen_in_time", {"frequency": "month"})
    assert page.context["frequency"] == "month"
    assert len(page.context["charts"]) == 6
    assert (
        page.content.decode().count("<svg") == sum(bool(row["chart"]) for row in page.context["charts"]) > 0
    )
    one = signed_in("village-clerk").get("/scores/trends/seen_in_time", {"unit": ["C1", "C2"]})
    assert [row["unit"] for row in one.context["charts"]] == ["C1"]
    assert signed_in("leader").get("/scores/trends/nothing").status_code == 404


def test_units_and_years_beside_each_other(signed_in: Callable[..., Any]) -> None:
    page = signed_in("leader").get("/scores/compare", {"unit": ["C1", "C2", "C3", "C4", "C5"]})
    assert page.context["picked"] == ["C1", "C2", "C3", "C4"]
    row = next(row for row in page.context["rows"] if row["indicator"].name == "visits_per_1000")
    assert [len(cell) for cell in row["cells"]] == [3, 3, 3, 3]
    run = page.context["run"]
    figures = {
        (one["unit"], one["period"]): one["value"]
        for one in run.table("indicators").to_pylist()
        if one["indicator"] == "visits_per_1000" and not one["breakdown"]
    }
    for (unit, _, _), cell in zip(page.context["chosen"], row["cells"], strict=True):
        assert f"{figures[unit, 'SY2025']:,.1f}" in cell[0]["text"]
    assert [
        row["indicator"]
        for row in signed_in("village-clerk").get("/scores/compare", {"unit": "C2"}).context["rows"]
    ] == []
