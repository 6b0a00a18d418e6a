"""Reads ahead in a thread, so that what comes next is made while what came is used (Arrow works outside the GIL)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Thing = TypeVar("Thing")


def ahead(things: Iterable[Thing]) -> Iterator[Thing]:
    """The same things in the same order, the next one made in advance; what fails there fails here."""
    source = iter(things)
    end = object()
    with ThreadPoolExecutor(max_workers=1) as pool:
        following = pool.submit(next, source, end)
        while (thing := following.result()) is not end:
            following = pool.submit(next, source, end)
            yield thing  # type: ignore[misc]
