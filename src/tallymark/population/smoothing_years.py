"""Single years of age made smoother by named running means, where ages were told in round numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from tallymark.population.arrays import Floats, choose, floats

_SPENCER_21 = np.array([-1, -3, -5, -5, -2, 6, 18, 33, 47, 57, 60, 57, 47, 33, 18, 6, -2, -5, -5, -3, -1])
_SPENCER_15 = np.array([-3, -6, -5, 3, 21, 46, 67, 74, 67, 46, 21, 3, -5, -6, -3])
_ZELNIK = [-0.0025, -0.01, -0.02, -0.03, -0.04, 0.05, 0.14, 0.13, 0.12, 0.11, 0.105]
_ZELNIK_WIDE = [
    -0.00025, -0.0015, -0.0045, -0.0095, -0.0165, -0.018, -0.0065, 0.0105,
    0.0255, 0.0385, 0.05025, 0.063, 0.079, 0.099, 0.123, 0.136,
]  # fmt: skip


def smooth_years(values: ArrayLike, *, method: str = "spencer", tails: str = "original") -> Floats:
    """Counts by single year (…, age), smoothed; the last age is open and stays as it is.

    Methods: `zelnik` (1961; 21 terms) and `zelnik-wide` (31 terms), which are free of digit preference (Gray 1987,
    table 11); `spencer` (1904, 21 terms) and `spencer-15`, which leave a cubic as it is; `tens` and `fives`, centred
    means over ten and five years, which even out digits 0–9 and 0 and 5. tails: what stands where a mean lacks years
    at either end, `original` or `missing` (NaN). A missing age makes the means over it NaN. Totals are not kept. Test:
    oracle/test_smoothing.py (Gray's Bangladesh of 1974).
    """
    weights = choose(WEIGHTS, method, "method")
    fill = choose(TAILS, tails, "tails")
    given = floats(values)
    reach, closed = len(weights) // 2, given[..., :-1]
    if closed.shape[-1] < len(weights):
        raise ValueError(
            f"`{method}` needs {len(weights)} closed ages or more, and there are {closed.shape[-1]}"
        )
    found = given.copy() if fill else np.full(given.shape, np.nan)
    found[..., -1] = given[..., -1]
    windows = np.lib.stride_tricks.sliding_window_view(closed, len(weights), axis=-1)
    found[..., reach : closed.shape[-1] - reach] = windows @ weights
    return found


WEIGHTS: Mapping[str, Floats] = {
    "zelnik": np.array([*_ZELNIK, *_ZELNIK[-2::-1]]),
    "zelnik-wide": np.array([*_ZELNIK_WIDE, *_ZELNIK_WIDE[-2::-1]]),
    "spencer": _SPENCER_21 / 350,
    "spencer-15": _SPENCER_15 / 320,
    "tens": np.array([0.5, *[1.0] * 9, 0.5]) / 10,
    "fives": np.full(5, 0.2),
}
TAILS: Mapping[str, bool] = {"original": True, "missing": False}
