"""What every kernel here starts with: arrays of doubles, a choice by name, shapes that fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Choice = TypeVar("Choice")


def floats(values: ArrayLike) -> Floats:
    """The values as doubles; missing (NaN, None, masked) is NaN. A ValueError for what is no array of numbers."""
    try:
        if isinstance(values, np.ma.MaskedArray):
            return np.asarray(np.ma.filled(values.astype(np.float64), np.nan))
        if np.iscomplexobj(values):
            raise ValueError("these are complex")
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"an array of numbers is needed: {error}") from None


def choose(known: Mapping[str, Choice], name: object, what: str) -> Choice:
    """What `name` stands for; a ValueError that lists the known names."""
    if not isinstance(name, str) or name not in known:
        raise ValueError(f"{what} {name!r} is not known; use one of {', '.join(known)}")
    return known[name]


def starts(ages: ArrayLike | None, groups: int) -> Floats:
    """First ages of `groups` age groups, the last one open: single years from 0 when none are given."""
    if ages is None:
        return np.arange(groups, dtype=np.float64)
    found = floats(ages)
    if found.shape != (groups,):
        raise ValueError(f"{groups} age groups need as many first ages, not {found.shape}")
    if not (np.isfinite(found).all() and (np.diff(found) > 0).all() and found[0] >= 0):
        raise ValueError(f"first ages must rise from 0 or more, not {found.tolist()}")
    return found


def widths(ages: Floats) -> Floats:
    """Years in each age group; infinite for the open one."""
    return np.append(np.diff(ages), np.inf)


def spread(values: ArrayLike, shape: tuple[int, ...], what: str) -> Floats:
    """The values repeated to `shape`; a ValueError that says which of the inputs does not fit."""
    given = floats(values)
    try:
        return np.broadcast_to(given, shape)
    except ValueError:
        raise ValueError(f"{what} has shape {given.shape}, which does not fit {shape}") from None
