"""The chain of the audit log, pure: each entry's hash covers the entry and the hash before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tallymark.texts import Message

START = "0" * 64
"""The hash before the first entry."""


def sealed(before: str, content: Mapping[str, Any]) -> str:
    """The hash of an entry that follows the entry with hash `before`."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as it stands in the log."""

    number: int
    content: Mapping[str, Any]
    before: str
    hash: str


def broken(links: Iterable[Link], *, count: int, last: str) -> Iterator[Message]:
    """What is wrong with a log whose head says `count` entries ending in hash `last`; nothing when it is whole."""
    before, expected = START, 1
    for link in links:
        if link.number != expected:
            yield Message("entry {number} is missing", number=expected)
            expected = link.number
            before = link.before
        if link.before != before:
            yield Message("entry {number} does not follow the entry before it", number=link.number)
        if sealed(link.before, link.content) != link.hash:
            yield Message("entry {number} was changed after it was written", number=link.number)
        before, expected = link.hash, expected + 1
    if expected - 1 != count:
        yield Message(
            "the log ends at entry {number}, its head says {count}", number=expected - 1, count=count
        )
    elif before != last:
        yield Message("the last entry is not the one that the head names")
