"""Reads ahead in a thread, so that what comes next is made while what came is used (Arrow works outside the GIL)."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import TypeVar

Thing = TypeVar("Thing")
DEPTH = 2
END = object()


def ahead(things: Iterable[Thing], depth: int = DEPTH) -> Iterator[Thing]:
    """The same things in the same order, up to `depth` of them made in advance; what fails there fails here."""
    ready: queue.Queue[object] = queue.Queue(maxsize=depth)
    stopped = threading.Event()
    failed: list[BaseException] = []

    def make() -> None:
        try:
            for thing in things:
                if not offer(thing):
                    return
        except BaseException as error:  # noqa: BLE001 — passed on to the reader, whatever it is
            failed.append(error)
        offer(END)

    def offer(thing: object) -> bool:
        while not stopped.is_set():
            try:
                ready.put(thing, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    worker = threading.Thread(target=make, daemon=True)
    worker.start()
    try:
        while (thing := ready.get()) is not END:
            yield thing  # type: ignore[misc]
    finally:
        stopped.set()
        worker.join()
    if failed:
        raise failed[0]
