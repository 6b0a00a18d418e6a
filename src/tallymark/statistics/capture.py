"""How many there are, seen and unseen, from two lists of the same people: totals with standard errors.

Everything broadcasts. Undefined (NaN): a figure missing or negative, more in both lists than in one of them,
no one in both where the formula divides by them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tallymark.statistics.arguments import floats

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def lincoln_petersen(n1: ArrayLike, n2: ArrayLike, both: ArrayLike) -> Pair:
    """Total and its standard error from `n1` people on one list, `n2` on the other and `both` on both.

    n1 n2 ÷ m, variance n1 n2 (n1 − m)(n2 − m) ÷ m³. Biased upwards in small lists, undefined for m = 0: prefer
    `chapman`. Assumes that lists are independent, complete matching, a closed population and no one more likely
    to be on both. Source: Petersen 1896, Lincoln 1930; Seber 1982, §3.1. Test: tests/unit/statistics/test_capture.py.
    Shape: lists broadcast.
    """
    first, second, common, defined = _lists(n1, n2, both)
    defined &= common > 0
    common = np.where(defined, common, 1.0)
    variance = first * second * (first - common) * (second - common) / common**3
    return _pair(defined, first * second / common, variance)


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def chapman(n1: ArrayLike, n2: ArrayLike, both: ArrayLike) -> Pair:
    """Total and its standard error, nearly unbiased, defined even when nobody is on both lists.

    (n1 + 1)(n2 + 1) ÷ (m + 1) − 1, variance (n1 + 1)(n2 + 1)(n1 − m)(n2 − m) ÷ ((m + 1)²(m + 2)).
    Unbiased when n1 + n2 ≥ total, otherwise low. Source: Chapman 1951; Seber 1970 for the variance.
    Test: tests/unit/statistics/test_capture.py (mean over all samples of a small population, enumerated). Shape:
    lists broadcast.
    """
    first, second, common, defined = _lists(n1, n2, both)
    total = (first + 1) * (second + 1) / (common + 1) - 1
    top = (first + 1) * (second + 1) * (first - common) * (second - common)
    return _pair(defined, total, top / ((common + 1) ** 2 * (common + 2)))


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def stratified_chapman(n1: ArrayLike, n2: ArrayLike, both: ArrayLike) -> Pair:
    """Sum of Chapman totals over strata (last axis), and its standard error.

    People who are likelier to be on both lists than others make the plain total too low; strata within which
    everybody is about equally likely take that bias away (Sekar and Deming 1949). A stratum missing, the sum is missing.
    Shape: (…, strata) → (…). Source: Sekar and Deming 1949, JASA 44. Test: tests/unit/statistics/test_capture.py.
    """
    totals, errors = chapman(n1, n2, both)
    return np.asarray(totals).sum(axis=-1)[()], np.sqrt((np.asarray(errors) ** 2).sum(axis=-1))[()]


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def population_interval(total: ArrayLike, se: ArrayLike, seen: ArrayLike, *, level: float = 0.95) -> Pair:
    """Lower and upper limits of a total of which `seen` have been seen; the lower is never under `seen`.

    seen + f ÷ C and seen + f × C with f = total − seen, C = exp(z √ln(1 + se² ÷ f²)): a log-normal for the
    unseen. Where nobody is estimated unseen both limits are the total. Source: Chao 1987, Biometrics 43. Shape:
    everything broadcasts. Test: tests/unit/statistics/test_capture.py (coverage).
    """
    if not 0 < level < 1:
        raise ValueError(f"level is a confidence level between 0 and 1 (0.95), not {level!r}")
    whole, error, known = np.broadcast_arrays(*(floats(each) for each in (total, se, seen)))
    defined = np.isfinite(whole) & np.isfinite(error) & (error >= 0) & (known >= 0) & (whole >= known)
    unseen = np.where(defined, whole - known, 1.0)
    some = unseen > 0
    spread = np.where(defined & some, error, 0.0) / np.where(some, unseen, 1.0)
    factor = np.exp(-special.ndtri((1 - level) / 2) * np.sqrt(np.log1p(spread**2)))
    low, high = known + unseen / factor, known + unseen * factor
    return np.where(defined, low, np.nan)[()], np.where(defined, high, np.nan)[()]


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def linkage_corrected(
    n1: ArrayLike,
    n2: ArrayLike,
    linked: ArrayLike,
    *,
    found: ArrayLike,
    false: ArrayLike = 0.0,
    found_se: ArrayLike = 0.0,
    false_se: ArrayLike = 0.0,
) -> Pair:
    """Chapman total and standard error when some of those on both lists were not linked, or others wrongly.

    `found`: share of true matches that were linked (sensitivity, with matches lost to blocking counted as lost);
    `false`: share of the people on list 1 only who were linked to somebody. With M true matches, linked =
    found × M + false × (n1 − M) on average, so M = (linked − false × n1) ÷ (found − false), kept between 0 and
    min(n1, n2). The error adds three parts: who is on both, which links happened, and `found_se`, `false_se` of
    the check sample. Undefined where found ≤ false. Source: Ding and Fienberg 1994, Survey Methodology 20;
    Di Consiglio and Tuoto 2015. Test: tests/unit/statistics/test_capture.py (bias and coverage simulated). Shape:
    everything broadcasts.
    """
    first, second, links, defined = _lists(n1, n2, linked)
    hit, miss, hit_se, miss_se = (floats(each) for each in (found, false, found_se, false_se))
    defined = defined & (hit > miss) & (hit <= 1) & (miss >= 0) & (hit_se >= 0) & (miss_se >= 0)
    gap = np.where(defined, hit - miss, 1.0)
    matches = np.clip((links - miss * first) / gap, 0, np.minimum(first, second))
    total = (first + 1) * (second + 1) / (matches + 1) - 1
    sampling = (first + 1) * (second + 1) * (first - matches) * (second - matches)
    sampling = sampling / ((matches + 1) ** 2 * (matches + 2))
    linking = matches * hit * (1 - hit) + (first - matches) * miss * (1 - miss)
    checked = (matches * hit_se) ** 2 + ((first - matches) * miss_se) ** 2
    slope = (first + 1) * (second + 1) / (matches + 1) ** 2
    return _pair(defined, total, sampling + (slope / gap) ** 2 * (linking + checked))


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def dependent_population(n1: ArrayLike, n2: ArrayLike, both: ArrayLike, *, odds_ratio: ArrayLike) -> Pair:
    """Total and standard error if being on one list goes with being on the other by this odds ratio.

    Two lists can't show whether they are independent (odds ratio 1); this says what each value would mean:
    unseen = odds_ratio × (n1 − m)(n2 − m) ÷ m, with variance unseen² (1/m + 1/(n1 − m) + 1/(n2 − m)) + unseen.
    Above 1: who is on one is likelier on the other, and the total is higher than Lincoln–Petersen's.
    Undefined for m = 0. Source: Gerritse, van der Heijden and Bakker 2015, Journal of Official Statistics 31. Shape:
    everything broadcasts. Test: tests/unit/statistics/test_capture.py.
    """
    first, second, common, defined = _lists(n1, n2, both)
    odds = floats(odds_ratio)
    defined = defined & (common > 0) & np.isfinite(odds) & (odds >= 0)
    common, only1 = np.where(defined, common, 1.0), np.where(defined, first - common, 1.0)
    only2, odds = np.where(defined, second - common, 1.0), np.where(defined, odds, 1.0)
    unseen = odds * only1 * only2 / common
    inverse = 1 / common + 1 / np.where(only1 > 0, only1, 1.0) + 1 / np.where(only2 > 0, only2, 1.0)
    return _pair(defined, common + only1 + only2 + unseen, unseen**2 * inverse + unseen)


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def dependence_band(
    n1: ArrayLike,
    n2: ArrayLike,
    both: ArrayLike,
    *,
    odds_ratios: tuple[float, float] = (0.5, 2.0),
    level: float = 0.95,
) -> Pair:
    """Lowest and highest total that chance and dependence between these odds ratios allow together.

    The lower limit at the smallest odds ratio, the upper at the largest (`dependent_population` with
    `population_interval`). Without a third list nothing in the data narrows this band. Shape: lists broadcast.
    Source: Gerritse et al. 2015. Test: tests/unit/statistics/test_capture.py.
    """
    least, most = sorted(odds_ratios)
    seen = floats(n1) + floats(n2) - floats(both)
    low, _ = population_interval(*dependent_population(n1, n2, both, odds_ratio=least), seen, level=level)
    _, high = population_interval(*dependent_population(n1, n2, both, odds_ratio=most), seen, level=level)
    return low, high


def _lists(n1: ArrayLike, n2: ArrayLike, both: ArrayLike) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
    """The three counts, harmless where not defined, and where they are defined."""
    first, second, common = np.broadcast_arrays(*(floats(each) for each in (n1, n2, both)))
    defined = np.isfinite(first) & np.isfinite(second) & (common >= 0)
    defined &= (common <= first) & (common <= second)
    return (
        np.where(defined, first, 1.0),
        np.where(defined, second, 1.0),
        np.where(defined, common, 1.0),
        defined,
    )


def _pair(defined: NDArray[np.bool_], total: Floats, variance: Floats) -> Pair:
    error = np.sqrt(np.where(defined, variance, 0.0))
    return np.where(defined, total, np.nan)[()], np.where(defined, error, np.nan)[()]
