"""How far units move when the weights of a contract's lines are a little different from those declared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tallymark.score.awards import Floats
from tallymark.score.ranking import Ranked
from tallymark.score.totals import Result
from tallymark.statistics.weights import DRAWS, Moved, weight_sensitivity

FEWEST_DRAWS, WORK = 200, 4_000_000
"""Draws are fewer where more units are moved."""


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """One contract's units under other weights; NaN where a unit has no total."""

    result: Result
    ranks: Ranked
    spread: float
    place: Floats
    moved: Moved


def sensitivity(result: Result, ranks: Ranked, *, seed: int) -> Sensitivity | None:
    """Units of each group moved among themselves; None where the contract does not ask for it.

    Lines (strands of a bundle) are weighed up to `weights` of themselves more or less; bonus, deductions and gates
    stay as they are.
    """
    ranking = result.contract.ranking
    if ranking is None or ranking.weights is None:
        return None
    earned, available = _parts(result)
    fixed, cap = result.bonus - result.deductions, _caps(result)
    found = [np.full(len(result.total), np.nan) for _ in Moved._fields]
    for code in np.unique(ranks.group[result.member].astype(str)):
        inside = np.flatnonzero(result.member & (ranks.group == code) & ~np.isnan(result.total))
        if not len(inside):
            continue
        moved = weight_sensitivity(
            earned[inside],
            available[inside],
            spread=ranking.weights,
            fixed=fixed[inside],
            cap=cap[inside],
            floor=0.0,
            decimals=ranking.round_to,
            full=result.contract.points,
            draws=min(max(WORK // len(inside), FEWEST_DRAWS), DRAWS),
            seed=seed,
        )
        for part, values in zip(found, moved, strict=True):
            part[inside] = values
    return Sensitivity(result, ranks, ranking.weights, ranks.place, Moved(*found))


def _parts(result: Result) -> tuple[Floats, Floats]:
    """Points earned and to be had, unit × line or strand; 0 of 0 where it does not count."""
    earned, available = [], []
    for strand in result.strands:
        known, part = ~np.isnan(strand.total), strand.worth / result.worth
        earned.append(part * np.nan_to_num(strand.total))
        available.append(np.where(known, part * strand.contract.points, 0.0))
    for line in result.lines:
        if line.kind == "line":
            earned.append(np.where(line.counts, np.nan_to_num(line.points), 0.0))
            available.append(np.where(line.counts, line.available, 0.0))
    return np.stack(earned, axis=1), np.stack(available, axis=1)


def _caps(result: Result) -> Floats:
    cap = np.full(len(result.total), np.inf)
    for bite in result.gates:
        most = 0.0 if bite.gate.effect == "void" else bite.gate.cap
        if most is not None:
            cap = np.where(bite.bites, np.minimum(cap, most), cap)
    return cap
