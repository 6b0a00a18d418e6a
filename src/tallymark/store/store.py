"""The store: a folder of Delta tables, one a dataset, in which a batch is wholly there or not at all.

Rows, superseded rows and findings are written first, tagged with the batch's number; the batch counts from
the moment its receipt is appended to `_batches`. What a killed receiver left is invisible and is taken out
before the next batch.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from tallymark.engine.interface import Stored
from tallymark.errors import StoreError
from tallymark.store import delta, turns
from tallymark.store.batch import Batch, Crash, Rows, Stamped, stamped_system, superseded_rows
from tallymark.store.bucket import Bucket, bucket_of
from tallymark.store.history import history
from tallymark.store.lock import exclusive
from tallymark.store.mirror import FORMAT, MARKER, mirror_of
from tallymark.store.relation import Portion, Scan, all_rows_sql, empty_sql, plan, relation_sql, with_missing
from tallymark.store.schemas import BATCHES, FINDINGS, REFUSED, SUPERSEDED, SYSTEM, dataset_schema
from tallymark.store.superseded import Superseded, superseded_at

if TYPE_CHECKING:
    from tallymark.programme.resolved import Dataset

TABLES = "tables"
WAIT = 60.0
ESCAPED = re.compile("%[0-9A-Fa-f]{2}")
"""delta-rs decodes paths twice, so that `per%cent` would be another folder."""
NOTHING_YET = "{store}: nothing was received yet for {dataset}."


def open_store(path: str | Path, *, options: Mapping[str, str] | None = None) -> Store:
    """The store in a folder (created when absent) or at `s3://bucket/path`.

    options: settings of the storage beside those of the environment (`AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`, …).
    A folder of copies of an object store is taken for that store.
    """
    root = str(path)
    if "://" in root:
        return _in_bucket(root.rstrip("/"), dict(options or {}))
    folder = Path(root).resolve()
    if ESCAPED.search(folder.as_posix()):
        raise StoreError(
            "{store}: a store cannot stand below a folder with “%” and two digits in its name, which is read as "
            "another name. Choose another folder.",
            store=folder,
        )
    with delta.storage_errors(root):
        address = _check_or_mark(folder)
    return Store(str(folder).rstrip("/")) if address is None else open_store(address, options=options)


def beside(store: Store) -> Path:
    """Where runs and what was counted are kept: the store's folder, or that of its copies."""
    bucket = bucket_of(store.root, store.options)
    return Path(store.root) if bucket is None else mirror_of(bucket)


def is_store(address: str, options: Mapping[str, str] | None = None) -> bool:
    """Whether there is a store in a folder or at an address."""
    bucket = bucket_of(address, options or {})
    return (Path(address) / MARKER).is_file() if bucket is None else bucket.get(MARKER) is not None


def _in_bucket(root: str, options: dict[str, str]) -> Store:
    """The store at an address, which is marked as one when nothing is there.

    Errors: StoreError for storage that writes where something is already: two receivers would undo each other's work.
    """
    bucket = bucket_of(root, options)
    assert bucket is not None  # an address
    mark = json.dumps({"format": FORMAT}).encode()
    written = bucket.get(MARKER)
    if written is None:
        if bucket.entries(f"{TABLES}/"):
            raise StoreError(
                "{store}: not a store (no {marker}) and not empty. Give a new or empty folder.",
                store=root,
                marker=MARKER,
            )
        bucket.create(MARKER, mark)
        if bucket.create(MARKER, mark):
            bucket.delete([MARKER])
            raise StoreError(
                "{store}: the storage cannot write only where nothing is yet (If-None-Match), which a store needs.",
                store=root,
            )
    else:
        _right_format(root, written)
    return Store(root, options)


