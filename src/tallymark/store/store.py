"""The store: a folder of Delta tables, one a dataset, in which a batch is wholly there or not at all.

Rows, superseded rows and findings are written first, tagged with the batch's number; the batch counts from
the moment its receipt is appended to `_batches`. What a killed receiver left is invisible and is taken out
before the next batch.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from tallymark.engine.interface import Stored
from tallymark.errors import StoreError
from tallymark.store import delta
from tallymark.store.batch import Batch, Crash, Rows, Stamped, stamped_system, superseded_rows
from tallymark.store.history import history
from tallymark.store.lock import exclusive
from tallymark.store.relation import Portion, all_rows_sql, empty_sql, plan, relation_sql, with_missing
from tallymark.store.schemas import BATCHES, FINDINGS, REFUSED, SUPERSEDED, SYSTEM, dataset_schema
from tallymark.store.superseded import Superseded, superseded_at

if TYPE_CHECKING:
    from tallymark.programme.resolved import Dataset

MARKER = "store.json"
FORMAT = 1
TABLES = "tables"
WAIT = 60.0
ESCAPED = re.compile("%[0-9A-Fa-f]{2}")
"""delta-rs decodes paths twice, so that `per%cent` would be another folder."""
NOTHING_YET = "{store}: nothing was received yet for {dataset}."


def open_store(path: str | Path, *, options: Mapping[str, str] | None = None) -> Store:
    """The store in a folder (created when absent) or at an object-store address.

    On an object store nothing locks: let one process receive at a time.
    """
    root = str(path)
    if "://" not in root:
        folder = Path(root).resolve()
        if ESCAPED.search(folder.as_posix()):
            raise StoreError(
                "{store}: a store cannot stand below a folder with “%” and two digits in its name, which is read as "
                "another name. Choose another folder.",
                store=folder,
            )
        with delta.storage_errors(root):
            _check_or_mark(folder)
        root = str(folder)
    return Store(root.rstrip("/"), dict(options or {}))


@dataclass(frozen=True, slots=True)
class Store:
    """Reported data, never overwritten: batches go in, versions come out."""

    root: str
    options: dict[str, str] = field(default_factory=dict)

    @property
    def version(self) -> int:
        """Number of the last committed batch; 0 when there is none."""
        table = delta.open_table(self._place(BATCHES))
        if table is None:
            return 0
        return max((high for _, high in delta.files(self._place(BATCHES), table).batches), default=0)

    def _place(self, name: str) -> delta.Place:
        """Where a table stands."""
        return delta.Place(f"{self.root}/{TABLES}/{name}", self.options)

    def relation(self, dataset: Dataset | str, version: int | None = None) -> str:
        """A DuckDB table expression of the dataset's rows that count at `version` (see `stored`)."""
        return stored(self, dataset, version).sql

    def open_columns(self, dataset: str) -> pa.Schema:
        """Columns and types stored for a dataset so far; empty when nothing was received."""
        table = delta.open_table(self._place(dataset))
        return pa.schema([]) if table is None else delta.files(self._place(dataset), table).schema

    def receipts(self, version: int | None = None) -> pa.Table:
        """Every committed batch: number, time, source, file, content hash, programme hash, receipt (JSON)."""
        return self.system(BATCHES, version)

    def findings(self, version: int | None = None) -> pa.Table:
        """What was found wrong at receipt, all committed batches (columns of TABLES["findings"])."""
        rows = self.system(FINDINGS, version)
        return rows.append_column("batch", rows.column("_batch")).drop_columns("_batch")

    def system(self, name: str, version: int | None = None) -> pa.Table:
        """One of the store's own tables (`_batches`, `_superseded`, `_findings`, `_refused`) at a version."""
        found = delta.read(self._place(name), self._checked(version))
        return SYSTEM[name].empty_table() if found is None else found.select(SYSTEM[name].names)

    def history(self, dataset: str, where: Mapping[str, object], version: int | None = None) -> pa.Table:
        """Every version of the rows in which the columns of `where` have its values, oldest first.

        Beside the dataset's columns: source, file, superseded_by (batch), superseded_by_row, reason.
        """
        version = self._checked(version)
        place = self._place(dataset)
        table = delta.open_table(place)
        if table is None:
            return pa.table({})
        files = delta.files(place, table)
        unknown = sorted(set(where) - set(files.schema.names))
        if unknown:
            raise StoreError(
                "{dataset} has no column {column}; it has {known}.",
                dataset=dataset,
                column=unknown[0],
                known=", ".join(files.schema.names),
            )
        with delta.storage_errors(self.root):
            return history(
                all_rows_sql(files, version),
                tuple(files.schema.names),
                superseded=self.system(SUPERSEDED, version),
                batches=self.receipts(version),
                keys=where,
            )

    def append(self, batch: Batch, *, crash: Crash | None = None) -> int:
        """Adds one batch and returns its number; a batch that fails half-way leaves the store as it was."""
        with self.writing(crash=crash) as number:
            self.commit(batch, number, crash=crash)
        return number

    @contextmanager
    def writing(self, *, crash: Crash | None = None, wait: float = WAIT) -> Iterator[int]:
        """Holds the store for one receiver and gives the number its batch will have."""
        step = crash or _go_on
        local = "://" not in self.root
        with exclusive(Path(self.root) / ".lock", wait=wait) if local else nullcontext():
            step("locked")
            version = self.version
            for name in self._tables():
                delta.drop_after(self._place(name), version)
            step("cleaned")
            for name in (*self._tables(), BATCHES):
                delta.merge_small(self._place(name))
            step("merged")
            yield version + 1

    def commit(self, batch: Batch, number: int, *, crash: Crash | None = None) -> None:
        """Writes a batch under the number that `writing` gave; readers see it when this returns."""
        step = crash or _go_on
        superseded = []
        for name, rows in batch.tables.items():
            stamped = Stamped(
                rows if isinstance(rows, Rows) else Rows.of(rows), dataset=name, number=number, at=batch.at
            )
            delta.append(self._place(name), stamped.schema, stamped)
            superseded += stamped.superseded
            step(f"rows:{name}")
        if batch.withdrawn is not None and batch.withdrawn.num_rows:
            superseded.append(superseded_rows(batch.withdrawn, None, number))
        self._add(SUPERSEDED, pa.concat_tables(superseded) if superseded else None)
        step("withdrawn")
        for name, found in ((FINDINGS, batch.findings), (REFUSED, batch.refused)):
            self._add(name, None if found is None else stamped_system(found, name, number))
            step(name.lstrip("_"))
        step("written")
        self._add(BATCHES, _receipt_row(batch, number))
        step("committed")

    def _add(self, name: str, rows: pa.Table | None) -> None:
        if rows is not None and rows.num_rows:
            delta.append(self._place(name), rows.schema, rows.to_batches())

    def _tables(self) -> list[str]:
        """Names of the tables there are; `_batches` last, so that it alone decides."""
        if "://" in self.root:
            return [name for name in (*SYSTEM,) if name != BATCHES]
        folders = sorted(path.parent.name for path in Path(self.root, TABLES).glob("*/_delta_log"))
        return [name for name in folders if name != BATCHES]

    def _superseded(self, dataset: str, version: int) -> Superseded:
        place = self._place(SUPERSEDED)
        table = delta.open_table(place)
        paths = () if table is None else delta.files(place, table).paths
        return superseded_at(self.system(SUPERSEDED, version), paths, dataset=dataset, version=version)

    def _checked(self, version: int | None) -> int:
        last = self.version
        if version is None:
            return last
        if not 0 <= version <= last:
            raise StoreError(
                "{store}: there is no version {version}; the last one is {last}.",
                store=self.root,
                version=version,
                last=last,
            )
        return version


