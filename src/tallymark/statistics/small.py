"""Small areas: years put together until there is enough, and which figures are too small to publish or to score."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tallymark.statistics.arguments import floats

Floats = NDArray[np.float64]
REASONS = ("", "few_cases", "few_events", "wide_interval", "unknown")
"""What `too_small` says of a cell, by its code: 0 fine."""
FINE, FEW_CASES, FEW_EVENTS, WIDE, UNKNOWN = range(len(REASONS))


def too_small(
    events: ArrayLike,
    cases: ArrayLike,
    low: ArrayLike = np.nan,
    high: ArrayLike = np.nan,
    *,
    least_cases: float = 0,
    least_events: float = 0,
    widest: float = np.inf,
) -> NDArray[np.int8]:
    """Why each figure is too small to be judged by itself: a code of `REASONS`, 0 where it is not.

    few_cases (1): fewer cases (denominator) than `least_cases`; few_events (2): fewer events, or fewer
    non-events where there are cases, than `least_events` (0 of 9 and 9 of 9 say equally little); wide_interval
    (3): high − low is above `widest`, or there is no interval to tell; unknown (4): events are missing, or cases
    where `least_cases` asks for them. The first that applies, in this order after unknown. Missing is never
    read as small. Rules of this kind: US National Center for Health Statistics 2017 (presentation standards
    for proportions); NFHS-5 brackets below 50 cases and hides below 25.
    """
    x, n, bottom, top = np.broadcast_arrays(*(floats(part) for part in (events, cases, low, high)))
    code = np.zeros(x.shape, np.int8)
    with np.errstate(invalid="ignore"):
        if np.isfinite(widest):
            code[~(top - bottom <= widest)] = WIDE
        if least_events > 0:
            code[(x < least_events) | (n - x < least_events)] = FEW_EVENTS
        if least_cases > 0:
            code[n < least_cases] = FEW_CASES
            code[np.isnan(n)] = UNKNOWN
    code[np.isnan(x)] = UNKNOWN
    return code


def pooled_years(
    events: ArrayLike, exposure: ArrayLike, *, least: float, most: int | None = None
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Events and exposure of as few of the last years as hold `least` events, and how many years those are.

    The last axis is years, the latest last. Where even `most` years (all of them when None) hold fewer, those are
    given and the count says so by their events. A missing year ends the pooling: a year is never left out
    in between, nor read as none; NaN and 0 years where the latest is missing.
    """
    x, e = np.broadcast_arrays(floats(events), floats(exposure))
    years = x.shape[-1]
    if most is not None and not most >= 1:
        raise ValueError(f"at least one year is needed, not {most!r}")
    window = years if most is None else min(most, years)
    x, e = x[..., ::-1][..., :window], e[..., ::-1][..., :window]
    known = np.logical_and.accumulate(np.isfinite(x) & np.isfinite(e), axis=-1)
    events_so_far = np.cumsum(np.where(known, x, 0.0), axis=-1)
    exposure_so_far = np.cumsum(np.where(known, e, 0.0), axis=-1)
    enough = known & (events_so_far >= least)
    usable = known.sum(axis=-1)
    used = np.where(enough.any(axis=-1), enough.argmax(axis=-1) + 1, usable)
    at = np.maximum(used - 1, 0)[..., None]
    some = used > 0
    pooled = np.where(some, np.take_along_axis(events_so_far, at, -1)[..., 0], np.nan)
    below = np.where(some, np.take_along_axis(exposure_so_far, at, -1)[..., 0], np.nan)
    return pooled, below, used.astype(np.int64)
