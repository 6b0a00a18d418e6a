"""Net migrants by age, as what two populations and survival leave unexplained."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike

from tallymark.population.arrays import Floats, choose, floats


def net_migration(
    start: ArrayLike, end: ArrayLike, survival: ArrayLike, births: ArrayLike, *, timing: str = "end"
) -> Floats:
    """Net migrants (…, sex, age) that explain populations a step apart.

    start and end (…, sex, age); survival (…, sex, age) as for `project`; births (…, sex) of the step. timing:
    `end`, end − survivors, by age at the end: what `project` takes. `even`, half come at the start at their age then
    and half at the end, what `project` takes as `even`; each age passes its error on to the next with the other sign, so
    that ages zigzag. `cohort`, each cohort's migrants half at the age it leaves and half at the age it reaches, with
    half a step's mortality undone: M(x) = R(x) ÷ 2√S(x) + R(x + 1) ÷ 2√S(x + 1), for ages as they were when they
    moved. Test: oracle/test_net_migration.py (DemoTools' stock, time and cohort).
    """
    form = choose(TIMINGS, timing, "timing")
    begun, kept = floats(start), floats(survival)
    expected = np.empty(np.broadcast_shapes(begun.shape, kept.shape))
    expected[..., 0] = floats(births) * kept[..., 0]
    expected[..., 1:] = begun[..., :-1] * kept[..., 1:]
    expected[..., -1] += begun[..., -1] * kept[..., -1]
    residual = floats(end) - expected
    return form(residual, np.broadcast_to(kept, residual.shape))


def _at_the_end(residual: Floats, survival: Floats) -> Floats:
    del survival
    return residual


def _even(residual: Floats, survival: Floats) -> Floats:
    found: Floats = 2 * residual
    last = residual.shape[-1] - 1
    for age in range(1, last):
        found[..., age] -= found[..., age - 1] * survival[..., age]
    # in the open group half of its own come early, too, and live through the step
    found[..., last] = (found[..., last] - found[..., last - 1] * survival[..., last]) / (
        1 + survival[..., last]
    )
    return found


def _cohort(residual: Floats, survival: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        half = residual / (2 * np.sqrt(survival))
    found: Floats = half.copy()
    found[..., 0] *= 2  # born in the step: all of them at the first age
    found[..., :-2] += half[..., 1:-1]
    found[..., -2] *= 2
    found[..., -1] = residual[..., -1]
    return found


TIMINGS: Mapping[str, Callable[[Floats, Floats], Floats]] = {
    "end": _at_the_end,
    "even": _even,
    "cohort": _cohort,
}
