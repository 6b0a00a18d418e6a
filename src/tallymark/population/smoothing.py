"""Five-year groups made smoother, by named methods, where ages were told in round numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from tallymark.population.age_groups import fives
from tallymark.population.arrays import Floats, choose


def smooth(
    values: ArrayLike,
    *,
    ages: ArrayLike | None = None,
    method: str = "arriaga",
    tails: str = "original",
    limits: tuple[float, float] | None = None,
) -> tuple[Floats, Floats]:
    """Five-year groups (…, group), smoothed, and their first ages. The last group is open and stays as it is.

    values (…, age) by single years from 0, by 0, 1, 5 … or by fives; ages: first age of each.

    Methods that keep ten-year totals: `carrier-farrag` (1959), `karup-king-newton`, `arriaga` (1968). Others:
    `united-nations` (five terms), `strong` (Arriaga after smoothing tens between the `limits` 10 and 65),
    `zigzag` (Feeney 2013, between the `limits` 40 and the last ages), `moving-average` (three terms).
    tails: what stands where a method says nothing at either end: `original`, `arriaga`, `strong`, or `missing` (NaN).
    Missing groups make what rests on them NaN. Test: oracle/test_smoothing.py (DemoTools).
    """
    rule = choose(METHODS, method, "method")
    fill = choose(TAILS, tails, "tails")
    given, first = fives(values, ages)
    closed = given[..., :-1]
    found = rule(closed, first[:-1], limits)
    if fill is not None:
        found = np.where(np.isnan(found), fill(closed, first[:-1], None), found)
    return np.concatenate([found, given[..., -1:]], axis=-1), first


Limits = tuple[float, float] | None


def _tens(closed: Floats) -> tuple[Floats, Floats, Floats]:
    """Whole ten-year totals, with those before and after, NaN at the ends."""
    pairs = closed.shape[-1] // 2
    tens = closed[..., : 2 * pairs].reshape(*closed.shape[:-1], pairs, 2).sum(-1)
    return tens, _moved(tens, 1), _moved(tens, -1)


def _moved(values: Floats, by: int) -> Floats:
    """The values `by` places later, NaN where none come in."""
    found = np.full_like(values, np.nan)
    if by > 0:
        found[..., by:] = values[..., :-by]
    else:
        found[..., :by] = values[..., -by:]
    return found


def _interleaved(tens: Floats, second: Floats, closed: Floats) -> Floats:
    """First and second halves of tens, one after the other; NaN where a group has no ten."""
    halves = np.stack([tens - second, second], axis=-1).reshape(*tens.shape[:-1], -1)
    found = np.full_like(closed, np.nan)
    found[..., : halves.shape[-1]] = halves
    return found


def _carrier_farrag(closed: Floats, ages: Floats, limits: Limits) -> Floats:
    del ages, limits
    tens, before, after = _tens(closed)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _interleaved(tens, tens / (1 + (before / after) ** 0.25), closed)


def _karup_king_newton(closed: Floats, ages: Floats, limits: Limits) -> Floats:
    del ages, limits
    tens, before, after = _tens(closed)
    return _interleaved(tens, tens / 2 - (before - after) / 16, closed)


def _arriaga(closed: Floats, ages: Floats, limits: Limits) -> Floats:
    del ages, limits
    tens, _, _ = _tens(closed)
    return _arriaga_halves(tens, closed)


def _arriaga_halves(tens: Floats, closed: Floats) -> Floats:
    if tens.shape[-1] < 3:
        return np.full_like(closed, np.nan)
    before, after = _moved(tens, 1), _moved(tens, -1)
    second = (-before + 11 * tens + 2 * after) / 24
    second[..., 0] = (8 * tens[..., 0] + 5 * tens[..., 1] - tens[..., 2]) / 24
    second[..., -1] = tens[..., -1] - (8 * tens[..., -1] + 5 * tens[..., -2] - tens[..., -3]) / 24
    return _interleaved(tens, second, closed)


def _united_nations(closed: Floats, ages: Floats, limits: Limits) -> Floats:
    del ages, limits
    near, far = _moved(closed, 1) + _moved(closed, -1), _moved(closed, 2) + _moved(closed, -2)
    return (10 * closed + 4 * near - far) / 16


def _strong(closed: Floats, ages: Floats, limits: Limits) -> Floats:
    low, high = limits or (10, 65)
    tens, before, after = _tens(closed)
    heads = ages[: 2 * tens.shape[-1] : 2]
    inside = (heads >= low) & (heads <= high)
    smoother = (2 * tens + before + after) / 4
    smoother = np.where(np.isnan(smoother), tens, smoother)
    kept = tens[..., inside].sum(-1, keepdims=True)
    smoother[..., inside] *= kept / smoother[..., inside].sum(-1, keepdims=True)
    return _arriaga_halves(smoother, closed)


def _zigzag(closed: Floats, ages: Floats, limits: Limits) -> Floats:
    """Moves a share of every second group to its neighbours, such that all lie nearest to the mean of theirs."""
    low, high = limits or (40, ages[-1])
    middles = low + 5 + 10 * np.arange(int((high - low) // 10))
    middles = middles[middles + 5 <= ages[-1]]
    if not len(middles) or not np.isin(middles, ages).all():
        raise ValueError(f"there are no tens between {low:g} and {high:g} in ages {ages.tolist()}")
    at = np.searchsorted(ages, middles)
    rows = closed.reshape(-1, closed.shape[-1])
    found = np.array([_straightened(row, at) for row in rows]).reshape(closed.shape)
    return np.where(found == closed, np.nan, found)


def _straightened(row: Floats, at: np.ndarray) -> Floats:
    if not np.isfinite(row).all():
        return row

    def misfit(shares: Floats) -> float:
        return zigzag_misfit(row, shares, at)

    best = optimize.minimize(misfit, np.full(len(at), 0.05), method="BFGS", options={"gtol": 1e-12})
    return _shared(row, best.x, at)


def zigzag_misfit(row: Floats, shares: Floats, at: np.ndarray) -> float:
    """How far groups lie from the mean of their neighbours when groups `at` give `shares` away: Σ (N − mean)² ÷ N."""
    moved = _shared(row, shares, at)
    changed = np.flatnonzero(np.abs(moved - row) > 1e-6)
    changed = changed[(changed > 0) & (changed < len(row) - 1)]
    gap = moved[changed] - (moved[changed - 1] + moved[changed + 1]) / 2
    return float((gap**2 / moved[changed]).sum())


def _shared(row: Floats, shares: Floats, at: np.ndarray) -> Floats:
    moved, given = row.copy(), row[at] * shares
    moved[at] -= given
    np.add.at(moved, at - 1, given / 2)
    np.add.at(moved, at + 1, given / 2)
    return moved


def _moving_average(closed: Floats, ages: Floats, limits: Limits) -> Floats:
    del ages, limits
    return (_moved(closed, 1) + closed + _moved(closed, -1)) / 3


def _original(closed: Floats, ages: Floats, limits: Limits) -> Floats:
    del ages, limits
    return closed


Rule = Callable[[Floats, Floats, Limits], Floats]
METHODS: Mapping[str, Rule] = {
    "carrier-farrag": _carrier_farrag,
    "karup-king-newton": _karup_king_newton,
    "arriaga": _arriaga,
    "united-nations": _united_nations,
    "strong": _strong,
    "zigzag": _zigzag,
    "moving-average": _moving_average,
}
TAILS: Mapping[str, Rule | None] = {
    "original": _original,
    "arriaga": _arriaga,
    "strong": _strong,
    "missing": None,
}