@dataclass(frozen=True, slots=True)
class Store:
    """Reported data, never overwritten: batches go in, versions come out."""

    root: str
    options: dict[str, str] = field(default_factory=dict, repr=False)
    """Settings of object storage; keys may be among them."""

    @property
    def _bucket(self) -> Bucket | None:
        """The object storage that the store is in; None for a folder."""
        return bucket_of(self.root, self.options)

    @property
    def version(self) -> int:
        """Number of the last committed batch; 0 when there is none."""
        place = self._place(BATCHES)
        table = delta.open_table(place)
        return 0 if table is None else max((high for _, high in delta.files(place, table).batches), default=0)

    def _place(self, name: str) -> delta.Place:
        """Where a table stands."""
        return delta.Place(f"{self.root}/{TABLES}/{name}", self._bucket)

    def _files(self, name: str) -> delta.Files | None:
        """The files of a table's rows, but for those of batches that will never be committed; None without a table."""
        place = self._place(name)
        table = delta.open_table(place)
        if table is None:
            return None
        return delta.without(delta.files(place, table), self._lost())

    def _lost(self) -> frozenset[int]:
        """Numbers up to the last batch's that no batch has: their receivers lost their turns (see `turns`)."""
        if self._bucket is None:
            return frozenset()
        known = delta.read(self._place(BATCHES), self.version)
        numbers = set() if known is None else set(known.column("_batch").to_pylist())
        return frozenset(range(1, max(numbers, default=0))) - numbers

    def relation(self, dataset: Dataset | str, version: int | None = None) -> str:
        """A DuckDB table expression of the dataset's rows that count at `version` (see `stored`)."""
        return stored(self, dataset, version).sql

    def open_columns(self, dataset: str) -> pa.Schema:
        """Columns and types stored for a dataset so far; empty when nothing was received."""
        files = self._files(dataset)
        return pa.schema([]) if files is None else files.schema

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
        if found is None:
            return SYSTEM[name].empty_table()
        lost = self._lost() if name != BATCHES else ()
        if lost:
            found = found.filter(
                pc.invert(pc.is_in(found.column("_batch"), pa.array(sorted(lost), pa.int64())))
            )
        return found.select(SYSTEM[name].names)

    def history(self, dataset: str, where: Mapping[str, object], version: int | None = None) -> pa.Table:
        """Every version of the rows in which the columns of `where` have its values, oldest first.

        Beside the dataset's columns: source, file, superseded_by (batch), superseded_by_row, reason.
        """
        version = self._checked(version)
        files = self._files(dataset)
        if files is None:
            return pa.table({})
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
                all_rows_sql(self._near(dataset, files), version),
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
        with self._alone(wait) as turn:
            step("locked")
            version, lost = self.version, self._lost()
            for name in self._tables():
                delta.drop_after(self._place(name), version, lost=lost)
            step("cleaned")
            for name in (*self._tables(), BATCHES):
                delta.merge_small(self._place(name), lost=lost)
            step("merged")
            if turn is None:
                yield version + 1
            else:
                turn.pinned = delta.log_version(self._place(BATCHES))
                yield turn.number

    @contextmanager
    def _alone(self, wait: float) -> Iterator[turns.Turn | None]:
        """Holds the store for this process: a folder by a lock of the system, a bucket by a turn."""
        bucket = self._bucket
        if bucket is not None:
            with turns.turn(bucket, lambda: self.version, wait=wait) as turn:
                yield turn
        else:
            with exclusive(Path(self.root) / ".lock", wait=wait):
                yield None

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
        self._decide(_receipt_row(batch, number))
        step("committed")

    def _decide(self, receipt: pa.Table) -> None:
        """Makes a batch count. In a bucket only if none was committed since its rows were compared with the store."""
        if self._bucket is None:
            self._add(BATCHES, receipt)
            return
        turn = turns.HELD[self.root]
        turn.check()
        if not delta.append_after(self._place(BATCHES), receipt, turn.pinned):
            raise turns.overtaken(self.root)

    def _add(self, name: str, rows: pa.Table | None) -> None:
        if rows is not None and rows.num_rows:
            delta.append(self._place(name), rows.schema, rows.to_batches())

    def _tables(self) -> list[str]:
        """Names of the tables there are; `_batches` last, so that it alone decides."""
        bucket = self._bucket
        if bucket is not None:
            folders = bucket.folders(f"{TABLES}/")
        else:
            folders = sorted(path.parent.name for path in Path(self.root, TABLES).glob("*/_delta_log"))
        return [name for name in folders if name != BATCHES]

    def _near(self, name: str, files: delta.Files) -> delta.Files:
        """The same files where this machine reads them."""
        return replace(files, paths=delta.near(self._place(name), files.paths))

    def _superseded(self, dataset: str, version: int) -> Superseded:
        files = self._files(SUPERSEDED)
        paths = () if files is None else self._near(SUPERSEDED, files).paths
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


