"""What people do to figures, planted into arrays of true reports (units, months, items), each with its place and size.

`county.py` plants the usual faults into files; these stand beside it for measuring how much of each kind is found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tallymark.model.periods import month_code
from tallymark.simulate.registers import REGISTERS
from tallymark.simulate.reports import monthly
from tallymark.simulate.world import World

Floats = NDArray[np.float64]
YEAR = 12
SHARES = (
    ("queries_received", "queries_answered", 0.95), ("requests_received", "requests_answered", 0.98),
    ("folic_asked", "folic_given", 0.96), ("benefits_due", "benefits_paid", 0.99),
)  # fmt: skip
SINGLE = (
    "deaths", "queries_received", "requests_received", "folic_asked", "invited_cervical", "households_reached",
    "benefits_due",
)  # fmt: skip
"""Items that single wrong figures are planted in."""


@dataclass(frozen=True, slots=True)
class Reports:
    """True monthly reports of a place: values (units, months, items), NaN where a unit did not stand."""

    units: tuple[str, ...]
    towns: NDArray[np.int64]
    months: tuple[str, ...]
    items: tuple[str, ...]
    values: Floats


def true_reports(world: World) -> Reports:
    """The monthly reports of every unit of a world, as they should be."""
    found: list[tuple[int, Any]] = []
    for at in range(len(world.months)):
        births = REGISTERS["births"](world, at).counts(len(world.units))["births"]
        found.append((at, monthly(world, at, births)))
    items = tuple(found[0][1].items)
    values = np.full((len(world.units), len(world.months), len(items)), np.nan)
    for at, wide in found:
        values[wide.units, at] = np.stack([wide.items[name] for name in items], axis=1)
    towns = world.place.towns_in(int(world.months[-1]))
    months = tuple(month_code(int(month)) for month in world.months)
    return Reports(world.units, towns, months, items, values)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something is planted: unit, month, and the numbers to draw from."""

    reports: Reports
    values: Floats
    unit: int
    month: int
    rng: np.random.Generator

    def at(self, item: str) -> int:
        """The position of an item."""
        return self.reports.items.index(item)

    def any_item(self) -> int:
        """An item that single figures are planted in."""
        return self.at(SINGLE[int(self.rng.integers(len(SINGLE)))])

    def year(self) -> slice:
        """The last year."""
        return slice(self.values.shape[1] - YEAR, self.values.shape[1])


def _times(factor: float) -> Callable[[Spot], None]:
    def planted(spot: Spot) -> None:
        item = spot.any_item()
        spot.values[spot.unit, spot.month, item] = np.floor(spot.values[spot.unit, spot.month, item] * factor)

    return planted


def _zero(spot: Spot) -> None:
    spot.values[spot.unit, spot.month, spot.any_item()] = 0


def _zeros(spot: Spot) -> None:
    spot.values[spot.unit, spot.month] = 0


def _copied(spot: Spot) -> None:
    spot.values[spot.unit, spot.month] = spot.values[spot.unit, spot.month - 1]


def _nearly_copied(spot: Spot) -> None:
    _copied(spot)
    for item in spot.rng.choice(len(spot.reports.items), 3, replace=False):
        spot.values[spot.unit, spot.month, item] += 1


def _neighbour(spot: Spot) -> None:
    alike = np.flatnonzero(spot.reports.towns == spot.reports.towns[spot.unit])
    other = int(spot.rng.choice(alike[alike != spot.unit]))
    spot.values[spot.unit, spot.month] = spot.values[other, spot.month]


def _last_year(spot: Spot) -> None:
    item, year = spot.any_item(), spot.year()
    before = slice(year.start - YEAR, year.start)
    spot.values[spot.unit, year, item] = spot.values[spot.unit, before, item]


def _constant(spot: Spot) -> None:
    item = spot.any_item()
    first = min(spot.month, spot.values.shape[1] - 6)
    spot.values[spot.unit, first : first + 6, item] = spot.values[spot.unit, first, item]


def _even(spot: Spot) -> None:
    item, year = spot.any_item(), spot.year()
    mean = round(float(np.nanmean(spot.values[spot.unit, year, item])))
    spot.values[spot.unit, year, item] = mean + np.arange(YEAR) % 2


def _rounded(spot: Spot) -> None:
    own = spot.values[spot.unit, spot.year()]
    own[:] = np.where(own >= 8, 5 * np.round(own / 5), own)


