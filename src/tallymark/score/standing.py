"""How units stand once noise is taken into account: expected ranks, chances of the top and bottom, tiers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tallymark.programme.written.contract import WrittenRanking
from tallymark.score.awards import Floats
from tallymark.statistics.grading import grades
from tallymark.statistics.rank_groups import group_probability
from tallymark.statistics.ranking import expected_ranks
from tallymark.statistics.shrinkage import normal_normal

MOST_TIERED = 5_000
"""Units of a group up to which tiers are made: their time grows with the square."""


@dataclass(frozen=True, slots=True)
class Standing:
    """For every unit of a group, NaN where it was not asked for or no total has a standard error."""

    expected: Floats
    top: Floats
    bottom: Floats
    tier: Floats


def standing(totals: Floats, se: Floats, ranking: WrittenRanking, *, seed: int) -> Standing:
    """What the ranking asks for, from totals drawn towards their mean by how noisy each is (normal–normal, REML).

    A total without a standard error is taken as sure where others have one.
    """
    nothing = np.full(len(totals), np.nan)
    asked = ranking.by == "expected" or ranking.group is not None or ranking.wrong_orders is not None
    if not asked or np.isnan(se).all():
        return Standing(nothing, nothing, nothing, nothing)
    mean, variance, _, _ = normal_normal(totals, np.nan_to_num(se))
    top = bottom = tier = nothing
    if ranking.group is not None:
        top, bottom = group_probability(mean, variance, k=ranking.group, seed=seed)
    if ranking.wrong_orders is not None and len(totals) <= MOST_TIERED:
        tier, _ = grades(mean, variance, wrong=ranking.wrong_orders)
    return Standing(expected_ranks(mean, variance), top, bottom, tier)
