"""Sensitivity of a weighted score to its weights: how far would each unit move if they were a little different?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tallymark.statistics.arguments import floats
from tallymark.statistics.rank_groups import ranks

Floats = NDArray[np.float64]
DRAWS = 2_000
MOST_COMPARED = 2_000
"""Above this many units the ranks that no weights go beyond are not looked for (NaN): that takes all pairs."""
ROWS = 64
"""Units compared with all others at a time."""


class Moved(NamedTuple):
    """For each unit: ranges of score and rank over simulated weights, and the ranks that no weights go beyond."""

    score_low: Floats
    score_high: Floats
    rank_low: Floats
    rank_high: Floats
    best: Floats
    worst: Floats
    same: Floats
    """Share of the simulated weights under which the unit keeps its rank."""


def weight_sensitivity(
    earned: ArrayLike,
    available: ArrayLike,
    *,
    spread: float = 0.2,
    fixed: ArrayLike = 0.0,
    cap: ArrayLike = np.inf,
    floor: float = -np.inf,
    decimals: int = 9,
    full: float | None = None,
    level: float = 0.95,
    draws: int = DRAWS,
    seed: int = 0,
) -> Moved:
    """How far units move when every weight is up to `spread` (a share of itself) larger or smaller.

    `earned`, `available`: points by unit × line; a line with nothing available does not apply to that unit, and its
    others count up to `full` (the largest sum available when None). With factors f between 1 − spread and
    1 + spread: score = full × Σf·earned ÷ Σf·available + fixed, not below `floor` nor above the unit's `cap`.
    Rank 1 = largest; scores equal at `decimals` share the best.

    score_low … rank_high: the middle `level` of `draws` independent uniform factors (`seed`). best, worst: exact
    dominance over all factors: the rank is 1 + the units that are above under every choice of weights, to
    n − those that are below under every choice; for two units with the same lines the difference is linear in the
    factors, its ends D ∓ spread × Σ|d|; otherwise each unit's own extremes are compared, which can only widen.
    NaN: a unit without lines or with unknown points. Source: Saisana, Saltelli and Tarantola 2005; for dominance
    Cherchye et al. 2008, Foster, McGillivray and Seth 2013.
    """
    if not 0 <= spread < 1:
        raise ValueError(f"spread is a share of a weight from 0 to below 1 (0.2), not {spread!r}")
    points, most = np.broadcast_arrays(floats(earned), floats(available))
    extra = np.broadcast_to(floats(fixed), points.shape[:1])
    known = np.isfinite(points).all(axis=1) & (most.sum(axis=1) > 0) & np.isfinite(extra)
    if not known.any():
        return Moved(*(np.full(len(points), np.nan) for _ in Moved._fields))
    caps = np.broadcast_to(floats(cap), known.shape)[known]
    whole = float(most[known].sum(axis=1).max()) if full is None else full
    case = _Case(points[known], most[known], extra[known], caps, floor, whole, decimals)
    simulated = _simulated(case, spread=spread, level=level, draws=draws, seed=seed)
    bounds = _dominance(case, spread) if len(caps) <= MOST_COMPARED else (np.full(len(caps), np.nan),) * 2
    return Moved(*(_placed(known, part) for part in (*simulated[:4], *bounds, simulated[4])))


class _Case(NamedTuple):
    """Known units: points earned and available by line, what is added, and what the score is kept within."""

    points: Floats
    most: Floats
    extra: Floats
    cap: Floats
    floor: float
    whole: float
    decimals: int

    def kept(self, scores: Floats) -> Floats:
        """Scores within floor and cap."""
        return np.asarray(np.minimum(np.maximum(scores, self.floor), self.cap))

    def places(self, scores: Floats) -> Floats:
        """Ranks of one world's scores, without the noise of adding up."""
        return ranks(np.round(np.round(scores, 9), self.decimals), omega=0)


def _placed(known: NDArray[np.bool_], values: Floats) -> Floats:
    full = np.full(known.shape, np.nan)
    full[known] = values
    return full


def _simulated(
    case: _Case, *, spread: float, level: float, draws: int, seed: int
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    factors = np.random.default_rng(seed).uniform(1 - spread, 1 + spread, (draws, case.points.shape[1]))
    scores = case.kept(case.whole * (factors @ case.points.T) / (factors @ case.most.T) + case.extra)
    declared = case.whole * case.points.sum(axis=1) / case.most.sum(axis=1) + case.extra
    now = case.places(case.kept(declared))
    places = np.stack([case.places(row) for row in scores])
    tail = (1 - level) / 2
    low, high = np.quantile(scores, [tail, 1 - tail], axis=0)
    best, worst = np.quantile(places, [tail, 1 - tail], axis=0, method="closest_observation")
    return low, high, best, worst, (places == now).mean(axis=0)


def _dominance(case: _Case, spread: float) -> tuple[Floats, Floats]:
    """Best and worst rank: 1 + those above whatever the factors, n − those below whatever the factors.

    Those that floor or cap may touch are compared by their own extremes.
    """
    n = len(case.points)
    ends = _ends(case.points, case.most, case.whole, spread)
    least, largest = ends[0] + case.extra, ends[1] + case.extra
    free = (least >= case.floor) & (largest <= case.cap)
    least, largest = case.kept(least), case.kept(largest)
    step = 10.0**-case.decimals
    above, below = np.zeros(n), np.zeros(n)
    for start in range(0, n, ROWS):
        own = slice(start, start + ROWS)
        low, high = _difference(case, own, spread)
        same = (case.most[own, None, :] == case.most[None, :, :]).all(axis=-1) & free[own, None] & free
        low = np.where(same, low, least[None, :] - largest[own, None])
        high = np.where(same, high, largest[None, :] - least[own, None])
        above[own] = (low > step).sum(axis=1)
        below[own] = (high < -step).sum(axis=1)
    return 1 + above, n - below


def _difference(case: _Case, own: slice, spread: float) -> tuple[Floats, Floats]:
    """Ends of others − own for units with the same lines, where it has one sign whatever the factors."""
    points, most, extra = case.points, case.most, case.extra
    share = most[own] / most[own].sum(axis=1, keepdims=True)
    apart = (points[None, :, :] - points[own, None, :]) * (case.whole / most[own].sum(axis=1))[:, None, None]
    apart = apart + (extra[None, :] - extra[own, None])[..., None] * share[:, None, :]
    middle, reach = apart.sum(axis=-1), spread * np.abs(apart).sum(axis=-1)
    return (middle - reach) / (1 + spread), (middle + reach) / (1 + spread)


def _ends(points: Floats, most: Floats, whole: float, spread: float) -> tuple[Floats, Floats]:
    """Each unit's least and largest score: lines in order of the share earned, one part up and the other down.

    A ratio of two sums that are linear in each factor is largest where every factor is at an end, and those
    with the best shares are up.
    """
    share = np.divide(points, most, out=np.full(points.shape, -np.inf), where=most > 0)
    order = np.argsort(-share, axis=1, kind="stable")
    earned, had = (
        np.take_along_axis(part, order, axis=1) for part in (np.where(most > 0, points, 0.0), most)
    )
    found = []
    for first in (1 + spread, 1 - spread):
        rest = 2 - first
        top, bottom = (
            rest * part.sum(axis=1, keepdims=True)
            + (first - rest) * np.concatenate([np.zeros((len(part), 1)), np.cumsum(part, axis=1)], axis=1)
            for part in (earned, had)
        )
        ratio = whole * top / bottom
        found.append(ratio.max(axis=1) if first > 1 else ratio.min(axis=1))
    return (found[1], found[0]) if spread > 0 else (found[0], found[0])
