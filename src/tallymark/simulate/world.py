"""What is true in the simulated place: residents, expected events and chances of every village and month.

Villages are followed as they stood before any merger ("cells"): a merger moves figures and changes none.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tallymark.model.periods import month_end, month_number
from tallymark.simulate.place import Place
from tallymark.simulate.rates import Intensity, Rates, Share

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]
REMOTE_MOBILE_DAYS = 3.0


@dataclass(frozen=True)
class World:
    """Arrays are cells × months; `scale` multiplies residents, and with them every event."""

    place: Place
    rates: Rates
    seed: int
    months: Positions
    scale: float
    cells: Positions
    residents: Floats
    expected: Mapping[str, Floats]
    """Expected events of each kind in the month."""
    chance: Mapping[str, Floats]
    """Probability of each kind in the month."""
    posts: Positions
    """Staff posts of each cell."""

    def rng(self, name: str, month: int = 0) -> np.random.Generator:
        """A stream of its own for every dataset and month, whatever the order in which they are drawn."""
        return np.random.default_rng([self.seed, zlib.crc32(name.encode()), month])

    def standing(self, month: int) -> Positions:
        """For each cell the unit that stands for it in the integer month."""
        return self.place.standing(month)[self.cells]

    def open_units(self, month: int) -> Positions:
        """Units that stand in the integer month, in order."""
        return np.unique(self.standing(month))

    def town_of_cells(self, month: int) -> Positions:
        """The town of each cell in the integer month."""
        return self.place.towns_in(month)[self.cells]

    def total(self, values: NDArray[Any], month: int) -> Floats:
        """Values of the cells added up by standing unit: one number for every unit of the place."""
        weights = values.astype(np.float64)
        sums = np.bincount(self.standing(month), weights=weights, minlength=len(self.units))
        return sums.astype(np.float64)

    @cached_property
    def units(self) -> tuple[str, ...]:
        """Codes of the villages."""
        return self.place.codes

    @property
    def last_day(self) -> dt.date:
        """The last day of the last month."""
        return month_end(int(self.months[-1]))


def make_world(place: Place, rates: Rates, *, seed: int, months: int, scale: float = 1.0) -> World:
    """The truth of a place under the stated rates, for so many months from the first."""
    cells = place.cells()
    first = month_number(dt.date.fromisoformat(rates.first_month + "-01"))
    span = np.arange(first, first + months, dtype=np.int64)
    draw = _Effects(place, cells, rates, seed)
    years = (span - first) / 12.0
    growth = rates.amounts["growth"] + rates.amounts["growth_spread"] * draw.towns("growth")
    residents = place.population[cells][:, None] * scale * np.exp(growth[:, None] * years[None, :])
    expected = {
        name: residents / 12.0 * draw.factor(name, intensity, span, years)
        for name, intensity in rates.intensities.items()
    }
    expected["mobile_days"] = (
        expected["mobile_days"] * np.where(draw.remote, REMOTE_MOBILE_DAYS, 1.0)[:, None]
    )
    chance = {name: draw.probability(name, share, span, years) for name, share in rates.shares.items()}
    posts = np.clip(np.rint(place.population[cells] / 1100), 1, 4).astype(np.int64)
    people = np.asarray(residents, dtype=np.float64)
    return World(place, rates, seed, span, scale, cells, people, expected, chance, posts)


class _Effects:
    """Differences between towns and villages, drawn once for every kind of event."""

    def __init__(self, place: Place, cells: Positions, rates: Rates, seed: int) -> None:
        self.town_of = place.town_of[cells]
        self.count = len(place.towns)
        self.remote = np.array([town.remote == "yes" for town in place.towns])[self.town_of]
        self.seed = seed
        self.common = rates.amounts["common_quality"]
        self.quality = np.random.default_rng([seed, zlib.crc32(b"quality")]).standard_normal(self.count)

    def towns(self, name: str) -> Floats:
        """A standard normal number for each town, given to its cells."""
        rng = np.random.default_rng([self.seed, zlib.crc32(f"town {name}".encode())])
        return np.asarray(rng.standard_normal(self.count)[self.town_of])

    def good_towns(self, name: str) -> Floats:
        """The same, but leaning on what the town is like in everything."""
        own = np.sqrt(1 - self.common**2)
        return np.asarray(self.common * self.quality[self.town_of] + own * self.towns(name))

    def villages(self, name: str) -> Floats:
        rng = np.random.default_rng([self.seed, zlib.crc32(f"village {name}".encode())])
        return rng.standard_normal(len(self.town_of))

    def factor(self, name: str, said: Intensity, span: Positions, years: Floats) -> Floats:
        log = said.town * self.towns(name) + said.village * self.villages(name)
        log = log - (said.town**2 + said.village**2) / 2
        season = 1.0 + said.season * _wave(span, said.peak)
        return np.asarray(said.value * np.exp(log)[:, None] * (np.exp(said.trend * years) * season)[None, :])

    def probability(self, name: str, said: Share, span: Positions, years: Floats) -> Floats:
        logit = np.log(said.base / (1 - said.base)) + said.town * self.good_towns(name)
        if name == "charged":  # a good town asks for money less often
            logit = np.log(said.base / (1 - said.base)) - said.town * self.good_towns(name)
        logit = logit + said.village * self.villages(name) + said.remote * self.remote
        over_time = said.trend * years + said.season * _wave(span, said.peak)
        return np.asarray(1.0 / (1.0 + np.exp(-(logit[:, None] + over_time[None, :]))))


def _wave(span: Positions, peak: int) -> Floats:
    return np.asarray(np.cos(2 * np.pi * (span % 12 + 1 - peak) / 12.0))


def statistical_year(month: int) -> int:
    """The declared year (1 October to 30 September, named by its end) of an integer month."""
    return (month + 3) // 12


def quarter_code(month: int) -> str:
    """The calendar quarter of an integer month."""
    return f"{month // 12}-Q{month % 12 // 3 + 1}"


def quarter_starts(world: World) -> list[int]:
    """Integer months in which a quarter starts, and the one after the last month."""
    first, last = int(world.months[0]), int(world.months[-1])
    return [month for month in range(first, last + 2) if month % 3 == 0]


def whole_quarters(world: World) -> list[int]:
    """First integer months of the quarters that lie wholly within the simulation."""
    return [month for month in quarter_starts(world) if month + 2 <= int(world.months[-1])]


def whole_years(world: World) -> list[int]:
    """Declared years that lie wholly within the simulation."""
    first, last = int(world.months[0]), int(world.months[-1])
    years = range(statistical_year(first), statistical_year(last) + 1)
    return [year for year in years if (year - 1) * 12 + 9 >= first and year * 12 + 8 <= last]
