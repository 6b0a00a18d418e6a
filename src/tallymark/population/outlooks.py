"""The years to come as history tells them: an expected course of rates, and how far from it they wander."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tallymark.population.arrays import Floats
from tallymark.population.forecasting import RandomPath
from tallymark.population.history import History
from tallymark.population.life_tables import life_table

MOST_DECLINE = 0.03


@dataclass(frozen=True, slots=True)
class Outlook:
    """Expected death rates and survival, fertility and net migrants of years to come (unit, year, …), for `project`, and
    paths around them, for `forecast`.
    """

    mortality: Floats
    survival: Floats
    fertility: Floats
    migration: Floats
    migration_pattern: Floats
    paths: dict[str, RandomPath]


@dataclass(frozen=True, slots=True)
class Method:
    """How the expected course is made.

    Fertility by age is the mean of the last `fertility_years`; its level goes on as all units together did over
    `trend_years`, a part `damping` of the slope left each year. Mortality is the mean of `mortality_years`, falling as
    age-standardised mortality of all units together fell over `decline_years` (never rising, never faster than 3 % a
    year). Net migrants are the mean of `migration_years`. All as far as there is history.
    """

    fertility_years: int = 3
    trend_years: int = 5
    damping: float = 0.9
    mortality_years: int = 5
    decline_years: int = 15
    migration_years: int = 15


def outlook(history: History, years: int, *, method: Method | None = None) -> Outlook:
    """Expected survival, fertility and net migrants of `years` to come, and the `paths` they may take around them.

    Paths: yearly changes of the level of fertility and mortality (random walks) and of net migrants per head
    (autoregressive around their mean), with spreads as history shows them (half of a unit's own migration, half of
    all units'), the part that units share, and slopes that a short history leaves open. Test: real/test_finland.py.
    """
    if years < 1:
        raise ValueError(f"an outlook is of one year or more, not {years}")
    chosen = method or Method()
    country = history.together()
    moved = history.migration[:, -chosen.migration_years :].mean(axis=1)
    rates = _mortality(history, country, years, chosen)
    return Outlook(
        mortality=rates,
        survival=life_table(rates, sex=("male", "female")).survival(),
        fertility=_fertility(history, country, years, chosen),
        migration=np.repeat(moved[:, None], years, axis=1),
        migration_pattern=_who_moves(country, len(moved)),
        paths={
            "fertility": _walk_of(_levels_of_fertility(history), history.years),
            "mortality": _walk_of(_levels_of_mortality(history), history.years),
            "migration": _migration_path(history),
        },
    )


def _fertility(history: History, country: History, years: int, method: Method) -> Floats:
    recent = history.fertility[:, -method.fertility_years :]
    base = recent.mean(axis=1)
    levels = np.log(np.maximum(country.fertility[0].sum(-1), 1e-6))[-method.trend_years - 1 :]
    ahead = (recent.shape[1] - 1) / 2 + np.cumsum(method.damping ** np.arange(1, years + 1))
    found: Floats = base[:, None] * np.exp(_slope(levels) * ahead)[:, None]
    return found


def _mortality(history: History, country: History, years: int, method: Method) -> Floats:
    recent = history.mortality[:, -method.mortality_years :]
    base = recent.mean(axis=1)
    levels = _standardised(country)[0, -method.decline_years - 1 :]
    decline = np.clip(-_slope(np.log(levels)), 0.0, MOST_DECLINE)
    ahead = (recent.shape[1] - 1) / 2 + np.arange(1, years + 1)
    found: Floats = base[:, None] * np.exp(-decline * ahead)[:, None, None]
    return found


def _slope(values: Floats) -> float:
    return float(np.polyfit(np.arange(len(values)), values, 1)[0]) if len(values) > 1 else 0.0


def _standardised(history: History) -> Floats:
    """Death rates (unit, year) standardised by sex and age to the people of all units and years."""
    standard = history.exposure.sum(axis=(0, 1))
    found: Floats = (history.mortality * standard).sum(axis=(-1, -2)) / standard.sum()
    return found


def _levels_of_fertility(history: History) -> Floats:
    return np.asarray(np.log(np.maximum(history.fertility.sum(axis=-1), 1e-6)))


def _levels_of_mortality(history: History) -> Floats:
    return np.log(np.maximum(_standardised(history), 1e-9))


def _walk_of(levels: Floats, years: int) -> RandomPath:
    """A random walk with the spread of yearly changes (unit, year), free of what returns the year after.

    Of measured levels the changes hold noise twice that is gone a year later: by the covariance of one change with the
    next it is taken off. The shared part is the variance of the mean over units; the slope's spread is that of a mean
    of `years` changes.
    """
    changes = np.diff(levels, axis=1)
    changes = changes - changes.mean(axis=1, keepdims=True)
    own = _lasting(changes).mean()
    whole = _lasting(changes.mean(axis=0, keepdims=True)).mean()
    variance = max(float(own), float(whole), 1e-10)
    shared = min(max(float(whole) / variance, 0.0), 1.0)
    sd = float(np.sqrt(variance))
    return RandomPath(sd=sd, shared=shared, slope_sd=sd / np.sqrt(years))


def _lasting(changes: Floats) -> Floats:
    """Variance of changes that last: their variance + twice the covariance with the next (Newey–West, one lag)."""
    variance = (changes**2).mean(axis=1)
    if changes.shape[1] < 2:
        return np.asarray(variance)
    together = (changes[:, 1:] * changes[:, :-1]).mean(axis=1)
    return np.asarray(np.maximum(variance + 2 * together, variance / 4))


def _migration_path(history: History) -> RandomPath:
    """An autoregressive path of net migrants per head around their mean, persistence freed of a short series' bias."""
    rates = history.migration.sum(axis=(-1, -2)) / history.exposure.sum(axis=(-1, -2))
    years = rates.shape[1]
    apart = rates - rates.mean(axis=1, keepdims=True)
    before, after = apart[:, :-1], apart[:, 1:]
    raw = float((before * after).sum() / max((before**2).sum(), 1e-12))
    persistence = min(max(raw + (1 + 3 * raw) / years, 0.0), 0.98)  # Kendall 1954
    noise = after - persistence * before
    own, pooled = (noise**2).mean(axis=1), float((noise**2).mean())
    shared = min(float((noise.mean(axis=0) ** 2).mean()) / max(pooled, 1e-12), 1.0)
    return RandomPath(sd=np.sqrt((own + pooled) / 2), persistence=persistence, shared=shared)


def _who_moves(country: History, units: int) -> Floats:
    """By sex and age, the shares of a change in migration: as the absolute net migrants of all units together."""
    volume = np.abs(country.migration[0]).mean(axis=0)
    smooth = (volume + np.roll(volume, 1, axis=-1) + np.roll(volume, -1, axis=-1)) / 3
    smooth[:, 60:] = 0.0
    total = smooth.sum()
    even = np.full(volume.shape, 1 / volume.size)
    return np.broadcast_to(smooth / total if total > 0 else even, (units, *volume.shape)).copy()
