"""What a count is expected to be: its unit's own level around that time × what the month does to everybody."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tallymark.statistics import count_tails, pooled_dispersion

Floats = NDArray[np.float64]
ROUNDS = 3
NEAR = 12.0
"""Slots after which a value's weight for its unit's level has fallen to 1/e."""
SHRINK = 12
"""A unit's own dispersion weighs as much as the common one after so many values."""
FEWEST = 4
REACH = 3.5
"""Standard deviations beyond which a value is drawn in before it tells what others should be."""
SCREEN = 1.8
LEAST = 0.01
TAIL, SCORE, CALM = 0.97, 1.8808, 0.9
MORE_ZEROS = 0.08
"""So many more zeros than the counts explain, as a share of all, make an item intermittent."""


@dataclass(frozen=True, slots=True)
class Tails:
    """Chances of so low and so high figures (units, slots), and how much wider than the model's an item's scores are."""

    low: Floats
    high: Floats
    wide: tuple[float, float]

    def side(self, high: bool) -> Floats:
        """The chances of one side."""
        return self.high if high else self.low


@dataclass(frozen=True, slots=True)
class Expected:
    """For each count what the others lead one to expect, and the variance's part beyond Poisson; (units, slots)."""

    mean: Floats
    dispersion: Floats
    factor: Floats
    """What each slot does to everybody, around 1."""
    common: float
    """Dispersion that units have in common."""
    intermittent: bool = False
    """Zeros are no small counts but months without (deliveries, days without stock): only the others are compared."""

    def tails(self, counts: Floats) -> Tails:
        """Chances of so few and so many; only what is far off is computed, the rest has 1.

        Where an item's figures stray farther than the model grants them, all of them do: chances are measured against
        the item's own 97th percentile, so that a wild item does not drown an office.
        """
        low, high = self._bare(np.where(counts == 0, np.nan, counts) if self.intermittent else counts)
        return tails_of(low, high)

    def just(self, counts: Floats, slots: slice | NDArray[np.int64] = slice(None)) -> Floats:
        """Chances of just these counts in some slots; 0 of what is no whole number, NaN where nothing is known."""
        mean, known = (
            self.mean[:, slots],
            np.isfinite(counts) & (counts >= 0) & np.isfinite(self.mean[:, slots]),
        )
        logs = count_chance(
            np.where(known, np.floor(counts), 0.0), np.where(known, mean, 1.0),
            np.where(known, self.dispersion[:, slots], 1.0),
        )  # fmt: skip
        return np.where(known, np.where(counts == np.floor(counts), np.exp(logs), 0.0), np.nan)

    def _bare(self, counts: Floats) -> tuple[Floats, Floats]:
        spread = np.sqrt(np.maximum(self.mean + self.dispersion * self.mean**2, 1e-12))
        known = np.isfinite(counts) & np.isfinite(self.mean)
        far = known & (np.abs(counts - self.mean) > SCREEN * spread)
        low, high = (np.where(known, 1.0, np.nan) for _ in range(2))
        few, many = count_tails(counts[far], self.mean[far], dispersion=self.dispersion[far])
        # Half of what is exactly here belongs to each side (mid-p): small counts are no reason for silence.
        here = np.maximum(few + many - 1, 0.0) / 2
        low[far], high[far] = np.maximum(few - here, 0.0), np.maximum(many - here, 0.0)
        return low, high


def tails_of(low: Floats, high: Floats) -> Tails:
    """The chances calmed: their normal scores divided by how much wider than normal the item's scores lie at 97 %."""
    (low, below), (high, above) = _calmed(low), _calmed(high)
    return Tails(low, high, (below, above))


def _calmed(chance: Floats) -> tuple[Floats, float]:
    known = np.isfinite(chance)
    scores = -special.ndtri(np.clip(np.where(known, chance, 1.0), 1e-300, 0.5))
    if not known.any():
        return chance, 1.0
    wide = max(float(np.quantile(scores[known], TAIL)) / SCORE, CALM)
    return np.where(known & (chance < 0.5), special.ndtr(-scores / wide), chance), wide


