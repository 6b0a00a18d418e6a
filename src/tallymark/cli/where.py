"""Finding what an argument means: something that is there, a programme, a store, a run folder or a store's newest run."""

from __future__ import annotations

from pathlib import Path

from tallymark.errors import AssessmentError, StoreError, TallymarkError
from tallymark.findings import did_you_mean
from tallymark.programme.load import load
from tallymark.programme.resolved import Programme
from tallymark.store import Store, open_store
from tallymark.store.runs import MANIFEST, Run, open_run, runs_in
from tallymark.store.store import MARKER


def there(path: Path) -> Path:
    """The path itself; a TallymarkError naming what lies near it when nothing is there."""
    if path.exists():
        return path
    parent = path.absolute().parent
    near = did_you_mean(path.name, [entry.name for entry in parent.iterdir()]) if parent.is_dir() else []
    if near:
        raise TallymarkError(
            "there is no {path}; did you mean {near}?",
            path=path,
            near=", ".join(str(path.parent / name) for name in near),
        )
    raise TallymarkError("there is no {path}", path=path)


def programme_at(path: Path) -> Programme:
    """The programme declared in a folder that is there."""
    return load(there(path))


def store_at(address: str) -> Store:
    """A store that is there already: reading never makes one."""
    if "://" not in address:
        folder = there(Path(address))
        if not (folder / MARKER).is_file():
            raise StoreError(
                "{path} is no store; `tallymark receive` makes one in an empty or new folder", path=folder
            )
    return open_store(address)


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
