"""What a sentence claims of its figures, recomputed: kept whether it holds or not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from tallymark.findings import Severity
from tallymark.verify.prose.figures import Figure
from tallymark.verify.prose.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that could be recomputed: whether it holds, the arithmetic, and what would make it hold."""

    code: str
    sentence: Sentence
    place: int
    """Offset in the sentence."""
    quote: str
    holds: bool
    arithmetic: str
    template: str = ""
    hint: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    repairs: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR
    stated: Figure | None = None
    """The figure whose statement is in doubt."""
    right: Fraction | None = None
    """What it should be, where the counts say."""
    operands: tuple[Figure, ...] = ()
    """What a difference is between, so that what follows from a wrong figure can be told."""


Reader = Callable[[Sentence], Iterable[Claim]]
"""Claims of a kind in a sentence."""


def place_of(sentence: Sentence, found: re.Match[str]) -> int:
    """Where in the sentence's text a pattern begins."""
    return sentence.origin[found.start()] if found.start() < len(sentence.origin) else 0


def matches(pattern: re.Pattern[str], sentence: Sentence) -> Iterator[re.Match[str]]:
    """Matches of a pattern in the skeleton, overlapping ones included."""
    place = 0
    while found := pattern.search(sentence.skeleton, place):
        yield found
        place = found.start() + 1
