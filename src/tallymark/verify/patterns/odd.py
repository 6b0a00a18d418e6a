"""What a pattern yields: something odd, where, how large, how likely by chance; and how chance is held in check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tallymark.statistics.arguments import floats

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Odd:
    """Something odd. `values` fill the sentence of its kind; `slots` are the periods it covers."""

    kind: str
    dataset: str
    unit: str
    period: str
    item: str
    chance: float
    size: float
    values: Mapping[str, Any] = field(default_factory=dict)
    slots: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    """Units covered beside `unit`."""


ALWAYS, BY_CHANCE = 5e-4, 20
"""Taken whatever the others are: chances of at most 1 in 2,000, as long as not more than 20 of them come by chance."""


def discoveries(
    chances: ArrayLike, *, share: float, tests: int | None = None, always: float = ALWAYS
) -> Bools:
    """Which chances are so small that at most `share` of those taken are expected to be chance's work, or that an
    office can bear the few that are.

    The largest k with p₍k₎ ≤ share × k ÷ tests (Benjamini and Hochberg 1995), and whatever is at most `always` and
    20 ÷ tests; `tests` counts those not shown, too. NaN was not tested and is never taken.
    Test: tests/unit/verify/test_patterns.py.
    """
    p = floats(chances)
    known = np.sort(p[np.isfinite(p)])
    number = max(tests or 0, len(known))
    if not number:
        return np.zeros(p.shape, dtype=bool)
    passing = np.flatnonzero(known <= share * (np.arange(len(known)) + 1) / number)
    limit = max(
        known[passing[-1]] if len(passing) else -1.0, min(always, BY_CHANCE / number) if always else -1.0
    )
    return np.asarray(np.isfinite(p) & (p <= limit))
