"""Finding what an argument means: a programme, a store, a run folder or a store's newest run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tallymark.cli.accept import Place
from tallymark.cli.there import there
from tallymark.errors import AssessmentError, StoreError
from tallymark.programme.load import load
from tallymark.programme.resolved import Programme
from tallymark.store import Store, open_store
from tallymark.store.runs import MANIFEST, Run, brought, open_run, runs_in
from tallymark.store.store import is_store


def programme_at(path: Path) -> Programme:
    """The programme declared in a folder that is there."""
    return load(there(path))


def store_at(address: str) -> Store:
    """A store that is there already: reading never makes one."""
    if "://" not in address:
        there(Path(address))
    if not is_store(address):
        raise StoreError(
            "{path} is no store; `tallymark receive` makes one in an empty or new folder", path=address
        )
    return open_store(address)


class RunPlace(Place):
    """A folder of a run or a store; of an address in object storage, the folder of its copies."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        return brought(value) if "://" in str(value) else super().convert(value, param, ctx)


def run_at(path: Path) -> Run:
    """The run in `path`; for a store (or a folder of runs) its newest official run, else its newest."""
    if (there(path) / MANIFEST).is_file():
        return open_run(path)
    for folder in (path / "runs", path):
        runs = runs_in(folder) if folder.is_dir() else []
        if runs:
            official = [run for run in runs if run.manifest["mode"] == "official"]
            return (official or runs)[-1]
    raise AssessmentError("{path} holds no run; `tallymark assess` makes one", path=path)
