"""How much likelier a figure is if it was mistyped or left out than as it stands, seen with its part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tallymark.verify.patterns.expected import count_chance
from tallymark.verify.patterns.odd import mixed_ratio

Floats = NDArray[np.float64]
FACTORS = (1.5, 2.0, 3.0, 4.0, 6.0, 10.0)
BEYOND = (0.0, 100.0)
"""By what a figure may be too low or too high, each as likely as the others; a low one may be a 0 for nothing, too."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures beside what is expected of them, and the parts that belong to them (NaN: none); all of one shape.

    A part of a whole n is beta-binomial with a and b.
    """

    value: Floats
    mean: Floats
    dispersion: Floats
    part: Floats
    a: Floats
    b: Floats


def mistyped(seen: Figures, *, high: bool) -> Floats:
    """log of how much likelier the figures are if they were too high (too low) by one of the factors.

    P(value, part | true value × factor) averaged over factors ÷ P(value, part): the part stays as it was, which is how a
    mistyped whole differs from a busy month. A figure that grew moderately is no more likely mistyped than a rare one.
    Test: tests/unit/verify/test_mistyped.py (sums over all counts).
    """
    factors = (*FACTORS, BEYOND[1]) if high else (*(1 / each for each in FACTORS), BEYOND[0])
    honest = count_chance(seen.value, seen.mean, seen.dispersion) + _of_part(seen, seen.value)
    return mixed_ratio([_times(seen, each) for each in factors]) - honest


def _times(seen: Figures, factor: float) -> Floats:
    """log P(value, part) where the true value was multiplied; what it was is known but for what is rounded off."""
    if not factor:
        return np.where(seen.value == 0, 0.0, -np.inf)
    wider = max(1 - 1 / factor, 0.0) / seen.mean  # of a multiple of a count: variance × factor²
    own = count_chance(seen.value, factor * seen.mean, seen.dispersion + wider)
    ways = [_of_part(seen, near(seen.value / factor)) for near in (np.floor, np.ceil)]
    return own + mixed_ratio(ways)


def _of_part(seen: Figures, n: Floats) -> Floats:
    """log P(part | whole n); 0 without a part, −∞ where it is larger."""
    x = np.where(np.isfinite(seen.part), seen.part, 0.0)
    rest = np.maximum(n - x, 0.0)
    logs = special.gammaln(n + 1) - special.gammaln(x + 1) - special.gammaln(rest + 1)
    logs = logs + special.betaln(x + seen.a, rest + seen.b) - special.betaln(seen.a, seen.b)
    return np.where(np.isfinite(seen.part), np.where(x <= n, logs, -np.inf), 0.0)
