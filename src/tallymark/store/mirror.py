"""Copies near by of what lies in a bucket: a folder that reads like a store and can be made again from the bucket.

Data files and runs never change once they are named, so a copy is right or not there. A file is fetched aside and
renamed. The folder's mark names the address, so that a run that lies in it finds its store.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tallymark.errors import StoreError, TallymarkError
from tallymark.room import is_full, no_room
from tallymark.store.bucket import Bucket

CACHE = "TALLYMARK_CACHE"
"""Environment: the folder in which copies are kept; a folder of the user's own when left out."""
MARKER = "store.json"
FORMAT = 1
AT_ONCE = 8
"""Files fetched or sent at the same time."""
FETCHING = ".fetching-"


def mirror_of(bucket: Bucket) -> Path:
    """The folder of a bucket's copies, for its owner alone."""
    folder = _base() / hashlib.sha256(bucket.root.encode()).hexdigest()[:20]
    marker = folder / MARKER
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not marker.is_file():
            fresh = folder / f"{MARKER}.{os.getpid()}"
            fresh.write_text(json.dumps({"format": FORMAT, "address": bucket.root}) + "\n", encoding="utf-8")
            fresh.replace(marker)
    except OSError as error:
        raise _unkept(folder, error) from error
    return folder


def near(bucket: Bucket, names: Sequence[str]) -> tuple[str, ...]:
    """Paths of copies of objects that never change, in the same order; those that are not there yet are fetched."""
    folder = mirror_of(bucket)
    missing = [name for name in dict.fromkeys(names) if not (folder / name).is_file()]
    _all(lambda name: _fetch(bucket, name, folder / name), missing)
    return tuple(str(folder / name) for name in names)


def pull(bucket: Bucket, kind: str, last: str) -> Path:
    """The folder `kind` as it is in the bucket: each of its folders whole, once its file `last` is there."""
    folder = mirror_of(bucket)
    entries = bucket.entries(f"{kind}/")
    for whole in [
        entry for entry in entries if entry.name.count("/") == 2 and entry.name.endswith(f"/{last}")
    ]:
        one = whole.name.rsplit("/", 1)[0]
        if not _same(folder / whole.name, bucket, whole.name, whole.tag):
            _bring(bucket, folder, one, [entry.name for entry in entries if entry.name.startswith(f"{one}/")])
    return folder / kind


def push(bucket: Bucket, folder: Path, last: str) -> None:
    """Sends a folder of the mirror, its file `last` at the end, so that nobody sees a part of it."""
    home = mirror_of(bucket)
    files = [path.relative_to(home).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
    end = f"{folder.relative_to(home).as_posix()}/{last}"
    _all(lambda name: bucket.put(name, home / name), [name for name in files if name != end])
    bucket.put(end, home / end)


def _base() -> Path:
    given = os.environ.get(CACHE)
    if given:
        return Path(given)
    users = os.environ.get("XDG_CACHE_HOME")
    return (Path(users) if users else Path.home() / ".cache") / "tallymark" / "stores"


def _same(copy: Path, bucket: Bucket, name: str, tag: str) -> bool:
    if not copy.is_file():
        return False
    mine = copy.read_bytes()
    if hashlib.md5(mine, usedforsecurity=False).hexdigest() == tag.strip('"'):
        return True
    return mine == bucket.get(name)  # storage that encrypts names contents otherwise


def _bring(bucket: Bucket, folder: Path, one: str, names: Iterable[str]) -> None:
    target = folder / one
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=FETCHING, dir=target.parent))
    except OSError as error:
        raise _unkept(folder, error) from error
    try:
        _all(lambda name: _fetch(bucket, name, fresh / name.removeprefix(f"{one}/")), list(names))
        shutil.rmtree(target, ignore_errors=True)
        with contextlib.suppress(FileExistsError):
            os.replace(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _fetch(bucket: Bucket, name: str, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        number, fresh = tempfile.mkstemp(prefix=FETCHING, dir=target.parent)
        os.close(number)
        try:
            if not bucket.fetch(name, Path(fresh)):
                raise StoreError("{store}: {name} is gone from the storage.", store=bucket.root, name=name)
            os.replace(fresh, target)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(fresh)
    except OSError as error:
        raise _unkept(target.parent, error) from error


def _all(act: Callable[[str], object], names: list[str]) -> None:
    if names:
        with ThreadPoolExecutor(AT_ONCE) as several:
            list(several.map(act, names))


def _unkept(folder: Path, error: OSError) -> TallymarkError:
    if is_full(error):
        return no_room(StoreError, folder, error)
    return StoreError(
        "{folder}: copies of the store cannot be kept here ({reason}). Name another folder in {setting}.",
        folder=folder, reason=error.strerror or error, setting=CACHE,
    )  # fmt: skip
