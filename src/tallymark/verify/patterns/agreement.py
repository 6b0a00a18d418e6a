"""How surprising it is that a report agrees with an earlier one, given what its figures were expected to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tallymark.verify.patterns.expected import Expected
from tallymark.verify.patterns.grid import Grid
from tallymark.verify.patterns.shares import Pair

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
STEP, MOST = 0.25, 12.0
"""Evidence (−log chance) is counted in steps, and at most so much an item."""
LEAST = 1e-9


def chances(grid: Grid, expected: Mapping[str, Expected], pairs: Sequence[Pair], lag: int) -> Floats:
    """Chance that each told figure is what its unit reported `lag` slots before (units, told slots from `lag`, items).

    Counts as expected; a part whose whole is the same, too, binomial given the whole. An item that agrees with itself
    more often than that (a number of meetings) does so by habit: its chances are raised to what is usual. 1 where
    nothing can be said, NaN where either is missing.
    """
    slots = np.flatnonzero(grid.told & (np.arange(len(grid.slots)) >= lag))
    now, then = grid.values[:, slots], grid.values[:, slots - lag]
    known = np.isfinite(now) & np.isfinite(then)
    found = np.ones(now.shape)
    for at, name in enumerate(grid.items):
        said = expected.get(name)
        if said is None or said.intermittent:
            continue
        just = said.just(np.where(known[:, :, at], then[:, :, at], np.nan), slots)
        found[:, :, at] = np.nan_to_num(np.maximum(just, LEAST), nan=1.0)
    for pair in pairs:
        whole, part = (grid.items.index(name) for name in (pair.share.of, pair.share.part))
        same = known[:, :, whole] & (now[:, :, whole] == then[:, :, whole])
        given = _given_whole(pair, then[:, :, part], then[:, :, whole])
        found[:, :, part] = np.where(same, given, found[:, :, part])
    found[:, :, ~grid.counted()] = 1.0  # a rate is the same when its counts are: no evidence of its own
    same = (known & (now == then)).sum(axis=(0, 1))
    hoped = np.where(known, found, 0.0).sum(axis=(0, 1))
    raised = np.minimum(found * np.maximum((same + 1) / (hoped + 1), 1.0), 1.0)
    return np.where(known, raised, np.nan)


def _given_whole(pair: Pair, x: Floats, n: Floats) -> Floats:
    """Chance of just this part of a whole, with the unit's own share."""
    served, asked = (np.nansum(part, axis=1) for part in (pair.x, pair.n))
    p = ((served + 1) / (asked + 2))[:, None]
    fits = np.isfinite(x) & np.isfinite(n) & (x >= 0) & (x <= n)
    x, n = np.where(fits, x, 0.0), np.where(fits, n, 0.0)
    logs = special.gammaln(n + 1) - special.gammaln(x + 1) - special.gammaln(n - x + 1)
    chance = np.exp(logs + special.xlogy(x, p) + special.xlog1py(n - x, -p))
    return np.asarray(np.where(fits, np.maximum(chance, LEAST), 1.0))


def surprise_of(chance: Floats, same: Bools, *, step: float = STEP) -> Floats:
    """Of rows (rows, items): chance that items agree whose evidence Σ −log chance is as large as that of those which do.

    Exact for evidence in steps: the distribution of a sum of independent parts, each 0 or its own evidence.
    """
    each = np.where(np.isfinite(chance), chance, 1.0)
    weight = np.floor(np.minimum(-np.log(np.maximum(each, 1e-300)), MOST) / step).astype(np.int64)
    total = np.where(same & np.isfinite(chance), weight, 0).sum(axis=1)
    bins = np.arange(int(total.max(initial=0)) + 1)
    spread = np.zeros((len(each), len(bins)))
    spread[:, 0] = 1.0
    for at in range(each.shape[1]):
        # The last bin gathers all that is beyond; it needs no more than 1 − the sum of the others.
        back = bins[None, :] - weight[:, at : at + 1]
        shifted = np.where(back >= 0, np.take_along_axis(spread, np.maximum(back, 0), axis=1), 0.0)
        spread = spread * (1 - each[:, at : at + 1]) + shifted * each[:, at : at + 1]
    below = np.where(bins[None, :] < total[:, None], spread, 0.0).sum(axis=1)
    # Below 1e-12 the sum has no digits left: there the product of the chances, which is never too small, stands in.
    logs = np.where(same & np.isfinite(chance), np.log(np.maximum(each, 1e-300)), 0.0).sum(axis=1)
    return np.asarray(np.where(1 - below > 1e-12, 1 - below, np.exp(np.maximum(logs, -600))))
