"""Differences of all pairs of units at once: the critical value by simulation, without a table of pairs.

A pair's difference in a draw is a·z_j − b·z_k with a² + b² = 1, so it is at most √(z_j² + z_k²) (Cauchy–Schwarz):
only units that were drawn far from their mean can make a large one. Pairs are looked for among those, and the
critical value depends on nothing else; memory grows with the number of units, not of pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DRAWS = (1_000, 10_000)
"""Fewest and most draws of a simulation; between them what keeps units × draws at WORK."""
WORK = 20_000_000
BLOCK = 2_000_000
"""Numbers drawn at a time."""
LOOKED_AT = 40.0
"""Pairs a draw that are looked at, times the error allowed; more where the critical value lies lower."""
FURTHEST = 16.0
"""No standard normal number is drawn further out than this."""


class Pairs(NamedTuple):
    """Large simulated differences: in which draw, of which unit above which."""

    draw: Ints
    above: Ints
    below: Ints
    size: Floats


def critical_value(values: Floats, errors: Floats, level: float, *, seed: int, stepdown: bool) -> float:
    """What the largest standardised difference among the open pairs stays below with probability `level`.

    Step by step, pairs found to differ by more are taken out and the value is computed from the others,
    until none is taken out (Romano and Wolf 2005, applied to ranks by Mogstad et al. 2024).
    """
    looked_at = LOOKED_AT * (1 - level)
    while True:
        found = settled(values, errors, level, simulated(errors, looked_at, seed=seed), stepdown=stepdown)
        if found is not None:
            return found
        looked_at *= 8


class Simulation(NamedTuple):
    """The large differences of so many draws, all that are at least `floor`."""

    pairs: Pairs
    draws: int
    floor: float


def simulated(errors: Floats, looked_at: float, *, seed: int) -> Simulation:
    """Draws of units with these errors, and the differences among them of which about `looked_at` a draw are expected."""
    n = len(errors)
    draws = min(max(WORK // max(1, n), DRAWS[0]), DRAWS[1])
    share = min(looked_at / max(1, n * (n - 1)), 0.5)
    floor = max(float(-special.ndtri(share)), 0.0)
    return Simulation(_gathered(errors, draws, floor, seed), draws, floor)


def settled(
    values: Floats, errors: Floats, level: float, simulation: Simulation, *, stepdown: bool
) -> float | None:
    """The critical value; None where it lies below the floor of the pairs that were gathered."""
    pairs, draws, floor = simulation
    spread = np.hypot(errors[pairs.above], errors[pairs.below])
    distance = (values[pairs.above] - values[pairs.below]) / spread
    critical = np.inf
    while True:
        largest = np.full(draws, floor)
        still = distance <= critical
        np.maximum.at(largest, pairs.draw[still], pairs.size[still])
        if floor > 0 and np.partition(largest, _order(draws, level))[_order(draws, level)] <= floor:
            return None
        lower = float(np.quantile(largest, level))
        if not stepdown or lower >= critical:
            return lower
        critical = lower


def _order(draws: int, level: float) -> int:
    """The lower of the two order statistics that the quantile lies between."""
    return int(np.floor(level * (draws - 1)))


def _gathered(errors: Floats, draws: int, floor: float, seed: int) -> Pairs:
    found = [
        Pairs(part.draw + start, part.above, part.below, part.size)
        for start, noise in _noise(len(errors), draws, seed)
        for part in (_opposite(noise, errors, floor), _extreme(noise, errors, floor))
    ]
    return Pairs(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _noise(n: int, draws: int, seed: int) -> Iterator[tuple[int, Floats]]:
    """Standard normal numbers, draws × units, block by block; the same whatever the size of blocks."""
    source = np.random.default_rng(seed)
    rows = max(1, BLOCK // max(1, n))
    for start in range(0, draws, rows):
        yield start, source.standard_normal((min(rows, draws - start), n))


def _opposite(noise: Floats, errors: Floats, floor: float) -> Pairs:
    """Pairs of a unit drawn above its mean and one drawn below, with a difference of `floor` or more.

    In each draw those below are sorted, furthest first; the partners of one above are the first so many.
    """
    peak = np.abs(noise).max(axis=1, initial=0.0)
    reach = np.sqrt(np.maximum(floor**2 - peak**2, 0.0))[:, None]
    high_draw, high = np.nonzero((noise >= reach) & (noise > 0))
    low_draw, low = np.nonzero((noise <= -reach) & (noise < 0))
    key = low_draw * FURTHEST + (FURTHEST + noise[low_draw, low])
    order = np.argsort(key, kind="stable")
    key, low = key[order], low[order]
    need = np.sqrt(np.maximum(floor**2 - noise[high_draw, high] ** 2, 0.0))
    first = np.searchsorted(key, high_draw * FURTHEST, "left")
    last = np.searchsorted(key, (high_draw + 1) * FURTHEST - need + 1e-6, "right")
    at, partner = _ragged(first, last)
    draw, above, below = high_draw[at], high[at], low[partner]
    return _kept(draw, above, below, noise, errors, floor)


def _ragged(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """(i, p) for every p from first[i] to last[i] − 1."""
    many = np.maximum(last - first, 0)
    at = np.repeat(np.arange(len(first)), many)
    return at, np.arange(len(at)) - np.repeat(np.cumsum(many) - many, many) + first[at]


def _extreme(noise: Floats, errors: Floats, floor: float) -> Pairs:
    """Pairs of a unit drawn further out than the floor with any other: their signs need not differ."""
    draw, unit = np.nonzero(np.abs(noise) >= floor)
    n = noise.shape[1]
    up = noise[draw, unit] > 0
    other = np.tile(np.arange(n), len(unit))
    draw, unit, up = np.repeat(draw, n), np.repeat(unit, n), np.repeat(up, n)
    same = (noise[draw, other] > 0) == up
    draw, unit, other, up = draw[same], unit[same], other[same], up[same]
    return _kept(draw, np.where(up, unit, other), np.where(up, other, unit), noise, errors, floor)


def _kept(draw: Ints, above: Ints, below: Ints, noise: Floats, errors: Floats, floor: float) -> Pairs:
    spread = np.hypot(errors[above], errors[below])
    difference = errors[above] * noise[draw, above] - errors[below] * noise[draw, below]
    some = spread > 0
    size = np.divide(difference, spread, out=np.full(len(spread), -np.inf), where=some)
    keep = (size >= floor) & (above != below)
    return Pairs(draw[keep], above[keep], below[keep], size[keep])
