"""A run: one assessment with its frozen inputs and its outputs, a folder of Parquet files and a manifest."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tallymark.errors import AssessmentError, TallymarkError
from tallymark.findings import known_words
from tallymark.model.tables import STAMP, TABLES
from tallymark.room import is_full, no_room
from tallymark.store.bucket import bucket_of
from tallymark.store.mirror import pull, push
from tallymark.store.period_files import PeriodFile, damaged, file_hash, linked, read_rows, write_rows
from tallymark.store.store import Store, is_store

RUNS = "runs"
"""The folder of a store's runs, in the store or beside the copies of one in a bucket."""
MANIFEST = "manifest.json"
FROZEN = "programme"
WRITTEN = {
    "run": str, "made_at": str, "contract": str, "period": str, "mode": str, "engine": str, "data_version": int,
    "data_hash": str, "code_version": str, "programme": dict, "tables": dict,
}  # fmt: skip
"""What every manifest says."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run on disk. `manifest` says what went in and the hash of everything that came out."""

    path: Path
    manifest: Mapping[str, Any]
    address: str = ""
    """Where it lies in object storage, if it does; `path` is a copy then."""

    @property
    def id(self) -> str:
        """Contract, period and a hash of all inputs: the same inputs have the same id."""
        return str(self.manifest["run"])

    @property
    def programme_folder(self) -> Path:
        """The frozen copy of the declared files."""
        return self.path / FROZEN

    def table(self, name: str, periods: Collection[str] | None = None) -> pa.Table:
        """A result table (see `model/tables.py`), without the stamp columns.

        periods: of a table that has a file for each, only these are read. A column that the version which made the run
        did not know yet is NULL.
        """
        if name in TABLES and name not in self.manifest["tables"]:
            raise AssessmentError(
                "run {run} was made by version {version}, which had no table '{name}'; run `tallymark assess` again",
                run=self.id,
                version=self.manifest["code_version"],
                name=name,
            )
        if name not in self.manifest["tables"]:
            raise AssessmentError(
                "run {run} has no table '{name}'; {known}",
                run=self.id,
                name=name,
                known=known_words(name, self.manifest["tables"]),
            )
        parts = [read_rows(path) for path in self.files(name, periods)]
        table = pa.concat_tables(parts) if parts else TABLES[name].schema.empty_table()
        table = table.drop_columns([column for column in STAMP if column in table.column_names])
        for field in TABLES[name].schema if name in TABLES else ():
            if field.name not in table.column_names:
                table = table.append_column(field, pa.nulls(table.num_rows, field.type))
        return table

    def files(self, name: str, periods: Collection[str] | None = None) -> list[Path]:
        """Where a result table lies: in one file, or in one for each period that has rows: those of `periods`, then."""
        by_period = self.manifest["tables"][name].get("periods")
        if by_period is None:
            return [self.path / f"{name}.parquet"]
        codes = sorted(by_period if periods is None else by_period.keys() & {*periods})
        return [self.path / name / f"{code}.parquet" for code in codes]

    def lacking(self, name: str) -> dict[str, pa.DataType]:
        """Columns of a result table that came after the version which made the run: name → type."""
        if name not in self.manifest["tables"]:
            return dict(zip(TABLES[name].schema.names, TABLES[name].schema.types, strict=True))
        path = self.files(name)[0]
        try:
            known = pq.read_schema(path).names
        except (OSError, pa.ArrowException) as error:
            raise damaged(path) from error
        return {field.name: field.type for field in TABLES[name].schema if field.name not in known}

    def altered(self) -> list[str]:
        """Files whose content is no longer what the manifest says; empty when the run is intact."""
        written: dict[str, str] = {}
        for name, entry in self.manifest["tables"].items():
            parts = entry.get("periods", {})
            written |= {f"{name}/{code}": part["sha256"] for code, part in parts.items()} or {
                name: entry["sha256"]
            }
        wrong = [name for name, sha256 in written.items() if _hash(self.path / f"{name}.parquet") != sha256]
        frozen = folder_hashes(self.programme_folder)
        return wrong + sorted(
            f"{FROZEN}/{name}"
            for name in frozen.keys() | self.manifest["programme"]["files"].keys()
            if frozen.get(name) != self.manifest["programme"]["files"].get(name)
        )


def _hash(path: Path) -> str:
    """The hash of a file; empty when there is none."""
    return file_hash(path) if path.is_file() else ""


def open_run(path: str | Path) -> Run:
    """The run in a folder; AssessmentError when the folder holds none."""
    folder = Path(path)
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise AssessmentError(
            "{folder} holds no run (no {manifest}); `tallymark assess` makes one",
            folder=folder,
            manifest=MANIFEST,
        ) from None
    except (OSError, ValueError):
        raise damaged(folder / MANIFEST) from None
    if not isinstance(manifest, dict) or not _whole(manifest):
        raise damaged(folder / MANIFEST)
    return Run(folder, manifest)


def _whole(manifest: Mapping[str, Any]) -> bool:
    """Whether a manifest says all that readers of a run rely on, each of its kind."""
    if not all(isinstance(manifest.get(key), kind) for key, kind in WRITTEN.items()):
        return False
    programme = manifest["programme"]
    return (
        all(map(_whole_table, manifest["tables"].values()))
        and isinstance(programme.get("hash"), str)
        and isinstance(programme.get("files"), dict)
    )