def _go_on(step: str) -> None:
    """The hook of a receiver that is not meant to die."""


def _name_and_columns(dataset: Dataset | str) -> tuple[str, pa.Schema | None]:
    return (dataset, None) if isinstance(dataset, str) else (dataset.name, dataset_schema(dataset))


def _check_or_mark(folder: Path) -> None:
    """Makes sure that a folder is a store of this format, making one of an empty or absent folder."""
    marker = folder / MARKER
    if marker.is_file():
        written = _format_of(marker)
        if written != FORMAT:
            raise StoreError(
                "{store}: the store has format {written}, this version of Tallymark reads format {format}.",
                store=folder,
                written=written,
                format=FORMAT,
            )
        return
    if folder.is_dir() and any(folder.iterdir()):
        raise StoreError(
            "{store}: not a store (no {marker}) and not empty. Give a new or empty folder.",
            store=folder,
            marker=MARKER,
        )
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{MARKER}.new"
    fresh.write_text(json.dumps({"format": FORMAT}) + "\n", encoding="utf-8")
    fresh.replace(marker)


def _format_of(marker: Path) -> object:
    try:
        return json.loads(marker.read_text(encoding="utf-8")).get("format")
    except (ValueError, AttributeError) as error:
        raise StoreError("{file}: damaged; it is not the mark of a store.", file=marker) from error


