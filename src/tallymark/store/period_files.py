"""Result tables of one period as Parquet files, kept among the partials so that a later run has them without making them.

A file's name says how many rows it has and what its bytes hash to. It is linked into runs, so that somebody who damages
a run's file damages it here, too: a file whose bytes are others is deleted and as good as none.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tallymark.errors import AssessmentError
from tallymark.store.partials import MAKING, Partials

ENDING = ".parquet"


@dataclass(frozen=True, slots=True)
class PeriodFile:
    """One result table of one period: where it lies, the hash of its bytes and how many rows it has."""

    path: Path
    sha256: str
    rows: int

    def table(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Its rows, of which only some columns may be asked for."""
        return read_rows(self.path, columns)


def find(partials: Partials, key: str, names: Collection[str]) -> dict[str, PeriodFile] | None:
    """The files of all these tables that are kept under a key; None where one is missing or damaged."""
    found: dict[str, PeriodFile] = {}
    with contextlib.suppress(OSError, ValueError):
        for entry in os.scandir(partials.place(key)):
            if entry.name.endswith(ENDING) and not entry.name.startswith(MAKING):
                table, rows, sha256 = entry.name.removesuffix(ENDING).split("-")
                found[table] = PeriodFile(Path(entry.path), sha256, int(rows))
    if not found.keys() >= {*names}:
        return None
    for one in found.values():
        try:
            if file_hash(one.path) != one.sha256:
                one.path.unlink()
                return None
            os.utime(one.path)
        except OSError:
            return None
    partials.used.found += 1
    return found


def keep(partials: Partials, key: str, tables: Mapping[str, pa.Table]) -> dict[str, PeriodFile] | None:
    """Keeps tables under a key, and says where; None where they cannot be written, as figures are the same without."""
    place, made = partials.place(key), dict[str, PeriodFile]()
    try:
        place.mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            made[name] = _written(place, name, table)
    except OSError:
        return None
    partials.used.made += 1
    return made


def _written(place: Path, name: str, table: pa.Table) -> PeriodFile:
    fresh = (
        place / f"{MAKING}{name}-{os.getpid()}"
    )  # made by name, for the permissions that a run's own files have
    try:
        write_rows(fresh, table)
        sha256 = file_hash(fresh)
        target = place / f"{name}-{table.num_rows}-{sha256}{ENDING}"
        os.replace(fresh, target)
    finally:
        fresh.unlink(missing_ok=True)
    return PeriodFile(target, sha256, table.num_rows)


def write_rows(path: Path, table: pa.Table) -> None:
    """Writes a table as Parquet, the same rows as the same bytes, however they lie in memory."""
    pq.write_table(
        table.combine_chunks(), path, compression="zstd", use_dictionary=True, write_statistics=True
    )


def read_rows(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of a file; AssessmentError where it is gone or cannot be read."""
    try:
        return pq.read_table(path, columns=columns and [*columns], memory_map=True)
    except (OSError, pa.ArrowException) as error:
        raise damaged(path) from error


def damaged(path: Path) -> AssessmentError:
    """What is said of a run's file that is gone or cannot be read."""
    if not path.exists():
        return AssessmentError("{path} is gone; run `tallymark assess` again", path=path)
    return AssessmentError("{path} is damaged; run `tallymark assess` again", path=path)


def linked(one: PeriodFile, target: Path) -> None:
    """Puts a file that is kept into a run: the same bytes under another name, or a copy where that cannot be."""
    try:
        os.link(one.path, target)
    except OSError:
        shutil.copyfile(one.path, target)


def file_hash(path: Path) -> str:
    """sha256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