def _whole_table(entry: object) -> bool:
    """Whether a manifest says of a table what its bytes hash to, and the same of each period's file where there are."""
    if not isinstance(entry, dict) or not isinstance(entry.get("sha256"), str):
        return False
    if "periods" not in entry:
        return True
    parts = entry["periods"]
    return (
        isinstance(parts, dict)
        and bool(parts)
        and all(
            Path(code).name == code and isinstance(part, dict) and isinstance(part.get("sha256"), str)
            for code, part in parts.items()
        )
    )


def runs_in(folder: Path) -> list[Run]:
    """Every run in a folder, oldest first; within a second by data version, then by when its folder was written."""
    found = [
        open_run(path.parent) for path in folder.glob(f"*/{MANIFEST}") if not path.parent.name.startswith(".")
    ]
    return sorted(found, key=_age)


def sent(store: Store, run: Run) -> Run:
    """The run, put into the bucket in which its store is, if it is in one; its manifest last."""
    bucket = bucket_of(store.root, store.options)
    if bucket is None:
        return run
    push(bucket, run.path, MANIFEST)
    return replace(run, address=f"{bucket.root}/{RUNS}/{run.id}")


def brought(address: str) -> Path:
    """The folder with copies of a store in a bucket, all its runs among them, or of one of them (`…/runs/ID`)."""
    root, _, run = address.rstrip("/").partition(f"/{RUNS}/")
    if not is_store(root):
        raise AssessmentError("{path} holds no run; `tallymark assess` makes one", path=address)
    bucket = bucket_of(root, {})
    assert bucket is not None  # an address
    folder = pull(bucket, RUNS, MANIFEST)
    return folder / run if run else folder.parent


def _age(run: Run) -> tuple[str, int, int, str]:
    written = (run.path / MANIFEST).stat().st_mtime_ns
    return str(run.manifest["made_at"]), int(run.manifest["data_version"]), written, run.id


def write_run(
    folder: Path,
    *,
    manifest: Mapping[str, Any],
    tables: Mapping[str, pa.Table | Mapping[str, PeriodFile | pa.Table]],
    programme_files: Iterable[tuple[str, Path]],
) -> Run:
    """The run written whole or not at all: into a hidden folder first, renamed when complete.

    tables: each whole, or by period, where its rows or the file that has them go into a file of the period's name.

    A run of the same id (the same inputs, hence the same outputs) is replaced.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=".making-", dir=folder))
    except OSError as error:
        raise _unwritten(folder, error) from error
    try:
        for name, source in programme_files:
            target = fresh / FROZEN / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        entries = {name: _write_table(fresh, name, table, manifest) for name, table in sorted(tables.items())}
        whole = dict(manifest) | {"tables": entries}
        whole["programme"] = dict(manifest["programme"]) | {"files": folder_hashes(fresh / FROZEN)}
        (fresh / MANIFEST).write_text(
            json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8"
        )
        target = folder / str(manifest["run"])
        _replace_folder(fresh, target)
    except OSError as error:
        raise _unwritten(folder, error) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return open_run(target)


def _unwritten(folder: Path, error: OSError) -> TallymarkError:
    if is_full(error):
        return no_room(AssessmentError, folder, error)
    return AssessmentError(
        "cannot write the run in {folder}: {why}", folder=folder, why=error.strerror or error
    )


def _replace_folder(fresh: Path, target: Path) -> None:
    os.chmod(fresh, 0o755)
    if target.exists():
        old = Path(tempfile.mkdtemp(prefix=".old-", dir=target.parent))
        os.replace(target, old / "run")
        os.replace(fresh, target)
        shutil.rmtree(old, ignore_errors=True)
    else:
        os.replace(fresh, target)


def _write_table(
    folder: Path, name: str, table: pa.Table | Mapping[str, PeriodFile | pa.Table], manifest: Mapping[str, Any]
) -> dict[str, Any]:  # fmt: skip
    if not isinstance(table, pa.Table):
        return _write_periods(folder / name, name, table)
    stamped = _in_schema(name, table)
    for column in STAMP:
        stamped = stamped.append_column(column, _constant(_stamp_value(manifest, column), stamped.num_rows))
    path = folder / f"{name}.parquet"
    write_rows(path, stamped)
    return {"sha256": file_hash(path), "rows": stamped.num_rows}


def _write_periods(folder: Path, name: str, pieces: Mapping[str, PeriodFile | pa.Table]) -> dict[str, Any]:
    """A file a period; what the manifest says of them, with a hash of their hashes."""
    folder.mkdir()
    parts: dict[str, dict[str, Any]] = {}
    for code, piece in sorted(pieces.items()):
        path = folder / f"{code}.parquet"
        if isinstance(piece, PeriodFile):
            linked(piece, path)
            parts[code] = {"sha256": piece.sha256, "rows": piece.rows}
        else:
            write_rows(path, _in_schema(name, piece))
            parts[code] = {"sha256": file_hash(path), "rows": piece.num_rows}
    listed = "".join(f"{code} {part['sha256']}\n" for code, part in parts.items())
    rows = sum(part["rows"] for part in parts.values())
    return {"sha256": hashlib.sha256(listed.encode()).hexdigest(), "rows": rows, "periods": parts}


def _in_schema(name: str, table: pa.Table) -> pa.Table:
    return table.select(TABLES[name].schema.names).cast(TABLES[name].schema)


def _stamp_value(manifest: Mapping[str, Any], column: str) -> str:
    if column == "programme_hash":
        return str(manifest["programme"]["hash"])
    return str(manifest[column])


def _constant(value: str, rows: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int8)), [value])


def folder_hashes(folder: Path) -> dict[str, str]:
    """Relative name → sha256 of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): file_hash(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