def _receipt_row(batch: Batch, number: int) -> pa.Table:
    row = {
        "_batch": number,
        "at": batch.at,
        "source": batch.source,
        "file": batch.file,
        "hash": batch.hash,
        "programme_hash": batch.programme_hash,
        "receipt": batch.receipt,
    }
    return pa.Table.from_pylist([row], schema=SYSTEM[BATCHES])


def stored(store: Store, dataset: Dataset | str, version: int | None = None) -> Stored:
    """The dataset's rows that count at `version` (the last one when None), as engines read them.

    With a `Dataset`, every declared column is there even if it was never delivered; by name, a dataset
    that received nothing is a StoreError.
    """
    name, columns = _name_and_columns(dataset)
    version = store._checked(version)
    table = delta.open_table(store._place(name))
    if table is None:
        if columns is None:
            raise StoreError(NOTHING_YET, store=store.root, dataset=name)
        return Stored(empty_sql(columns), columns)
    files = delta.files(store._place(name), table)
    gone = store._superseded(name, version)
    scan = plan(files, gone, version)
    sql = relation_sql(scan, files.schema, gone=gone.sql, version=version, columns=columns)
    whole = with_missing(files.schema, columns)
    rows = pa.table({"_batch": gone.batch, "_row": gone.row})
    return Stored(sql, whole, scan.clean, scan.touched, scan.later, version=version, gone=rows)


def every_row(store: Store, dataset: str, version: int | None = None) -> str:
    """A table expression of every row ever committed up to `version`, superseded ones among them."""
    return every_stored(store, dataset, version).sql


def every_stored(store: Store, dataset: str, version: int | None = None) -> Stored:
    """Every row ever committed up to `version`, superseded ones among them, as engines read them."""
    place = store._place(dataset)
    table = delta.open_table(place)
    if table is None:
        raise StoreError(NOTHING_YET, store=store.root, dataset=dataset)
    files, at = delta.files(place, table), store.version if version is None else version
    paths = tuple(path for path, (low, _) in zip(files.paths, files.batches, strict=True) if low <= at)
    return Stored(all_rows_sql(files, at), files.schema, later=paths, version=at)


def portion(store: Store, dataset: Dataset, version: int | None = None) -> Portion:
    """Where a dataset's rows that count at `version` are read: files as they are, and a query for all others."""
    place = store._place(dataset.name)
    table = None if "://" in store.root else delta.open_table(place)
    if table is None:
        return Portion(rest=store.relation(dataset, version))
    at = store.version if version is None else version
    files, gone = delta.files(place, table), store._superseded(dataset.name, at)
    scan = plan(files, gone, at)
    others = replace(scan, clean=(), touched=())
    rest = relation_sql(others, files.schema, gone=gone.sql, version=at, columns=dataset_schema(dataset))
    return Portion(scan.clean, scan.touched, gone, rest if scan.later else None)
