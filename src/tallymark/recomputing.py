"""Making a run again from its frozen programme and data, and saying what differs."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from tallymark.errors import AssessmentError, ProgrammeError, StoreError
from tallymark.flow import Progress, assess, data_hash
from tallymark.frozen import code_version
from tallymark.model.tables import TABLES
from tallymark.programme.load import load
from tallymark.programme.resolved import Programme
from tallymark.store import Store, open_store
from tallymark.store.mirror import MARKER
from tallymark.store.runs import Run
from tallymark.texts import Message

CLOSE = 1e-12
"""How far floats of two engines may lie apart, relative to their size (docs/decisions/0038)."""


def recompute(
    run: Run, store: Store | None = None, *, engine: str | None = None, progress: Progress = lambda _: None
) -> list[Message]:
    """What differs when the run is made again from its frozen programme and data; empty when every byte is the same.

    Reasons are sentences: a file of the run was altered, the store's batches are others, the code is another.
    engine: another one than the run's own, whose counts and texts must be the same, and floats within `CLOSE`.
    Where the frozen programme no longer loads or the store no longer holds the data, that is the difference.
    Errors: AssessmentError when the run was taken away from its store and no store is given.
    """
    source = store or _store_of(run)
    altered = [Message("{name}: the file is not the one the run wrote", name=name) for name in run.altered()]
    try:
        programme = load(run.programme_folder)
        inputs = list(_input_differences(run, programme, source))
        with tempfile.TemporaryDirectory(prefix="tallymark-") as folder:
            again = _again(run, programme, source, Path(folder), progress, engine or run.manifest["engine"])
            return altered + inputs + list(_table_differences(run, again))
    except (ProgrammeError, StoreError, AssessmentError) as error:
        return [*altered, Message("it cannot be made again: {problem}", problem=error)]


def _store_of(run: Run) -> Store:
    folder = run.path.resolve().parent.parent
    if not (folder / MARKER).is_file():
        raise AssessmentError(
            "run {run} does not lie in its store; say which store it was made from (--store)", run=run.id
        )
    return open_store(folder)


def _again(
    run: Run, programme: Programme, store: Store, folder: Path, progress: Progress, engine: str
) -> Run:
    manifest = run.manifest
    return assess(
        programme,
        store,
        contract=manifest["contract"],
        period=manifest["period"],
        engine=engine,
        mode=manifest["mode"],
        data_version=manifest["data_version"],
        made_at=dt.datetime.fromisoformat(manifest["made_at"]),
        runs=folder,
        fresh=True,
        progress=progress,
    )


def _input_differences(run: Run, programme: Programme, store: Store) -> Iterator[Message]:
    manifest = run.manifest
    if programme.hash != manifest["programme"]["hash"]:
        yield Message("programme: the frozen files no longer have the hash in the manifest")
    if data_hash(store, manifest["data_version"]) != manifest["data_hash"]:
        yield Message("data: the store's batches up to this version are not those the run read")
    if code_version() != manifest["code_version"]:
        yield Message(
            "code: this is {now}, the run was made by {then}",
            now=code_version(),
            then=manifest["code_version"],
        )


def _table_differences(run: Run, again: Run) -> Iterator[Message]:
    """Tables whose rows differ, or, where nothing that is stamped on rows differs, only their bytes."""
    written = run.manifest["tables"]
    for name, entry in again.manifest["tables"].items():
        if name not in written:
            yield Message("{name}: the run has no such table", name=name)
        elif entry["sha256"] == written[name]["sha256"]:
            continue
        elif not _same(
            _rows(run, again, name),
            again.table(name),
            exact=run.manifest["engine"] == again.manifest["engine"],
        ):
            yield Message(
                "{name}: computed again its rows are others ({rows} rows)", name=name, rows=entry["rows"]
            )
        elif run.id == again.id:
            yield Message("{name}: the rows are the same, the bytes are not", name=name)


def _rows(run: Run, again: Run, name: str) -> pa.Table:
    """The rows of a run's table; in today's order where another version, which may have had another, made it."""
    table, keys = run.table(name), TABLES[name].keys
    if not keys or run.manifest["code_version"] == again.manifest["code_version"]:
        return table
    return table.sort_by([(key, "ascending") for key in keys])


def _same(one: pa.Table, other: pa.Table, *, exact: bool) -> bool:
    """Whether rows are the same; not exact: but for floats that lie close to each other."""
    if exact or one.schema != other.schema or one.num_rows != other.num_rows:
        return bool(one == other)
    return all(
        mine == others or (pa.types.is_floating(mine.type) and _close(mine, others))
        for mine, others in zip(one.columns, other.columns, strict=True)
    )


def _close(one: pa.ChunkedArray, other: pa.ChunkedArray) -> bool:
    if one.is_null() != other.is_null():
        return False
    return bool(np.allclose(one.to_numpy(), other.to_numpy(), rtol=CLOSE, atol=0, equal_nan=True))
