"""Scores that never fail: nobody missed in any slot, or a target that is always reached, although the unit's past, its
parent's other units and what moved everybody lead one to expect otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tallymark.verify.patterns.grid import Grid
from tallymark.verify.patterns.odd import SUREST, Bearable, Odd
from tallymark.verify.patterns.settled import Settled, moved, settle
from tallymark.verify.patterns.shares import EXACT, PAST_SLOTS, Pair, before_told, told_slots

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
FEWEST = 4
"""Slots with cases that a unit needs to be perfect."""
FEWEST_UNITS = 5
"""Units that a share needs for it to be odd that none misses anything."""
FEW_BELOW = 0.4
"""Slots under the target, over what was expected: below this the target is hardly ever missed."""


@dataclass(frozen=True, slots=True)
class Score:
    """What one share's told slots are, and how likely it was that they never fail; (units,) or (units, slots)."""

    pair: Pair
    whole: Bools
    """Nobody was missed."""
    all_of: Floats
    """Chance of that; NaN where too few slots have cases."""
    reached: Bools
    """The target was never missed, though somebody was."""
    never: Floats
    """Chance that it is never missed; NaN where it cannot be told from `all_of`, or there is no target or no past."""
    short: Floats
    """Slots under the target."""
    hoped: Floats
    """Slots that were expected to be; NaN without a target or a past."""
    reports: Floats


def scores(grid: Grid, pairs: Sequence[Pair]) -> list[Score]:
    """One score a share."""
    return [_score(grid, pair) for pair in pairs]


def _score(grid: Grid, pair: Pair) -> Score:
    past = before_told(grid)
    x, n = pair.totals(grid.told)
    known = past.sum() >= PAST_SLOTS
    if known:
        settled = moved(grid, settle(grid, *pair.totals(past)), x, n)
    else:
        settled = settle(grid, x, n).without(x, n)
    slots = np.isfinite(pair.x[:, grid.told]).sum(axis=1).astype(float)
    whole = (slots >= FEWEST) & (x == n)
    all_of = np.where(slots >= FEWEST, settled.all_of(n), np.nan)
    if pair.share.target is None or not pair.share.helps or not known:
        none = np.full(len(x), np.nan)
        return Score(pair, whole, all_of, np.zeros(len(x), dtype=bool), none, none, none, slots)
    return _against_target(
        grid, pair, settled, Score(pair, whole, all_of, whole, all_of, slots, slots, slots)
    )


def _against_target(grid: Grid, pair: Pair, settled: Settled, score: Score) -> Score:
    x, n = pair.x[:, grid.told], pair.n[:, grid.told]
    needed = np.ceil((pair.share.target or 0.0) * n - EXACT)
    short = np.nansum(np.where(np.isfinite(n), x < needed, False), axis=1).astype(float)
    hoped = np.nansum(settled.below(needed, n), axis=1)
    same = np.all(~np.isfinite(n) | (needed == n), axis=1)
    never = np.where(same | (score.reports < FEWEST), np.nan, settled.never_below(needed, n))
    return Score(
        pair, score.whole, score.all_of, (short == 0) & ~score.whole, never, short, hoped, score.reports
    )  # fmt: skip


def never_failing(grid: Grid, pairs: Sequence[Pair], *, bear: Bearable) -> Iterator[Odd]:
    """Units that never miss anyone or never miss the target, and units and parents that hardly ever miss it."""
    found = scores(grid, pairs)
    if not found:
        return
    yield from _nowhere_missed(grid, found)
    all_of, never = (np.column_stack([getattr(one, name) for one in found]) for name in ("all_of", "never"))
    whole, reached = (np.column_stack([getattr(one, name) for one in found]) for name in ("whole", "reached"))
    # Of a unit two events are known: nobody missed, and the target never missed though somebody was.
    points = np.stack([all_of, np.maximum(never - np.nan_to_num(all_of), 0.0)])
    chance = np.where(whole, all_of, np.where(reached & np.isfinite(never), never, 1.0))
    taken = bear.taken_of_points("perfect", np.where(np.isfinite(all_of), chance, np.nan), points)
    for unit, at in np.argwhere(taken & (chance < 1)).tolist():
        yield (_perfect if whole[unit, at] else _reached)(grid, found[at], unit, float(chance[unit, at]))
    yield from _hardly_ever(grid, found, bear=bear)


