"""The stated rates that a simulated place is drawn from, with where each comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

RATES = Path(__file__).with_name("rates.yaml")


@dataclass(frozen=True, slots=True)
class Intensity:
    """Events per resident and year; town, village: sd of the log; trend: log a year; season: amplitude."""

    value: float
    town: float
    village: float
    trend: float
    season: float
    peak: int
    source: str


@dataclass(frozen=True, slots=True)
class Share:
    """A probability; town, village: sd of the logit; remote, trend: added to the logit; season: amplitude."""

    base: float
    town: float
    village: float
    remote: float
    trend: float
    season: float
    peak: int
    source: str


@dataclass(frozen=True, slots=True)
class Rates:
    """Everything that the simulation draws from; `amounts` are neither rates nor shares."""

    first_month: str
    intensities: Mapping[str, Intensity]
    shares: Mapping[str, Share]
    amounts: Mapping[str, float]

    def constant(self) -> Rates:
        """The same rates without differences between places, trends or seasons: for tests of recovery."""
        intensities = {
            name: replace(said, town=0.0, village=0.0, trend=0.0, season=0.0)
            for name, said in self.intensities.items()
        }
        shares = {
            name: replace(said, town=0.0, village=0.0, remote=0.0, trend=0.0, season=0.0)
            for name, said in self.shares.items()
        }
        return Rates(
            self.first_month, intensities, shares, {**self.amounts, "growth": 0.0, "growth_spread": 0.0}
        )


def load_rates(path: Path = RATES) -> Rates:
    """The rates that a YAML file states."""
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Rates(
        str(said["first_month"]),
        {name: Intensity(**values) for name, values in said["intensities"].items()},
        {name: Share(**values) for name, values in said["shares"].items()},
        {name: float(values["value"]) for name, values in said["amounts"].items()},
    )
