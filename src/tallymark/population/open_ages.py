"""An open age group carried on to higher ages, as a stable population of a life table."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from tallymark.population.arrays import Floats, floats, starts
from tallymark.population.life_tables import LifeTable


def extend_open_group(
    values: ArrayLike, table: LifeTable, *, ages: ArrayLike | None = None, growth: ArrayLike | None = None
) -> tuple[Floats, Floats]:
    """Counts (…, age) with the open group shared out over the older ages of `table`, and the first age of each group.

    Shares are L(x)·exp(−r·x), x the middle of each group, of the open one half a life expectancy after its start.
    `growth` is r a year; when left out, it is what makes the two groups below the open one fit the table. The total
    is kept. A table without a group that starts where the open group does is a ValueError.
    """
    given = floats(values)
    first = starts(ages, given.shape[-1])
    at = int(np.searchsorted(table.ages, first[-1]))
    if at >= len(table.ages) or table.ages[at] != first[-1]:
        raise ValueError(
            f"the life table has no group that starts at {first[-1]:g}, where the open group starts"
        )
    lived, heads = table.Lx[..., at:], table.ages[at:]
    middle = np.append((heads[:-1] + heads[1:]) / 2, heads[-1])
    middle = np.broadcast_to(middle, lived.shape).copy()
    middle[..., -1] += table.ex[..., -1] / 2
    rate = floats(_growth(given, first, table) if growth is None else growth)
    weight = lived * np.exp(-rate[..., None] * (middle - heads[0]))
    older = given[..., -1:] * weight / weight.sum(-1, keepdims=True)
    below = np.broadcast_to(given[..., :-1], (*older.shape[:-1], given.shape[-1] - 1))
    return np.concatenate([below, older], axis=-1), np.append(first[:-1], heads)


def _growth(values: Floats, first: Floats, table: LifeTable) -> Floats:
    """Yearly growth that explains the last two closed groups by the table's years lived there."""
    if len(first) < 3:
        raise ValueError("growth cannot be told from fewer than two closed groups: give `growth`")
    limits = first[-3:]
    if not np.isin(limits, table.ages).all():
        raise ValueError(f"the life table has no groups that start at {limits.tolist()}: give `growth`")
    at = np.searchsorted(table.ages, limits)
    lived = np.stack([table.Lx[..., a:b].sum(-1) for a, b in pairwise(at)], axis=-1)
    ratio = values[..., -3:-1] / lived
    apart = (limits[2] - limits[0]) / 2
    found: Floats = np.log(ratio[..., 0] / ratio[..., 1]) / apart
    return found
