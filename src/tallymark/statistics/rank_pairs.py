"""Differences of all pairs of units at once: the critical value by simulation, without a table of pairs.

A pair's difference in a draw is a·z_j − b·z_k with a² + b² = 1, so it is at most √(z_j² + z_k²) (Cauchy–Schwarz):
only units that were drawn far from their mean can make a large one. Pairs are looked for among those, and the
critical value depends on nothing else; memory grows with the number of units, not of pairs.

Of many units only those far ones are drawn at all, with their own probability and distribution; a draw in which one
lies so far out that nearer ones matter, too, gets all the others as well. Nothing is approximated by that.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DRAWS = 10_000
"""Draws of a simulation."""
BLOCK = 2_000_000
"""Numbers drawn at a time."""
WORTH = 0.1
"""Where no more than this share of the numbers has to be drawn, the others are left out."""
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


def simulated(errors: Floats, looked_at: float, *, seed: int, draws: int = DRAWS) -> Simulation:
    """Draws of units with these errors, and the differences among them of which about `looked_at` a draw are expected."""
    n = len(errors)
    share = min(looked_at / max(1, n * (n - 1)), 0.5)
    floor = max(float(-special.ndtri(share)), 0.0)
    found = [
        _pairs(noise, errors, floor)
        for noise in (_far if _cutoff(n, floor) > 0 else _all)(n, draws, floor, seed)
    ]
    return Simulation(Pairs(*(np.concatenate(column) for column in zip(*found, strict=True))), draws, floor)


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


class Noise(NamedTuple):
    """Standard normal numbers of some draws in their order: all that can make a large difference, and perhaps more."""

    draw: Ints
    unit: Ints
    z: Floats


def _all(n: int, draws: int, floor: float, seed: int) -> Iterator[Noise]:
    """Every unit in every draw, some draws at a time; the same whatever the size of blocks."""
    source = np.random.default_rng(seed)
    rows = max(1, BLOCK // max(1, n))
    for start in range(0, draws, rows):
        some = min(rows, draws - start)
        z = source.standard_normal((some, n)).ravel()
        yield Noise(np.repeat(np.arange(start, start + some), n), np.tile(np.arange(n), some), z)


def _cutoff(n: int, floor: float) -> float:
    """How far out a unit has to be drawn to be needed in most draws: where least is drawn; 0 where that is not little."""
    at = np.linspace(0.0, floor, 201)
    rest = n * 2 * special.ndtr(-np.sqrt(floor**2 - at**2))
    cost = 2 * special.ndtr(-at) + np.minimum(rest, 1.0)
    best = int(np.argmin(cost))
    return float(at[best]) if cost[best] <= WORTH else 0.0


def _far(n: int, draws: int, floor: float, seed: int) -> Iterator[Noise]:
    """Units drawn beyond the cutoff: each cell of draws × units with its probability; and draws that need all, whole."""
    source, cutoff = np.random.default_rng(seed), _cutoff(n, floor)
    tail = float(special.ndtr(-cutoff))
    rows = max(1, int(BLOCK / max(1.0, 2 * tail * n)))
    for start in range(0, draws, rows):
        cells = min(rows, draws - start) * n
        draw, unit = np.divmod(_chosen(source, cells, 2 * tail), n)
        z = special.ndtri(tail * (1.0 - source.random(len(draw)))) * source.choice((-1.0, 1.0), len(draw))
        needy = np.unique(draw[z**2 > floor**2 - cutoff**2])
        rest_draw, rest_unit = _others(n, needy, draw, unit)
        near = special.ndtri(tail + (1 - 2 * tail) * source.random(len(rest_draw)))
        draw, unit, z = (np.concatenate(two) for two in ((draw, rest_draw), (unit, rest_unit), (z, near)))
        order = np.argsort(draw, kind="stable")
        yield Noise(draw[order] + start, unit[order], z[order])


def _chosen(source: np.random.Generator, cells: int, share: float) -> Ints:
    """Places of 0 … cells − 1 of which each is chosen with probability `share` by itself: steps between are geometric."""
    likely = int(cells * share + 8 * np.sqrt(cells * share) + 16)
    places = np.cumsum(source.geometric(share, likely)) - 1
    while places[-1] < cells:
        places = np.concatenate([places, places[-1] + np.cumsum(source.geometric(share, likely))])
    return np.asarray(places[: np.searchsorted(places, cells)], np.int64)


def _others(n: int, needy: Ints, draw: Ints, unit: Ints) -> tuple[Ints, Ints]:
    """Draw and unit of all who were not drawn beyond the cutoff, in some draws."""
    lacking = np.ones((len(needy), n), bool)
    mine = np.flatnonzero(np.isin(draw, needy))
    lacking[np.searchsorted(needy, draw[mine]), unit[mine]] = False
    row, column = np.nonzero(lacking)
    return needy[row], column


def _pairs(noise: Noise, errors: Floats, floor: float) -> Pairs:
    parts = (_opposite(noise, errors, floor), _extreme(noise, errors, floor))
    return Pairs(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _opposite(noise: Noise, errors: Floats, floor: float) -> Pairs:
    """Pairs of a unit drawn above its mean and one drawn below, with a difference of `floor` or more.

    In each draw those below are sorted, furthest first; the partners of one above are the first so many.
    """
    first, many = np.unique(noise.draw, return_index=True, return_counts=True)[1:]
    peak = np.maximum.reduceat(np.abs(noise.z), first) if len(first) else np.zeros(0)
    reach = np.repeat(np.sqrt(np.maximum(floor**2 - peak**2, 0.0)), many)
    high, low = ((sign * noise.z >= reach) & (sign * noise.z > 0) for sign in (1, -1))
    above, below = (Noise(noise.draw[some], noise.unit[some], noise.z[some]) for some in (high, low))
    key = below.draw * FURTHEST + (FURTHEST + below.z)
    order = np.argsort(key, kind="stable")
    key, unit, far = key[order], below.unit[order], below.z[order]
    need = np.sqrt(np.maximum(floor**2 - above.z**2, 0.0))
    start = np.searchsorted(key, above.draw * FURTHEST, "left")
    end = np.searchsorted(key, (above.draw + 1) * FURTHEST - need + 1e-6, "right")
    at, partner = _ragged(start, end)
    drawn = above.z[at], far[partner]
    return _kept(above.draw[at], (above.unit[at], unit[partner]), drawn, errors, floor)


def _ragged(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """(i, p) for every p from first[i] to last[i] − 1."""
    many = np.maximum(last - first, 0)
    at = np.repeat(np.arange(len(first)), many)
    return at, np.arange(len(at)) - np.repeat(np.cumsum(many) - many, many) + first[at]


def _extreme(noise: Noise, errors: Floats, floor: float) -> Pairs:
    """Pairs of a unit drawn further out than the floor with any other on its side: of those draws all units are there."""
    far = np.flatnonzero(np.abs(noise.z) >= floor)
    first = np.searchsorted(noise.draw, noise.draw[far], "left")
    at, other = _ragged(first, np.searchsorted(noise.draw, noise.draw[far], "right"))
    one = far[at]
    up = noise.z[one] > 0
    same = (noise.z[other] > 0) == up
    one, other, up = one[same], other[same], up[same]
    above, below = np.where(up, one, other), np.where(up, other, one)
    units, drawn = (noise.unit[above], noise.unit[below]), (noise.z[above], noise.z[below])
    return _kept(noise.draw[one], units, drawn, errors, floor)


def _kept(
    draw: Ints, units: tuple[Ints, Ints], drawn: tuple[Floats, Floats], errors: Floats, floor: float
) -> Pairs:
    above, below = units
    spread = np.hypot(errors[above], errors[below])
    difference = errors[above] * drawn[0] - errors[below] * drawn[1]
    size = np.divide(difference, spread, out=np.full(len(spread), -np.inf), where=spread > 0)
    keep = (size >= floor) & (above != below)
    return Pairs(draw[keep], above[keep], below[keep], size[keep])
