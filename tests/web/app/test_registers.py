"""Registers and stocks typed in: the same way as a file, of one's own units, decided by a second person, in the store once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

VISIT = {
    "0.visit_id": "N-1",
    "0.unit": "C2",
    "0.visited_on": "2025-09-02",
    "0.kind": "check",
    "0.wait_days": "3",
}


@pytest.fixture
def place(undone: Path, settings_with: Any, tmp_path: Path) -> Any:
    import datetime as dt

    for name in ("programme", "store"):
        shutil.copytree(undone / name, tmp_path / name)
    with settings_with(workplace=tmp_path, today=dt.date(2025, 10, 3)):
        yield tmp_path


def rows_of(dataset: str) -> list[dict[str, Any]]:
    import duckdb

    from tallymark_web.workplace import programme, store

    with duckdb.connect() as connection:
        relation = store().relation(programme().datasets[dataset])
        return connection.sql(f"SELECT * FROM {relation}").to_arrow_table().to_pylist()


def test_a_register_typed_in_is_looked_through_decided_and_received_once(
    signed_in: Callable[..., Any], place: Path
) -> None:
    from tallymark_web.reporting.delivering import deliver_all

    clerk, reviewer, before = signed_in("clerk"), signed_in("reviewer"), len(rows_of("visits"))
    page = clerk.get("/files/form/visits")
    assert [head.kind for head in page.context["heads"]] == ["text", "unit", "date", "choice", "number"]
    assert len(page.context["rows"]) == 8
    answer = clerk.post(
        "/files/form/visits",
        VISIT | {"1.visit_id": "N-2", "1.unit": "C1", "1.visited_on": "2025-09-03", "1.kind": "advice"},
    )
    assert answer.status_code == 302, answer.context["error"]
    address = answer["Location"]
    assert clerk.get(address).context["upload"].units == ["C1", "C2"]
    assert clerk.post(f"{address}/act", {"act": "submit"}).status_code == 302
    assert clerk.post(f"{address}/act", {"act": "accept"}).status_code == 409
    assert reviewer.post(f"{address}/act", {"act": "accept"}).status_code == 302
    deliver_all(lambda said: None)
    assert deliver_all(lambda said: None) == 0
    rows = {row["visit_id"]: row for row in rows_of("visits")}
    assert len(rows) == before + 2
    assert (rows["N-1"]["_unit"], rows["N-1"]["wait_days"]) == ("C2", 3)
    assert rows["N-2"]["wait_days"] is None  # not answered is missing, never zero


def test_what_cannot_be_right_comes_back_with_what_was_typed(
    signed_in: Callable[..., Any], place: Path
) -> None:
    from tallymark_web.reporting.models import Upload

    clerk = signed_in("clerk")
    answer = clerk.post("/files/form/visits", VISIT | {"0.visited_on": "yesterday"})
    assert answer.status_code == 422
    assert answer.context["findings"]
    assert answer.context["rows"][0]["cells"][0]["text"] == "N-1"
    assert clerk.post("/files/form/visits", {}).status_code == 422
    assert not Upload.objects.exists()


def test_stocks_have_a_row_for_each_unit_and_zero_is_not_empty(
    signed_in: Callable[..., Any], place: Path
) -> None:
    from tallymark_web.reporting.delivering import deliver_all

    clerk = signed_in("clerk")
    page = clerk.get("/files/form/residents")
    assert [row["cells"][0]["text"] for row in page.context["rows"]] == ["C1", "C2", "C3", "C4", "C5", "C6"]
    said = {"when": "2025-09-15", "0.residents": "640", "1.residents": "0", "2.residents": "?"}
    assert clerk.post("/files/form/residents", said | {"when": "soon"}).status_code == 422
    address = clerk.post("/files/form/residents", said)["Location"]
    clerk.post(f"{address}/act", {"act": "submit"})
    signed_in("reviewer").post(f"{address}/act", {"act": "accept"})
    deliver_all(lambda told: None)
    found = {row["unit"]: row["value"] for row in rows_of("residents") if str(row["date"]) == "2025-09-15"}
    assert found == {"C1": 640, "C2": 0}


def test_only_ones_own_units(signed_in: Callable[..., Any], place: Path) -> None:
    village = signed_in("village-clerk")
    assert [code for code, _ in village.get("/files/form/visits").context["units"]] == ["C1"]
    assert village.get("/files/form/visits", {"unit": "C2"}).status_code == 404
    answer = village.post("/files/form/visits", VISIT)
    assert answer.status_code == 422
    assert "not yours" in answer.context["error"]
    assert signed_in("reviewer").get("/files/form/visits").status_code == 403
    assert village.get("/files/form/monthly").status_code == 404  # has a sheet of its own


def test_breakdowns_have_a_row_for_each_group(signed_in: Callable[..., Any], place: Path) -> None:
    from dataclasses import replace

    from tallymark_web.reporting.registers import as_csv, heads_of
    from tallymark_web.workplace import programme

    visits, monthly = programme().datasets["visits"], programme().datasets["monthly"]
    split = replace(monthly, breakdowns=("kind",), columns={"kind": visits.columns["kind"]})
    heads = heads_of(split)
    assert [(head.name, head.fixed) for head in heads][:3] == [
        ("unit", True),
        ("kind", True),
        ("visits_reported", False),
    ]
    rows = [
        dict.fromkeys((head.name for head in heads), "")
        | {"unit": "C1", "kind": kind, "visits_reported": number}
        for kind, number in (("check", "4"), ("advice", ""), ("vaccination", "0"))
    ]
    lines = as_csv(split, heads, rows, {"when": "2025-09"}).decode().splitlines()
    assert lines[0].startswith("period,unit,kind,visits_reported")
    assert [line.split(",")[:4] for line in lines[1:]] == [
        ["2025-09", "C1", "check", "4"],
        ["2025-09", "C1", "vaccination", "0"],
    ]
