"""Composite scores: figures brought to one scale, put together by weights; what makes no sense is refused first.

Sources: OECD and JRC 2008, Handbook on Constructing Composite Indicators; Mazziotta and Pareto 2016.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tallymark.statistics.arguments import floats
from tallymark.statistics.rank_groups import ranks
from tallymark.statistics.scales import REACH_ZERO

Floats = NDArray[np.float64]


def normalise(
    values: ArrayLike,
    *,
    method: str = "min-max",
    direction: str | Sequence[str] = "higher",
    target: ArrayLike | None = None,
) -> Floats:
    """Figures on a scale where more is better: units × indicators, each indicator by itself, NaN stays NaN.

    `direction`: whether `higher` or `lower` figures are better, one word or one for each indicator. Methods:
    `min-max` (v − least) ÷ (most − least), 0 to 1; `z` (v − mean) ÷ sd (n − 1); `rank` (n − rank) ÷ (n − 1), equals
    sharing, 0 to 1; `percentile` the share of units with less + ½ of those equal, above 0 and below 1; `target`
    v ÷ target, or target ÷ v where lower is better (above 0 figures only), at most 1. An indicator in
    which all units are alike says nothing: NaN (`percentile`: ½).
    """
    given = floats(values)
    table = given if given.ndim == 2 else given[:, None]
    signs = _directions(direction, table.shape[1])
    if method not in SCALES:
        raise ValueError(f"method {method!r} is not known; use one of {', '.join(SCALES)}")
    if (target is not None) != (method == "target"):
        raise ValueError("a target belongs to method 'target', and it needs one")
    if method == "target":
        scaled = _to_target(
            table, signs, np.broadcast_to(floats(np.nan if target is None else target), table.shape[1])
        )
    else:
        columns = [SCALES[method](sign * column) for sign, column in zip(signs, table.T, strict=True)]
        scaled = np.stack(columns, axis=1) if columns else table
    return scaled if given.ndim == 2 else scaled[:, 0]


def aggregate(
    scaled: ArrayLike, weights: ArrayLike, *, method: str = "arithmetic", scale: str | None = None
) -> Floats:
    """One score a unit from its scaled figures: units × indicators, more being better; NaN where one is missing.

    Weights are made to add up to 1. Methods: `arithmetic` Σwv (a good figure makes up for a bad one in full);
    `geometric` Πv^w (in part, the less the worse the bad one is); `minimum` the least (not at all). `scale` names
    how the figures were normalised, so that combinations without meaning are refused: the geometric mean of
    anything that is 0 or below for the worst unit (`min-max`, `z`, `rank`), whose product is 0 or no number.
    """
    table, shares = floats(scaled), floats(weights)
    refuse(scale, method)
    if shares.shape != table.shape[-1:] or not (shares >= 0).all() or not shares.sum() > 0:
        raise ValueError("weights are one for each indicator, none below 0, not all 0")
    if method == "geometric" and (table <= 0).any():
        raise ValueError(
            "a geometric mean needs figures above 0: normalise by 'percentile' or 'target', "
            "or aggregate by 'arithmetic'"
        )
    return COMBINED[method](table, shares / shares.sum())


def refuse(scale: str | None, method: str) -> None:
    """Nothing where scaled figures may be combined so; ValueError with the reason and what to do where not."""
    if method not in COMBINED:
        raise ValueError(f"method {method!r} is not known; use one of {', '.join(COMBINED)}")
    if scale is not None and scale not in (*SCALES,):
        raise ValueError(f"scale {scale!r} is not known; use one of {', '.join(SCALES)}")
    if method == "geometric" and scale in REACH_ZERO:
        raise ValueError(
            f"a geometric mean of figures scaled by {scale!r} has no meaning, as the worst unit has "
            f"{REACH_ZERO[scale]}; normalise by 'percentile' or 'target', or aggregate by 'arithmetic'"
        )


def _directions(direction: str | Sequence[str], many: int) -> list[float]:
    words = [direction] * many if isinstance(direction, str) else list(direction)
    if len(words) != many or not set(words) <= {"higher", "lower"}:
        raise ValueError("direction is 'higher' or 'lower', one for all or one for each indicator")
    return [1.0 if word == "higher" else -1.0 for word in words]


def _min_max(values: Floats) -> Floats:
    known = values[~np.isnan(values)]
    low, high = known.min(initial=np.inf), known.max(initial=-np.inf)
    return (values - low) / (high - low) if high > low else np.full(values.shape, np.nan)


def _z(values: Floats) -> Floats:
    known = values[~np.isnan(values)]
    sd = known.std(ddof=1) if len(known) > 1 and np.ptp(known) > 0 else 0.0
    return (values - known.mean()) / sd if sd > 0 else np.full(values.shape, np.nan)


def _rank(values: Floats) -> Floats:
    known = values[~np.isnan(values)]
    if len(known) < 2 or np.ptp(known) == 0:
        return np.full(values.shape, np.nan)
    return np.asarray((len(known) - ranks(values)) / (len(known) - 1))


def _percentile(values: Floats) -> Floats:
    n = int((~np.isnan(values)).sum())
    return (n - ranks(values) + 0.5) / n if n else values


def _to_target(table: Floats, signs: list[float], targets: Floats) -> Floats:
    if not (np.isfinite(targets) & (targets > 0)).all():
        raise ValueError("a target is a number above 0")
    if (table < 0).any():
        raise ValueError("the distance to a target needs figures of 0 or more")
    with np.errstate(divide="ignore"):
        columns = [
            table[:, at] / aim if sign > 0 else aim / table[:, at]
            for at, (sign, aim) in enumerate(zip(signs, targets, strict=True))
        ]
    return np.asarray(np.minimum(np.stack(columns, axis=1), 1.0))


SCALES: dict[str, Callable[[Floats], Floats]] = {
    "min-max": _min_max,
    "z": _z,
    "rank": _rank,
    "percentile": _percentile,
    "target": lambda values: values,
}


def _arithmetic(table: Floats, weights: Floats) -> Floats:
    return np.asarray(table @ weights)


def _geometric(table: Floats, weights: Floats) -> Floats:
    return np.asarray(np.exp(np.log(table) @ weights))


def _minimum(table: Floats, weights: Floats) -> Floats:
    return np.asarray(table[..., weights > 0].min(axis=-1))


COMBINED: dict[str, Callable[[Floats, Floats], Floats]] = {
    "arithmetic": _arithmetic,
    "geometric": _geometric,
    "minimum": _minimum,
}
