"""Releases: what was made public of runs, kept beside them, and never changed."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tallymark.errors import AssessmentError, TallymarkError
from tallymark.findings import known_words
from tallymark.frozen import code_version, frozen_programme
from tallymark.model.tables import TABLES
from tallymark.programme.load import load
from tallymark.programme.resolved import Programme
from tallymark.publish.release import WITHHELD, Earlier, disclosed
from tallymark.room import is_full, no_room
from tallymark.score.reranking import rank_again
from tallymark.store import open_store
from tallymark.store.bucket import bucket_of
from tallymark.store.mirror import MARKER, pull, push
from tallymark.store.period_files import file_hash
from tallymark.store.runs import FROZEN, Run, open_run
from tallymark.store.store import WAIT
from tallymark.store.turns import turn

RELEASE = "release.json"
FOLDER = "releases"
KEPT = (
    "run", "made_at", "contract", "contract_title", "period", "mode", "engine", "data_version", "data_hash",
    "code_version", "programme",
)  # fmt: skip
"""What a release says of its run. Not the hashes of the run's tables: numbers could be tried against them."""


@dataclass(frozen=True)
class Released:
    """A release on disk: read like a run, but there is nothing in it that is not public."""

    path: Path
    manifest: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The run's id and a hash of the rule and of what was released before."""
        return str(self.manifest["release"])

    @cached_property
    def programme(self) -> Programme:
        """The programme that the run was made by."""
        return load(self.path / FROZEN)

    def table(self, name: str) -> pa.Table:
        """A released table."""
        if name not in self.manifest["tables"]:
            raise AssessmentError(
                "release {release} has no table '{name}'; {known}",
                release=self.id,
                name=name,
                known=known_words(name, self.manifest["tables"]),
            )
        try:
            return pq.read_table(self.path / f"{name}.parquet", memory_map=True)
        except (OSError, pa.ArrowException) as error:
            raise AssessmentError(
                "{path} is damaged; restore it from a backup", path=self.path / f"{name}.parquet"
            ) from error

    def altered(self) -> list[str]:
        """Tables whose content is no longer what the release says; empty when it is intact."""
        return [
            name
            for name, entry in self.manifest["tables"].items()
            if not (self.path / f"{name}.parquet").is_file()
            or file_hash(self.path / f"{name}.parquet") != entry["sha256"]
        ]


def releases_in(folder: Path) -> list[Released]:
    """Every release in a folder, in the order in which they were made."""
    found = [open_release(path.parent) for path in folder.glob(f"*/{RELEASE}") if path.parent.name[0] != "."]
    return sorted(found, key=lambda one: (int(one.manifest["number"]), one.id))


def open_release(folder: Path) -> Released:
    """The release in a folder."""
    try:
        manifest = json.loads((folder / RELEASE).read_text(encoding="utf-8"))
        if isinstance(manifest, dict) and {"release", "number", "tables", "attacked"} <= manifest.keys():
            return Released(folder, manifest)
    except (OSError, ValueError):
        pass
    raise AssessmentError("{folder} holds no release", folder=folder)


def release(run: Run, folder: Path, *, released_at: dt.datetime, into: Path | None = None) -> Released:
    """What may be made public of a run, written to `folder` beside the earlier releases that are there.

    into: written there instead, until somebody approves of it.

    It is audited against everything released before; the same run after the same releases is the same release.
    Errors: TallymarkError when a small count can be worked out; nothing is written then.
    """
    programme = frozen_programme(run)
    before = releases_in(folder) if folder.is_dir() else []
    after = [one.id for one in before]
    waiting = releases_in(into) if into is not None and into.is_dir() else []
    known = [*before, *(one for one in waiting if list(one.manifest["after"]) == after)]
    again = [one for one in known if one.manifest["run"] == run.id and _by(one) == _rule(programme)]
    if again:
        return again[-1]
    tables = {
        name: run.table(name) if name in run.manifest["tables"] else spec.schema.empty_table()
        for name, spec in TABLES.items()
    }
    made = disclosed(
        tables,
        programme,
        contract=str(run.manifest["contract"]),
        period=str(run.manifest["period"]),
        # One after the other: a dozen releases of a large county would not fit into memory side by side.
        earlier=(Earlier(one.table("measures"), _in_full(one, run.path.parent)) for one in before),
        rerank=lambda ranks, totals: rank_again(programme.contracts, ranks, totals),
    )
    said = {
        "number": len(before) + 1,
        "released_at": released_at.isoformat(timespec="seconds"),
        "rule": _rule(programme),
        "released_by_version": code_version(),
        "after": after,
        "attacked": {k: v for k, v in dataclasses.asdict(made.attacked).items() if v == v},
        "reasons": dict(made.reasons),
    }
    identity = {"run": run.id, "rule": said["rule"], "after": said["after"]}
    digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
    said["release"] = f"{run.id}-r{len(before) + 1}-{digest[:6]}"
    manifest = {key: run.manifest[key] for key in KEPT if key in run.manifest} | said
    return _write(
        into or folder, manifest, {**made.tables, WITHHELD.name: made.withheld}, run.programme_folder
    )


def _in_full(one: Released, runs: Path) -> pa.Table | None:
    """The measures of the run that a release was made of, where it is still there."""
    try:
        return open_run(runs / str(one.manifest["run"])).table("measures")
    except AssessmentError:
        return None


def _by(one: Released) -> Any:
    return one.manifest.get("rule")


def _rule(programme: Programme) -> dict[str, Any]:
    return programme.disclosure.model_dump(mode="json")


def _write(
    folder: Path, manifest: Mapping[str, Any], tables: Mapping[str, pa.Table], programme: Path
) -> Released:
    folder.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".making-", dir=folder))
    try:
        shutil.copytree(programme, fresh / FROZEN)
        entries = {}
        for name, table in sorted(tables.items()):
            pq.write_table(table, fresh / f"{name}.parquet", compression="zstd")
            entries[name] = {"sha256": file_hash(fresh / f"{name}.parquet"), "rows": table.num_rows}
        (fresh / RELEASE).write_text(
            json.dumps(dict(manifest) | {"tables": entries}, ensure_ascii=False, indent=1, sort_keys=True),
            encoding="utf-8",
        )
        os.chmod(fresh, 0o755)
        target = folder / str(manifest["release"])
        if target.exists():
            raise TallymarkError(
                "release {release} is there already and is never changed", release=target.name
            )
        os.replace(fresh, target)
    except OSError as error:
        if is_full(error):
            raise no_room(TallymarkError, folder, error) from error
        raise TallymarkError(
            "cannot write the release in {folder}: {why}", folder=folder, why=error.strerror or error
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return open_release(target)


def release_beside(run: Run, *, released_at: dt.datetime) -> Released:
    """The release of a run, kept where its store is; in a bucket, one publisher at a time knows of all the others."""
    folder = beside(run)
    store = open_store(folder.parent) if (folder.parent / MARKER).is_file() else None
    bucket = None if store is None else bucket_of(store.root, store.options)
    if store is None or bucket is None:
        return release(run, folder, released_at=released_at)
    with turn(bucket, lambda: store.version, wait=WAIT):
        pull(bucket, FOLDER, RELEASE)
        made = release(run, folder, released_at=released_at)
        push(bucket, made.path, RELEASE)
    return made


def beside(run: Run) -> Path:
    """Where releases of a run lie: beside the store's runs, so that later ones know of it."""
    return (
        run.path.resolve().parent.parent
        if run.path.resolve().parent.name == "runs"
        else run.path.resolve().parent
    ) / FOLDER
