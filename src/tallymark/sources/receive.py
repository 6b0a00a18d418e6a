"""Receives one delivery: reads the file, keeps what can be kept, says what could not, and makes it one batch."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.engine.opening import opened
from tallymark.errors import ReceiveError
from tallymark.findings import Finding
from tallymark.programme.resolved import Programme
from tallymark.room import spill_base
from tallymark.sources.apart import Apart, has_people
from tallymark.sources.deliver import Delivery, Tables, deliver
from tallymark.sources.judges import Here, Judge, There
from tallymark.sources.problems import Problems
from tallymark.sources.reader import read_file
from tallymark.sources.readers import Mapped, mapped
from tallymark.sources.reading import Reading
from tallymark.sources.receipt import Counts, Receipt
from tallymark.sources.spool import Spool
from tallymark.store import Batch, Store
from tallymark.store.batch import Crash
from tallymark.store.delta import storage_errors
from tallymark.store.schemas import FINDINGS, REFUSED, SYSTEM
from tallymark.vault import Vault, open_vault, places

MEMORY = "2GB"
DUCKDB = "duckdb"
BLOCK = 8 << 20

__all__ = ["Counts", "Receipt", "receive"]


def receive(
    programme: Programme,
    store: Store,
    name: str,
    path: Path,
    *,
    received_at: dt.datetime,
    crash: Crash | None = None,
    vault: Vault | None = None,
    engine: str = DUCKDB,
) -> Receipt:
    """The receipt of a file taken into the store as source (or dataset) `name`, wholly or not at all.

    A file received before under the same declarations changes nothing. `crash` is called at every step, for tests.
    `vault` takes what identifies people; the store's own when left out (`vault.places`). `engine` sets the rows against
    each other and against the store's.
    Errors: ReceiveError when the file cannot be read at all; StoreError when the store cannot be written.
    """
    source = mapped(programme, name, path)
    digest, size = _hashed(path)
    step = crash or (lambda _: None)
    earlier = _earlier(store, digest, name, programme.hash)
    if earlier is not None:
        return Receipt(earlier, True, name, path.name, digest, size, received_at, {}, ())
    reading = Reading(programme, received_at.date(), Problems(path.name))
    with (
        tempfile.TemporaryDirectory(prefix="tallymark-spill-", dir=spill_base()) as folder,
        _connect(folder) as connection,
    ):
        if has_people(programme, source):
            kept_apart = vault or open_vault(places(store.root, os.environ))
            reading.apart = Apart(Path(folder), kept_apart, kept_apart.digests)
        step("opened")
        stored = frozenset(d for d in programme.datasets if store.open_columns(d).names)
        spools = read_file(source, path, reading, Path(folder), compared=stored)
        step("read")
        with store.writing(crash=crash) as number:
            again = _earlier(store, digest, name, programme.hash)
            if again is not None:
                return Receipt(again, True, name, path.name, digest, size, received_at, {}, ())
            if reading.apart is not None:
                reading.apart.vault.settle(partial(_hash_of, store))
            known = _first(store, digest)
            with storage_errors(store.root), _judge(engine, connection) as judge:
                brought = _compared(judge, source, spools, store=store, reading=reading, known=known)
            counts = {dataset: delivery.counts for dataset, delivery in brought.items()}
            if known is not None and not any(c.taken or c.corrected for c in counts.values()):
                return Receipt(known, True, name, path.name, digest, size, received_at, counts, ())
            step("compared")
            findings = tuple(reading.problems.findings())
            receipt = Receipt(
                number, False, name, path.name, digest, size, received_at, counts, findings, reading.key_made
            )
            batch = _batch(connection, receipt, brought, reading, programme)
            if reading.apart is not None:
                reading.apart.put(programme, number, digest, received_at.isoformat())
                step("vaulted")
            store.commit(batch, number, crash=crash)
            if reading.apart is not None:
                reading.apart.vault.settled()
    return receipt


@contextmanager
def _judge(engine: str, connection: duckdb.DuckDBPyConnection) -> Iterator[Judge]:
    if engine == DUCKDB:
        yield Here(connection)
        return
    with opened(engine) as far:
        yield There(far, connection)


def _compared(
    judge: Judge,
    source: Mapped,
    spools: dict[str, Spool],
    *,
    store: Store,
    reading: Reading,
    known: int | None,
) -> dict[str, Delivery]:
    tables = Tables(tuple(reading.sheets), tuple(table.received for table in source.tables))
    return {
        name: deliver(
            judge,
            reading.programme.datasets[name],
            spool,
            store=store,
            reading=reading,
            tables=tables,
            known_batch=known,
        )
        for name, spool in spools.items()
    }


def _batch(
    connection: duckdb.DuckDBPyConnection,
    receipt: Receipt,
    brought: dict[str, Delivery],
    reading: Reading,
    programme: Programme,
) -> Batch:
    withdrawn = [delivery.withdrawn for delivery in brought.values() if delivery.withdrawn is not None]
    return Batch(
        source=receipt.source,
        file=receipt.file,
        hash=receipt.hash,
        at=receipt.received_at,
        tables={name: delivery.rows for name, delivery in brought.items() if delivery.rows is not None},
        withdrawn=pa.concat_tables(withdrawn) if withdrawn else None,
        findings=_finding_rows(receipt.findings),
        refused=_refused_rows(connection, reading),
        programme_hash=programme.hash,
        receipt=json.dumps(receipt.as_dict(), ensure_ascii=False),
    )


def _hashed(path: Path) -> tuple[str, int]:
    """SHA-256 and size of a file.

    Errors: ReceiveError when there is none or it cannot be read.
    """
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
                size += len(block)
    except OSError as error:
        raise ReceiveError("{file}: cannot be read ({reason}).", file=path, reason=error.strerror) from error
    return digest.hexdigest(), size


def _connect(folder: str) -> duckdb.DuckDBPyConnection:
    """A database in memory that puts what is too much into a folder."""
    connection = duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": folder})
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _earlier(store: Store, digest: str, source: str, programme_hash: str) -> int | None:
    """The batch in which the same file came in by the same source under the same declarations."""
    batches = _batches(store, hash=digest, source=source, programme_hash=programme_hash)
    return batches[-1] if batches else None


def _first(store: Store, digest: str) -> int | None:
    """The batch in which the same file first came in; what later ones corrected is not undone by sending it again."""
    batches = _batches(store, hash=digest)
    return batches[0] if batches else None


def _hash_of(store: Store, number: int) -> str | None:
    """The hash of the delivery that a batch holds; None when there is no such batch."""
    receipts = store.receipts()
    found = receipts.filter(pc.equal(receipts.column("_batch"), number)).column("hash").to_pylist()
    return str(found[0]) if found else None


def _batches(store: Store, **wanted: str) -> list[int]:
    receipts = store.receipts()
    for column, value in wanted.items():
        receipts = receipts.filter(pc.equal(receipts.column(column), value))
    numbers: list[int] = receipts.column("_batch").to_pylist()
    return numbers


def _finding_rows(findings: tuple[Finding, ...]) -> pa.Table:
    """Findings as the store keeps them, in both languages."""
    rows = [
        {
            "code": finding.code,
            "severity": finding.severity.value,
            "message": finding.message("en"),
            "message_zh": finding.message("zh"),
            "hint": finding.hint("en"),
            "hint_zh": finding.hint("zh"),
            "evidence": json.dumps(dict(finding.evidence), ensure_ascii=False, default=str),
        }
        | {
            name: getattr(finding.where, name)
            for name in ("dataset", "item", "unit", "period", "file", "sheet", "cell", "row")
        }
        for finding in findings
    ]
    columns = [column for column in SYSTEM[FINDINGS] if column.name != "_batch"]
    return pa.Table.from_pylist(rows, schema=pa.schema(columns))


def _refused_rows(connection: duckdb.DuckDBPyConnection, reading: Reading) -> pa.Table:
    """Refused rows as the store keeps them: raw ones as JSON, made by the engine; those of people are in the vault."""
    columns = [column for column in SYSTEM[REFUSED] if column.name != "_batch"]
    parts = [pa.schema(columns).empty_table()]
    for part in reading.refused:
        connection.register("refused", pa.table({"raw": part.raw}))
        texts = (
            connection.sql("SELECT to_json(raw)::VARCHAR AS raw FROM refused").to_arrow_table().column("raw")
        ).combine_chunks()
        if reading.apart is not None and reading.programme.datasets[part.dataset].vaulted:
            texts = reading.apart.refuse(part.dataset, part.place, part.code, texts)
        table = pa.table(
            {
                "dataset": pa.array([part.dataset] * len(part.place)),
                "source_row": part.place,
                "code": part.code,
                "raw": texts,
                "values": pa.array(part.values),
            }
        )
        parts.append(table.cast(pa.schema(columns)))
    return pa.concat_tables(parts)
