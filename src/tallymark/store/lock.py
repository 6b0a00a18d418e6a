"""One receiver at a time: an exclusive lock on a file, freed by the system when its holder dies."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tallymark.errors import StoreError

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


PAUSE = 0.02


@contextmanager
def exclusive(path: Path, *, wait: float) -> Iterator[None]:
    """Holds the lock while the block runs; StoreError after `wait` seconds of another holder."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreError(
            "{store}: the store cannot be written ({reason}).", store=path.parent, reason=error.strerror
        ) from error
    try:
        _wait_for(descriptor, path, wait)
        yield
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, path: Path, wait: float) -> None:
    until = time.monotonic() + wait
    while True:
        try:
            _try_lock(descriptor)
            return
        except OSError as error:
            if time.monotonic() >= until:
                raise StoreError(
                    "{store}: another delivery is being received; try again when it has finished.",
                    store=path.parent,
                ) from error
            time.sleep(PAUSE)
