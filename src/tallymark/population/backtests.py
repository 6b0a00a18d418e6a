"""What a way of projecting would have said of years that are known by now, beside simpler ways."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tallymark.population.age_groups import group_ages
from tallymark.population.arrays import Floats
from tallymark.population.choosing import choose_method
from tallymark.population.cohort_ratios import hamilton_perry
from tallymark.population.forecasting import forecast
from tallymark.population.history import History
from tallymark.population.outlooks import Method, outlook

TREND = 10
"""Years that the simple trends look back."""


@dataclass(frozen=True, slots=True)
class Backtest:
    """Total populations said and seen, (origin, unit): `horizon` years after each origin, which lies so many `origins`
    years before the history's end. `covered`: whether the interval between the outer levels held what was seen.
    `simple`: what simple methods said.
    """

    horizon: int
    origins: tuple[int, ...]
    seen: Floats
    said: Floats
    low: Floats
    high: Floats
    simple: Mapping[str, Floats]

    @property
    def covered(self) -> NDArray[np.bool_]:
        """Whether each interval held what was seen."""
        return (self.low <= self.seen) & (self.seen <= self.high)

    def error(self, said: Floats | None = None) -> Floats:
        """Absolute errors as a share of what was seen (origin, unit): of the forecast, or of what another said."""
        found: Floats = np.abs((self.said if said is None else said) / self.seen - 1)
        return found

    def median_errors(self) -> dict[str, float]:
        """Median absolute error as a share, of the forecast and of each simple method."""
        medians = {name: float(np.median(self.error(said))) for name, said in self.simple.items()}
        return {"forecast": float(np.median(self.error())), **medians}


def backtest(
    history: History,
    horizon: int,
    *,
    origins: Sequence[int] | None = None,
    method: Method | None = None,
    candidates: Sequence[Method] | None = None,
    sex_ratio_at_birth: float = 1.05,
    level: float = 0.8,
    futures: int = 500,
    seed: int = 0,
) -> Backtest:
    """Forecasts from earlier `origins` (years before the end; the horizon alone when left out), and what became of them.

    Each uses only what was known then. With `candidates` each origin's method is chosen from what was known then, too
    (`choose_method`), so that nothing was tuned on what it is tested by. `level` of the interval is the probability it
    claims. Simple methods: `same` (nothing changes), `linear` and `exponential` trends of ten years, `hamilton_perry`.
    Origins too early to know two years of rates, or too late to be checked, are a ValueError.
    """
    chosen = tuple(origins) if origins is not None else (horizon,)
    for origin in chosen:
        if not horizon <= origin <= history.years - 2:
            raise ValueError(
                f"an origin {origin} years before the end cannot be checked {horizon} years on, with rates of "
                f"{history.years} years: origins run from {horizon} to {history.years - 2}"
            )
    levels = ((1 - level) / 2, 0.5, (1 + level) / 2)
    said, simple = [], {name: [] for name in SIMPLE}  # type: ignore[var-annotated]
    for origin in chosen:
        known = history.until(origin)
        own = method if candidates is None else choose_method(known, horizon, candidates=candidates)
        ahead = outlook(known, horizon, method=own)
        made = forecast(
            known.population[:, -1],
            ahead.survival,
            ahead.fertility,
            sex_ratio_at_birth,
            migration=ahead.migration,
            migration_pattern=ahead.migration_pattern,
            paths=ahead.paths,
            levels=levels,
            futures=futures,
            seed=seed,
        )
        said.append(made.quantiles[:, horizon, 0])
        for name, way in SIMPLE.items():
            simple[name].append(way(known, horizon))
    totals = history.population.sum(axis=(-1, -2))
    low, middle, high = np.moveaxis(np.array(said), -1, 0)
    return Backtest(
        horizon=horizon,
        origins=chosen,
        seen=np.array([totals[:, totals.shape[1] - 1 - origin + horizon] for origin in chosen]),
        said=middle,
        low=low,
        high=high,
        simple={name: np.array(values) for name, values in simple.items()},
    )


def _same(known: History, horizon: int) -> Floats:
    del horizon
    return np.asarray(known.population[:, -1].sum(axis=(-1, -2)))


def _ends(known: History) -> tuple[Floats, Floats, int]:
    totals = known.population.sum(axis=(-1, -2))
    back = min(TREND, totals.shape[1] - 1)
    return totals[:, -1 - back], totals[:, -1], back


def _linear(known: History, horizon: int) -> Floats:
    first, last, years = _ends(known)
    return np.maximum(last + (last - first) / years * horizon, 0.0)


def _exponential(known: History, horizon: int) -> Floats:
    first, last, years = _ends(known)
    return np.asarray(last * (last / first) ** (horizon / years))


def _hamilton_perry(known: History, horizon: int) -> Floats:
    """In steps of five years, straight between them; NaN where the history is shorter than a step."""
    if known.population.shape[1] < 6:
        return np.full(len(known.population), np.nan)
    before, now = (group_ages(known.population[:, at])[0] for at in (-6, -1))
    steps = -(-horizon // 5)
    totals = hamilton_perry(before, now, steps).sum(axis=(-1, -2))
    at, part = divmod(horizon, 5)
    after = totals[:, min(at + 1, steps)]
    return np.asarray(totals[:, at] + (after - totals[:, at]) * part / 5)


SIMPLE: Mapping[str, Callable[[History, int], Floats]] = {
    "same": _same,
    "linear": _linear,
    "exponential": _exponential,
    "hamilton_perry": _hamilton_perry,
}
