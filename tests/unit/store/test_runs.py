"""Runs of a folder in the order in which they were made, also within one second."""

from __future__ import annotations

from pathlib import Path

from tallymark.store.runs import Run, runs_in, write_run


def written(folder: Path, name: str, *, data_version: int) -> Run:
    words = dict.fromkeys(("contract", "period", "mode", "engine", "code_version", "data_hash"), "c")
    manifest = words | {
        "run": name,
        "made_at": "2025-10-03T09:00:00+00:00",
        "data_version": data_version,
        "programme": {"hash": "h"},
    }
    return write_run(folder, manifest=manifest, tables={}, programme_files=())


def test_runs_of_one_second_are_in_order(tmp_path: Path) -> None:
    written(tmp_path, "c-2", data_version=3)
    written(tmp_path, "c-3", data_version=3)
    written(tmp_path, "c-1", data_version=4)
    written(tmp_path, "c-0", data_version=3)
    assert [run.id for run in runs_in(tmp_path)] == ["c-2", "c-3", "c-0", "c-1"]
