"""A month's part of its whole: larger than the whole, or a share far from the unit's own, which tells that one of the two
is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tallymark.programme.resolved import Share
from tallymark.verify.patterns.expected import Tails, tails_of
from tallymark.verify.patterns.grid import Grid
from tallymark.verify.patterns.odd import Bearable, Odd
from tallymark.verify.patterns.shares import Pair, beta_of

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
NEVER = 0.01
"""A part that exceeds its whole in a larger share of reports isn't one: people return in another month."""
LARGE = 400
SCREEN = 1.5
SCREENED = 5e-3
APART = 1.5


def over_whole(grid: Grid, share: Share) -> Iterator[Odd]:
    """Parts larger than their whole, where that hardly ever happens."""
    x, n = grid.item(share.part), grid.item(share.of)
    known = np.isfinite(x) & np.isfinite(n)
    over = known & (x > n)
    if not over.any() or over.sum() > max(NEVER * known.sum(), 1):
        return
    for unit, slot in np.argwhere(over & grid.told[None, :]).tolist():
        code = grid.slots[slot]
        values = {"of_item": share.of, "value": float(x[unit, slot]), "n": float(n[unit, slot])}
        yield Odd(
            "over_whole", grid.dataset, grid.units[unit], code, share.part, 0.0,
            float(x[unit, slot] - n[unit, slot]), values, (code,),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fit:
    """How a part of each slot fits its whole: chances of so small and so large a part, NaN where there is no pair."""

    pair: Pair
    tails: Tails
    a: Floats
    b: Floats
    """The unit's other slots, drawn to all units': parameters of its share."""
    empty: Bools
    """The whole is 0, and with it the part."""

    @property
    def mean(self) -> Floats:
        """The share that the unit's other slots lead one to expect."""
        return self.a / (self.a + self.b)


def fit_of(grid: Grid, pair: Pair) -> Fit:
    """Beta-binomial tails with the unit's other slots as past."""
    known = np.isfinite(pair.x)
    x, n = (np.where(known, part, 0.0) for part in (pair.x, pair.n))
    a, b = beta_of(x.sum(axis=1), n.sum(axis=1))
    ours = a + x.sum(axis=1, keepdims=True) - x
    others = b + (n - x).sum(axis=1, keepdims=True) - (n - x)
    empty = (grid.item(pair.share.of) == 0) & (grid.item(pair.share.part) == 0)
    return Fit(pair, _tails(known, x, n, (ours, others)), ours, others, empty)


def share_off(grid: Grid, fits: Sequence[Fit], *, bear: Bearable) -> Iterator[Odd]:
    """Shares of one slot far from what the unit's other slots lead one to expect: a figure of the two was mistyped, or
    one of them is not of this slot."""
    if not fits:
        return
    chance = np.stack([_off(grid, fit) for fit in fits], axis=2)
    cells = np.argwhere(chance <= SCREENED)
    own = chance[chance <= SCREENED]
    taken = bear.taken("share_off", own, tests=int(np.isfinite(chance).sum()))
    for (unit, slot, at), p in zip(cells[taken].tolist(), own[taken].tolist(), strict=True):
        pair, code, usual = fits[at].pair, grid.slots[slot], float(fits[at].mean[unit, slot])
        x, n = float(pair.x[unit, slot]), float(pair.n[unit, slot])
        values = {"of_item": pair.share.of, "value": x, "n": n, "expected": usual * n, "usual": usual}
        yield Odd(
            "share_off",
            grid.dataset,
            grid.units[unit],
            code,
            pair.share.part,
            p,
            x / n - usual,
            values,
            (code,),
        )


def _off(grid: Grid, fit: Fit) -> Floats:
    """Chances of shares so far off (units, slots); NaN where none is told."""
    chance = np.minimum(2 * np.fmin(fit.tails.low, fit.tails.high), 1.0)
    apart = np.abs(fit.pair.x - fit.mean * fit.pair.n) >= APART
    return np.where(grid.told[None, :], np.where(apart | ~np.isfinite(chance), chance, 1.0), np.nan)


def _tails(known: Bools, x: Floats, n: Floats, shape: tuple[Floats, Floats]) -> Tails:
    """Chances of so small and so large a part; 1 where it isn't far off, NaN where not known."""
    ours, others = shape
    mean = ours / (ours + others)
    size = np.maximum(n, 1)
    alike = 1 / (ours + others + 1)
    spread = np.sqrt(size * mean * (1 - mean) * (1 + (size - 1) * alike))
    far = known & (np.abs(x - n * mean) > SCREEN * spread)
    low, high = (np.where(known, 1.0, np.nan) for _ in range(2))
    at_most = beta_binomial(x[far], n[far], ours[far], others[far])
    below = beta_binomial(x[far] - 1, n[far], ours[far], others[far])
    # Half of what is exactly here belongs to each side (mid-p): small counts are no reason for silence.
    low[far], high[far] = (at_most + below) / 2, 1 - (at_most + below) / 2
    return tails_of(low, np.maximum(high, 0.0))


def beta_binomial(x: Floats, n: Floats, a: Floats, b: Floats) -> Floats:
    """P(X ≤ x) of beta-binomials; exact up to 400 in the whole, from there by a beta of the same mean and spread.

    Test: tests/unit/verify/test_patterns.py.
    """
    total = np.zeros(x.shape)
    exact = n <= LARGE
    top = int(x[exact].max(initial=-1.0))
    log_one = special.gammaln(n + 1) - special.betaln(a, b)
    for k in range(top + 1):
        rest = n - k
        logs = log_one - special.gammaln(k + 1) - special.gammaln(np.maximum(rest, 0) + 1)
        logs = logs + special.betaln(k + a, np.maximum(rest, 0) + b)
        total += np.where(exact & (k <= x) & (rest >= 0), np.exp(np.minimum(logs, 0.0)), 0.0)
    mean = a / (a + b)
    size = n * (a + b + 1) / (n + a + b) - 1
    wide = np.maximum(size, 1e-9)
    smooth = special.betainc(mean * wide, (1 - mean) * wide, np.clip((x + 0.5) / np.maximum(n, 1), 0.0, 1.0))
    return np.where(x < 0, 0.0, np.where(exact, np.minimum(total, 1.0), smooth))
