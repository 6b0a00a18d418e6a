"""Series as a whole: they vary too little, rise only before the end of the year, or prefer round figures."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tallymark.statistics import count_dispersion, count_tails, terminal_digits
from tallymark.verify.patterns.expected import Expected
from tallymark.verify.patterns.grid import Grid
from tallymark.verify.patterns.odd import Bearable, Odd

Floats = NDArray[np.float64]
FEWEST = 6
SURE = 1e-3
LAST = {12: 2, 4: 1, 52: 8}
"""Slots before the end of the year that a rush is looked for in."""
ROUND_LEAST, ROUND_FEWEST, ROUND_SHARE = 8, 6, 0.23
"""Figures from 8 on (8 to 12 are nearest to 10) end in 0 or 5 in a fifth of the cases; a little more is granted."""
EVEN_LEAST = 1.5
"""Mean of counts below which a spread says too little."""
DIGITS_FEWEST, DIGITS_EFFECT = 200, 0.12


def even_counts(grid: Grid, expected: Mapping[str, Expected], *, bear: Bearable) -> Iterator[Odd]:
    """Counts that vary less than counts of independent events must, given what the slots do to everybody.

    Items whose counts are bounded (meetings, sessions) vary little everywhere: such items are left aside.
    """
    chances, ratios = [], []
    names = [name for name in grid.items if name in expected and not expected[name].intermittent]
    for name in names:
        counts = grid.item(name)[:, grid.told]
        # Figures that were not counted may follow the season of the others, or none.
        found, flat = (
            count_dispersion(counts, exposure=size) for size in (expected[name].factor[None, grid.told], 1.0)
        )
        tested = (
            np.isfinite(found.ratio)
            & (found.n >= FEWEST)
            & (np.nansum(counts, axis=1) >= EVEN_LEAST * found.n)
        )
        bounded = tested.any() and float(np.median(found.ratio[tested])) < 0.8
        chance = np.minimum(2 * np.minimum(found.p_low, flat.p_low), 1.0)
        chances.append(np.where(tested & (not bounded), chance, np.nan))
        ratios.append(np.minimum(found.ratio, flat.ratio))
    if not names:
        return
    chance = np.column_stack(chances)
    for unit, item in np.argwhere(bear.taken("even_counts", chance)).tolist():
        counts = grid.item(names[item])[unit, grid.told]
        values = {"ratio": float(ratios[item][unit]), "slots": int(np.isfinite(counts).sum()),
                  "expected": float(np.nanmean(counts))}  # fmt: skip
        told = tuple(np.array(grid.slots)[grid.told])
        yield Odd(
            "even_counts", grid.dataset, grid.units[unit], grid.window, names[item], float(chance[unit, item]),
            float(ratios[item][unit]), values, told,
        )  # fmt: skip


def rush(
    grid: Grid, expected: Mapping[str, Expected], helping: Collection[str], *, bear: Bearable
) -> Iterator[Odd]:
    """Items that help a unit and rise only in the last slots before the period ends, against the rest of its year and
    what these slots do to everybody."""
    last = LAST.get(grid.season, 0)
    told = np.flatnonzero(grid.told)
    names = [
        name
        for name in grid.items
        if name in helping and name in expected and not expected[name].intermittent
    ]
    if not last or len(told) < 3 * last or not names:
        return
    end, rest = told[-last:], told[:-last]
    chances, hopes, seens = [], [], []
    for name in names:
        said, counts = expected[name], grid.item(name)
        known = np.isfinite(counts)
        exposed = [np.where(known, said.factor, 0.0)[:, part].sum(axis=1) for part in (rest, end)]
        before, seen = (np.where(known, counts, 0.0)[:, part].sum(axis=1) for part in (rest, end))
        hoped = before * exposed[1] / np.maximum(exposed[0], 1e-9)
        usable = np.isfinite(said.dispersion)
        middle = np.where(usable, said.dispersion, 0.0).sum(axis=1) / np.maximum(usable.sum(axis=1), 1)
        _, high = count_tails(seen, np.maximum(hoped, 0.3), dispersion=middle + 1 / np.maximum(before, 1))
        tested = (known[:, rest].sum(axis=1) >= FEWEST) & known[:, end].any(axis=1) & (before > 0)
        chances.append(np.where(tested, np.where(seen >= 1.4 * hoped, high, 1.0), np.nan))
        hopes.append(hoped)
        seens.append(seen)
    chance = np.column_stack(chances)
    slots = tuple(grid.slots[at] for at in end)
    for unit, item in np.argwhere(bear.taken("rush", chance)).tolist():
        values = {"value": float(seens[item][unit]), "expected": float(hopes[item][unit]), "slots": last}
        yield Odd(
            "rush", grid.dataset, grid.units[unit], grid.window, names[item], float(chance[unit, item]),
            float(seens[item][unit] / max(hopes[item][unit], 0.3)), values, slots,
        )  # fmt: skip


def round_numbers(grid: Grid, *, bear: Bearable) -> Iterator[Odd]:
    """Units whose figures from 10 on end in 0 or 5 too often."""
    x = grid.values[:, grid.told]
    large = np.isfinite(x) & (x >= ROUND_LEAST) & (x == np.floor(x))
    # The same figure again proves nothing new: a figure counts once an item.
    fresh = large & ~np.concatenate([np.zeros_like(large[:, :1]), x[:, 1:] == x[:, :-1]], axis=1)
    number = fresh.sum(axis=(1, 2))
    fives = (fresh & (np.where(large, x, 1.0) % 5 == 0)).sum(axis=(1, 2))
    enough = number >= ROUND_FEWEST
    chance = np.where(
        enough, special.bdtrc(np.maximum(fives - 1, 0), np.maximum(number, 1), ROUND_SHARE), np.nan
    )
    chance = np.where(enough & (fives == 0), 1.0, chance)
    for unit in np.flatnonzero(bear.taken("round_numbers", chance)).tolist():
        values = {
            "count": int(fives[unit]),
            "n": int(number[unit]),
            "share": float(fives[unit] / number[unit]),
        }
        told = tuple(np.array(grid.slots)[grid.told])
        yield Odd(
            "round_numbers", grid.dataset, grid.units[unit], grid.window, "", float(chance[unit]),
            float(fives[unit] / number[unit]), values, told,
        )  # fmt: skip


def digits(grid: Grid) -> Iterator[Odd]:
    """Items whose last digits, over all units, are preferred to an extent that matters."""
    for at, name in enumerate(grid.items):
        found = terminal_digits(grid.values[:, grid.told, at].ravel(), least=50)
        if found.n >= DIGITS_FEWEST and found.cramers_v >= DIGITS_EFFECT and found.p <= SURE:
            most = int(np.argmax(found.shares))
            values = {"digit": most, "share": float(found.shares[most]), "n": int(found.n)}
            told = tuple(np.array(grid.slots)[grid.told])
            yield Odd(
                "digits", grid.dataset, "", grid.window, name, float(found.p), float(found.cramers_v), values, told,
                grid.units,
            )  # fmt: skip
