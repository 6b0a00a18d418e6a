"""Two items that are one column: the same in every report of all units, although their figures vary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from tallymark.programme.resolved import Share
from tallymark.verify.patterns.grid import Grid
from tallymark.verify.patterns.odd import SUREST, Odd
from tallymark.verify.patterns.repeats import agreeing
from tallymark.verify.patterns.shares import told_slots

FEWEST_REPORTS, FEWEST_UNITS = 30, 5
GLANCE = 2_000
"""Reports looked at first; only pairs that are the same in all of these are looked at in full."""


def alike_items(grid: Grid, shares: Sequence[Share]) -> Iterator[Odd]:
    """Pairs of items that are equal wherever both are told, in too many reports of figures too large for chance.

    Chance: Π P(two Poisson counts of that mean are the same), times the pairs compared. A part that is never less than
    its whole is told by `never_failing`.
    """
    told = grid.values[:, grid.told]
    known_items = np.isfinite(told).any(axis=(0, 1))
    flat = told.reshape(-1, told.shape[2])
    glance = flat[np.isfinite(flat).any(axis=1)][:GLANCE]
    declared = {frozenset((share.part, share.of)) for share in shares}
    pairs = [
        (a, b)
        for a, b in combinations(np.flatnonzero(known_items).tolist(), 2)
        if frozenset((grid.items[a], grid.items[b])) not in declared and _same(glance[:, a], glance[:, b])
    ]
    number = known_items.sum() * (known_items.sum() - 1) // 2
    for a, b in pairs:
        first, second = told[:, :, a], told[:, :, b]
        both = np.isfinite(first) & np.isfinite(second)
        units = both.any(axis=1)
        if both.sum() < FEWEST_REPORTS or units.sum() < FEWEST_UNITS or not _same(first, second):
            continue
        logs = np.log(np.maximum(agreeing(first[both]), 1e-300)).sum() + np.log(max(int(number), 1))
        if logs > np.log(SUREST):
            continue
        values = {"of_item": grid.items[a], "reports": int(both.sum()), "count": int(units.sum())}
        chance = float(np.exp(max(logs, -600)))
        yield Odd(
            "alike", grid.dataset, "", grid.window, grid.items[b], chance, float(both.sum()), values, told_slots(grid)
        )  # fmt: skip


def _same(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    known = np.isfinite(one) & np.isfinite(other)
    return bool(known.any() and (one[known] == other[known]).all())


def once(odds: Iterable[Odd]) -> Iterator[Odd]:
    """Without what is told of an item when the same is told of its twin."""
    listed = list(odds)
    twin = {odd.item: str(odd.values["of_item"]) for odd in listed if odd.kind == "alike"}
    seen = {(odd.kind, odd.unit, odd.period, odd.item) for odd in listed}
    for odd in listed:
        if odd.kind == "alike" or (odd.kind, odd.unit, odd.period, twin.get(odd.item)) not in seen:
            yield odd
