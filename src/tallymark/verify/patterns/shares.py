"""Parts of wholes: shares that never miss a target, bunch just above it, stay perfect, or rise as their base shrinks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tallymark.programme.resolved import Share
from tallymark.statistics import bunching_of_shares, count_tails, share_dispersion
from tallymark.verify.patterns.expected import Expected
from tallymark.verify.patterns.grid import Grid
from tallymark.verify.patterns.odd import Bearable, Odd

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
PERFECT_SLOTS = 4
SURE = 1e-3
FEW_BELOW = 0.4
"""Slots under the target, over what was expected: below this the target is never missed."""
EXACT = 1e-9


@dataclass(frozen=True, slots=True)
class Pair:
    """Counts of a part and its whole (units, slots), NaN where either is missing or they do not fit."""

    x: Floats
    n: Floats


def pair_of(grid: Grid, share: Share) -> Pair:
    """The counts of a share."""
    x, n = grid.item(share.part), grid.item(share.of)
    known = np.isfinite(x) & np.isfinite(n) & (x >= 0) & (x <= n) & (n > 0)
    return Pair(np.where(known, x, np.nan), np.where(known, n, np.nan))


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


def _totals(pair: Pair, slots: Bools) -> tuple[Floats, Floats]:
    return np.nansum(pair.x[:, slots], axis=1), np.nansum(pair.n[:, slots], axis=1)


def perfect(grid: Grid, share: Share, pair: Pair, *, bear: Bearable) -> Iterator[Odd]:
    """Units with nothing missed in any slot where other units miss some: B(a + n, b) ÷ B(a, b)."""
    x, n = _totals(pair, grid.told)
    slots = np.isfinite(pair.x[:, grid.told]).sum(axis=1)
    if not (n > 0).any() or x.sum() == n.sum():
        return
    a, b = beta_of(x, n)
    whole = (x == n) & (slots >= PERFECT_SLOTS)
    logs = special.betaln(a + n, b) - special.betaln(a, b)
    chance = np.where(slots >= PERFECT_SLOTS, np.where(whole, np.exp(logs), 1.0), np.nan)
    for unit in np.flatnonzero(bear.taken("perfect", chance)).tolist():
        values = {
            "of_item": share.of,
            "n": int(n[unit]),
            "slots": int(slots[unit]),
            "usual": float(x.sum() / n.sum()),
        }
        told = tuple(np.array(grid.slots)[grid.told & np.isfinite(pair.x[unit])])
        yield Odd(
            "perfect", grid.dataset, grid.units[unit], grid.window, share.part, float(chance[unit]), float(n[unit]),
            values, told,
        )  # fmt: skip


def above_target(grid: Grid, share: Share, pair: Pair, *, bear: Bearable) -> Iterator[Odd]:
    """Units, and all units below one parent, that hardly ever fall short of the target although their past, and what
    moved everybody, leads one to expect it."""
    past = ~grid.told & (np.arange(len(grid.slots)) < int(grid.told.argmax()))
    if share.target is None or not share.helps or past.sum() < PERFECT_SLOTS:
        return
    usual = _chance_below(grid, pair, past, share.target)
    x, n = pair.x[:, grid.told], pair.n[:, grid.told]
    below = np.where(np.isfinite(x), x < np.ceil(share.target * n - EXACT), 0).astype(float)
    known = np.isfinite(usual)
    seen, hoped = below.sum(axis=1), np.where(known, usual, 0.0).sum(axis=1)
    parent = grid.parent
    groups = [(grid.units[at], np.array([at])) for at in range(len(grid.units))]
    groups += [
        (code, np.flatnonzero(parent == at))
        for at, code in enumerate(grid.parents)
        if (parent == at).sum() > 2
    ]
    size = np.array([hoped[members].sum() for _, members in groups])
    fell = np.array([seen[members].sum() for _, members in groups])
    chance = np.where(size > 0, special.pdtr(fell, np.maximum(size, 1e-9)), np.nan)
    few = fell <= FEW_BELOW * size
    taken = bear.taken("above_target", np.where(few | np.isnan(chance), chance, 1.0))
    for at in np.flatnonzero(taken).tolist():
        code, members = groups[at]
        values = {
            "of_item": share.of, "target": share.target, "below": int(fell[at]), "usual": float(size[at]),
            "reports": int(known[members].sum()),
        }  # fmt: skip
        told = tuple(np.array(grid.slots)[grid.told])
        yield Odd(
            "above_target", grid.dataset, code, grid.window, share.part, float(chance[at]),
            float((fell[at] + 0.5) / (size[at] + 0.5)), values, told, tuple(grid.units[m] for m in members),
        )  # fmt: skip


def _chance_below(grid: Grid, pair: Pair, past: Bools, target: float) -> Floats:
    """For each told cell the chance of falling short of the target, from the unit's past and everybody's move."""
    x0, n0 = _totals(pair, past)
    x1, n1 = _totals(pair, grid.told)
    a, b = beta_of(x0, n0)
    mean = (a + x0) / (a + b + n0)
    # What moved everybody, by the middle unit, so that a few can't move it.
    own = (x1 + 0.5) / (n1 + 1)
    moved = (
        np.nanmedian(np.where(n1 > 0, special.logit(own) - special.logit(mean), np.nan))
        if (n1 > 0).any()
        else 0.0
    )
    mean = special.expit(special.logit(mean) + max(float(moved), 0.0))
    sure = a + b + n0
    n = pair.n[:, grid.told]
    needed = np.ceil(target * np.where(np.isfinite(n), n, 1.0) - EXACT)
    return np.where(
        np.isfinite(n),
        _beta_binomial_below(needed, n, (mean * sure)[:, None], ((1 - mean) * sure)[:, None]),
        np.nan,
    )


def _beta_binomial_below(needed: Floats, n: Floats, a: Floats, b: Floats) -> Floats:
    """P(X < needed) of a beta-binomial, by the binomial with the mean share and a normal for its spread."""
    p = a / (a + b)
    spread = np.sqrt(a * b / ((a + b) ** 2 * (a + b + 1)))
    nodes = np.array([-1.7320508, 0.0, 1.7320508])
    weights = np.array([1 / 6, 2 / 3, 1 / 6])
    safe = np.where(np.isfinite(n), n, 1.0)
    parts = [
        weight * special.bdtr(np.maximum(needed - 1, 0), safe, np.clip(p + node * spread, 1e-6, 1 - 1e-6))
        for node, weight in zip(nodes, weights, strict=True)
    ]
    return np.where(needed <= 0, 0.0, np.asarray(sum(parts)))


def bunched(grid: Grid, share: Share, pair: Pair) -> Iterator[Odd]:
    """More units just above the target, and fewer just below, than a smooth spread of shares has."""
    if share.target is None or not share.helps:
        return
    x, n = _totals(pair, grid.told)
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
    told = tuple(np.array(grid.slots)[grid.told])
    just = (
        (n > 0)
        & (x >= np.ceil(share.target * n - EXACT))
        & (x <= np.ceil(share.target * n - EXACT) + np.sqrt(n) / 2)
    )
    yield Odd(
        "bunched", grid.dataset, "", grid.window, share.part, float(found.p), float(found.ratio), values, told,
        tuple(grid.units[at] for at in np.flatnonzero(just)),
    )  # fmt: skip


def even_shares(grid: Grid, share: Share, pair: Pair, *, bear: Bearable) -> Iterator[Odd]:
    """Shares that vary less from slot to slot than shares of so many must."""
    x, n = pair.x[:, grid.told], pair.n[:, grid.told]
    found = share_dispersion(x, n)
    chance = np.where(np.isfinite(x).sum(axis=1) >= 6, found.p_low, np.nan)
    for unit in np.flatnonzero(bear.taken("even_shares", chance)).tolist():
        mean = float(np.nansum(x[unit]) / np.nansum(n[unit]))
        values = {
            "of_item": share.of,
            "ratio": float(found.ratio[unit]),
            "slots": int(found.n[unit]),
            "mean": mean,
        }
        told = tuple(np.array(grid.slots)[grid.told])
        yield Odd(
            "even_shares", grid.dataset, grid.units[unit], grid.window, share.part, float(chance[unit]),
            float(found.ratio[unit]), values, told,
        )  # fmt: skip


def shrinking(
    grid: Grid, share: Share, pair: Pair, expected: Mapping[str, Expected], *, bear: Bearable
) -> Iterator[Odd]:
    """The whole falls below its own past while the share of the part does not fall: the chance of so small a whole, or
    Fisher's product of it with that of so high a share, whichever is smaller (half the honest units don't fall)."""
    first = int(grid.told.argmax())
    before = ~grid.told & (np.arange(len(grid.slots)) < first)
    if before.sum() < PERFECT_SLOTS or share.of not in expected or not share.helps:
        return
    said = expected[share.of]
    x0, n0 = _totals(pair, before)
    x1, n1 = _totals(pair, grid.told)
    weight = [
        np.where(np.isfinite(pair.n[:, part]), said.factor[part], 0.0).sum(axis=1)
        for part in (before, grid.told)
    ]
    hoped = n0 * weight[1] / np.maximum(weight[0], 1e-9)
    chance_of = 1 / np.maximum(n0, 1)
    # Units wander from year to year beyond what counts do: how much, their middle says.
    moved = np.log((n1 + 1) / (hoped + 1))
    some = n0 > 0
    wander = (np.nanmedian(np.abs(moved[some])) / 0.6745) ** 2 if some.any() else 0.0
    counts = np.median(chance_of[some] + 1 / (hoped[some] + 1)) if some.any() else 0.0
    fewer, more = count_tails(n1, hoped, dispersion=chance_of + max(wander - counts, 0.0))
    fewer = fewer - np.maximum(fewer + more - 1, 0.0) / 2
    pooled = (x0 + x1) / np.maximum(n0 + n1, 1)
    spread = np.sqrt(
        np.maximum(pooled * (1 - pooled), 1e-6) * (1 / np.maximum(n0, 1) + 1 / np.maximum(n1, 1))
    )
    rise = x1 / np.maximum(n1, 1) - x0 / np.maximum(n0, 1)
    higher = special.ndtr(-rise / spread)
    both = (fewer <= 0.05) & (rise >= 0) & (n0 >= 20)
    product = np.maximum(fewer * higher, 1e-300)
    least = np.minimum(fewer, product * (1 - np.log(product)))
    chance = np.where(n0 >= 20, np.where(both, least, 1.0), np.nan)
    for unit in np.flatnonzero(bear.taken("shrinking", chance)).tolist():
        values = {
            "of_item": share.of, "before": float(hoped[unit]), "now": float(n1[unit]),
            "share_before": float(x0[unit] / n0[unit]), "share_now": float(x1[unit] / max(n1[unit], 1)),
        }  # fmt: skip
        told = tuple(np.array(grid.slots)[grid.told])
        yield Odd(
            "shrinking", grid.dataset, grid.units[unit], grid.window, share.part, float(chance[unit]),
            float(n1[unit] / hoped[unit]), values, told,
        )  # fmt: skip
