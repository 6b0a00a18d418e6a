"""What every kernel does to its arguments: numbers as doubles with missing as NaN, a level, a method by its word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Interval = tuple[Floats, Floats]
Estimate = tuple[Floats, Floats, Floats]
"""Value, lower and upper limit."""
Choice = TypeVar("Choice")


def floats(values: ArrayLike) -> Floats:
    """The values as doubles; what a mask covers is missing, and so is None."""
    given = np.asarray(values, dtype=np.float64)
    return np.where(np.ma.getmaskarray(values), np.nan, given) if np.ma.isMaskedArray(values) else given


def tail(level: float) -> float:
    """The probability beyond each limit, (1 − level) ÷ 2."""
    if not (isinstance(level, (int, float, np.number)) and 0 < level < 1):
        raise ValueError(f"level is a confidence level between 0 and 1 (0.95), not {level!r}")
    return (1 - level) / 2


def normal_quantile(level: float) -> float:
    """z of a two-sided level: 1.96 for 0.95."""
    return float(-special.ndtri(tail(level)))


def chosen(known: Mapping[str, Choice], word: str, *, what: str = "method") -> Choice:
    """What a word stands for; an unknown one is refused with the known ones."""
    if word not in known:
        raise ValueError(f"{what} {word!r} is not known; use one of {', '.join(known)}")
    return known[word]


def pair(defined: Bools, low: Floats, high: Floats) -> Interval:
    """Two values, NaN where not defined; NumPy scalars when the input was scalar."""
    return np.where(defined, low, np.nan)[()], np.where(defined, high, np.nan)[()]


def triple(defined: Bools, value: Floats, low: Floats, high: Floats) -> Estimate:
    """Three values, NaN where not defined; NumPy scalars when the input was scalar."""
    return (np.where(defined, value, np.nan)[()], *pair(defined, low, high))


def ages_of(first: Floats, *others: Floats) -> tuple[Floats, ...]:
    """Arrays broadcast together, whose last axis is age: one that has none is refused."""
    if first.ndim == 0:
        raise ValueError("the last axis is age (or groups): a single number has none")
    return tuple(np.broadcast_arrays(first, *others))
