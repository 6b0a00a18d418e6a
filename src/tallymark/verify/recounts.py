"""Recounts against reports: verification factors with intervals and bands, and what differences look like together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan

import numpy as np
from scipy import special

from tallymark.programme.written.verification import WrittenEvidence
from tallymark.statistics import survey_ratio

AGREES, TOLERABLE = 0.05, 0.10
EXACT = 1e-12
"""WHO data quality review (2017): within 10 % is acceptable; 5 % is what careful counting reaches."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A value that was reported and recounted."""

    unit: str
    period: str
    item: str
    reported: float
    recounted: float
    stratum: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Factor:
    """Recounted ÷ reported, with its interval over units."""

    item: str
    stratum: str
    units: int
    pairs: int
    reported: float
    recounted: float
    factor: float
    low: float
    high: float
    band: str


def factor_of(pairs: Sequence[Pair], *, item: str, stratum: str, level: float = 0.95) -> Factor:
    """Σw recounted ÷ Σw reported over pairs; interval by linearisation with units as clusters (Student, units − 1).

    NaN where nothing was reported; no interval from fewer than two units. Source: WHO data quality review, module 3
    (2017); Cochran 1977, chapter 6. Test: tests/unit/verify/test_recounts.py.
    """
    reported, recounted = sum(pair.reported for pair in pairs), sum(pair.recounted for pair in pairs)
    units = sorted({pair.unit for pair in pairs})
    value, low, high = _ratio(pairs, len(units), level)
    return Factor(
        item, stratum, len(units), len(pairs), reported, recounted, value, low, high, band_of(value)
    )


def _ratio(pairs: Sequence[Pair], units: int, level: float) -> tuple[float, float, float]:
    y, x, w = (
        np.array([getattr(pair, name) for pair in pairs]) for name in ("recounted", "reported", "weight")
    )
    if not (w * x).sum() > 0:
        return nan, nan, nan
    if units < 2:
        return float((w * y).sum() / (w * x).sum()), nan, nan
    value, se = survey_ratio(y, x, w, clusters=np.array([pair.unit for pair in pairs]))
    half = float(special.stdtrit(units - 1, 0.5 + level / 2) * se)
    return float(value), max(float(value) - half, 0.0), float(value) + half


def band_of(factor: float) -> str:
    """How far reports and recounts are apart, in words."""
    if isnan(factor):
        return "unknown"
    if abs(factor - 1) <= AGREES + EXACT:
        return "agrees"
    if abs(factor - 1) <= TOLERABLE + EXACT:
        return "tolerable"
    return "over_reported" if factor < 1 else "under_reported"


def factors(pairs: Sequence[Pair]) -> list[Factor]:
    """A factor for each item in all, and for each of its strata where there are any."""
    found = []
    for item in sorted({pair.item for pair in pairs}):
        of_item = [pair for pair in pairs if pair.item == item]
        found.append(factor_of(of_item, item=item, stratum=""))
        strata = sorted({pair.stratum for pair in of_item} - {""})
        found += [
            factor_of([pair for pair in of_item if pair.stratum == stratum], item=item, stratum=stratum)
            for stratum in strata
        ]
    return found


def differs(pair: Pair, tolerance: float) -> bool:
    """Whether report and recount differ by more than the tolerance, a share of the recount."""
    return abs(pair.reported - pair.recounted) > tolerance * abs(pair.recounted) + 1e-9


@dataclass(frozen=True, slots=True)
class Nature:
    """What a unit's differences in an item look like together: none, error, or for an inquiry to settle."""

    kind: str
    compared: int
    differing: int
    size: float
    """(Σ reported − Σ recounted) ÷ Σ recounted."""
    helping: float
    """Share of the differences that help the unit; NaN where no direction is declared."""
    chance: float
    """Probability of so many helping differences if either direction were equally likely."""


def nature_of(
    pairs: Sequence[Pair], *, tolerance: float, helps: str | None, evidence: WrittenEvidence
) -> Nature:
    """What differences look like: `inquiry` only when size, direction and repetition all reach what was declared.

    It never says that anything was made up; only a ruling can.
    """
    differing = [pair for pair in pairs if differs(pair, tolerance)]
    total = sum(pair.recounted for pair in pairs)
    size = (sum(pair.reported for pair in pairs) - total) / total if total else nan
    if not differing:
        return Nature("none", len(pairs), 0, size, nan, nan)
    if helps is None:
        return Nature("error", len(pairs), len(differing), size, nan, nan)
    helping = sum((pair.reported > pair.recounted) == (helps == "higher") for pair in differing)
    share = helping / len(differing)
    chance = float(special.bdtrc(helping - 1, len(differing), 0.5))
    asked = share >= evidence.same_direction and len(differing) >= evidence.periods
    large = isnan(size) or abs(size) >= evidence.size
    return Nature("inquiry" if asked and large else "error", len(pairs), len(differing), size, share, chance)


def natures(
    pairs: Sequence[Pair], *, tolerance: float, helps: Mapping[str, str], evidence: WrittenEvidence
) -> dict[tuple[str, str], Nature]:
    """The nature of differences for each unit and item."""
    found: dict[tuple[str, str], list[Pair]] = {}
    for pair in pairs:
        found.setdefault((pair.unit, pair.item), []).append(pair)
    return {
        key: nature_of(own, tolerance=tolerance, helps=helps.get(key[1]), evidence=evidence)
        for key, own in found.items()
    }