def _nowhere_missed(grid: Grid, found: Sequence[Score]) -> Iterator[Odd]:
    """Shares of which no unit ever misses anything: seen against how many units never do in the dataset's other shares.

    Of m units scored by other shares k are perfect; that all of U are has the chance Π (1 + k + i) ÷ (2 + m + i), i < U
    (Laplace's rule of succession). Without other shares it is 1 ÷ (U + 1).
    """
    scored = np.array([int(np.isfinite(one.all_of).sum()) for one in found])
    perfect = np.array([int((one.whole & np.isfinite(one.all_of)).sum()) for one in found])
    for at in np.flatnonzero((scored >= FEWEST_UNITS) & (perfect == scored)).tolist():
        one, others = found[at], np.arange(len(found)) != at
        k, m = float(perfect[others].sum()), float(scored[others].sum())
        each = np.arange(scored[at])
        chance = float(np.exp(np.log((1 + k + each) / (2 + m + each)).sum()))
        if chance > SUREST:
            continue
        told = one.pair.n[:, grid.told]
        values = {"of_item": one.pair.share.of, "n": int(np.nansum(told)), "reports": int(one.reports.sum()),
                  "count": int(scored[at]), "everywhere": True}  # fmt: skip
        yield Odd("perfect", grid.dataset, "", grid.window, one.pair.share.part, chance, float(scored[at]), values,
                  told_slots(grid))  # fmt: skip


def _perfect(grid: Grid, one: Score, unit: int, chance: float) -> Odd:
    pair = one.pair
    x, n = pair.totals(grid.told)
    values = {
        "of_item": pair.share.of, "n": int(n[unit]), "slots": int(one.reports[unit]), "usual": float(x.sum() / n.sum()),
    }  # fmt: skip
    told = tuple(np.array(grid.slots)[grid.told & np.isfinite(pair.x[unit])])
    return Odd(
        "perfect", grid.dataset, grid.units[unit], grid.window, pair.share.part, chance, float(n[unit]), values, told
    )  # fmt: skip


def _reached(grid: Grid, one: Score, unit: int, chance: float) -> Odd:
    return _above(grid, one, grid.units[unit], np.array([unit]), chance)


def _hardly_ever(grid: Grid, found: Sequence[Score], *, bear: Bearable) -> Iterator[Odd]:
    """Units that miss the target now and then, and all units below a parent: by the sum of what was expected."""
    scored = [one for one in found if np.isfinite(one.hoped).any()]
    if not scored:
        return
    groups = [(grid.units[at], np.array([at])) for at in range(len(grid.units))]
    groups += [
        (code, np.flatnonzero(grid.parent == at))
        for at, code in enumerate(grid.parents)
        if (grid.parent == at).sum() > 2
    ]
    size, fell = (
        np.array([[getattr(one, name)[members].sum() for one in scored] for _, members in groups])
        for name in ("hoped", "short")
    )
    alone = np.array([[len(members) == 1] * len(scored) for _, members in groups])
    chance = np.where(size > 0, special.pdtr(fell, np.maximum(size, 1e-9)), np.nan)
    few = (fell <= FEW_BELOW * size) & ~(alone & (fell == 0))
    taken = bear.taken("above_target", np.where(few | np.isnan(chance), chance, 1.0))
    for group, at in np.argwhere(taken & few).tolist():
        code, members = groups[group]
        yield _above(grid, scored[at], code, members, float(chance[group, at]))


def _above(grid: Grid, one: Score, code: str, members: NDArray[np.int64], chance: float) -> Odd:
    share, fell, size = one.pair.share, float(one.short[members].sum()), float(one.hoped[members].sum())
    values = {
        "of_item": share.of, "target": share.target, "below": int(fell), "usual": size,
        "reports": int(one.reports[members].sum()),
    }  # fmt: skip
    return Odd(
        "above_target", grid.dataset, code, grid.window, share.part, chance, (fell + 0.5) / (size + 0.5), values,
        told_slots(grid), tuple(grid.units[at] for at in members),
    )  # fmt: skip
