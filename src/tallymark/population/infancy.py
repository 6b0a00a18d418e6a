"""Years lived in the first years of life by those who die there: a(0) and ₄a₁ by named rules.

A rule has a form for males and one for females; for both sexes together the two are weighed by a share of boys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from tallymark.population.arrays import Floats, choose

SEXES: Mapping[str, float] = {"male": 1.0, "female": 0.0, "total": 1.05 / 2.05}
"""Share of boys: of a table for both sexes together, as at birth."""

REGIONS: Mapping[str, int] = {"west": 0, "north": 1, "east": 2, "south": 3}
_MALE, _FEMALE = 0, 1
_CD_A0 = np.array([[0.33, 0.35], [0.33, 0.35], [0.29, 0.31], [0.33, 0.35]])
_CD_A0_AT_0 = np.array([[0.0425, 0.05], [0.0425, 0.05], [0.0025, 0.01], [0.0425, 0.05]])
_CD_A0_SLOPE = np.array([2.875, 3.0])
_CD_A1 = np.array([[1.352, 1.361], [1.558, 1.570], [1.313, 1.324], [1.240, 1.239]])
_CD_A1_AT_0 = np.array([[1.653, 1.524], [1.859, 1.733], [1.614, 1.487], [1.541, 1.402]])
_CD_A1_SLOPE = np.array([3.013, 1.627])
_HIGH = 0.1
"""Infant mortality above which Coale and Demeny take constants."""


def boys(sex: str | Sequence[str]) -> Floats:
    """Share of boys of a table, or of each table along the axis before ages."""
    if isinstance(sex, str) or not isinstance(sex, Iterable):
        return np.asarray(choose(SEXES, sex, "sex"))
    return np.array([choose(SEXES, one, "sex") for one in sex])


def a0_of(m0: Floats, share: Floats, rule: str, region: str) -> Floats:
    """Years lived under age 1 by those who die there, for central death rates `m0`."""
    form = choose(A0_RULES, rule, "a0")
    place = choose(REGIONS, region, "region")
    return share * form(m0, _MALE, place) + (1 - share) * form(m0, _FEMALE, place)


def a1_of(m0: Floats, share: Floats, region: str) -> Floats:
    """Years lived at ages 1–4 by those who die there (Coale and Demeny 1983), for death rates `m0` under age 1."""
    place = choose(REGIONS, region, "region")
    both = [_coale_demeny_a1(m0, sex, place) for sex in (_MALE, _FEMALE)]
    return share * both[_MALE] + (1 - share) * both[_FEMALE]


def _andreev_kingkade(m0: Floats, sex: int, region: int) -> Floats:
    """Andreev and Kingkade (2015), Demographic Research 33, table 3-2."""
    del region
    if sex == _MALE:
        steps = [(m0 < 0.0230, 0.14929 - 1.99545 * m0), (m0 < 0.08307, 0.02832 + 3.26021 * m0)]
        most = 0.29915
    else:
        steps = [(m0 < 0.01724, 0.14903 - 2.05527 * m0), (m0 < 0.06891, 0.04667 + 3.88089 * m0)]
        most = 0.31411
    found = np.select([below for below, _ in steps], [value for _, value in steps], most)
    return np.where(np.isnan(m0), np.nan, found)


def _coale_demeny(m0: Floats, sex: int, region: int) -> Floats:
    """Coale and Demeny (1983): linear in q(0) up to 0.1, with q(0) solved from m(0) and the rule itself."""
    at_zero, slope = _CD_A0_AT_0[region, sex], _CD_A0_SLOPE[sex]
    b = 1 + m0 * (1 - at_zero)
    under = b**2 - 4 * m0 * slope * m0
    # the root of slope·m·q² − b·q + m = 0 that is 0 at m = 0, in the form that does not cancel
    q0 = np.where(under > 0, 2 * m0 / (b + np.sqrt(np.where(under > 0, under, 0.0))), 2 * _HIGH)
    found = np.where(q0 > _HIGH, _CD_A0[region, sex], at_zero + slope * q0)
    return np.where(np.isnan(m0), np.nan, found)


def _coale_demeny_a1(m0: Floats, sex: int, region: int) -> Floats:
    a0 = _andreev_kingkade(m0, sex, region)
    q0 = m0 / (1 + (1 - a0) * m0)
    found = np.where(q0 > _HIGH, _CD_A1[region, sex], _CD_A1_AT_0[region, sex] - _CD_A1_SLOPE[sex] * q0)
    return np.where(np.isnan(m0), np.nan, found)


A0_RULES: Mapping[str, Callable[[Floats, int, int], Floats]] = {
    "andreev-kingkade": _andreev_kingkade,
    "coale-demeny": _coale_demeny,
}
