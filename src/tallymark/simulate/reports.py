"""Reports and stocks: one number for every unit, period and item, drawn from the world."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tallymark.simulate.world import (
    Floats,
    Positions,
    World,
    quarter_code,
    quarter_starts,
    whole_quarters,
    whole_years,
)

Array = NDArray[Any]
EPOCH = dt.date(1970, 1, 1)
SEASON_OF_OUTREACH = np.array([9, 6, 4, 8, 12, 12, 10, 8, 8, 9, 7, 7]) / 100.0
"""Share of the year's new households reached in January … December."""


@dataclass(frozen=True, slots=True)
class Wide:
    """Reports of some units: item → one number a unit."""

    units: Positions
    items: Mapping[str, Array]

    def where(self, keep: NDArray[np.bool_]) -> Wide:
        """The reports of the units kept."""
        return Wide(self.units[keep], {name: values[keep] for name, values in self.items.items()})

    def with_items(self, **items: Array) -> Wide:
        """The same reports with some items replaced."""
        return Wide(self.units, {**self.items, **items})


PAIRS = (
    ("queries_received", "queries", "queries_answered", "query_answered"),
    ("requests_received", "requests", "requests_answered", "request_answered"),
    ("folic_asked", "folic_asked", "folic_given", "folic_given"),
    ("preconception_asked", "preconception_asked", "preconception_given", "preconception_given"),
    ("benefits_due", "benefits_due", "benefits_paid", "benefit_paid"),
)
"""Item of the whole, its intensity; item of the part, its share."""


def monthly(world: World, at: int, births: Floats) -> Wide:
    """The monthly report of every standing unit; `births` are the register's own counts by unit."""
    month = int(world.months[at])
    rng = world.rng("monthly", month)
    drawn: dict[str, Array] = {"deaths": _poisson(world, rng, "deaths", at)}
    for whole, intensity, part, share in PAIRS:
        drawn[whole] = _poisson(world, rng, intensity, at)
        drawn[part] = rng.binomial(drawn[whole], world.chance[share][:, at])
    drawn["invited_cervical"] = _poisson(world, rng, "cervical_invited", at)
    households = world.residents[:, at] / world.rates.amounts["persons_per_household"]
    reached = world.chance["reached"][:, at] * SEASON_OF_OUTREACH[month % 12]
    drawn["households_reached"] = rng.binomial(households.astype(np.int64), reached)
    drawn["outreach_sessions"] = rng.binomial(3, world.chance["session"][:, at])
    drawn["meetings_planned"] = np.full(len(world.cells), 2)
    drawn["meetings_held"] = rng.binomial(2, world.chance["meeting_held"][:, at])
    drawn["mobile_days"] = np.minimum(_poisson(world, rng, "mobile_days", at), 15)
    units = world.open_units(month)
    items = {name: world.total(values, month)[units].astype(np.int64) for name, values in drawn.items()}
    return Wide(units, {"births_reported": births[units].astype(np.int64), **items})


def _poisson(world: World, rng: np.random.Generator, name: str, at: int) -> Array:
    return rng.poisson(world.expected[name][:, at])


PRODUCTS = ("folic", "iron")


def supplies(world: World) -> list[Wide]:
    """The supply ledger of every month: opening + received − issued − lost = closing, always."""
    ledgers = [_ledger(world, product) for product in PRODUCTS]
    found = []
    for at, month in enumerate(int(m) for m in world.months):
        units, standing = world.open_units(month), world.standing(month)
        items: dict[str, Array] = {}
        for product, ledger in zip(PRODUCTS, ledgers, strict=True):
            for name, values in ledger.items():
                if name == "stockout_days":  # of a merged village: those of its worse room
                    most = np.zeros(len(world.units), dtype=np.int64)
                    np.maximum.at(most, standing, values[:, at])
                    items[f"{product}_{name}"] = most[units]
                else:
                    items[f"{product}_{name}"] = world.total(values[:, at], month)[units].astype(np.int64)
        found.append(Wide(units, items))
    return found


