"""Figures that agree too well with others: last month's, last year's, a neighbour's, or always the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tallymark.statistics import count_tails
from tallymark.verify.patterns.agreement import chances, surprise_of
from tallymark.verify.patterns.expected import Expected
from tallymark.verify.patterns.grid import Grid
from tallymark.verify.patterns.odd import Bearable, Odd
from tallymark.verify.patterns.shares import Pair

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
SHARE = 0.65
FEWEST = 4
SAMPLE = 200_000
NEAREST = 60
"""Neighbours compared with each unit at most."""


def agreeing(size: Floats) -> Floats:
    """Chance that two independent Poisson counts of this mean are the same (Skellam 1946)."""
    return np.asarray(special.ive(0, 2 * np.maximum(size, 0.0)))


def habits(one: Floats, other: Floats) -> Floats:
    """How much more often values of each item agree than Poisson counts of their size do, at least 1; (…, items).

    A number of meetings that is nearly always 2 agrees with itself and proves nothing.
    """
    step = max(1, one[..., 0].size // SAMPLE)
    a, b = (part.reshape(-1, part.shape[-1])[::step] for part in (one, other))
    known = np.isfinite(a) & np.isfinite(b)
    same = (known & (a == b)).sum(axis=0)
    chance = np.where(known, agreeing(np.where(known, (a + b) / 2, 0.0)), 0.0).sum(axis=0)
    return np.asarray(np.maximum((same + 1) / (chance + 1), 1.0))


def surprise(one: Floats, other: Floats, habit: Floats) -> tuple[Ints, Ints, Floats]:
    """Of rows (…, items): places that agree, places compared, and the chance of so many; 0 with 0 proves nothing."""
    known = np.isfinite(one) & np.isfinite(other)
    same = known & (one == other)
    size = np.where(same, one, 0.0)
    each = np.minimum(agreeing(size) * habit, 1.0)
    logs = np.where(same & (size > 0), np.log(np.maximum(each, 1e-300)), 0.0).sum(axis=-1)
    compared, equal = known.sum(axis=-1), same.sum(axis=-1)
    ways = special.gammaln(compared + 1) - special.gammaln(equal + 1) - special.gammaln(compared - equal + 1)
    return equal, compared, np.exp(np.minimum(logs + ways, 0.0))


def _candidates(one: Floats, other: Floats) -> Bools:
    """Rows with enough places that agree, cheaply."""
    known = np.isfinite(one) & np.isfinite(other)
    same = known & (one == other)
    compared = known.sum(axis=-1)
    telling = (same & (np.where(same, one, 0.0) > 0)).sum(axis=-1)
    return np.asarray((compared >= FEWEST) & (same.sum(axis=-1) >= SHARE * compared) & (telling >= 3))


def copied_reports(
    grid: Grid, expected: Mapping[str, Expected], pairs: Sequence[Pair], *, bear: Bearable
) -> Iterator[Odd]:
    """Reports that repeat an earlier one of the same unit: of the slot before, two or three before, or a year before;
    each is told once, of the surest and nearest."""
    found: list[tuple[Ints, Ints, Ints, Ints, Floats]] = []
    tests = 0
    for lag in sorted({1, 2, 3, grid.season} & set(range(1, len(grid.slots)))):
        slots = np.flatnonzero(grid.told & (np.arange(len(grid.slots)) >= lag))
        later, earlier = grid.values[:, slots], grid.values[:, slots - lag]
        known = np.isfinite(later) & np.isfinite(earlier)
        same = known & (later == earlier)
        compared = known.sum(axis=2)
        tests += int((compared > 0).sum())
        rows = np.argwhere((compared >= FEWEST) & (same.sum(axis=2) >= SHARE * compared))
        at = rows[:, 0], rows[:, 1]
        chance = surprise_of(chances(grid, expected, pairs, lag)[at], same[at])
        cells = np.column_stack([rows[:, 0], slots[rows[:, 1]]])
        found.append((cells, np.full(len(rows), lag, np.int64), same[at].sum(axis=1), compared[at], chance))
    if not found:
        return
    cells, lags, equal, compared, chance = (np.concatenate(column) for column in zip(*found, strict=True))
    taken = np.flatnonzero(bear.taken("copied", chance, tests=tests))
    taken = taken[
        np.lexsort((lags[taken], -equal[taken] / compared[taken], cells[taken, 1], cells[taken, 0]))
    ]
    _, first = np.unique(cells[taken], axis=0, return_index=True)
    for at in taken[first].tolist():
        unit, slot = cells[at].tolist()
        now, then = grid.slots[slot], grid.slots[slot - int(lags[at])]
        kind = "copied" if equal[at] == compared[at] else "nearly_copied"
        values = {"equal": int(equal[at]), "compared": int(compared[at]), "other": then}
        size = float(equal[at] / compared[at])
        yield Odd(kind, grid.dataset, grid.units[unit], now, "", float(chance[at]), size, values, (now,))


def pasted_years(grid: Grid, *, bear: Bearable) -> Iterator[Odd]:
    """Items whose year repeats the year before, month for month."""
    lag = grid.season
    now, before = grid.told, grid.window_before()
    if lag < 4 or before.sum() < FEWEST or lag >= len(grid.slots):
        return
    kept = now & np.concatenate([np.zeros(lag, dtype=bool), before[:-lag]])
    late = np.flatnonzero(kept)
    later, earlier = grid.values[:, late], grid.values[:, late - lag]
    habit = habits(later, earlier)
    by_item = (np.moveaxis(part, 1, 2) for part in (later, earlier))  # (units, items, slots)
    a, b = by_item
    rows = np.argwhere(_candidates(a, b))
    equal, compared, chance = surprise(
        a[rows[:, 0], rows[:, 1]], b[rows[:, 0], rows[:, 1]], habit[rows[:, 1], None]
    )
    tests = int(np.isfinite(a).any(axis=2).sum())
    for at in np.flatnonzero(bear.taken("last_year", chance, tests=tests)):
        unit, item = rows[at]
        same = (a[unit, item] == b[unit, item]) & np.isfinite(a[unit, item])
        slots = tuple(grid.slots[late[place]] for place in np.flatnonzero(same))
        values = {"equal": int(equal[at]), "compared": int(compared[at])}
        yield Odd(
            "last_year", grid.dataset, grid.units[unit], grid.window, grid.items[item], float(chance[at]),
            float(equal[at] / compared[at]), values, slots,
        )  # fmt: skip


def same_again(grid: Grid, expected: Mapping[str, Expected], *, bear: Bearable) -> Iterator[Odd]:
    """The same figure slot after slot: longer runs than counts of that size make, or than counts of what is expected."""
    x = np.moveaxis(grid.values, 1, 2)
    habit = habits(grid.values[:, 1:], grid.values[:, :-1]) if x.shape[2] > 1 else np.ones(x.shape[1])
    length = np.where(np.isfinite(x), 1, 0)
    for at in range(1, x.shape[2]):
        length[..., at] = np.where(x[..., at] == x[..., at - 1], length[..., at - 1] + 1, length[..., at])
    length = np.where(grid.told, length, 0)
    end = length.argmax(axis=2)
    longest = length.max(axis=2)
    value = np.take_along_axis(x, end[..., None], axis=2)[..., 0]
    known = np.isfinite(x).sum(axis=2)
    each = np.log(np.maximum(np.minimum(agreeing(np.nan_to_num(value)) * habit[None, :], 1.0), 1e-300))
    logs = np.where(value > 0, np.maximum(longest - 1, 0) * each, 0.0)
    logs = np.fmin(logs, _runs_of_value(grid, expected, habit, end=end, longest=longest))
    within = (np.isfinite(x) & grid.told).sum(axis=2)  # runs that end in a told slot are looked at, no others
    logs = logs + np.log(np.maximum(within - longest + 1, 1))
    chance = np.where(longest >= 3, np.exp(np.minimum(logs, 0.0)), 1.0)
    chance = np.where((known >= FEWEST) & (longest > 0), chance, np.nan)
    for unit, item in np.argwhere(bear.taken("same_again", chance)).tolist():
        last, n = int(end[unit, item]), int(longest[unit, item])
        slots = grid.slots[last - n + 1 : last + 1]
        values = {"value": float(value[unit, item]), "count": n, "first": slots[0], "last": slots[-1]}
        yield Odd(
            "same_again", grid.dataset, grid.units[unit], slots[-1], grid.items[item], float(chance[unit, item]),
            float(n), values, slots,
        )  # fmt: skip


def _runs_of_value(
    grid: Grid, expected: Mapping[str, Expected], habit: Floats, *, end: Ints, longest: Ints
) -> Floats:
    """log of 3 × Π P(this value | what is expected) over each unit's longest run of an item (units, items): all values
    that are as unlikely together are at most about three times as likely as this one."""
    found = np.zeros(end.shape)
    slots = np.arange(len(grid.slots))
    for at, name in enumerate(grid.items):
        said = expected.get(name)
        if said is None or said.intermittent:
            continue
        low, high = count_tails(grid.values[:, :, at], said.mean, dispersion=said.dispersion)
        each = np.minimum(np.maximum(low + high - 1, 1e-12) * habit[at], 1.0)
        inside = (slots <= end[:, at, None]) & (slots > (end[:, at] - longest[:, at])[:, None])
        found[:, at] = np.log(3) + np.where(
            inside & np.isfinite(each), np.log(np.nan_to_num(each, nan=1.0)), 0.0
        ).sum(axis=1)
    return found


def like_neighbours(grid: Grid, *, bear: Bearable) -> Iterator[Odd]:
    """Reports of the same slot that agree with another unit's below the same parent."""
    pairs: list[tuple[Ints, int, Ints, Ints, Floats]] = []
    tests = 0
    habit: Floats | None = None
    most = int(np.bincount(grid.parent[grid.parent >= 0]).max(initial=0))
    for step in range(1, min(NEAREST, most)):
        siblings = (grid.parent[step:] == grid.parent[:-step]) & (grid.parent[step:] >= 0)
        at = np.flatnonzero(siblings)
        if not len(at):
            continue
        a, b = grid.values[at + step][:, grid.told], grid.values[at][:, grid.told]
        habit = habits(a, b) if habit is None else habit
        tests += int((np.isfinite(a).any(axis=2) & np.isfinite(b).any(axis=2)).sum())
        rows = np.argwhere(_candidates(a, b))
        equal, compared, chance = surprise(a[rows[:, 0], rows[:, 1]], b[rows[:, 0], rows[:, 1]], habit)
        pairs.append((np.column_stack([at[rows[:, 0]], rows[:, 1]]), step, equal, compared, chance))
    if not pairs:
        return
    chances = np.concatenate([part[4] for part in pairs])
    taken, start = bear.taken("neighbours", chances, tests=tests), 0
    told = np.flatnonzero(grid.told)
    for rows, step, equal, compared, chance in pairs:
        for place in np.flatnonzero(taken[start : start + len(rows)]):
            unit, slot = int(rows[place, 0]), grid.slots[told[rows[place, 1]]]
            other = grid.units[unit + step]
            values = {"equal": int(equal[place]), "compared": int(compared[place]), "other": other}
            yield Odd(
                "neighbours", grid.dataset, grid.units[unit], slot, "", float(chance[place]),
                float(equal[place] / compared[place]), values, (slot,), (other,),
            )  # fmt: skip
        start += len(rows)
