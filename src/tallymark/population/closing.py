"""Mortality at ages that the data leave open: a law fitted to older ages and carried on to age 130.

The law is fitted by least squares of log rates over ages 60 and more (over the last 20 years where the open group
starts below 85), and takes the place of the rate of the open group.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from scipy import optimize

from tallymark.population.arrays import Floats, choose

LAST = 130
STEPS = 200


def extended(mx: Floats, ages: Floats, closing: str) -> tuple[Floats, Floats]:
    """Death rates and first ages with the open group replaced by a law up to age 130."""
    law = choose(LAWS, closing, "closing")
    step = 1.0 if (np.diff(ages) == 1).all() else 5.0
    beyond = np.arange(ages[-1], LAST + step / 2, step)
    return np.concatenate([mx[..., :-1], _carried(mx, ages, beyond, law)], axis=-1), np.append(
        ages[:-1], beyond
    )


def _carried(mx: Floats, ages: Floats, beyond: Floats, law: Law) -> Floats:
    """Rates of the law at ages `beyond`, fitted to the closed ages; NaN where a fitted rate is missing or zero, or
    where rates fall with age: no law of ageing says what comes then.
    """
    last = ages[-2]
    fitted = np.flatnonzero((ages[:-1] >= 60) if last >= 85 else (ages[:-1] >= last - 20))
    if len(fitted) < 3:
        raise ValueError(f"a law needs three closed age groups to be fitted to, and there are {len(fitted)}")
    rows = mx.reshape(-1, mx.shape[-1])[:, fitted]
    found = np.full((len(rows), len(beyond)), np.nan)
    usable = (rows > 0).all(axis=1)
    if usable.any():
        centre = ages[fitted].mean()
        logs, x = np.log(rows[usable]), ages[fitted] - centre
        carried = law(logs, x, beyond - centre)
        found[usable] = np.where(_line(logs, x)[1][:, None] < 0, np.nan, carried)
    return found.reshape(*mx.shape[:-1], len(beyond))


def _gompertz(logs: Floats, x: Floats, beyond: Floats) -> Floats:
    """m = A·exp(Bx), whose logarithm is a line."""
    level, slope = _line(logs, x)
    found: Floats = np.exp(level[:, None] + slope[:, None] * beyond)
    return found


def _kannisto(logs: Floats, x: Floats, beyond: Floats) -> Floats:
    """m = A·exp(Bx) ÷ (1 + A·exp(Bx)) (Thatcher, Kannisto and Vaupel 1998), by Gauss–Newton for all rows at once."""
    rates = np.minimum(np.exp(logs), 0.99)
    level, slope = _line(np.log(rates / (1 - rates)), x)
    for _ in range(STEPS):
        inner = level[:, None] + slope[:, None] * x
        value = 1 / (1 + np.exp(-inner))
        residual, gain = logs - np.log(value), 1 - value
        a, b, d = (gain**2).sum(1), (gain**2 * x).sum(1), (gain**2 * x**2).sum(1)
        e, f = (gain * residual).sum(1), (gain * x * residual).sum(1)
        det = a * d - b * b
        more, tilt = (d * e - b * f) / det, (a * f - b * e) / det
        level, slope = level + more, slope + tilt
        if max(np.abs(more).max(), np.abs(tilt).max()) < 1e-13:
            break
    found: Floats = 1 / (1 + np.exp(-(level[:, None] + slope[:, None] * beyond)))
    return found


def _makeham(logs: Floats, x: Floats, beyond: Floats) -> Floats:
    """m = A·exp(Bx) + C with A, B, C > 0 (Makeham 1860)."""
    found = np.empty((len(logs), len(beyond)))
    for row, observed in enumerate(logs):
        level, slope = _line(observed[None], x)
        start = [level[0], np.log(max(slope[0], 1e-3)), observed.min() - 3]

        def misfit(p: Floats, observed: Floats = observed) -> Floats:
            return np.asarray(np.log(np.exp(p[0] + np.exp(p[1]) * x) + np.exp(p[2])) - observed)

        p = optimize.least_squares(misfit, start, xtol=1e-14, ftol=1e-14, gtol=1e-14).x
        found[row] = np.exp(p[0] + np.exp(p[1]) * beyond) + np.exp(p[2])
    return found


def _line(values: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Level at 0 and slope of the least-squares line of each row."""
    middle = x.mean()
    slope = ((x - middle) * values).sum(1) / ((x - middle) ** 2).sum()
    return values.mean(1) - slope * middle, slope


Law = Callable[[Floats, Floats, Floats], Floats]
LAWS: Mapping[str, Law] = {"kannisto": _kannisto, "gompertz": _gompertz, "makeham": _makeham}