def _ledger(world: World, product: str) -> dict[str, Array]:
    """One product's ledger, cells × months: ordered each quarter up to three months' need, sometimes short."""
    rng = world.rng(f"supplies {product}")
    need = world.expected[f"{product}_need"]
    shape = need.shape
    names = ("opening", "received", "issued", "lost", "closing", "stockout_days")
    ledger = {name: np.zeros(shape, dtype=np.int64) for name in names}
    stock = np.rint(need[:, 0] * 2.5).astype(np.int64)
    supplied = world.chance["duty_done"]
    for at, month in enumerate(int(m) for m in world.months):
        order = np.maximum(np.rint(need[:, at] * 3.3).astype(np.int64) - stock, 0)
        comes = (month % 3 == 0) & (rng.random(shape[0]) < supplied[:, at])
        received = np.where(comes, order, np.where(stock < need[:, at] * 0.3, order // 3, 0))
        wanted = rng.poisson(need[:, at])
        issued = np.minimum(wanted, stock + received)
        lost = rng.binomial(stock + received - issued, 0.006)
        unmet = np.where(wanted > 0, (wanted - issued) / np.maximum(wanted, 1), 0.0)
        ledger["opening"][:, at], ledger["received"][:, at] = stock, received
        ledger["issued"][:, at], ledger["lost"][:, at] = issued, lost
        stock = stock + received - issued - lost
        ledger["closing"][:, at] = stock
        ledger["stockout_days"][:, at] = np.minimum(np.ceil(unmet * 28), 28).astype(np.int64)
    return ledger


@dataclass(frozen=True, slots=True)
class TownReport:
    """Reports of the towns for a period that ends with integer month `last`."""

    dataset: str
    period: str
    last: int
    items: Mapping[str, Array]


def inspections(world: World) -> list[TownReport]:
    """Marks and recounts of every quarter."""
    found = []
    for month in whole_quarters(world):
        rng, at = world.rng("inspections", month), month - int(world.months[0])
        chance = {name: _by_town(world, name, at) for name in ("mark", "record_right", "eligibility_right")}
        count = len(world.place.towns)
        checked, decisions = rng.integers(40, 61, count), rng.integers(15, 31, count)
        marks = {
            f"{name}_mark": np.clip(np.rint(100 * chance["mark"] + shift + rng.normal(0, 4, count)), 0, 100)
            for name, shift in (("premises", 2), ("store", 4), ("archive", 3), ("innovation", -6))
        }
        items = {
            **marks,
            "records_checked": checked,
            "records_right": rng.binomial(checked, chance["record_right"]),
            "eligibility_checked": decisions,
            "eligibility_right": rng.binomial(decisions, chance["eligibility_right"]),
        }  # fmt: skip
        found.append(TownReport("inspections", quarter_code(month), month + 2, items))
    return found


def rulings(world: World) -> list[TownReport]:
    """Proven misconduct of every quarter; coercion does not happen by chance."""
    found = []
    for month in whole_quarters(world):
        rng, count = world.rng("rulings", month), len(world.place.towns)
        chance = world.rates.amounts["conduct_case"]
        items = {"coercion_proven": np.zeros(count, dtype=np.int64)}
        for name in ("unlawful_fees", "privacy_breaches", "late_repeats"):
            items[name] = rng.poisson(chance, count)
        found.append(TownReport("rulings", quarter_code(month), month + 2, items))
    return found


DUTIES = (
    "charter_displayed", "fees_displayed", "finances_displayed", "private_room",
    "computers_ready", "backup_tested", "legality_reviewed",
)  # fmt: skip


def year_end(world: World) -> list[TownReport]:
    """The return that towns make for every declared year."""
    found = []
    for year in whole_years(world):
        last = year * 12 + 8
        rng, at = world.rng("year_end", year), last - int(world.months[0])
        towns = world.town_of_cells(last)
        count = len(world.place.towns)
        people = np.bincount(towns, weights=world.residents[:, at], minlength=count)
        budget = np.rint(people * world.rates.amounts["budget_per_resident"] / 100) * 100
        # A merged village is one village: count standing units, not cells.
        units = world.open_units(last)
        villages = np.bincount(world.place.towns_in(last)[units], minlength=count)
        done = _by_town(world, "duty_done", at)
        items: dict[str, Array] = {
            "budget": budget,
            "spent": np.rint(
                budget * np.minimum(_by_town(world, "spent", at) + rng.normal(0, 0.02, count), 1.05)
            ),
            "free_services_owed": np.full(count, 14),
            "free_services_open": 14 - rng.binomial(2, 0.12, count),
            "corrected_on": _corrected(rng, year, done),
            "villages_counted": villages,
            "villages_self_governing": rng.binomial(villages, _by_town(world, "self_governing", at)),
        }
        items |= {duty: (rng.random(count) < done).astype(np.int64) for duty in DUTIES}
        found.append(TownReport("year_end", f"SY{year}", last, items))
    return found


def _corrected(rng: np.random.Generator, year: int, done: Floats) -> Array:
    """Days since 1970 on which corrective actions were reported done: mostly by the end of August."""
    due = (dt.date(year, 8, 31) - EPOCH).days
    early = rng.random(len(done)) < done
    return np.where(early, due - rng.integers(0, 25, len(done)), due + rng.integers(1, 30, len(done)))


def _by_town(world: World, name: str, at: int) -> Floats:
    """The mean probability of a town's cells in the month at position `at`."""
    towns = world.town_of_cells(int(world.months[at]))
    sums = np.bincount(towns, weights=world.chance[name][:, at], minlength=len(world.place.towns))
    return np.asarray(sums / np.maximum(np.bincount(towns, minlength=len(world.place.towns)), 1))


def population(world: World) -> list[tuple[int, Wide]]:
    """Residents at the first day of every quarter and the day after the last: (integer month, stocks)."""
    amounts = world.rates.amounts
    found = []
    for month in quarter_starts(world):
        at = min(month - int(world.months[0]), len(world.months) - 1)
        units = world.open_units(month)
        people = np.rint(world.residents[:, at])
        items = {
            "residents": world.total(people, month)[units],
            "women_15_49": world.total(np.rint(people * amounts["women_15_49"]), month)[units],
            "women_35_64": world.total(np.rint(people * amounts["women_35_64"]), month)[units],
            "households": world.total(np.rint(people / amounts["persons_per_household"]), month)[units],
        }
        found.append((month, Wide(units, {name: values.astype(np.int64) for name, values in items.items()})))
    return found


def staffing(world: World) -> list[tuple[int, Wide]]:
    """Posts filled at the first day of every quarter: (integer month, stocks)."""
    found = []
    for month in quarter_starts(world):
        units = world.open_units(month)
        found.append((month, Wide(units, {"posts": world.total(world.posts, month)[units].astype(np.int64)})))
    return found
