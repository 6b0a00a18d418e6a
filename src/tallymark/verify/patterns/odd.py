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
    "perfect": 0.3, "high": 0.17, "shrinking": 0.12, "low": 0.115, "copied": 0.067, "same_again": 0.057,
    "even_counts": 0.057, "share_off": 0.03, "rush": 0.018, "round_numbers": 0.015, "last_year": 0.01,
    "above_target": 0.009, "even_shares": 0.008, "neighbours": 0.007, "zeros": 0.007, "late_evidence": 0.005,
    "revised_upwards": 0.005,
}  # fmt: skip
"""How the false alarms that an office bears are shared out over what is tested; they make 1. Where an alarm more finds
most gets most: chosen on simulated counties (docs/verification.md)."""
USED = {
    "high": 0.43, "shrinking": 0.49, "low": 1.2, "copied": 0.29, "share_off": 0.38, "even_counts": 0.32,
    "round_numbers": 0.2, "last_year": 0.03, "above_target": 0.04, "neighbours": 0.2, "rush": 0.2, "even_shares": 0.3,
    "zeros": 0.1,
}  # fmt: skip
"""How much of a test's nominal chance honest figures use up (measured on the same counties; 1 where not listed): small
counts hardly ever reach a fence exactly, some chances are bounds, and mid-p chances of low counts are a little small."""
SUREST = 0.03
"""No test takes a larger chance, however few things it looks at."""
POINT = 0.2
"""What happens to more than every fifth honest unit is not told, however many alarms could be borne."""


@dataclass(frozen=True, slots=True)
class Bearable:
    """What chance may do: `share` of what is told, or `alarms` of 1,000 `values` reported, whichever is more."""

    share: float
    alarms: float
    values: int

    def taken(
        self, test: str, chances: ArrayLike, *, tests: int | None = None, surest: float = SUREST
    ) -> Bools:
        """Which chances are taken: by `share`, or so small that the test's part of `alarms` isn't used up by chance."""
        number = max(tests or 0, int(np.isfinite(floats(chances)).sum()), 1)
        return discoveries(
            chances, share=self.share, tests=tests, always=min(self.part(test) / number, surest)
        )

    def taken_of_points(self, test: str, chances: ArrayLike, points: ArrayLike) -> Bools:
        """The same for tests that know one event each, of chance `points`, whether or not it came about.

        Such an event alarms as often as its own chance says, never as often as the fence: the fence is the largest t
        with Σ points ≤ t not above the test's part of the alarms (Tarone 1990, for events of one point exactly).
        """
        sizes = np.sort(floats(points)[np.isfinite(floats(points))])
        within = np.flatnonzero(np.cumsum(sizes) <= self.part(test))
        fence = float(sizes[within[-1]]) if len(within) else 0.0
        return discoveries(chances, share=self.share, tests=len(sizes), always=min(fence, POINT))

    def part(self, test: str) -> float:
        """How many false alarms a test may raise by its nominal chances."""
        return WEIGHTS[test] / USED.get(test, 1.0) * self.alarms * self.values / 1000


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
