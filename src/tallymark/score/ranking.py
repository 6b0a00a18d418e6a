"""Ranks within groups of equals, grades, and who is named among the best."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tallymark.programme.resolved import Contract
from tallymark.programme.written.contract import WrittenRanking
from tallymark.score.awards import Floats, reaches
from tallymark.score.standing import Standing, standing
from tallymark.score.totals import Result
from tallymark.statistics.ranking import rank_sets

NOISE = 9
"""Decimals at which floating-point noise is taken away before totals are rounded or compared."""
ROUND_TO = 2


class Totalled(Protocol):
    """What ranking reads of a scored contract (arrays in the units' order)."""

    @property
    def contract(self) -> Contract: ...
    @property
    def member(self) -> NDArray[np.bool_]: ...
    @property
    def total(self) -> Floats: ...
    @property
    def se(self) -> Floats: ...


@dataclass(frozen=True, slots=True)
class Ranked:
    """Ranks of every unit in its group (NaN: no total); `of` counts the units of the group with a total."""

    group: NDArray[Any]
    rank: Floats
    low: Floats
    high: Floats
    of: NDArray[np.int64]
    standing: Standing
    place: Floats
    """The rank with equals sharing the best (1, 1, 3), whatever `ties` says: what awards go by."""


def ranked(result: Totalled, group: NDArray[Any], *, seed: int) -> Ranked:
    """Ranks of a contract's totals, highest first, equal when equal at `round_to` decimals.

    Rank sets are of the rounded totals, so that equals are never told apart; with `dense` ties they are
    given in dense ranks, too. A total without a standard error is taken as sure where others have one;
    where none has one there are no sets. `by: expected` orders by the expected rank where there is one; a set
    always holds the unit's own rank.
    """
    n = len(result.total)
    ranking = result.contract.ranking or WrittenRanking(intervals="none")
    rank, low, high, place, *parts = (np.full(n, np.nan) for _ in range(8))
    of, stands = np.zeros(n, np.int64), Standing(*parts)
    found = Ranked(group=group, rank=rank, low=low, high=high, of=of, standing=stands, place=place)
    totals = _rounded(result.total, ranking.round_to if result.contract.ranking else ROUND_TO)
    for code in np.unique(group[result.member].astype(str)):
        inside = np.flatnonzero(result.member & (group == code))
        having = inside[~np.isnan(totals[inside])]
        found.of[inside] = len(having)
        own = standing(totals[having], result.se[having], ranking, seed=seed)
        for field in fields(Standing):
            getattr(stands, field.name)[having] = getattr(own, field.name)
        order = -np.round(own.expected, NOISE) if ranking.by == "expected" else totals[having]
        place, dense, shared = _places(totals[having] if np.isnan(order).all() else order)
        found.place[having] = place
        found.rank[having] = {"min": place, "dense": dense, "average": shared}[ranking.ties]
        low, high = _sets(totals[having], result.se[having], ranking, seed)
        low, high = np.minimum(low, place), np.maximum(high, place)
        if ranking.ties == "dense":
            low, high = _dense(low, place, dense), _dense(high, place, dense)
        found.low[having], found.high[having] = low, high
    return found


def _rounded(totals: Floats, decimals: int) -> Floats:
    return np.round(np.round(totals, NOISE), decimals)


def _places(totals: Floats) -> tuple[Floats, Floats, Floats]:
    """Competition (1, 1, 3), dense (1, 1, 2) and average (1.5, 1.5, 3) ranks."""
    _, level, counts = np.unique(-totals, return_inverse=True, return_counts=True)
    first = np.cumsum(counts) - counts
    place = (first[level] + 1).astype(np.float64)
    return place, (level + 1).astype(np.float64), place + (counts[level] - 1) / 2


def _sets(totals: Floats, se: Floats, ranking: WrittenRanking, seed: int) -> tuple[Floats, Floats]:
    nothing = np.full(len(totals), np.nan)
    if ranking.intervals == "none" or np.isnan(se).all():
        return nothing, nothing
    return rank_sets(totals, np.nan_to_num(se), level=ranking.level, method=ranking.intervals, seed=seed)


def _dense(positions: Floats, place: Floats, dense: Floats) -> Floats:
    """Competition positions as the dense ranks held there."""
    if not len(positions) or np.isnan(positions).any():
        return positions
    order = np.argsort(place, kind="stable")
    return dense[order][positions.astype(np.int64) - 1]


def grades(result: Result) -> NDArray[Any]:
    """The grade of the highest bound that each total reaches; None without a total or below every bound."""
    found = np.full(len(result.total), None, object)
    for grade in sorted(result.contract.grades, key=lambda grade: grade.bound):
        with np.errstate(invalid="ignore"):
            found[reaches(result.total, grade.bound, lower=False)] = grade.code
    return found


def commended(result: Result, ranks: Ranked) -> NDArray[np.bool_]:
    """Who is named: the best `commend` of every group, all who share the last place among them.

    Never a unit without points, or with a total voided here or in a strand.
    """
    most = result.contract.commend or 0
    with np.errstate(invalid="ignore"):
        mask: NDArray[np.bool_] = (ranks.place <= most) & (result.total > 0) & result.member
    for part in result.everything:
        mask &= ~part.void
    return mask


def groups(contract: Contract, attributes: dict[str, NDArray[Any]], n: int) -> NDArray[Any]:
    """Each unit's group of equals; empty when there is one for all, or the unit has none."""
    if contract.peers is None or contract.peers not in attributes:
        return np.full(n, "", object)
    values = attributes[contract.peers]
    return np.where(values == None, "", values)  # noqa: E711 - element by element