def _check_or_mark(folder: Path) -> str | None:
    """Makes sure that a folder is a store of this format, making one of an empty or absent folder.

    The address of the store that a folder of copies is of.
    """
    marker = folder / MARKER
    if marker.is_file():
        return _right_format(str(folder), marker.read_bytes()).get("address")
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
    return None


def _right_format(store: str, mark: bytes) -> dict[str, str]:
    """What the mark of a store says."""
    try:
        said = dict(json.loads(mark))
    except (ValueError, TypeError) as error:
        raise StoreError(
            "{file}: damaged; it is not the mark of a store.", file=f"{store}/{MARKER}"
        ) from error
    if said.get("format") != FORMAT:
        raise StoreError(
            "{store}: the store has format {written}, this version of Tallymark reads format {format}.",
            store=store,
            written=said.get("format"),
            format=FORMAT,
        )
    return said


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
    files = store._files(name)
    if files is None:
        if columns is None:
            raise StoreError(NOTHING_YET, store=store.root, dataset=name)
        return Stored(lambda: empty_sql(columns), columns)
    gone = store._superseded(name, version)
    scan = plan(files, gone, version)
    near = partial(delta.near, store._place(name))

    def sql() -> str:
        return relation_sql(
            _read_here(scan, near), files.schema, gone=gone.sql, version=version, columns=columns
        )

    whole = with_missing(files.schema, columns)
    rows = pa.table({"_batch": gone.batch, "_row": gone.row})
    return Stored(
        sql, whole, scan.clean, scan.touched, scan.later, version=version, gone=rows, near=near
    )  # fmt: skip


def _read_here(scan: Scan, near: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Scan:
    """The same scan over files in this machine."""
    return Scan(near(scan.clean), near(scan.touched), near(scan.later))


def every_row(store: Store, dataset: str, version: int | None = None) -> str:
    """A table expression of every row ever committed up to `version`, superseded ones among them."""
    return every_stored(store, dataset, version).sql


def every_stored(store: Store, dataset: str, version: int | None = None) -> Stored:
    """Every row ever committed up to `version`, superseded ones among them, as engines read them."""
    files = store._files(dataset)
    if files is None:
        raise StoreError(NOTHING_YET, store=store.root, dataset=dataset)
    at = store.version if version is None else version
    paths = tuple(path for path, (low, _) in zip(files.paths, files.batches, strict=True) if low <= at)
    return Stored(
        lambda: all_rows_sql(store._near(dataset, files), at),
        files.schema,
        later=paths,
        version=at,
        near=partial(delta.near, store._place(dataset)),
    )


def portion(store: Store, dataset: Dataset, version: int | None = None) -> Portion:
    """Where a dataset's rows that count at `version` are read: files as they are, and a query for all others."""
    files = store._files(dataset.name)
    if files is None:
        return Portion(rest=store.relation(dataset, version))
    at = store.version if version is None else version
    gone = store._superseded(dataset.name, at)
    scan = _read_here(plan(files, gone, at), partial(delta.near, store._place(dataset.name)))
    others = replace(scan, clean=(), touched=())
    rest = relation_sql(others, files.schema, gone=gone.sql, version=at, columns=dataset_schema(dataset))
    return Portion(scan.clean, scan.touched, gone, rest if scan.later else None)
