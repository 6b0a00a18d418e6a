"""Figures that were copied: rows that agree in more places than chance can explain, and values that never change."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tallymark.statistics.arguments import floats

Floats = NDArray[np.float64]
AT_ONCE = 20_000_000
"""Comparisons held in memory at a time."""


class Copies(NamedTuple):
    """Pairs of rows, most surprising first: which (first < second), in how many of how many places they agree, and how
    many would agree as much by chance among all that were compared."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    equal: NDArray[np.int64]
    compared: NDArray[np.int64]
    by_chance: Floats


class Runs(NamedTuple):
    """The longest run of equal values, where it starts, and the chance of so long a run in counts of that size."""

    length: NDArray[np.int64]
    start: NDArray[np.int64]
    p: Floats


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def copied_rows(
    values: ArrayLike, *, tolerance: int = 0, share: float = 0.8, most_by_chance: float = 0.01
) -> Copies:
    """Pairs of rows of counts (units × months, months × items, years × months) that agree too well to be independent.

    Two values agree when they differ by at most `tolerance`. For each pair with at least `share` of its places
    agreeing: the chance that independent Poisson counts of just these sizes agree there, Π P(|Y − Y'| ≤ tolerance)
    (Skellam 1946), times the ways to choose the places, times the number of pairs. Pairs that chance would give up to
    `most_by_chance` times are told. Real counts vary more than Poisson and agree less often, so this errs on the
    quiet side; zeros agree with zeros for nothing. Missing values are not compared. Shape: (rows, places) → pairs.
    Test: tests/unit/statistics/test_copies.py; false alarms: docs/methods/data-quality.md. Source: own.
    """
    x = floats(values)
    if x.ndim != 2:
        raise ValueError(f"values are rows of figures, not an array of shape {x.shape}")
    x = np.where(np.isfinite(x), x, np.nan)
    rows, places = x.shape
    found = [
        _pairs(x, start, stop, tolerance, share) for start, stop in _blocks(rows, max(1, AT_ONCE // max(1, rows *
        places)))
    ]  # fmt: skip
    first, second = (
        np.concatenate([part[at] for part in found]) if found else np.zeros(0, int) for at in (0, 1)
    )
    equal, compared, logs = _surprise(x[first], x[second], tolerance)
    by_chance = np.exp(np.minimum(logs + np.log(max(rows * (rows - 1) / 2, 1)), 700.0))
    told = np.flatnonzero(by_chance <= most_by_chance)
    told = told[np.lexsort((second[told], first[told], by_chance[told]))]
    return Copies(first[told], second[told], equal[told], compared[told], by_chance[told])


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def longest_runs(counts: ArrayLike) -> Runs:
    """The longest run of the same count in each series, and how likely chance makes one.

    p = min(1, (n − k + 1) × mᵏ⁻¹) for a run of k among n, m = P(two Poisson counts of that size agree): an upper bound.
    Runs of 0 are never surprising (p = 1). Missing values end a run. Shape: (…, n) → (…).
    Test: tests/unit/statistics/test_copies.py. Source: union bound over starts.
    """
    x = np.atleast_1d(floats(counts))
    n = x.shape[-1]
    if not n:
        nothing = np.zeros(x.shape[:-1], np.int64)
        return Runs(nothing, nothing, np.full(nothing.shape, np.nan))
    length = np.where(np.isfinite(x), 1, 0)
    for at in range(1, n):
        length[..., at] = np.where(x[..., at] == x[..., at - 1], length[..., at - 1] + 1, length[..., at])
    end = length.argmax(axis=-1)
    longest = np.take_along_axis(length, end[..., None], axis=-1)[..., 0]
    value = np.take_along_axis(x, end[..., None], axis=-1)[..., 0]
    known = np.isfinite(x).sum(axis=-1)
    chance = np.log(_agree(np.where(longest > 0, value, 0.0), 0))
    logs = np.log(np.maximum(known - longest + 1, 1)) + np.maximum(longest - 1, 0) * chance
    p = np.where(known >= 2, np.exp(np.minimum(logs, 0.0)), np.nan)
    return Runs(longest[()], np.maximum(end - longest + 1, 0)[()], p[()])


def _blocks(rows: int, step: int) -> list[tuple[int, int]]:
    return [(start, min(start + step, rows)) for start in range(0, rows, step)]


def _pairs(
    x: Floats, start: int, stop: int, tolerance: int, share: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of a row in start … stop and a later row that agree in enough places."""
    shape = stop - start, len(x) - start
    equal, compared = np.zeros(shape, np.int16), np.full(shape, x.shape[1], np.int16)
    for place in range(x.shape[1]):
        column = x[start:, place]
        own = column[: stop - start, None]
        equal += (own == column) if tolerance == 0 else (np.abs(own - column) <= tolerance)
        if not np.isfinite(column).all():
            compared -= np.isnan(own) | np.isnan(column)
    later = np.arange(len(x) - start) > np.arange(stop - start)[:, None]
    one, other = np.nonzero(later & (compared >= 2) & (equal >= share * compared))
    return one + start, other + start


def _surprise(
    one: Floats, other: Floats, tolerance: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Places that agree and that were compared, and the log of the chance that so many do."""
    apart = np.abs(one - other)
    agree, known = apart <= tolerance, np.isfinite(apart)
    equal, compared = agree.sum(axis=-1), known.sum(axis=-1)
    size = np.where(agree, (one + other) / 2, 0.0)
    each = np.where(agree, np.log(_agree(size, tolerance)), 0.0).sum(axis=-1)
    ways = special.gammaln(compared + 1) - special.gammaln(equal + 1) - special.gammaln(compared - equal + 1)
    return equal, compared, np.minimum(each + ways, 0.0)


def _agree(size: Floats, tolerance: int) -> Floats:
    """Chance that two independent Poisson counts of this mean differ by at most `tolerance`."""
    mean = 2 * np.abs(size)
    chance = special.ive(0, mean) + 2 * sum(special.ive(apart, mean) for apart in range(1, tolerance + 1))
    return np.asarray(np.minimum(chance, 1.0))