def _rush(spot: Spot) -> None:
    item = spot.at("households_reached")
    spot.values[spot.unit, -2:, item] = np.round(2.5 * spot.values[spot.unit, -2:, item])


def _perfect_town(spot: Spot) -> None:
    whole, part, _ = SHARES[int(spot.rng.integers(len(SHARES)))]
    members = spot.reports.towns == spot.reports.towns[spot.unit]
    spot.values[members, spot.year(), spot.at(part)] = spot.values[members, spot.year(), spot.at(whole)]


def _lifted_town(spot: Spot) -> None:
    whole, part, target = SHARES[int(spot.rng.integers(len(SHARES)))]
    members = np.flatnonzero(spot.reports.towns == spot.reports.towns[spot.unit])
    own = spot.values[members, spot.year()]
    needed = np.ceil(target * own[:, :, spot.at(whole)] - 1e-9)
    own[:, :, spot.at(part)] = np.fmax(own[:, :, spot.at(part)], needed)
    spot.values[members, spot.year()] = own


def _shrunk_list(spot: Spot) -> None:
    """Half of those who asked are struck off the list, those first who were not served."""
    year = spot.year()
    whole, part = spot.at("requests_received"), spot.at("requests_answered")
    kept = np.ceil(0.4 * spot.values[spot.unit, year, whole])
    spot.values[spot.unit, year, whole] = kept
    spot.values[spot.unit, year, part] = np.fmin(spot.values[spot.unit, year, part], kept)


def _perfect_unit(spot: Spot) -> None:
    whole, part, _ = SHARES[int(spot.rng.integers(len(SHARES)))]
    own = spot.values[spot.unit, spot.year()]
    own[:, spot.at(part)] = own[:, spot.at(whole)]


def _lifted_unit(spot: Spot) -> None:
    whole, part, target = SHARES[int(spot.rng.integers(len(SHARES)))]
    own = spot.values[spot.unit, spot.year()]
    needed = np.ceil(target * own[:, spot.at(whole)] - 1e-9)
    own[:, spot.at(part)] = np.fmax(own[:, spot.at(part)], needed)


def _bunched_place(spot: Spot) -> None:
    """Four of five units whose year ends within five points of the target are lifted onto it in its last months."""
    whole, part, target = SHARES[int(spot.rng.integers(len(SHARES)))]
    n, x = (np.nansum(spot.values[:, spot.year(), spot.at(name)], axis=1) for name in (whole, part))
    needed = np.ceil(target * n - 1e-9)
    near = (x < needed) & (x >= (target - 0.05) * n) & (spot.rng.random(len(n)) < 0.8)
    for unit in np.flatnonzero(near).tolist():
        own = spot.values[unit, spot.year()]
        for month in range(YEAR - 1, -1, -1):
            room = own[month, spot.at(whole)] - own[month, spot.at(part)]
            more = min(room, needed[unit] - np.nansum(own[:, spot.at(part)]))
            own[month, spot.at(part)] += max(more, 0) if np.isfinite(more) else 0


def _digits_place(spot: Spot) -> None:
    """Every third unit writes the households it reached to the nearest ten."""
    item = spot.at("households_reached")
    some = spot.rng.random(len(spot.values)) < 1 / 3
    own = spot.values[some][:, spot.year(), item]
    spot.values[some, spot.year(), item] = np.where(own >= 5, 10 * np.round(own / 10), own)


GAMES: Mapping[str, tuple[Callable[[Spot], None], int]] = {
    "ten times": (_times(10), 40), "a tenth": (_times(0.1), 40), "four times": (_times(4), 40),
    "a quarter": (_times(0.25), 40), "one figure 0 for missing": (_zero, 40), "whole report 0 for missing": (_zeros, 30),
    "month copied": (_copied, 30), "month copied, three figures changed": (_nearly_copied, 30),
    "neighbour's report": (_neighbour, 30), "last year's column": (_last_year, 25),
    "same figure six months": (_constant, 25), "too even a year": (_even, 25), "rounded to 5": (_rounded, 15),
    "rush before the end": (_rush, 15), "town never misses anyone": (_perfect_town, 1),
    "town lifted to its target": (_lifted_town, 1), "list shortened": (_shrunk_list, 15),
    "unit never misses anyone": (_perfect_unit, 15), "unit lifted to its target": (_lifted_unit, 15),
    "units bunched above a target": (_bunched_place, 1), "tens preferred by a third": (_digits_place, 1),
}  # fmt: skip
"""Kind → what is done, and how often it is planted in a year of the county."""
