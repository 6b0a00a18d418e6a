"""Whole assessments with and without what earlier ones counted: the same tables, byte for byte; the auditor believes
neither."""

from __future__ import annotations

import datetime as dt
import json
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest
from tests.functional.conftest import CONTRACT, Call

from tallymark import flow, load, open_store
from tallymark.measure import measure
from tallymark.recomputing import recompute
from tallymark.store.partials import FOLDER
from tallymark.store.runs import Run

AT = dt.datetime(2025, 11, 1, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small registers are counted by month, too."""
    monkeypatch.setattr(flow, "measure", partial(measure, enough=0))
    monkeypatch.setattr("tallymark.lineage.MANY", 0)


def assessed(folder: Path, runs: str, *, fresh: bool = False) -> Run:
    programme, store = load(folder / "clinic"), open_store(folder / "store")
    return flow.assess(
        programme, store, contract=CONTRACT, made_at=AT, runs=folder / "store" / runs, fresh=fresh
    )


def hashes(run: Run) -> dict[str, str]:
    return {name: entry["sha256"] for name, entry in run.manifest["tables"].items()}


def test_an_incremental_run_is_a_full_run(office: Path, call: Call) -> None:
    first = assessed(office, "runs")
    assert first.manifest["partials"]["made"]
    (office / "visits.csv").write_text(
        "number,clinic,day,kind,waited\nV0006,C1,2024-10-01,advice,9\nNEW1,C2,2025-03-14,check,3\n"
    )
    assert call("receive", "clinic", "store", "visits", "visits.csv", "--received-at", "2025-10-05").code == 0
    new, full = assessed(office, "runs"), assessed(office, "fresh", fresh=True)
    assert new.manifest["partials"]["found"] > new.manifest["partials"]["made"] > 0
    assert full.manifest["partials"] is None
    assert new.id == full.id != first.id
    assert hashes(new) == hashes(full) != hashes(first)
    assert not assessed(office, "runs").manifest["partials"]["made"]


def test_a_changed_programme_reads_no_month_again_for_what_it_left_alone(office: Path) -> None:
    first = assessed(office, "runs").manifest["partials"]
    figures = office / "clinic" / "figures.yaml"
    figures.write_text(figures.read_text().replace("wait_days <= 7", "wait_days <= 9"))
    again, full = assessed(office, "runs"), assessed(office, "fresh", fresh=True)
    assert hashes(again) == hashes(full)
    assert 0 < again.manifest["partials"]["made"] < first["made"]


def test_a_forged_partial_is_found_out_by_the_auditor(office: Path) -> None:
    """Whoever can write into the store's folder can forge what a run reads; a run made again does not read it."""
    assessed(office, "runs")
    for path in (office / "store" / FOLDER).glob("*/*/*"):
        table = pa.ipc.open_file(path).read_all()
        if b"part" in (table.schema.metadata or {}):
            for at, name in enumerate(table.column_names):
                if name.startswith("n"):
                    table = table.set_column(at, name, pa.nulls(len(table), pa.int64()).fill_null(1))
            with pa.ipc.new_file(path, table.schema) as out:
                out.write_table(table)
    forged = assessed(office, "runs")
    assert [str(one) for one in recompute(forged)]
    assert recompute(assessed(office, "runs", fresh=True)) == []


def test_fresh_is_an_option_of_the_command(office: Path, call: Call) -> None:
    said = call("assess", "clinic", "store", "--contract", CONTRACT, "--fresh", "--json")
    assert said.code == 0
    assert json.loads(said.out)["partials"] is None
    said = call("assess", "clinic", "store", "--contract", CONTRACT, "--json")
    assert json.loads(said.out)["partials"]["made"]
