"""Matches that no rule brings together: the combinations of agreeing keys that slip through, and how likely they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tallymark.verify.linkage.blocking import Rule
from tallymark.verify.linkage.patterns import Patterns

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lost:
    """Which combinations of agreeing keys no rule brings together."""

    of: tuple[NDArray[np.int64], ...]
    """Field → category → its combination of keys."""
    sizes: tuple[int, ...]
    """Combinations that each field has."""
    missed: NDArray[np.bool_]
    """Over all fields' combinations: whether no rule catches it."""

    def combined(self, at: int, categories: Floats) -> Floats:
        """Probabilities of a field's categories as those of its combinations."""
        summed: Floats = np.bincount(self.of[at], categories, self.sizes[at]).astype(np.float64)
        return summed

    def probability(self, fields: Sequence[Floats]) -> float:
        """Probability that no rule catches a match, fields' combinations being independent."""
        return float(self.others(fields)[0] @ fields[0])

    def spread(self, others: Floats, at: int, categories: Floats) -> Floats:
        """Among matches that are lost, the probability of each category of a field. others: the field's of `others`."""
        among = categories * others[self.of[at]]
        whole = float(among.sum())
        return among / whole if whole > 0 else categories

    def others(self, fields: Sequence[Floats]) -> list[Floats]:
        """Field → its combination → the probability that the other fields have such ones that no rule catches it."""
        table: Floats = self.missed.astype(np.float64)
        behind = [table]
        """Summed over none, the last, the last two fields…"""
        for of in fields[:0:-1]:
            table = table.reshape(-1, len(of)) @ of
            behind.append(table)
        made = []
        for at, of in enumerate(fields):
            table = behind[len(fields) - 1 - at].reshape(-1, len(of))
            for before in fields[:at]:
                table = before @ table.reshape(len(before), -1)
            made.append(table.reshape(len(of)))
        return made


def lost_combinations(patterns: Patterns, rules: Sequence[Rule]) -> Lost:
    """The combinations of keys, over all fields, in which no rule has all its keys agreeing."""
    of, sizes, combinations = [], [], []
    for categories in patterns.categories:
        different = sorted({each.keys for each in categories})
        place = {keys: number for number, keys in enumerate(different)}
        of.append(np.array([place[each.keys] for each in categories]))
        sizes.append(len(different))
        combinations.append(different)
    missed = np.ones(sizes, bool)
    for rule in rules:
        caught = np.ones([1] * len(sizes), bool)
        for key in rule.keys:
            at = next(number for number, keys in enumerate(patterns.keys) if key in keys)
            bit = patterns.keys[at].index(key)
            agrees = np.array([keys[bit] for keys in combinations[at]])
            caught = caught & agrees.reshape([-1 if number == at else 1 for number in range(len(sizes))])
        missed &= ~np.broadcast_to(caught, missed.shape)
    return Lost(tuple(of), tuple(sizes), missed)
