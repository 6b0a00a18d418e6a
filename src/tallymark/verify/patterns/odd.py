"""What a pattern yields: something odd, where, how large, how likely by chance; and how chance is held in check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tallymark.statistics.arguments import floats

Floats = NDArray[np.float64]
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
    "perfect": 0.35, "low": 0.165, "shrinking": 0.135, "same_again": 0.083, "copied": 0.07, "high": 0.06,
    "last_year": 0.042, "even_counts": 0.024, "share_off": 0.017, "rush": 0.017, "round_numbers": 0.007,
    "neighbours": 0.006, "even_shares": 0.005, "late_evidence": 0.005, "zeros": 0.004, "revised_upwards": 0.004,
    "above_target": 0.003, "in_turn": 0.003,
}  # fmt: skip
"""How the false alarms that an office bears are shared out over what is tested; they make 1. Where an alarm more finds
most gets most: chosen on simulated counties (docs/verification.md)."""
USED = {
    "low": 0.04, "shrinking": 0.12, "same_again": 0.24, "copied": 0.27, "high": 0.004, "last_year": 0.39,
    "even_counts": 0.3, "share_off": 0.33, "rush": 0.2, "round_numbers": 0.12, "neighbours": 0.1, "even_shares": 0.3,
    "zeros": 0.1, "above_target": 0.045, "in_turn": 0.1,
}  # fmt: skip
"""How much of a test's nominal chance honest figures use up (measured on the same counties; 1 where not listed): small
counts hardly ever reach a fence exactly, and bounds (low, high, shrinking) are far above the chances themselves."""
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


def mixed_ratio(logs: Sequence[Floats]) -> Floats:
    """log of the mean of what the logs are of: which of several alternatives holds is not known."""
    return np.asarray(np.logaddexp.reduce(np.stack(logs), axis=0) - np.log(len(logs)))


def bound(ratio: Floats) -> Floats:
    """Most that the chance of so large a ratio, given as its log, can be: 1 ÷ the ratio (Markov)."""
    return np.asarray(np.exp(-np.maximum(ratio, 0.0)))
