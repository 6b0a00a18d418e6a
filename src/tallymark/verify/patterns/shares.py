"""Parts of wholes over a year: shares that bunch just above a target, vary too little, or rise as their base shrinks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tallymark.programme.resolved import Share
from tallymark.statistics import bunching_of_shares, share_dispersion
from tallymark.verify.patterns.expected import Expected
from tallymark.verify.patterns.grid import Grid
from tallymark.verify.patterns.odd import POINT, Bearable, Odd, bound, mixed_ratio
from tallymark.verify.patterns.settled import Settled, moved, settle

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
PAST_SLOTS = 4
SURE = 1e-3
EXACT = 1e-9
LISTED = 20
"""A list that was shorter than this in the past is too short to tell that it shrank."""
EVEN_SLOTS = 6
KEPT, LEFT, SPREAD = (0.3, 0.4, 0.5, 0.6, 0.7), (1.0, 0.5, 0.2, 0.05), (1.0, 0.6, 0.4)
"""What people may do to a list, each as likely as the others: the part of it that is kept, how many of those missed are
left on it (of 1), and how the spread of its months is to that of counts."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Counts of a part and its whole (units, slots), NaN where either is missing or they do not fit."""

    share: Share
    x: Floats
    n: Floats

    def totals(self, slots: Bools) -> tuple[Floats, Floats]:
        """Part and whole over some slots (units,)."""
        return np.nansum(self.x[:, slots], axis=1), np.nansum(self.n[:, slots], axis=1)


def pair_of(grid: Grid, share: Share) -> Pair:
    """The counts of a share."""
    x, n = grid.item(share.part), grid.item(share.of)
    known = np.isfinite(x) & np.isfinite(n) & (x >= 0) & (x <= n) & (n > 0)
    return Pair(share, np.where(known, x, np.nan), np.where(known, n, np.nan))


def beta_of(x: Floats, n: Floats) -> tuple[float, float]:
    """Parameters of the beta distribution of units' true shares, by moments (Kleinman 1973); at most 2,000 together."""
    use = (n > 0) & np.isfinite(x)
    x, n = x[use], n[use]
    if len(n) < 3:
        return 1.0, 1.0
    mean = float(np.clip(x.sum() / n.sum(), 1e-4, 1 - 1e-4))
    squares = float((n * (x / n - mean) ** 2).sum())
    free = float(n.sum() - (n**2).sum() / n.sum())
    alike = (squares / (mean * (1 - mean)) - (len(n) - 1)) / max(free - (len(n) - 1), 1e-9)
    alike = float(np.clip(alike, 5e-4, 0.9))
    return mean * (1 - alike) / alike, (1 - mean) * (1 - alike) / alike


def before_told(grid: Grid) -> Bools:
    """The slots before the first that is told."""
    return np.asarray(~grid.told & (np.arange(len(grid.slots)) < int(grid.told.argmax())))


def told_slots(grid: Grid) -> tuple[str, ...]:
    """Codes of the slots that findings are told of."""
    return tuple(np.array(grid.slots)[grid.told])


def bunched(grid: Grid, pair: Pair) -> Iterator[Odd]:
    """More units just above the target, and fewer just below, than a smooth spread of shares has."""
    share = pair.share
    if share.target is None or not share.helps:
        return
    x, n = pair.totals(grid.told)
    found = bunching_of_shares(x, n, share.target)
    if not (np.isfinite(found.p) and found.p <= SURE and found.ratio >= 1.5):
        return
    values = {
        "of_item": share.of,
        "target": share.target,
        "excess": found.excess,
        "near": found.n,
        "ratio": found.ratio,
    }
    just = (
        (n > 0)
        & (x >= np.ceil(share.target * n - EXACT))
        & (x <= np.ceil(share.target * n - EXACT) + np.sqrt(n) / 2)
    )
    yield Odd(
        "bunched", grid.dataset, "", grid.window, share.part, float(found.p), float(found.ratio), values,
        told_slots(grid),
        tuple(grid.units[at] for at in np.flatnonzero(just)),
    )  # fmt: skip


def even_shares(grid: Grid, pairs: Sequence[Pair], *, bear: Bearable) -> Iterator[Odd]:
    """Shares that vary less from slot to slot than shares of so many must."""
    if not pairs:
        return
    found = [share_dispersion(pair.x[:, grid.told], pair.n[:, grid.told]) for pair in pairs]
    long = [np.isfinite(pair.x[:, grid.told]).sum(axis=1) >= EVEN_SLOTS for pair in pairs]
    chance = np.column_stack(
        [np.where(own, each.p_low, np.nan) for own, each in zip(long, found, strict=True)]
    )
    for unit, at in np.argwhere(bear.taken("even_shares", chance)).tolist():
        pair, ratio = pairs[at], float(found[at].ratio[unit])
        x, n = pair.totals(grid.told)
        values = {
            "of_item": pair.share.of, "ratio": ratio, "slots": int(found[at].n[unit]), "mean": float(x[unit] / n[unit]),
        }  # fmt: skip
        yield Odd(
            "even_shares", grid.dataset, grid.units[unit], grid.window, pair.share.part, float(chance[unit, at]), ratio,
            values, told_slots(grid),
        )  # fmt: skip


