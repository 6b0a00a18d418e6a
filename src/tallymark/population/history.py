"""What is known of the past of some units: populations, and the rates and migrants of the years between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tallymark.population.arrays import Floats


@dataclass(frozen=True, slots=True)
class History:
    """Populations (unit, year + 1, sex, age) at the ends of years, and of the last years between them mortality and
    net migrants (unit, year, sex, age) and fertility (unit, year, age). Populations may reach further back.
    """

    population: Floats
    mortality: Floats
    fertility: Floats
    migration: Floats

    def __post_init__(self) -> None:
        units, ends, sexes, ages = self.population.shape
        years = self.mortality.shape[1]
        shapes = {
            "mortality": (units, years, sexes, ages),
            "fertility": (units, years, ages),
            "migration": (units, years, sexes, ages),
        }
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(
                    f"{name} has shape {getattr(self, name).shape}, and populations need {shape}"
                )
        if sexes != 2 or not 2 <= years < ends:
            raise ValueError(
                f"a history needs two sexes, two years of rates and a population before them: {ends} populations, "
                f"{years} years of rates, {sexes} sexes"
            )

    @property
    def years(self) -> int:
        """Years with rates."""
        return int(self.mortality.shape[1])

    @property
    def exposure(self) -> Floats:
        """Mean population (unit, year, sex, age) of the years with rates."""
        known = self.population[:, -self.years - 1 :]
        found: Floats = (known[:, :-1] + known[:, 1:]) / 2
        return found

    def until(self, years_before_the_end: int) -> History:
        """The history as it was known so many years before its end."""
        cut = years_before_the_end
        if cut == 0:
            return self
        kept = {name: getattr(self, name)[:, :-cut] for name in self.__slots__}
        return History(**kept)

    def together(self) -> History:
        """All units as one, their rates weighted by exposure."""
        people = self.exposure
        women = people[:, :, 1]

        def mean(rates: Floats, weights: Floats) -> Floats:
            total = weights.sum(axis=0)
            return np.where(total > 0, (rates * weights).sum(axis=0) / np.where(total > 0, total, 1.0), 0.0)

        return History(
            population=self.population.sum(axis=0)[None],
            mortality=mean(self.mortality, people)[None],
            fertility=mean(self.fertility, women)[None],
            migration=self.migration.sum(axis=0)[None],
        )
