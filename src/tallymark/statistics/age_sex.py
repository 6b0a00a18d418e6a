"""Whether a population by age and sex is believable: joint scores and differences between two distributions.

Five-year age groups on the last axis, youngest first; `ages`, where each begins, are only checked. A missing or empty
group makes the score NaN.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tallymark.statistics.arguments import floats

Floats = NDArray[np.float64]
OWN_WEIGHT = {"un": 0, "zelnik": 1, "ramachandran": 2}
"""How often a group itself stands in the denominator of its age ratio, beside its two neighbours."""
SMALL = 1_000_000


def age_ratio_score(
    population: ArrayLike, ages: ArrayLike | None = None, *, method: str = "un", open_ended: bool = True
) -> Floats:
    """Mean absolute deviation of age ratios from 100, in percentage points; 0 = smooth.

    Age ratio = 100 × (w + 2) × P_x ÷ (P_{x−5} + w P_x + P_{x+5}), w = 0 (`un`), 1 (`zelnik`), 2 (`ramachandran`).
    `open_ended`: the last group is open and left out. Shape: (…, groups) → (…).
    Source: United Nations 1955, Manual II; Ramachandran 1967. Oracle: tests/oracle/test_age_sex.py.
    """
    if method not in OWN_WEIGHT:
        raise ValueError(f"method {method!r} is not known; use one of {', '.join(OWN_WEIGHT)}")
    _check(ages, population)
    people, weight = _groups(population, open_ended), OWN_WEIGHT[method]
    own, beside = people[..., 1:-1], people[..., :-2] + people[..., 2:]
    return _mean(np.abs(100 * (weight + 2) * _divide(own, beside + weight * own) - 100))


def sex_ratio_score(
    males: ArrayLike, females: ArrayLike, ages: ArrayLike | None = None, *, open_ended: bool = True
) -> Floats:
    """Mean absolute change of the sex ratio (males per 100 females) from one age group to the next.

    Shape: (…, groups) → (…). Source: United Nations 1955, Manual II. Oracle: tests/oracle/test_age_sex.py.
    """
    _check(ages, males)
    ratio = 100 * _divide(_groups(males, open_ended), _groups(females, open_ended))
    return _mean(np.abs(np.diff(ratio, axis=-1)))


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def un_age_sex_accuracy(
    males: ArrayLike,
    females: ArrayLike,
    ages: ArrayLike | None = None,
    *,
    method: str = "un",
    adjust: bool = True,
    open_ended: bool = True,
) -> Floats:
    """United Nations age-sex accuracy index: 3 × sex ratio score + age ratio scores of males and females.

    Under 20 accurate, 20–40 inaccurate, over 40 highly inaccurate. `adjust` takes off 3500 ÷ √people − 3.5 when
    there are fewer than a million of them (whole persons, not thousands!): small places look rougher by chance. In
    very small places it takes off more than there is, and the result is below 0: it says that nothing can be said.
    Methods: those of `age_ratio_score`, and `das-gupta` (Das Gupta 1955), a product of indices.
    Shape: (…, groups) → (…). Source: United Nations 1952, Population Bulletin 2; 1955, Manual II.
    Oracle: tests/oracle/test_age_sex.py.
    """
    _check(ages, males)
    if method == "das-gupta":
        return _das_gupta(_groups(males, open_ended), _groups(females, open_ended))
    score = (
        3 * sex_ratio_score(males, females, open_ended=open_ended)
        + age_ratio_score(males, method=method, open_ended=open_ended)
        + age_ratio_score(females, method=method, open_ended=open_ended)
    )
    total = _groups(males, False).sum(axis=-1) + _groups(females, False).sum(axis=-1)
    small = (total > 0) & (total < SMALL)
    off = np.where(small, 3500 / np.sqrt(np.where(small, total, SMALL)) - 3.5, 0.0)
    return np.asarray(score - off if adjust else score)[()]


def dissimilarity(one: ArrayLike, other: ArrayLike) -> Floats:
    """Index of dissimilarity of two distributions: % that would have to move. ½ Σ |share − share| × 100.

    Shape: (…, groups) → (…). Source: Duncan and Duncan 1955. Oracle: tests/oracle/test_age_sex.py.
    """
    return np.asarray(50 * np.abs(_shares(one) - _shares(other)).sum(axis=-1))[()]


def relative_difference(one: ArrayLike, other: ArrayLike) -> Floats:
    """Index of relative difference: half the mean of |100 × share of other ÷ share of one − 100|.

    Groups that are empty in `one` are left out. Shape: (…, groups) → (…).
    Source: Shryock and Siegel 1973. Oracle: tests/oracle/test_age_sex.py.
    """
    ratio = _divide(_shares(other), _shares(one))
    there = np.isfinite(ratio)
    count = there.sum(axis=-1)
    total = np.where(there, np.abs(100 * np.where(there, ratio, 1.0) - 100), 0.0).sum(axis=-1)
    return np.asarray(np.divide(total, 2 * count, out=np.full(np.shape(total), np.nan), where=count > 0))[()]


def _das_gupta(males: Floats, females: Floats) -> Floats:
    """Das Gupta's product: sex ratio part, free of the trend with age, times age ratio parts of each sex."""
    pair_m, pair_f = males[..., 1:] + males[..., :-1], females[..., 1:] + females[..., :-1]
    steps = np.abs(np.diff(100 * _divide(males, females), axis=-1)).sum(axis=-1)
    trend = np.abs(
        100 * _divide(pair_m[..., 0], pair_f[..., 0]) - 100 * _divide(pair_m[..., -1], pair_f[..., -1])
    )
    return np.asarray((steps - trend) / pair_m.shape[-1] * _dg_age(males, pair_m) * _dg_age(females, pair_f))[
        ()
    ]


def _dg_age(people: Floats, pairs: Floats) -> Floats:
    deviation = np.abs(200 * _divide(people[..., 1:], pairs) - 100).sum(axis=-1)
    highest = 200 * _divide(people.max(axis=-1), pairs[..., 0])
    last = 200 * _divide(people[..., -1], pairs[..., 0])
    return _divide(deviation, highest - 100 + highest - last)


def _check(ages: ArrayLike | None, population: ArrayLike) -> None:
    """Groups of equal width, youngest first, one age each."""
    if ages is None:
        return
    starts = floats(ages)
    if starts.shape != np.shape(population)[-1:]:
        raise ValueError(f"{starts.size} ages, but figures of shape {np.shape(population)}")
    steps = np.diff(starts)
    if len(steps) and not (steps[0] > 0 and (steps == steps[0]).all()):
        raise ValueError("age groups are of equal width, youngest first (0, 5, 10 …)")


def _groups(population: ArrayLike, open_ended: bool) -> Floats:
    people = np.atleast_1d(floats(population))
    people = np.where(np.isfinite(people) & (people >= 0), people, np.nan)
    return people[..., :-1] if open_ended else people


def _shares(population: ArrayLike) -> Floats:
    people = _groups(population, False)
    return _divide(people, people.sum(axis=-1, keepdims=True))


def _divide(part: Floats, whole: Floats) -> Floats:
    part, whole = np.broadcast_arrays(part, whole)
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0))


def _mean(values: Floats) -> Floats:
    if not values.shape[-1]:
        return np.full(values.shape[:-1], np.nan)[()]
    return np.asarray(values.mean(axis=-1))[()]
