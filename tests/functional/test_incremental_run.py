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

from tallymark import explain, flow, load, open_store
from tallymark.measure import by_period, measure
from tallymark.recomputing import recompute
from tallymark.store.partials import FOLDER
from tallymark.store.runs import Run

AT = dt.datetime(2025, 11, 1, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small registers are counted by month, too."""
    monkeypatch.setattr(by_period, "measure", partial(measure, enough=0))
    monkeypatch.setattr(by_period, "ENOUGH", 0)
    monkeypatch.setattr("tallymark.lineage.MANY", 0)


@pytest.fixture
def small_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small result tables are kept by period, too."""
    monkeypatch.setattr(by_period, "MANY", 0)
    monkeypatch.setattr(flow, "MANY", 1)


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


@pytest.mark.usefixtures("small_tables")
def test_periods_that_did_not_change_are_the_files_of_the_run_before(office: Path, call: Call) -> None:
    first = assessed(office, "runs")
    (office / "visits.csv").write_text("number,clinic,day,kind,waited\nNEW1,C2,2025-03-14,check,3\n")
    assert call("receive", "clinic", "store", "visits", "visits.csv", "--received-at", "2025-10-05").code == 0
    new, full = assessed(office, "runs"), assessed(office, "fresh", fresh=True)
    assert hashes(new) == hashes(full)
    before, after = (
        {path.name: path.stat().st_ino for path in run.files("indicators")} for run in (first, new)
    )
    made = {name for name in after if after[name] != before.get(name)}
    assert {"2025-03.parquet", f"{new.manifest['period']}.parquet"} <= made
    assert not made & {"2025-02.parquet", "2024-12.parquet"}
    assert after.keys() - made
    assert recompute(new) == []


@pytest.mark.usefixtures("small_tables")
def test_a_run_in_files_by_period_reads_as_one_in_whole_tables(
    office: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = assessed(office, "runs")
    monkeypatch.setattr(flow, "MANY", 10**9)
    whole = assessed(office, "whole", fresh=True)
    assert (run.path / "measures").is_dir()
    assert (whole.path / "measures.parquet").is_file()
    for name in run.manifest["tables"]:
        assert run.table(name).equals(whole.table(name)), name
    one, other = (explain(each, indicator="seen_in_time", unit="C1").as_dict() for each in (run, whole))
    assert one["figure"]["value"] is not None
    assert one == other
    some = run.table("indicators", ["2025-03"])
    assert set(some.column("period").to_pylist()) == {"2025-03"}
    sites = [office / "one", office / "other"]
    for each, site in zip((run, whole), sites, strict=True):
        flow.publish_run(each, site, languages=["en"])
    one_site, other_site = (
        {path.relative_to(site): path.read_bytes() for path in site.rglob("*") if path.is_file()}
        for site in sites
    )
    assert one_site == other_site


@pytest.mark.usefixtures("small_tables")
def test_a_file_damaged_in_a_run_is_made_again(office: Path, call: Call) -> None:
    """Runs and partials share files: who damages one in place damages both, and the next run does not believe it."""
    run = assessed(office, "runs")
    (file,) = run.files("indicators", ["2025-03"])
    sound = file.read_bytes()
    for harm in (sound[:100], sound[:200] + b"??" + sound[202:], b""):
        file.write_bytes(harm)
        assert run.altered() == ["indicators/2025-03"]
        assert str(recompute(run)[0]).startswith("indicators/2025-03")
        assert assessed(office, "runs").altered() == []
        assert file.read_bytes() == sound
    file.unlink()
    said = call("explain", "store", "--indicator", "seen_in_time", "--unit", "C1", "--period", "2025-03")
    assert (said.code, said.out) == (2, "")
    assert "indicators/2025-03" in said.err
    assert said.err.count("\n") == 1


@pytest.mark.usefixtures("small_tables")
def test_a_store_whose_partials_cannot_be_written_has_the_same_run(office: Path) -> None:
    """As on a full disk: what cannot be kept goes into the run alone."""
    full = assessed(office, "fresh", fresh=True)
    (office / "store" / FOLDER).write_text("a file where the folder should be")
    assert hashes(assessed(office, "runs")) == hashes(full)


@pytest.mark.usefixtures("small_tables")
@pytest.mark.parametrize(
    "periods", [{}, [], {"2025": {}}, {"../2025": {"sha256": ""}}, {"2025": "x"}], ids=str
)
def test_a_manifest_with_periods_of_no_kind_is_told(periods: object, office: Path, call: Call) -> None:
    run = assessed(office, "runs")
    manifest = json.loads((run.path / "manifest.json").read_text("utf-8"))
    manifest["tables"]["indicators"]["periods"] = periods
    (run.path / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    said = call("explain", "store", "--indicator", "seen_in_time", "--unit", "C1")
    assert (said.code, said.out) == (2, "")
    assert "manifest.json is damaged" in said.err
    assert said.err.count("\n") == 1
