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


WEIGHTS = {
    "high": 0.25, "low": 0.2, "share_off": 0.1, "zeros": 0.02, "copied": 0.05, "last_year": 0.04, "same_again": 0.05,
    "neighbours": 0.04, "even_counts": 0.07, "rush": 0.03, "round_numbers": 0.03, "perfect": 0.02, "above_target": 0.02,
    "even_shares": 0.03, "shrinking": 0.06, "late_evidence": 0.005, "revised_upwards": 0.005,
}  # fmt: skip
"""How the false alarms that an office bears are shared out over what is tested; they make 1."""


@dataclass(frozen=True, slots=True)
class Bearable:
    """What chance may do: `share` of what is told, or `alarms` of 1,000 `values` reported, whichever is more."""

    share: float
    alarms: float
    values: int

    def taken(
        self, test: str, chances: ArrayLike, *, tests: int | None = None, surest: float = 0.02
    ) -> Bools:
        """Which chances are taken: by `share`, or so small that the test's part of `alarms` isn't used up by chance."""
        number = max(tests or 0, int(np.isfinite(floats(chances)).sum()), 1)
        borne = WEIGHTS[test] * self.alarms * self.values / 1000 / number
        return discoveries(chances, share=self.share, tests=tests, always=min(borne, surest))


def discoveries(chances: ArrayLike, *, share: float, tests: int | None = None, always: float = 0.0) -> Bools:
    """Which chances are so small that at most `share` of those taken are expected to be chance's work, or at most
    `always`.

    The largest k with p₍k₎ ≤ share × k ÷ tests (Benjamini and Hochberg 1995); `tests` counts those not shown, too.
    NaN was not tested and is never taken. Test: tests/unit/verify/test_patterns.py.
    """
    p = floats(chances)
    known = np.sort(p[np.isfinite(p)])
    number = max(tests or 0, len(known))
    if not number:
        return np.zeros(p.shape, dtype=bool)
    passing = np.flatnonzero(known <= share * (np.arange(len(known)) + 1) / number)
    limit = max(known[passing[-1]] if len(passing) else -1.0, always or -1.0)
    return np.asarray(np.isfinite(p) & (p <= limit))