def shrinking(
    grid: Grid, pairs: Sequence[Pair], expected: Mapping[str, Expected], *, bear: Bearable
) -> Iterator[Odd]:
    """The whole falls below its own past while the share of the part does not fall."""
    before = before_told(grid)
    pairs = [pair for pair in pairs if pair.share.helps and pair.share.of in expected]
    if before.sum() < PAST_SLOTS or not pairs:
        return
    hoped = [_hoped(grid, pair, expected[pair.share.of], before) for pair in pairs]
    chance = np.column_stack(
        [
            _shrank(grid, pair, expected[pair.share.of], own, before)
            for pair, own in zip(pairs, hoped, strict=True)
        ]
    )
    for unit, at in np.argwhere(bear.taken("shrinking", chance, surest=POINT)).tolist():
        pair = pairs[at]
        (x0, n0), (x1, n1) = pair.totals(before), pair.totals(grid.told)
        values = {
            "of_item": pair.share.of, "before": float(hoped[at][unit]), "now": float(n1[unit]),
            "share_before": float(x0[unit] / n0[unit]), "share_now": float(x1[unit] / max(n1[unit], 1)),
        }  # fmt: skip
        yield Odd(
            "shrinking", grid.dataset, grid.units[unit], grid.window, pair.share.part, float(chance[unit, at]),
            float(n1[unit] / hoped[at][unit]), values, told_slots(grid),
        )  # fmt: skip


def _hoped(grid: Grid, pair: Pair, said: Expected, before: Bools) -> Floats:
    """The whole that each unit's past leads one to expect of the told slots."""
    _, n0 = pair.totals(before)
    weight = [
        np.where(np.isfinite(pair.n[:, part]), said.factor[part], 0.0).sum(axis=1)
        for part in (before, grid.told)
    ]
    return np.asarray(n0 * weight[1] / np.maximum(weight[0], 1e-9))


def _shrank(grid: Grid, pair: Pair, said: Expected, hoped: Floats, before: Bools) -> Floats:
    """1 ÷ how much likelier the year is of a list that people were left off than of an honest one: no honest list has
    less more often than it says (Markov). 1 where the whole or the share did not move that way, NaN where the past is too
    short."""
    (x0, n0), (x1, n1) = pair.totals(before), pair.totals(grid.told)
    likelier = _fewer(n0, n1, hoped) + _served(moved(grid, settle(grid, x0, n0), x1, n1), x1, n1)
    likelier = likelier + _planned(pair.n[:, grid.told], said.factor[grid.told])
    way = (n1 < hoped) & (x1 * n0 >= x0 * n1)
    return np.where(n0 >= LISTED, np.where(way, bound(likelier), 1.0), np.nan)


def _fewer(n0: Floats, n1: Floats, hoped: Floats) -> Floats:
    """log of how much likelier n1 is where a part of the list was KEPT than where all of it was."""
    chance_of = 1 / np.maximum(n0, 1)
    # Units wander from year to year beyond what counts do: how much, their middle says.
    shift, some = np.log((n1 + 1) / (hoped + 1)), n0 > 0
    wander = (np.nanmedian(np.abs(shift[some])) / 0.6745) ** 2 if some.any() else 0.0
    counts = np.median(chance_of[some] + 1 / (hoped[some] + 1)) if some.any() else 0.0
    size = 1 / (chance_of + max(wander - counts, 0.0))
    mean = np.maximum(hoped, 1e-9)
    logs = [n1 * np.log(kept) - (size + n1) * np.log((size + kept * mean) / (size + mean)) for kept in KEPT]
    return mixed_ratio(logs)


def _served(was: Settled, x: Floats, n: Floats) -> Floats:
    """log of how much likelier x of n are served where so many of those missed were LEFT on the list."""
    a, b = was.ab
    honest = special.betaln(a + x, b + n - x) - special.betaln(a, b)
    logs = []
    for left in LEFT:
        less, more = left * b, a + (1 - left) * b
        logs.append(special.betaln(more + x, less + n - x) - special.betaln(more, less) - honest)
    return mixed_ratio(logs)


def _planned(counts: Floats, factor: Floats) -> Floats:
    """log of how much likelier so small a spread from slot to slot is where figures were made than where counted."""
    known = np.isfinite(counts)
    each = np.where(known, factor[None, :], 0.0)
    mean = each * (np.nansum(counts, axis=1) / np.maximum(each.sum(axis=1), 1e-9))[:, None]
    apart = np.where(mean > 0, (np.nan_to_num(counts) - mean) ** 2 / np.maximum(mean, 1e-9), 0.0).sum(axis=1)
    free = np.maximum(known.sum(axis=1) - 1, 0)
    return mixed_ratio([-free / 2 * np.log(spread) - apart / 2 * (1 / spread - 1) for spread in SPREAD])


def fisher(*chances: Floats) -> Floats:
    """Chance of so small a product of independent chances (Fisher 1932)."""
    logs = np.sum([np.log(np.maximum(each, 1e-300)) for each in chances], axis=0)
    return np.asarray(special.gammaincc(len(chances), -logs))
