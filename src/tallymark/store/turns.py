"""Turns in a bucket: one receiver at a time, without a clock that all agree on.

A turn is an object `turns/<number>` that is made only where there is none, so of several receivers one gets it. Its
holder writes it again every few seconds; one that was not written for as long as it says is its holder's no more, by the
clock of whoever waits. It names the number that its delivery will have. A number whose holder fell silent is never given
again: whatever that holder may still write, nobody counts it.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tallymark.errors import StoreError
from tallymark.store.bucket import Bucket

FOLDER = "turns/"
SILENCE = 30.0
"""Seconds without a sign of life after which a turn is over."""
BEATS = 6
"""Signs of life in that time."""
PAUSES = (0.05, 0.1, 0.2, 0.5, 1.0)
"""Seconds between looks of one who waits."""


@dataclass(slots=True)
class Turn:
    """A turn that this process holds."""

    bucket: Bucket
    name: str
    number: int
    """The number of the delivery."""
    silence: float
    pinned: int | None = None
    """The version of `_batches` that the delivery was compared with; None before there is one."""
    beat: int = 0
    heard: float = field(default_factory=time.monotonic)
    over: threading.Event = field(default_factory=threading.Event)

    def write(self, *, ended: bool = False) -> None:
        """A sign of life, or the end."""
        self.beat += 1
        self.bucket.put(self.name, _words(self.number, self.silence, self.beat, ended=ended))
        self.heard = time.monotonic()

    def check(self) -> None:
        """StoreError when another may hold the store by now."""
        later = self.bucket.entries(FOLDER, after=self.name)
        if later or time.monotonic() - self.heard > self.silence / 2:
            raise overtaken(self.bucket.root)

    def live(self) -> None:
        """Gives signs of life until the turn is over."""
        while not self.over.wait(self.silence / BEATS):
            with contextlib.suppress(StoreError):  # `check` sees that none was heard
                self.write()


def overtaken(store: str) -> StoreError:
    """What is said to one whose turn was over before the delivery was."""
    return StoreError(
        "{store}: this delivery took too long and lost its turn; nothing of it counts. Receive it again.",
        store=store,
    )


HELD: dict[str, Turn] = {}
"""Address → the turn that this process holds there."""


@contextmanager
def turn(bucket: Bucket, version: Callable[[], int], *, wait: float) -> Iterator[Turn]:
    """Holds the store for one receiver while the block runs.

    version: the number of the last delivery that counts, asked when it is this one's turn.
    Errors: StoreError after `wait` seconds of others that live.
    """
    mine = _claimed(bucket, version, wait)
    signs = threading.Thread(target=mine.live, daemon=True)
    signs.start()
    HELD[bucket.root] = mine
    try:
        yield mine
    finally:
        HELD.pop(bucket.root, None)
        mine.over.set()
        signs.join()
        with contextlib.suppress(StoreError):  # then the turn ends by its silence
            mine.write(ended=True)


def _claimed(bucket: Bucket, version: Callable[[], int], wait: float) -> Turn:
    until = time.monotonic() + wait
    seen: tuple[str, str] | None = None
    since = time.monotonic()
    looks = 0
    while True:
        entries = bucket.entries(FOLDER)
        last = entries[-1] if entries else None
        said = None if last is None else _read(bucket, last.name)
        if last is not None and said is None:
            continue  # two others came since
        if last is not None and (last.name, last.tag) != seen:
            seen, since = (last.name, last.tag), time.monotonic()
        silent = said is not None and time.monotonic() - since > float(said["silence"])
        if said is None or said["ended"] or silent:
            promised = 0 if said is None else int(said["number"]) + (0 if said["ended"] else 1)
            number = max(version() + 1, promised)
            name = f"{FOLDER}{_place(last.name) + 1 if last else 1:012d}.json"
            if bucket.create(name, _words(number, SILENCE, 0)):
                if bucket.entries(FOLDER, after=name):
                    continue  # made where an old one had been taken away: the last one never is
                bucket.delete(entry.name for entry in entries[:-1])
                return Turn(bucket, name, number, SILENCE)
        elif time.monotonic() >= until:
            raise StoreError(
                "{store}: another delivery is being received; try again when it has finished.",
                store=bucket.root,
            )
        time.sleep(PAUSES[min(looks, len(PAUSES) - 1)])
        looks += 1


def _read(bucket: Bucket, name: str) -> dict[str, Any] | None:
    content = bucket.get(name)
    return None if content is None else dict(json.loads(content))


def _place(name: str) -> int:
    return int(name.removeprefix(FOLDER).split(".")[0])


def _words(number: int, silence: float, beat: int, *, ended: bool = False) -> bytes:
    said = {"number": number, "holder": HOLDER, "silence": silence, "beat": beat, "ended": ended}
    return json.dumps(said).encode()


HOLDER = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
"""Who holds a turn, for people who look."""
