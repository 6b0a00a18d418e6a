"""Parts brought to add up to a whole: projections of areas to a national one, and people to whole persons."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike

from tallymark.population.arrays import Floats, choose, floats


def reconcile(parts: ArrayLike, whole: ArrayLike, *, method: str = "proportional") -> Floats:
    """Parts (part, …) adjusted so that they add to `whole` (…) everywhere.

    `proportional`: each part × whole ÷ Σ parts, for what cannot be negative; parts that add to 0 share the whole
    alike. `plus-minus`: positive and negative parts are scaled apart, so that net migrants keep their signs (Akers and
    Siegel 1965). Missing parts make all parts of their cell NaN.
    """
    adjust = choose(ADJUSTMENTS, method, "method")
    return adjust(floats(parts), floats(whole))


def whole_persons(parts: ArrayLike, *, total: ArrayLike | None = None) -> Floats:
    """Parts (part, …) rounded to whole numbers that add to `total` (…), the rounded sum when left out.

    Largest remainders go up, ties to the first. NaN where anything is missing.
    """
    given = floats(parts)
    target = np.floor(given.sum(axis=0) + 0.5) if total is None else floats(total)
    low = np.floor(given)
    short = target - low.sum(axis=0)
    if (np.abs(short - len(given) / 2) > len(given) / 2 + 1e-9).any():
        raise ValueError("the total is further from the parts than rounding can bring them")
    order = np.argsort(np.argsort(-(given - low), axis=0, kind="stable"), axis=0)
    return np.where(np.isnan(short), np.nan, low + (order < short))


def _proportional(parts: Floats, whole: Floats) -> Floats:
    if (parts < 0).any():
        raise ValueError("parts below 0 cannot be scaled in proportion: use method `plus-minus`")
    total = parts.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = parts * (whole / total)
    return np.where(total == 0, whole / len(parts), scaled)


def _plus_minus(parts: Floats, whole: Floats) -> Floats:
    size, total = np.abs(parts).sum(axis=0), parts.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        tilt = (whole - total) / size
        # more than the size of all parts cannot be had by scaling alone: what is left is shared alike
        held = np.clip(tilt, -1.0, 1.0)
        scaled = parts + np.abs(parts) * held + (whole - total - size * held) / len(parts)
    return np.where(size == 0, whole / len(parts), scaled)


ADJUSTMENTS: Mapping[str, Callable[[Floats, Floats], Floats]] = {
    "proportional": _proportional,
    "plus-minus": _plus_minus,
}
