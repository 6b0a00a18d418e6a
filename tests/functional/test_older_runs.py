"""A run that an older version of the code made still opens, or says in a sentence what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
from tests.functional.conftest import Call

from tallymark.store.period_files import file_hash
from tallymark.store.runs import Run, runs_in

LATER = {
    "indicators": ["shrunk", "small", "benchmark", "against_95"],
    "scores": ["points_low"],
    "findings": ["hint_zh"],
}


def aged(office: Path, *, without: tuple[str, ...] = ()) -> Run:
    """The office's run as a version would have left it that knew fewer columns and tables."""
    (run,) = runs_in(office / "store" / "runs")
    manifest = json.loads((run.path / "manifest.json").read_text(encoding="utf-8"))
    for name, columns in LATER.items():
        path = run.path / f"{name}.parquet"
        pq.write_table(pq.read_table(path).drop_columns(columns), path)
        manifest["tables"][name]["sha256"] = file_hash(path)
    for name in without:
        (run.path / f"{name}.parquet").unlink()
        del manifest["tables"][name]
    manifest["code_version"] = "0.0.1+older"
    (run.path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (found,) = runs_in(office / "store" / "runs")
    assert not found.altered()
    return found


def test_explain_and_publish_open_it(office: Path, call: Call) -> None:
    aged(office, without=("lineage", "sensitivity", "findings"))
    said = call("explain", "store", "--indicator", "seen_in_time", "--unit", "D", "--json")
    assert said.code == 0, said.err
    told = json.loads(said.out)
    assert told["figure"]["value"] is not None
    assert told["figure"]["shrunk"] is None
    assert told["batches"] == []
    said = call("explain", "store", "--indicator", "seen_in_time", "--unit", "D")
    assert said.code == 0, said.err
    said = call("publish", "store", "site")
    assert said.code == 0, said.err


def test_columns_are_null_and_a_table_that_is_not_there_is_named(office: Path, call: Call) -> None:
    run = aged(office, without=("findings",))
    assert run.table("indicators").column("shrunk").null_count == run.table("indicators").num_rows
    said = call("findings", "store")
    assert said.code == 2
    assert (
        "was made by version 0.0.1+older, which had no table 'findings'; run `tallymark assess` again"
        in said.err
    )
    assert len(said.err.strip().splitlines()) == 1


def test_a_programme_that_is_refused_by_now(office: Path, call: Call) -> None:
    run = aged(office)
    manifest = json.loads((run.path / "manifest.json").read_text(encoding="utf-8"))
    file = next(
        path for path in run.programme_folder.rglob("*.yaml") if "direction: higher" in path.read_text()
    )
    file.write_text(
        file.read_text(encoding="utf-8").replace("direction: higher", "direction: upward", 1),
        encoding="utf-8",
    )
    manifest["programme"]["files"][file.relative_to(run.programme_folder).as_posix()] = file_hash(file)
    (run.path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    for words in (
        ("explain", "store", "--indicator", "seen_in_time", "--unit", "D"),
        ("publish", "store", "site"),
    ):
        said = call(*words)
        assert said.code == 2
        assert "version 0.0.1+older, which took a programme that this version refuses" in said.err
        assert "upward" in said.err
        assert len(said.err.strip().splitlines()) == 1
