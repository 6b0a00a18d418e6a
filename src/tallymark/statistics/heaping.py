"""Digit preference in reported ages: people by single year of age in, an index out; the last axis is age.

Ages are single years, ascending; without `ages` they start at 0. An age that an index needs and that is not
there, or whose figure is missing, makes the index NaN; so does a range without people.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tallymark.statistics.arguments import floats

Floats = NDArray[np.float64]
DIGITS = np.arange(10)


def whipple(
    population: ArrayLike,
    ages: ArrayLike | None = None,
    *,
    first: int = 23,
    last: int = 62,
    digits: Sequence[int] = (0, 5),
) -> Floats:
    """Whipple's index: people at ages ending in `digits`, over the share expected of them. 1 = no preference.

    Ages with a digit counted are those from `first` to `last`; the people they are compared with lie in whole
    spans around them: 2 years below the first to 2 above the last for (0, 5), 7 below for one digit. With the
    usual 23–62 that is Σ P(25, 30, … 60) × 5 ÷ Σ P(23 … 62). Multiply by 100 for the classic scale, on which the
    UN calls under 105 very accurate, over 175 very rough; 5 (or 10, one digit) = everybody at those ages.
    Shape: (…, ages) → (…). Source: Shryock and Siegel 1973, ch. 8; Spoorenberg 2007 for single digits.
    Oracle: tests/oracle/test_heaping.py.
    """
    people, years = _by_age(population, ages)
    wanted = sorted(set(digits))
    if wanted != [0, 5] and len(wanted) != 1:
        raise ValueError(f"digits are (0, 5) or one digit, not {tuple(digits)!r}")
    counted = (years >= first) & (years <= last) & np.isin(years % 10, wanted)
    if not counted.any():
        return _nothing(people)
    below = 2 if len(wanted) == 2 else 7
    low, high = int(years[counted].min()) - below, int(years[counted].max()) + 2
    return _share(people[..., counted], _span(people, years, low, high)) * (10 / len(wanted))


def myers(
    population: ArrayLike,
    ages: ArrayLike | None = None,
    *,
    first: int = 10,
    last: int = 89,
    method: str = "original",
) -> Floats:
    """Myers' blended index: % of people who would have to report another last digit; 0 = none, 90 = all on one.

    Sums by last digit over ten equally long spans of ages, each starting a year later, so that every digit
    leads once; half the sum of |share − 10 %|. `last` is lowered until whole decades remain. `original` leaves
    the last decade out of the first sum (Myers 1940), `pasex` keeps it in, as the US Census Bureau's
    spreadsheet does. Shape: (…, ages) → (…). Oracle: tests/oracle/test_heaping.py. Source: Myers 1940; Arriaga 1994
    for `pasex`.
    """
    if method not in ("original", "pasex"):
        raise ValueError(f"method {method!r} is not known; use one of original, pasex")
    people, years = _by_age(population, ages)
    decades = (last - first + 1) // 10
    if decades < 2:
        return _nothing(people)
    span = _span(people, years, first, first + 10 * decades - 1)
    table = span.reshape(*span.shape[:-1], decades, 10)  # column = digits from that of `first` on
    early = table if method == "pasex" else table[..., :-1, :]
    weight = np.arange(1, 11)
    blended = early.sum(axis=-2) * weight + table[..., 1:, :].sum(axis=-2) * (10 - weight)
    return np.asarray(50 * np.abs(_share_each(blended) - 0.1).sum(axis=-1))[()]


def bachi(
    population: ArrayLike,
    ages: ArrayLike | None = None,
    *,
    first: int = 23,
    last: int = 77,
    method: str = "original",
) -> Floats:
    """Bachi's index: Whipple's idea for each digit, in two spans that put it at both middles; % to be moved, 0–90.

    For each digit the share of people in spans of whole decades in which it is the fifth, and then the fourth, of ten;
    `original` averages the two shares, `pasex` the people (half the sum of |share − 10 %| either way).
    Shape: (…, ages) → (…). Source: Bachi 1951; Shryock and Siegel 1973. Oracle: tests/oracle/test_heaping.py.
    """
    if method not in ("original", "pasex"):
        raise ValueError(f"method {method!r} is not known; use one of original, pasex")
    people, years = _by_age(population, ages)
    length = (last - first) // 10 * 10
    starts = first + np.arange(5)
    if starts[-1] + length > last:
        length -= 10
    if length < 10:
        return _nothing(people)
    shares = []
    for digit in DIGITS:
        start = int(starts[starts % 5 == digit % 5][0])
        counts = [_digit_and_all(people, years, start + later, length, int(digit)) for later in (0, 1)]
        shares.append(_average(counts, people_first=method == "pasex"))
    return np.asarray(50 * np.abs(np.stack(shares, axis=-1) - 0.1).sum(axis=-1))[()]


def noumbissi(
    population: ArrayLike,
    ages: ArrayLike | None = None,
    *,
    digit: int = 0,
    first: int | None = None,
    last: int | None = None,
) -> Floats:
    """Noumbissi's index of one digit: people at ages ending in it × 5, over the five-year groups around them.

    1 = neither liked nor shunned. Ages counted lie from `first` (20 + digit) to `last` (first + 30).
    Shape: (…, ages) → (…). Source: Noumbissi 1992. Oracle: tests/oracle/test_heaping.py.
    """
    people, years = _by_age(population, ages)
    first = 20 + digit if first is None else first
    last = first + 30 if last is None else last
    counted = (years >= first) & (years <= last) & (years % 10 == digit)
    if not counted.any():
        return _nothing(people)
    around = [_span(people, years, int(year) - 2, int(year) + 2) for year in years[counted]]
    return 5 * _share(people[..., counted], np.concatenate(around, axis=-1))


def spoorenberg(
    population: ArrayLike, ages: ArrayLike | None = None, *, first: int = 20, last: int = 64
) -> Floats:
    """Total modified Whipple index: Σ |1 − Noumbissi's index| over the ten digits. 0 = no preference, 16 = only 0 and 5.

    Shape: (…, ages) → (…). Source: Spoorenberg and Dutreuilh 2007. Oracle: tests/oracle/test_heaping.py.
    """
    each = [noumbissi(population, ages, digit=int(digit), first=first, last=last) for digit in DIGITS]
    return np.asarray(np.abs(1 - np.stack(each, axis=-1)).sum(axis=-1))[()]


def coale_li(
    population: ArrayLike,
    ages: ArrayLike | None = None,
    *,
    first: int = 60,
    last: int | None = None,
    digit: int = 0,
    terms: int = 5,
) -> Floats:
    """Coale and Li's index for high ages: people at ages ending in `digit` over a twice-smoothed series; 1 = none.

    The smoothed series is a centred moving average of `terms` (odd) ages, taken twice; ages without one are left out.
    Shape: (…, ages) → (…). Source: Coale and Li 1991, Demography 28. Oracle: tests/oracle/test_heaping.py.
    """
    people, years = _by_age(population, ages)
    last = int(years.max(initial=0)) if last is None else last
    smooth = _moving(_moving(people, terms), terms)
    ratio = np.divide(people, smooth, out=np.full(people.shape, np.nan), where=smooth > 0)
    place = np.arange(len(years))
    inside = (place >= terms - 1) & (place <= len(years) - terms)
    counted = inside & (years >= first) & (years <= last) & (years % 10 == digit)
    return ratio[..., counted].mean(axis=-1)[()] if counted.any() else _nothing(people)


def kannisto(population: ArrayLike, ages: ArrayLike | None = None, *, age: int = 90) -> Floats:
    """Kannisto's index of one high age: people at `age` over the geometric mean of the five ages around it.

    A figure of 0 among the five makes the mean 0 and the index NaN. Source: Kannisto 1999.
    Shape: (…, ages) → (…). Oracle: tests/oracle/test_heaping.py.
    """
    people, years = _by_age(population, ages)
    five = _span(people, years, age - 2, age + 2)
    positive = (five > 0).all(axis=-1)
    mean = np.exp(np.log(np.where(five > 0, five, 1.0)).mean(axis=-1))
    return np.where(positive, five[..., 2] / mean, np.nan)[()]


def jdanov(
    population: ArrayLike, ages: ArrayLike | None = None, *, heaps: Sequence[int] = (95, 100, 105)
) -> Floats:
    """Jdanov's index for the oldest: people at `heaps` × 500 over the five-year groups around them; 100 = none.

    Shape: (…, ages) → (…). Source: Jdanov, Scholz and Shkolnikov 2008. Oracle: tests/oracle/test_heaping.py.
    """
    people, years = _by_age(population, ages)
    around = np.concatenate([_span(people, years, heap - 2, heap + 2) for heap in heaps], axis=-1)
    return 500 * _share(around[..., 2::5], around)


def sawtooth(
    population: ArrayLike, ages: ArrayLike | None = None, *, first: int = 40, last: int = 80
) -> Floats:
    """How much five-year groups at ages ending in 0 stand above those ending in 5; 1 = no zigzag.

    Each five-year group from `first` to `last` over the mean of its two neighbours; the mean of those at 0
    over the mean of those at 5 (whole decades only). Shape: (…, single ages) → (…).
    Source: Feeney 2013, "Removing zigzag from age data". Oracle: tests/oracle/test_heaping.py.
    """
    people, years = _by_age(population, ages)
    first -= first % 10
    starts = np.arange(first, first + (last - first + 5) // 10 * 10, 5)
    if not len(starts):
        return _nothing(people)
    groups = np.stack(
        [_span(people, years, int(start), int(start) + 4).sum(axis=-1) for start in [first - 5, *starts, starts[-1] + 5]],
        axis=-1,
    )  # fmt: skip
    beside = (groups[..., :-2] + groups[..., 2:]) / 2
    ratio = np.divide(groups[..., 1:-1], beside, out=np.full(beside.shape, np.nan), where=beside > 0)
    even, odd = ratio[..., 0::2].mean(axis=-1), ratio[..., 1::2].mean(axis=-1)
    return np.asarray(np.divide(even, odd, out=np.full(np.shape(odd), np.nan), where=odd > 0))[()]


def _by_age(population: ArrayLike, ages: ArrayLike | None) -> tuple[Floats, NDArray[np.int64]]:
    """People (negative and infinite figures are missing) and their ages."""
    people = np.atleast_1d(floats(population))
    years = np.arange(people.shape[-1]) if ages is None else np.asarray(ages).astype(np.int64)
    if years.shape != people.shape[-1:]:
        raise ValueError(f"{people.shape[-1]} figures on the last axis, but {years.size} ages")
    if (np.diff(years) <= 0).any():
        raise ValueError("ages ascend: each once, youngest first")
    return np.where(np.isfinite(people) & (people >= 0), people, np.nan), years


def _span(people: Floats, years: NDArray[np.int64], low: int, high: int) -> Floats:
    """People at every single age from low to high; NaN where an age is not there."""
    wanted = np.arange(low, high + 1)
    if not len(years):
        return np.full((*people.shape[:-1], len(wanted)), np.nan)
    at = np.clip(np.searchsorted(years, wanted), 0, len(years) - 1)
    found: Floats = np.where(years[at] == wanted, people[..., at], np.nan)
    return found


def _share(part: Floats, whole: Floats) -> Floats:
    total = whole.sum(axis=-1)
    empty = np.full(np.shape(total), np.nan)
    return np.asarray(np.divide(part.sum(axis=-1), total, out=empty, where=total > 0))[()]


def _share_each(counts: Floats) -> Floats:
    total = counts.sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0))


def _digit_and_all(
    people: Floats, years: NDArray[np.int64], start: int, length: int, digit: int
) -> tuple[Floats, Floats]:
    span = _span(people, years, start, start + length - 1)
    return span[..., (digit - start) % 10 :: 10].sum(axis=-1), span.sum(axis=-1)


def _average(counts: list[tuple[Floats, Floats]], *, people_first: bool) -> Floats:
    """The share of the mean, or the mean of the shares."""
    part, whole = np.stack([c[0] for c in counts]), np.stack([c[1] for c in counts])
    if people_first:
        part, whole = part.mean(axis=0), whole.mean(axis=0)
    share = np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0)
    return share if people_first else np.asarray(share.mean(axis=0))


def _moving(values: Floats, terms: int) -> Floats:
    """Centred moving average along the last axis, NaN at the ends."""
    if terms % 2 != 1:
        raise ValueError(f"terms is an odd number of ages, not {terms!r}")
    out = np.full(values.shape, np.nan)
    if values.shape[-1] >= terms:
        windows = np.lib.stride_tricks.sliding_window_view(values, terms, axis=-1)
        out[..., terms // 2 : values.shape[-1] - terms // 2] = windows.mean(axis=-1)
    return out


def _nothing(people: Floats) -> Floats:
    return np.full(people.shape[:-1], np.nan)[()]
