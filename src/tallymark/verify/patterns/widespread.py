"""What so many units show that it is how the figures come about: told once, of all, with every unit and period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from tallymark.verify.patterns.odd import Odd

FAMILY = {
    "copied": "copied", "nearly_copied": "copied", "neighbours": "neighbours", "last_year": "last_year",
    "same_again": "same_again", "in_turn": "in_turn", "even_counts": "even_counts", "even_shares": "even_shares",
    "perfect": "perfect", "round_numbers": "round_numbers", "shrinking": "shrinking",
}  # fmt: skip
"""Kinds that say how a unit's figures are made, not which figure is wrong."""
PART = 0.2
FEWEST = 5


def gathered(
    odds: Iterable[Odd], units: int, *, apart: Callable[[Odd], bool] = lambda odd: False
) -> Iterator[Odd]:
    """Findings; those of a family and item in a fifth of the units or more, and in five at least, as one. Nothing is
    dropped: the one holds which units and periods (`found`), and the chance of the surest. What is `apart` (waived for
    its unit) stays by itself."""
    groups: dict[tuple[str, str], list[Odd]] = {}
    for odd in odds:
        family = FAMILY.get(odd.kind)
        if family is None or not odd.unit or apart(odd):
            yield odd
        else:
            groups.setdefault((family, odd.item), []).append(odd)
    for (_, item), members in groups.items():
        places = sorted({odd.unit for odd in members})
        if len(places) < max(FEWEST, PART * units):
            yield from members
        else:
            yield _one(item, members, places, units)


def _one(item: str, members: list[Odd], places: list[str], units: int) -> Odd:
    (kind, _), *_ = Counter(odd.kind for odd in members).most_common(1)
    found: dict[str, list[str]] = {}
    for odd in members:
        own = found.setdefault(odd.unit, [])
        own += [slot for slot in odd.slots if slot not in own]
    surest = min(members, key=lambda odd: odd.chance)
    values = {
        "findings": len(members), "count": len(places), "of": units,
        "found": {unit: sorted(slots) for unit, slots in sorted(found.items())},
    }  # fmt: skip
    slots = tuple(sorted({slot for odd in members for slot in odd.slots}))
    return Odd(
        kind, surest.dataset, "", _window(members), item, surest.chance, float(len(members)), values, slots, tuple(places)
    )  # fmt: skip


def _window(members: list[Odd]) -> str:
    """The period that all are told of, or the first and last."""
    periods = sorted({odd.period for odd in members})
    return periods[0] if len(periods) == 1 else ""
