"""A population met on several occasions: models in which people, occasions or a first meeting change the chances."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tallymark.statistics.log_linear import _table
from tallymark.statistics.poisson_fit import Fit, poisson_fit

Floats = NDArray[np.float64]
HETEROGENEITY: dict[str, Callable[[Floats], Floats]] = {
    "poisson2": lambda times: 2.0**times - 1,
    "darroch": lambda times: times**2 / 2,
    "gamma3.5": lambda times: np.log(3.5) - np.log(3.5 + times),
}
MODELS = (
    "M0",
    "Mt",
    *(f"{first}-{kind}" for first in ("Mh", "Mth") for kind in ("chao", *HETEROGENEITY)),
    "Mb",
    "Mbh",
)


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def closed_population(
    patterns: ArrayLike, counts: ArrayLike | None = None, *, model: str = "Mt"
) -> tuple[Floats, Floats]:
    """Total and its standard error from who was met on which of several occasions.

    `patterns`: (rows, occasions) of true and false; `counts`: (rows,) people with that pattern, 1 each without.
    Models: `M0` one chance for all; `Mt` a chance an occasion (independent lists); `Mh-…` people differ: `chao` gives a
    lower bound, `poisson2`, `darroch`, `gamma3.5` assume a shape (from mild to strong, and the totals follow);
    `Mth-…` both; `Mb` the chance changes once somebody was met; `Mbh` also on the first occasion.
    Source: Otis et al. 1978; Rivest and Baillargeon 2007, Biometrics 63 (log-linear forms).
    Oracle: tests/oracle/test_closed_population.py (Rcapture, snowshoe hares).
    """
    if model not in MODELS:
        raise ValueError(f"model {model!r} is not known; use one of {', '.join(MODELS)}")
    on = np.asarray(patterns)
    occasions, table, seen = _table(on, np.ones(len(on)) if counts is None else counts)
    met = ((np.arange(1, 2**occasions)[:, None] >> np.arange(occasions)) & 1).astype(np.float64)
    if model in ("Mb", "Mbh"):
        return _behaviour(poisson_fit(_behaviour_design(met, model), table), occasions)
    columns = met if model.startswith("Mt") else met.sum(axis=1, keepdims=True)
    kind = model.partition("-")[2]
    fit = _fit(columns, _heterogeneity(met.sum(axis=1), kind), table, drop_negative=kind == "chao")
    unseen = np.exp(fit.coefficients[..., 0])
    error = np.sqrt(unseen + unseen**2 * fit.covariance[..., 0, 0])
    return (seen + unseen)[()], error[()]


def _heterogeneity(times: Floats, kind: str) -> Floats:
    """Columns for people's differences by how often they were met."""
    if kind == "chao":
        return np.maximum(times[:, None] - np.arange(3, int(times.max()) + 1) + 1, 0.0)
    if kind in HETEROGENEITY:
        return HETEROGENEITY[kind](times)[:, None]
    return np.zeros((len(times), 0))


def _fit(columns: Floats, extra: Floats, table: Floats, *, drop_negative: bool) -> Fit:
    """The fit; for Chao's bound without parameters that come out negative, the most negative leaving first."""
    while True:
        design = np.column_stack([np.ones(len(columns)), columns, extra])
        fit = poisson_fit(design, table)
        own = fit.coefficients[..., 1 + columns.shape[1] :]
        if not (drop_negative and own.size and (own < 0).any()):
            return fit
        extra = np.delete(extra, int(np.argmin(own)), axis=1)


def _behaviour_design(met: Floats, model: str) -> Floats:
    before = met.argmax(axis=1).astype(np.float64)
    again = met.sum(axis=1) - 1
    first = [1 - met[:, 0]] if model == "Mbh" else []
    return np.column_stack([np.ones(len(met)), *first, before, again])


def _behaviour(fit: Fit, occasions: int) -> tuple[Floats, Floats]:
    """Total and error of Mb and Mbh: a geometric series of the chances of a first meeting, with the delta method."""
    *start, b, c = np.moveaxis(np.exp(fit.coefficients), -1, 0)
    late = 1 + c - b
    if len(start) == 1:
        total = start[0] * (1 + c) ** occasions / late
        slope = total * np.array([1.0, b / late, occasions * c / (1 + c) - c / late])
    else:
        factor, tail = start[0] * (1 + c) ** (occasions - 1), start[1] * b / late
        total = factor * (1 + tail)
        slope = factor * np.array([
            1 + tail, tail, tail * (1 + b / late), (1 + tail) * (occasions - 1) * c / (1 + c) - tail * c / late,
        ])  # fmt: skip
    variance = np.einsum("i,ij,j", slope, fit.covariance, slope) - total
    defined = late > 0
    error = np.sqrt(np.where(defined, np.maximum(variance, 0.0), 0.0))
    return np.where(defined, total, np.nan)[()], np.where(defined, error, np.nan)[()]
