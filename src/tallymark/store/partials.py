"""Partials: what was counted before, kept in a folder of its own so that the next run need not count it again.

A partial is an Arrow file named by a hash of everything that its figures depend on, so that one is either right or not
found. Files are written aside and renamed, read where they lie, and may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa

from tallymark.store.store import Store, beside

FOLDER = "partials"
ROOM = 8 << 30
"""Bytes that partials may take; the ones used longest ago go first."""

ENDING = ".arrow"
MAKING = ".making-"
MOST_PACKS = 8
"""Files under a key, at most. The smallest makes room, as those of single conditions that were tried are."""

STALE = 3600.0
"""Seconds after which what a killed run left half-written is taken away."""


@dataclass(slots=True)
class Used:
    """How many partials were found, and how many made."""

    found: int = 0
    made: int = 0


@dataclass(frozen=True, slots=True)
class Partials:
    """The partials of a store."""

    folder: Path
    code: str = ""
    """The version of the code that counts: another one trusts nothing that this one kept."""
    room: int = ROOM
    used: Used = field(default_factory=Used)
    trying: bool = False
    """Whether a definition is tried: what can be had again without reading rows is not kept then."""
    keeps: bool = True
    lately: dict[str, pa.Table] = field(default_factory=dict)
    """What rows were seen to hold, by key: a run looks more than once."""

    def key(self, *parts: object) -> str:
        """A name for what depends on all these parts and on nothing else."""
        return digest(self.code, *parts)

    @property
    def tried(self) -> Partials:
        """Where a definition is tried, the same that keeps nothing more."""
        return replace(self, keeps=False) if self.trying else self

    def packs(self, key: str, wanted: Collection[str] | None = None) -> Iterator[pa.Table]:
        """The tables kept under a key, each with columns of its own; damaged files are as good as none.

        wanted: columns of which a table has at least one; all tables when None.
        """
        place = os.path.join(self.folder, key[:2], key)  # hundreds are asked for: no Path for each
        try:
            names = sorted(name for name in os.listdir(place) if name.endswith(ENDING))
        except OSError:
            return
        for name in names:
            path = f"{place}/{name}"
            try:
                with pa.memory_map(path) as file:
                    opened = pa.ipc.open_file(file)
                    if wanted is not None and not any(one in wanted for one in opened.schema.names):
                        continue
                    yield opened.read_all()
            except (OSError, pa.ArrowException):
                with contextlib.suppress(OSError):
                    os.unlink(path)
                continue
            with contextlib.suppress(OSError):
                os.utime(path)

    def keep(self, key: str, table: pa.Table, *, packed: bool = False) -> None:
        """Keeps a table under a key, beside others with other columns. packed: in less room, slower to read.

        Where it cannot be written (no room, no permission), it is not kept, and nothing is said: figures are the same.
        """
        if not self.keeps:
            return
        self.used.made += 1
        place = self.place(key)
        options = pa.ipc.IpcWriteOptions(compression="lz4" if packed else None)
        fresh = None
        try:
            place.mkdir(parents=True, exist_ok=True)
            number, fresh = tempfile.mkstemp(prefix=MAKING, dir=place)
            with os.fdopen(number, "wb") as file, pa.ipc.new_file(file, table.schema, options=options) as out:
                out.write_table(table)
            _make_room(place)
            os.replace(fresh, place / f"{digest(*table.schema.names)[:16]}{ENDING}")
        except (OSError, pa.ArrowException):
            if fresh is not None:
                with contextlib.suppress(OSError):
                    os.unlink(fresh)

    def trim(self, *, now: float) -> None:
        """Deletes what was used longest ago until the rest has room; now: seconds since 1970."""
        found = []
        for path in self.folder.glob("*/*/*"):
            with contextlib.suppress(OSError):
                known = path.stat()
                if path.name.startswith(MAKING):
                    if now - known.st_mtime > STALE:
                        path.unlink()
                else:
                    found.append((known.st_mtime, known.st_size, path))
        left = sum(size for _, size, _ in found)
        for _, size, path in sorted(found, key=lambda one: one[0]):
            if left <= self.room:
                break
            left -= size
            with contextlib.suppress(OSError):
                path.unlink()
                path.parent.rmdir()

    def place(self, key: str) -> Path:
        """The folder of what is kept under a key."""
        return self.folder / key[:2] / key


def _make_room(place: Path) -> None:
    """Deletes the smallest file under a key, of those the one used longest ago, where there are as many as may be."""
    kept = [one for one in os.scandir(place) if one.name.endswith(ENDING)]
    if len(kept) >= MOST_PACKS:
        os.unlink(min(kept, key=lambda one: (one.stat().st_size, one.stat().st_mtime)).path)


def partials_of(store: Store, *, code: str) -> Partials:
    """The partials of a store, beside it or beside the copies of one in a bucket."""
    return Partials(beside(store) / FOLDER, code)


def digest(*parts: object) -> str:
    """A hash of parts, in order; texts and bytes as they are, all else by how Python writes it."""
    told: list[bytes] = []
    for part in parts:
        _add(told, part)
    return hashlib.blake2b(b"".join(told), digest_size=20).hexdigest()


def _add(told: list[bytes], part: object) -> None:
    """Adds what a part is told as: its length, then itself."""
    if isinstance(part, list | tuple):
        _add(told, f"[{len(part)}]")
        for one in part:
            _add(told, one)
    else:
        text = part if isinstance(part, bytes) else str(part).encode()
        told += (len(text).to_bytes(8, "little"), text)
