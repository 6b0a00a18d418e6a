"""Finding the run that a command means: a run folder, or the newest run of a store."""

from __future__ import annotations

from pathlib import Path

from tallymark.errors import AssessmentError
from tallymark.store.runs import MANIFEST, Run, open_run, runs_in


def run_at(path: Path) -> Run:
    """The run in `path`; for a store (or a folder of runs) its newest official run, else its newest."""
    if (path / MANIFEST).is_file():
        return open_run(path)
    for folder in (path / "runs", path):
        runs = runs_in(folder) if folder.is_dir() else []
        if runs:
            official = [run for run in runs if run.manifest["mode"] == "official"]
            return (official or runs)[-1]
    raise AssessmentError(f"{path} holds no run; `tallymark assess` makes one")
