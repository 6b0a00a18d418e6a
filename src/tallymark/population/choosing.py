"""Which way of making an outlook would have done best on the years that are known."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from tallymark.population.arrays import Floats
from tallymark.population.history import History
from tallymark.population.outlooks import Method, outlook
from tallymark.population.projecting import project

CANDIDATES = tuple(
    Method(migration_years=moves, damping=damping, fertility_years=recent)
    for moves, damping, recent in product((5, 10, 15), (0.0, 0.5, 0.9), (1, 3))
)
"""What may vary: how far back migration is averaged, how long a trend of fertility goes on, what recent fertility is."""


def choose_method(
    history: History,
    horizon: int,
    *,
    candidates: Sequence[Method] = CANDIDATES,
    sex_ratio_at_birth: float = 1.05,
) -> Method:
    """The candidate with the least mean absolute error of total populations, over all units and all earlier origins.

    Each origin is projected `horizon` years on, as far as half the history reaches, by what was known then; nothing
    after the history's end is looked at. The first of equals. A ValueError where there is no origin to try.
    Test: real/test_finland.py.
    """
    ahead = min(horizon, history.years // 2)
    origins = range(ahead, history.years - 1)
    if ahead < 1 or not origins or not candidates:
        raise ValueError(
            f"{history.years} years of rates leave no year to try {len(candidates)} methods from"
        )
    totals = history.population.sum(axis=(-1, -2))
    errors = []
    for method in candidates:
        said = [_said(history.until(origin), ahead, method, sex_ratio_at_birth) for origin in origins]
        seen = [totals[:, totals.shape[1] - 1 - origin + ahead] for origin in origins]
        errors.append(float(np.abs(np.array(said) / np.array(seen) - 1).mean()))
    return candidates[int(np.argmin(errors))]


def _said(known: History, ahead: int, method: Method, ratio: float) -> Floats:
    """Total populations `ahead` years on."""
    course = outlook(known, ahead, method=method)
    made = project(known.population[:, -1], course.survival, course.fertility, ratio, course.migration)
    found: Floats = made.populations[:, -1].sum(axis=(-1, -2))
    return found