def count_chance(count: Floats, mean: Floats, dispersion: Floats) -> Floats:
    """log P of negative binomial counts, variance mean + dispersion × mean²."""
    size = 1 / np.maximum(dispersion, 1e-9)
    logs = special.gammaln(count + size) - special.gammaln(size) - special.gammaln(count + 1)
    return np.asarray(logs + size * np.log(size / (size + mean)) + special.xlogy(count, mean / (size + mean)))


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def expect(counts: Floats) -> Expected:
    """Expected counts; of an item that is 0 in many months and large in others, of its positive figures alone.

    Such an item is told by its zeros: many more than counts of that mean and dispersion have.
    """
    said = _expect(counts)
    known = np.isfinite(counts) & np.isfinite(said.mean)
    if not known.any():
        return said
    mean = np.maximum(np.where(known, said.mean, 1.0), 1e-9)
    extra = np.maximum(said.dispersion, 1e-9)
    none = np.where(known, (1 + extra * mean) ** (-1 / extra), 0.0).sum() / known.sum()
    if (counts[known] == 0).mean() <= none + MORE_ZEROS:
        return said
    return replace(_expect(np.where(counts == 0, np.nan, counts)), intermittent=True)


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def _expect(counts: Floats) -> Expected:
    """Expected counts, each without regard to itself (units, slots); NaN where a unit has under four others.

    mean = f_m × Σ K(m, k) w_k ÷ Σ K(m, k) f_k over the unit's other slots k: f what slots do to everybody (ratios of
    sums), w the counts with extremes drawn in, K falling with distance in time. Three rounds. The dispersion is the
    unit's own drawn towards that of all, and the uncertainty of the mean is added. Source: Farrington et al. 1996 for
    the idea. Test: tests/unit/verify/test_patterns.py.
    """
    known = np.isfinite(counts) & (counts >= 0)
    y = np.where(known, counts, 0.0)
    factor = np.ones(counts.shape[1])
    common = 0.0
    kernel = np.exp(-np.abs(np.subtract.outer(np.arange(len(factor)), np.arange(len(factor)))) / NEAR)
    np.fill_diagonal(kernel, 0.0)
    drawn = _first_drawn(counts, known)
    for _ in range(ROUNDS):
        mean, loose = _level(drawn, known, factor, kernel)
        factor = _slots_do(drawn, known, mean, factor)
        mean, loose = _level(drawn, known, factor, kernel)
        common = pooled_dispersion(
            np.where(known & (mean > 0), drawn, np.nan), exposure=np.where(mean > 0, mean, 1.0)
        )
        own = _own(drawn, mean, known, common)
        # A unit's own outliers must not widen the fence that draws them in.
        spread = np.sqrt(mean + np.minimum(own, 2 * common + LEAST) * mean**2 + 1)
        drawn = np.clip(y, mean - REACH * spread, mean + REACH * spread)
    enough = known & (known.sum(axis=1, keepdims=True) > FEWEST)
    unsure = (own + 1 / np.maximum(mean, 1e-9)) * loose
    return Expected(np.where(enough, mean, np.nan), own + unsure, factor, common)


def _first_drawn(counts: Floats, known: NDArray[np.bool_]) -> Floats:
    """Counts with the highest brought near the middle ones, so that the first round isn't led astray."""
    filled = np.where(known, counts, np.inf)
    ordered, n = np.sort(filled, axis=1), known.sum(axis=1)
    rows = np.arange(len(counts))
    middle = np.where(n > 0, ordered[rows, np.maximum(n - 1, 0) // 2], 0.0)
    upper = np.where(n > 0, ordered[rows, (3 * np.maximum(n - 1, 0)) // 4], 0.0)
    fence = (upper + 2 * (upper - middle) + 3 * np.sqrt(upper + 1))[:, None]
    return np.where(known, np.minimum(counts, fence), 0.0)


def _level(drawn: Floats, known: NDArray[np.bool_], factor: Floats, kernel: Floats) -> tuple[Floats, Floats]:
    """The expected count of each cell from the others of its unit, and how loosely they tell it (1 ÷ their number)."""
    exposure = np.where(known, factor[None, :], 0.0)
    seen = exposure @ kernel
    # Before the first event a rate is not 0: half an event in all the time (Jeffreys).
    rate = (np.where(known, drawn, 0.0) @ kernel + 0.5 * kernel.mean()) / np.maximum(seen, 1e-12)
    loose = (exposure**2 @ kernel**2) / np.maximum(seen, 1e-12) ** 2
    return np.where(seen > 0, rate * factor[None, :], np.nan), np.where(seen > 0, loose, np.nan)


def _slots_do(drawn: Floats, known: NDArray[np.bool_], mean: Floats, factor: Floats) -> Floats:
    """What each slot does to everybody: Σ counts ÷ Σ what was expected of them, when ten units or more report."""
    usable = known & np.isfinite(mean)
    ratio = np.where(usable, drawn, 0.0).sum(axis=0) / np.maximum(
        np.where(usable, mean, 0.0).sum(axis=0), 1e-9
    )
    fresh = factor * np.where(usable.sum(axis=0) >= 10, np.clip(ratio, 0.05, 20), 1.0)
    return np.asarray(fresh / fresh.mean())


def _own(drawn: Floats, mean: Floats, known: NDArray[np.bool_], common: float) -> Floats:
    """Each unit's dispersion by moments, drawn towards the common one and never below it; (units, 1)."""
    usable = known & np.isfinite(mean)
    e = np.where(usable, mean, 0.0)
    excess = np.where(usable, (drawn - e) ** 2 - e, 0.0).sum(axis=1)
    own = np.maximum(excess / np.maximum((e**2).sum(axis=1), 1e-9), 0.0)
    n = usable.sum(axis=1)
    # Moments of few small counts say nothing: their weight is what they can tell.
    weight = n * np.minimum(e.sum(axis=1) / np.maximum(n, 1) / 5, 1.0)
    blend = (weight * own + SHRINK * common) / (weight + SHRINK)
    return np.asarray(np.maximum(blend, common)[:, None])
