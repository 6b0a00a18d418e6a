"""Figures that agree too well with others: last month's, last year's, a neighbour's, or always the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

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
NEARBY, TURNS = (1, 2, 3), (2, 3)
FINE = 0.05
"""Evidence of small counts is small: it is counted in finer steps."""
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


Agreements = Mapping[int, Floats]
"""Lag → chance that each told figure is what its unit reported so many slots before (see `chances`)."""


def agreements(grid: Grid, expected: Mapping[str, Expected], pairs: Sequence[Pair]) -> Agreements:
    """Of the slot before, two or three before, and a year before, as far as there are such slots."""
    lags = sorted({*NEARBY, grid.season} & set(range(1, len(grid.slots))))
    return {lag: chances(grid, expected, pairs, lag) for lag in lags}


def copied_reports(grid: Grid, agree: Agreements, *, bear: Bearable) -> Iterator[Odd]:
    """Reports that repeat an earlier one of the same unit: of the slot before, two or three before, or a year before;
    each is told once, of the surest and nearest."""
    found: list[tuple[Ints, Ints, Ints, Ints, Floats]] = []
    tests = 0
    for lag, each in agree.items():
        slots = np.flatnonzero(grid.told & (np.arange(len(grid.slots)) >= lag))
        later, earlier = grid.values[:, slots], grid.values[:, slots - lag]
        known = np.isfinite(later) & np.isfinite(earlier)
        same = known & (later == earlier)
        compared = known.sum(axis=2)
        tests += int((compared > 0).sum())
        rows = np.argwhere((compared >= FEWEST) & (same.sum(axis=2) >= SHARE * compared))
        at = rows[:, 0], rows[:, 1]
        chance = surprise_of(each[at], same[at])
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


def pasted_years(grid: Grid, agree: Agreements, *, bear: Bearable) -> Iterator[Odd]:
    """Items whose year repeats the year before, month for month: a 0 where something was to be expected counts, too."""
    lag = grid.season
    if lag < FEWEST or grid.window_before().sum() < FEWEST or lag >= len(grid.slots):
        return
    found = _in_step(grid, agree[lag], lag)
    slots = _from(grid, lag)
    for unit, item in np.argwhere(bear.taken("last_year", found.chance)).tolist():
        same = tuple(grid.slots[slots[at]] for at in np.flatnonzero(found.same[unit, item]))
        values = {"equal": int(found.same[unit, item].sum()), "compared": int(found.compared[unit, item])}
        yield Odd(
            "last_year", grid.dataset, grid.units[unit], grid.window, grid.items[item], float(found.chance[unit, item]),
            values["equal"] / values["compared"], values, same,
        )  # fmt: skip


def in_turn(grid: Grid, agree: Agreements, *, bear: Bearable) -> Iterator[Odd]:
    """Two or three figures of an item in turn (4, 5, 4, 5 …): told when all of a year's are, which counts hardly do."""
    told = np.flatnonzero(grid.told)
    if len(told) < max(TURNS) + FEWEST:
        return
    chance, lags = np.full((2, len(grid.units), len(grid.items)), np.nan)
    for lag in TURNS:
        late = _from(grid, lag) >= told[0] + lag  # figures of the year before take no turns with this one's
        found = _in_step(grid, agree[lag][:, late], lag, told[0] + lag)
        whole = found.same.sum(axis=2) == found.compared
        steady = np.where(whole, found.chance * len(TURNS), np.where(np.isfinite(found.chance), 1.0, np.nan))
        lags = np.where(~(steady >= chance), lag, lags)
        chance = np.fmin(chance, np.minimum(steady, 1.0))
    for unit, item in np.argwhere(bear.taken("in_turn", chance)).tolist():
        lag, own = int(lags[unit, item]), grid.values[unit, told, item]
        if np.nanmax(own) == np.nanmin(own):  # one figure all the time is told as that
            continue
        values = {"figures": ", ".join(f"{one:g}" for one in own[:lag]), "slots": int(np.isfinite(own).sum())}
        yield Odd(
            "in_turn", grid.dataset, grid.units[unit], grid.window, grid.items[item], float(chance[unit, item]),
            float(np.isfinite(own).sum()), values, tuple(grid.slots[at] for at in told),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class InStep:
    """How an item's figures agree with those some slots before: (units, items, slots), (units, items)."""

    same: Bools
    compared: Ints
    chance: Floats
    """Of so much agreement; NaN where too few can be compared."""


def _from(grid: Grid, lag: int) -> Ints:
    return np.flatnonzero(grid.told & (np.arange(len(grid.slots)) >= lag))


def _in_step(grid: Grid, each: Floats, lag: int, first: int = 0) -> InStep:
    slots = _from(grid, lag)
    slots = slots[slots >= first]
    now, then = (np.moveaxis(part, 1, 2) for part in (grid.values[:, slots], grid.values[:, slots - lag]))
    by_item = np.moveaxis(each, 1, 2)
    known = np.isfinite(now) & np.isfinite(then)
    same, compared = known & (now == then), known.sum(axis=2)
    rows = (compared >= FEWEST) & (same.sum(axis=2) >= SHARE * compared)
    chance = np.where(compared >= FEWEST, 1.0, np.nan)
    chance[rows] = surprise_of(by_item[rows], same[rows], step=FINE)
    return InStep(same, compared, chance)


def same_again(grid: Grid, expected: Mapping[str, Expected], *, bear: Bearable) -> Iterator[Odd]:
    """The same figure slot after slot: longer runs than counts of what is expected make (a figure's first time proves
    nothing, nor do times before the told slots)."""
    x = np.moveaxis(grid.values, 1, 2)
    habit = habits(grid.values[:, 1:], grid.values[:, :-1]) if x.shape[2] > 1 else np.ones(x.shape[1])
    length = np.where(np.isfinite(x), 1, 0)
    for at in range(1, x.shape[2]):
        length[..., at] = np.where(x[..., at] == x[..., at - 1], length[..., at - 1] + 1, length[..., at])
    length = np.where(grid.told, length, 0)
    end, longest = length.argmax(axis=2), length.max(axis=2)
    value = np.take_along_axis(x, end[..., None], axis=2)[..., 0]
    known = np.isfinite(x).sum(axis=2)
    within = (np.isfinite(x) & grid.told).sum(axis=2)  # runs that end in a told slot are looked at, no others
    logs = _runs_of_value(grid, expected, habit, end=end, longest=longest)
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
    """log Π P(this value | what is expected) over the told slots of each unit's longest run of an item but the run's
    first (units, items); where nothing can be expected of an item, P(two counts of that mean are the same), and 0s say
    nothing."""
    found = np.zeros(end.shape)
    slots = np.arange(len(grid.slots))
    for at, name in enumerate(grid.items):
        said, x = expected.get(name), grid.values[:, :, at]
        if said is None or said.intermittent:
            each = np.where(x > 0, agreeing(np.nan_to_num(x)), 1.0)
        else:
            each = np.maximum(said.just(x), 1e-12)
        first = (end[:, at] - longest[:, at] + 1)[:, None]
        inside = grid.told & (slots <= end[:, at, None]) & (slots > first)
        own = np.minimum(np.nan_to_num(each, nan=1.0) * habit[at], 1.0)
        found[:, at] = np.where(inside, np.log(own), 0.0).sum(axis=1)
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
