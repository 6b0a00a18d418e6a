"""What people do to records and accounts rather than to a month's figures: corrections that help, records made
afterwards, accounts that are made to balance, ratios that were never computed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tallymark.simulate.reports import supplies
from tallymark.simulate.world import World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
UNITS, MONTHS, SHARE = 350, 12, 0.05
"""Of so many units this share plays."""
ACCOUNT = ("folic_opening", "folic_received", "folic_issued", "folic_lost", "folic_closing")


@dataclass(frozen=True, slots=True)
class Planted:
    """A table or array as reported, and in which of its units, or cells, something was planted."""

    given: pa.Table | Floats | list[tuple[str, int, int, float | None]]
    where: NDArray[np.bool_]


def names(count: int = UNITS) -> list[str]:
    """Codes of units."""
    return [f"V{at + 1:03d}" for at in range(count)]


def corrections(seed: int) -> Planted:
    """A year's corrections by unit: honest ones go up in six of ten cases (what came late is added), players' always."""
    rng = np.random.default_rng([seed, 1])
    plays = rng.random(UNITS) < SHARE
    number = np.where(plays, rng.integers(6, 16, UNITS), rng.poisson(3, UNITS))
    up = np.where(plays, number, rng.binomial(number, 0.6))
    table = pa.table(
        {
            "unit": names(), "item": ["calls"] * UNITS, "periods": [["2024-01"]] * UNITS,
            "up": up, "down": number - up,
        }
    )  # fmt: skip
    return Planted(table, plays)


def late_records(seed: int) -> Planted:
    """Records by unit, how many were made over 30 days after the event: honest 3 in 100, players a third to all."""
    rng = np.random.default_rng([seed, 2])
    plays = rng.random(UNITS) < SHARE
    number = rng.integers(8, 80, UNITS)
    late = rng.binomial(number, np.where(plays, rng.uniform(0.33, 1.0, UNITS), rng.beta(1.5, 48.5, UNITS)))
    rows = [
        (unit, int(n), int(k), 60.0 if k else None) for unit, n, k in zip(names(), number, late, strict=True)
    ]
    return Planted(rows, plays)


def accounts(world: World, seed: int) -> Planted:
    """Stock ledgers (units, months, items of ACCOUNT): a closing that hides what is gone, or an opening other than was
    left, in one unit of twenty; where: (units, months)."""
    rng = np.random.default_rng([seed, 3])
    ledgers = supplies(world)[-MONTHS:]
    values = np.full((len(world.units), MONTHS, len(ACCOUNT)), np.nan)
    for at, wide in enumerate(ledgers):
        values[wide.units, at] = np.stack([wide.items[name] for name in ACCOUNT], axis=1)
    where = np.zeros(values.shape[:2], dtype=bool)
    standing = np.flatnonzero(np.isfinite(values).all(axis=(1, 2)))
    for unit in rng.choice(standing, int(SHARE * len(standing)), replace=False).tolist():
        month = int(rng.integers(1, MONTHS))
        values[unit, month, 0 if rng.random() < 0.5 else 4] += int(rng.integers(1, 9))
        where[unit, month] = True
    return Planted(values, where)


def ratios(seed: int) -> Planted:
    """Per cents with one decimal of bases from 5 to 5,000 (units, months, [per cent, base]): one in fifty typed, not
    computed."""
    rng = np.random.default_rng([seed, 4])
    base = np.round(np.exp(rng.uniform(np.log(5), np.log(5000), (UNITS, MONTHS))))
    share = np.round(100 * rng.binomial(base.astype(int), 0.85) / base, 1)
    where = rng.random(base.shape) < 0.02
    typed = np.round(rng.uniform(75, 100, base.shape), 1)
    return Planted(np.stack([np.where(where, typed, share), base], axis=2), where)
