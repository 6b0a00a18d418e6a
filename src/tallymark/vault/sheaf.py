"""A sheaf: tables of one dataset on their way into the vault, or there: encrypted, in chunks, under a key of their own.

A file is a line of JSON and then chunks: length, nonce, ciphertext (AES-256-GCM). A chunk is bound to its sheaf, to its
number and to whether it is the last, so that chunks cannot be left out, turned round or taken from elsewhere.
"""

from __future__ import annotations

import base64
import json
import os
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from tallymark.errors import TallymarkError
from tallymark.vault.key import InvalidTag, derived, fresh_key, locked, opened

KEEPING = ""
"""The use under which the vault itself keeps a sheaf's key, to thin it out; it opens nothing to anyone."""
LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Label:
    """What a sheaf holds: dataset, batch, the delivery's hash and time, and what it may be opened for."""

    dataset: str
    batch: int
    hash: str
    at: str
    purposes: tuple[str, ...]

    def bound(self, use: str) -> bytes:
        """What a wrapped key is bound to: a label that was changed opens nothing."""
        said = [self.dataset, self.batch, self.hash, self.at, [*self.purposes], use]
        return json.dumps(said, ensure_ascii=False).encode()


class Gathering:
    """A sheaf while it is gathered: a file of ciphertext whose key is in memory only."""

    def __init__(self, path: Path) -> None:
        self.path, self.rows = path, 0
        self._key, self._id, self._many = fresh_key(), os.urandom(16), 0

    def add(self, table: pa.Table) -> None:
        """More rows."""
        if not table.num_rows:
            return
        self.rows += table.num_rows
        with self.path.open("ab") as file:
            _write(file, self._key, _beside(self._id, self._many, last=False), _packed(table))
        self._many += 1

    def tables(self) -> Iterator[pa.Table]:
        """The rows gathered so far."""
        if not self._many:
            return
        with self.path.open("rb") as file:
            for number in range(self._many):
                yield _unpacked(
                    opened(self._key, _next(file, self.path), _beside(self._id, number, last=False))
                )

    def write(self, path: Path, label: Label, secret: bytes, keep: Any = None) -> None:
        """Writes the sheaf to a new file, wholly on disk when this returns. keep: what a table is narrowed to."""
        uses = (KEEPING, *label.purposes)
        wrapped = {use: locked(derived(secret, f"sheaf {use}"), self._key, label.bound(use)) for use in uses}
        head = {
            "dataset": label.dataset, "batch": label.batch, "hash": label.hash, "at": label.at,
            "purposes": [*label.purposes], "id": self._id.hex(),
            "keys": {use: base64.b64encode(key).decode("ascii") for use, key in wrapped.items()},
        }  # fmt: skip
        fresh, number = path.with_name(f"{path.name}.new"), 0
        with fresh.open("wb") as file:
            file.write(json.dumps(head, ensure_ascii=False).encode() + b"\n")
            for table in self.tables():
                kept = table if keep is None else keep(table)
                if kept.num_rows:
                    _write(file, self._key, _beside(self._id, number, last=False), _packed(kept))
                    number += 1
            _write(file, self._key, _beside(self._id, number, last=True), b"")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        sync_folder(path.parent)


def label_of(path: Path) -> tuple[Label, Mapping[str, Any]]:
    """A sheaf's label and its head.

    Errors: TallymarkError when the file is damaged.
    """
    with path.open("rb") as file:
        line = file.readline()
    try:
        head = json.loads(line)
        return Label(head["dataset"], head["batch"], head["hash"], head["at"], tuple(head["purposes"])), head
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path) from error


def read_sheaf(path: Path, secret: bytes, use: str) -> Iterator[pa.Table]:
    """A sheaf's tables, opened for a use.

    Errors: TallymarkError when it may not be opened for that, or when anything in it was changed.
    """
    label, head = label_of(path)
    if use not in head["keys"]:
        raise TallymarkError(
            "{file} may not be opened for {purpose}: when it was received, its people had been told of {purposes}.",
            file=path.name, purpose=use, purposes=", ".join(label.purposes) or "—",
        )  # fmt: skip
    try:
        key = opened(derived(secret, f"sheaf {use}"), base64.b64decode(head["keys"][use]), label.bound(use))
        mark = bytes.fromhex(head["id"])
        with path.open("rb") as file:
            file.readline()
            number, size = 0, path.stat().st_size
            while True:
                content = _next(file, path)
                last = file.tell() == size
                said = opened(key, content, _beside(mark, number, last=last))
                if last:
                    return
                yield _unpacked(said)
                number += 1
    except (InvalidTag, ValueError) as error:
        raise _damaged(path) from error


def sync_folder(folder: Path) -> None:
    """Makes sure that a folder's names are on disk."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _damaged(path: Path) -> TallymarkError:
    return TallymarkError("{file}: the vault's file is damaged or was changed.", file=path)


def _beside(mark: bytes, number: int, *, last: bool) -> bytes:
    return mark + LENGTH.pack(number) + (b"last" if last else b"more")


def _write(file: Any, key: bytes, beside: bytes, content: bytes) -> None:
    chunk = locked(key, content, beside)
    file.write(LENGTH.pack(len(chunk)) + chunk)


def _next(file: Any, path: Path) -> bytes:
    head = file.read(LENGTH.size)
    content: bytes = file.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else b""
    if not content:
        raise _damaged(path)
    return content


def _packed(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


def _unpacked(content: bytes) -> pa.Table:
    with pa.ipc.open_stream(content) as reader:
        return reader.read_all()
