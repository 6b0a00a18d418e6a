"""What share of its cases a unit may be expected to serve: its own past, drawn towards its parent's and that of all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tallymark.verify.patterns.grid import Grid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LEAST_ALIKE, MOST_ALIKE = 5e-4, 0.9
NODES = (0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95)
"""Quantiles at which a beta distribution is read, each standing for a tenth of it."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Each unit's share as a beta distribution: mean and size (a + b); (units,)."""

    mean: Floats
    size: Floats

    @property
    def ab(self) -> tuple[Floats, Floats]:
        """Its two parameters."""
        return self.mean * self.size, (1 - self.mean) * self.size

    def nodes(self) -> Floats:
        """Shares that stand for a tenth of the distribution each (nodes, units)."""
        a, b = self.ab
        shares = np.stack([special.betaincinv(a, b, at) for at in NODES])
        return np.asarray(np.clip(shares, 1e-9, 1 - 1e-9))

    def all_of(self, n: Floats) -> Floats:
        """Chance that nobody of n is missed: B(a + n, b) ÷ B(a, b)."""
        a, b = self.ab
        return np.asarray(np.exp(special.betaln(a + n, b) - special.betaln(a, b)))

    def at_least(self, x: Floats, n: Floats) -> Floats:
        """Chance that x or more of n are served; half of what is exactly x (mid-p)."""
        p = self.nodes()
        here = np.where(x > 0, special.bdtrc(np.maximum(x - 1, 0), n, p), 1.0)
        above = np.where(x < n, special.bdtrc(np.minimum(x, np.maximum(n - 1, 0)), n, p), 0.0)
        return np.asarray((here + above).mean(axis=0) / 2)

    def never_below(self, needed: Floats, n: Floats) -> Floats:
        """Chance that no slot falls short of what is needed of n (units, slots); slots without a number can't."""
        return np.asarray((1 - self._short(needed, n)).prod(axis=2).mean(axis=0))

    def below(self, needed: Floats, n: Floats) -> Floats:
        """Chance of each slot to fall short (units, slots); NaN without a number."""
        return np.where(np.isfinite(n), self._short(needed, n).mean(axis=0), np.nan)

    def _short(self, needed: Floats, n: Floats) -> Floats:
        """Chance of each slot to fall short at each node (nodes, units, slots); 0 without a number."""
        able = np.isfinite(n) & (needed > 0)
        p = np.broadcast_to(self.nodes()[:, :, None], (len(NODES), *n.shape))
        every = able & (needed == n)  # nobody may be missed: 1 − pⁿ, and no need of the slower sum
        found = np.where(every, 1 - p ** np.where(every, n, 0.0), 0.0)
        some = able & ~every
        found[:, some] = special.bdtr(needed[some] - 1, n[some], p[:, some])
        return found

    def without(self, x: Floats, n: Floats) -> Settled:
        """What the others say, when x of n are the unit's own."""
        a, b = self.ab
        left = np.maximum(a - x, 1e-6), np.maximum(b - (n - x), 1e-6)
        return Settled(left[0] / (left[0] + left[1]), left[0] + left[1])


def settle(grid: Grid, x: Floats, n: Floats) -> Settled:
    """From cases served x of n in the past (units,): beta-binomial at two levels, parents among all and units below them.

    How alike units are is estimated by moments (Kleinman 1973), first between parents, then within.
    """
    parent = np.where(grid.parent < 0, len(grid.parents), grid.parent)
    above = [
        np.bincount(parent, weights=part, minlength=len(grid.parents) + 1).astype(float) for part in (x, n)
    ]
    every = np.full(len(above[0]), np.clip(x.sum() / max(n.sum(), 1e-9), 1e-4, 1 - 1e-4))
    tight = _size(above[0], above[1], every)
    of_parent = (every * tight + above[0]) / (tight + above[1])
    centre = np.clip(of_parent[parent], 1e-4, 1 - 1e-4)
    close = _size(x, n, centre)
    return Settled((centre * close + x) / (close + n), close + n)


def _size(x: Floats, n: Floats, centre: Floats) -> float:
    """a + b of true shares around what they are drawn to."""
    use = n > 0
    if use.sum() < 3:
        return 2.0
    x, n, centre = x[use], n[use], centre[use]
    spread = centre * (1 - centre)
    squares = float((n * (x / n - centre) ** 2 / spread).sum())
    free = float(n.sum() - (n**2).sum() / n.sum())
    alike = (squares - (len(n) - 1)) / max(free - (len(n) - 1), 1e-9)
    alike = float(np.clip(alike, LEAST_ALIKE, MOST_ALIKE))
    return (1 - alike) / alike


def moved(grid: Grid, was: Settled, x: Floats, n: Floats) -> Settled:
    """The same after what has moved everybody upwards since: the middle parent's change of the logit (of all, without
    three parents), so that a few cannot move it."""
    parent = np.where(grid.parent < 0, len(grid.parents), grid.parent)
    hoped, seen, number = (
        np.bincount(parent, weights=part, minlength=len(grid.parents) + 1) for part in (was.mean * n, x, n)
    )
    use = number > 0
    if use.sum() < 3:
        hoped, seen, number = (part.sum(keepdims=True) for part in (hoped, seen, number))
        use = number > 0
    if not use.any():
        return was
    change = [special.logit((part[use] + 0.5) / (number[use] + 1)) for part in (seen, hoped)]
    up = max(float(np.median(change[0] - change[1])), 0.0)
    return Settled(special.expit(special.logit(was.mean) + up), was.size)
