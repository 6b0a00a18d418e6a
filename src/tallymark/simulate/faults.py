"""Planted faults: chosen once from the seed, applied to what offices send, listed with their size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tallymark.model.periods import month_code, month_end
from tallymark.simulate.registers import Rows
from tallymark.simulate.reports import Wide
from tallymark.simulate.world import World, statistical_year

Bools = NDArray[np.bool_]
TARGET = 0.96
"""Where an inflated share is brought to."""
INFLATED = (("queries_received", "queries_answered"), ("folic_asked", "folic_given"))


@dataclass(frozen=True, slots=True)
class Fault:
    """A planted fault. size: rows dropped or added, amount added, factor, or days late, as `kind` says."""

    kind: str
    dataset: str
    unit: str
    period: str
    item: str = ""
    size: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Which village-months get which fault: kind → {(unit position, month)}."""

    months: Mapping[str, frozenset[tuple[int, int]]]
    inflating_town: int | None = None
    inflating_year: int | None = None

    def units(self, kind: str, month: int) -> list[int]:
        """Positions of the units with that fault in the integer month, in order."""
        return sorted(unit for unit, when in self.months.get(kind, ()) if when == month)


HOW_MANY = {
    "under_reporting": 6, "copied": 14, "slipped_decimal": 16, "slipped_corrected": 4, "duplicate": 10,
    "registered_twice": 6, "zeros": 18, "typo": 6, "words_for_number": 6,
}  # fmt: skip
"""Runs of village-months in 12,600; fewer in a smaller simulation, at least one each."""
RUNS = {"under_reporting": 5, "copied": 2}
"""Months that a fault goes on."""
LATE, MISSING, WORST_LATE, WORST_MISSING = 0.035, 0.012, 0.22, 0.26


def no_faults() -> Plan:
    """A plan without any."""
    return Plan({})


def plan_faults(world: World) -> Plan:
    """Where faults are planted: at random, but one town inflates, one is late and one reports too little."""
    rng = world.rng("faults")
    open_months = [(int(u), int(m)) for m in world.months[1:] for u in world.open_units(int(m))]
    order = rng.permutation(len(open_months))
    months: dict[str, frozenset[tuple[int, int]]] = {}
    taken: set[tuple[int, int]] = set()
    at = 0
    for kind, usual in HOW_MANY.items():
        chosen: set[tuple[int, int]] = set()
        for _ in range(max(1, round(usual * len(open_months) / 12_250))):
            unit, month = open_months[order[at % len(order)]]
            at += 1
            run = {(unit, month + i) for i in range(RUNS.get(kind, 1)) if month + i <= int(world.months[-1])}
            chosen |= {pair for pair in run if pair not in taken and unit in world.open_units(pair[1])}
        taken |= chosen
        months[kind] = frozenset(chosen)
    inflating, late, silent = _three_towns(world)
    months["late"], months["missing"] = _late_and_missing(world, rng, late, silent=silent, taken=taken)
    return Plan(months, inflating, statistical_year(int(world.months[-1])))


def _three_towns(world: World) -> tuple[int, int, int]:
    """The town that answers fewest queries (it inflates), and the next two worst (late, silent)."""
    town = world.place.town_of[world.cells]
    mean = np.bincount(town, weights=world.chance["query_answered"][:, -1]) / np.bincount(town)
    worst = np.argsort(mean, kind="stable")
    return int(worst[0]), int(worst[1 % len(worst)]), int(worst[2 % len(worst)])


def _late_and_missing(
    world: World, rng: np.random.Generator, late: int, *, silent: int, taken: set[tuple[int, int]]
) -> tuple[frozenset[tuple[int, int]], frozenset[tuple[int, int]]]:
    slow_months: set[tuple[int, int]] = set()
    missing: set[tuple[int, int]] = set()
    last = statistical_year(int(world.months[-1]))
    for month in (int(m) for m in world.months):
        units, town = world.open_units(month), world.place.towns_in(month)
        odds = rng.random(len(units))
        quiet = (town[units] == silent) & (statistical_year(month) == last)
        gone = odds < np.where(quiet, WORST_MISSING, MISSING)
        slow = ~gone & (odds > 1 - np.where(town[units] == late, WORST_LATE, LATE))
        missing |= {(int(u), month) for u in units[gone] if (int(u), month) not in taken}
        slow_months |= {(int(u), month) for u in units[slow]}
    return frozenset(slow_months), frozenset(missing)


def damaged_births(world: World, plan: Plan, rows: Rows, at: int) -> tuple[pa.Table, list[Fault]]:
    """The birth register as it is sent: rows left out, sent twice, or registered twice."""
    month = int(world.months[at])
    rng, period = world.rng("faulty births", month), month_code(month)
    keep = np.ones(len(rows.unit), dtype=bool)
    faults: list[Fault] = []
    for unit in plan.units("under_reporting", month):
        mine = np.flatnonzero(rows.unit == unit)
        gone = mine[rng.random(len(mine)) < 0.5]
        keep[gone] = False
        if len(gone):
            faults.append(Fault("under_reporting", "births", world.units[unit], period, "", len(gone)))
    again: list[pa.Table] = [rows.table.filter(pa.array(keep))]
    for kind in ("duplicate", "registered_twice"):
        for unit in plan.units(kind, month):
            there = np.flatnonzero(keep)
            if not len(there):
                continue
            # A village without births in the month leaves the fault to the next one that has some.
            first = there[np.argmin((rows.unit[there] - unit) % len(world.units))][None]
            copy = rows.table.take(pa.array(first))
            if kind == "registered_twice":
                number = pc.binary_join_element_wise(copy["birth_id"], "R", "")
                copy = copy.set_column(0, "birth_id", number)
            again.append(copy)
            code, number = str(copy["unit"][0]), str(copy["birth_id"][0])
            faults.append(Fault(kind, "births", code, period, "", 1, number))
    return pa.concat_tables(again), faults


def damaged_monthly(
    world: World, plan: Plan, true: Wide, at: int, *, before: Wide | None
) -> tuple[Wide, Wide, Wide, list[Fault]]:
    """The monthly reports as they are sent: those in time, those late, all that were written, and what was done to them.

    `before`: what was written the month before, which a clerk who copies has at hand.
    """
    month = int(world.months[at])
    items = {name: values.copy() for name, values in true.items.items()}
    sent = Wide(true.units, items)
    faults = _inflate(world, plan, sent, month)
    faults += _overwrite(world, plan, sent, month, true=true, before=before)
    faults += _slip(
        world, plan, sent, month, kind="slipped_corrected", item="households_reached", dataset="monthly"
    )
    missing = np.isin(true.units, plan.units("missing", month))
    late = np.isin(true.units, plan.units("late", month)) & ~missing
    period = month_code(month)
    codes = np.array(world.units)[true.units]
    faults += [Fault("missing", "monthly", code, period) for code in codes[missing]]
    faults += [Fault("late", "monthly", code, period, "", days_late(month)) for code in codes[late]]
    return sent.where(~missing & ~late), sent.where(late), sent, faults


DUE_DAYS, COLLECTED_DAYS = 5, 12
"""Days after the month in which reports are due; after the quarter in which late ones are collected."""


def days_late(month: int) -> int:
    """How many days after its due date a late report of the integer month comes in: with its quarter's others."""
    collected = month_end(month - month % 3 + 2).toordinal() + COLLECTED_DAYS
    return collected - month_end(month).toordinal() - DUE_DAYS


def _inflate(world: World, plan: Plan, sent: Wide, month: int) -> list[Fault]:
    if plan.inflating_town is None or statistical_year(month) != plan.inflating_year:
        return []
    there = world.place.towns_in(month)[sent.units] == plan.inflating_town
    faults: list[Fault] = []
    for whole, part in INFLATED:
        wanted = np.ceil(TARGET * sent.items[whole]).astype(np.int64)
        added = np.where(there, np.maximum(wanted - sent.items[part], 0), 0)
        sent.items[part][:] += added
        faults += [
            Fault("inflation", "monthly", world.units[unit], month_code(month), part, float(more))
            for unit, more in zip(sent.units[added > 0], added[added > 0], strict=True)
        ]
    return faults


def _overwrite(
    world: World, plan: Plan, sent: Wide, month: int, *, true: Wide, before: Wide | None
) -> list[Fault]:
    faults: list[Fault] = []
    for unit in plan.units("zeros", month):
        row = np.flatnonzero(sent.units == unit)
        size = float(sum(int(values[row].sum()) for values in true.items.values()))
        for values in sent.items.values():
            values[row] = 0
        faults.append(Fault("zeros", "monthly", world.units[unit], month_code(month), "", size))
    if before is None:
        return faults
    for unit in plan.units("copied", month):
        row, old = np.flatnonzero(sent.units == unit), np.flatnonzero(before.units == unit)
        if not len(old):
            continue
        changed = 0
        for name, values in sent.items.items():
            changed += int(true.items[name][row[0]] != before.items[name][old[0]])
            values[row] = before.items[name][old]
        faults.append(Fault("copied", "monthly", world.units[unit], month_code(month), "", changed))
    return faults


def _slip(
    world: World, plan: Plan, sent: Wide, month: int, *, kind: str, item: str, dataset: str
) -> list[Fault]:
    faults: list[Fault] = []
    for unit in plan.units(kind, month):
        row = np.flatnonzero(sent.units == unit)
        if len(row) and sent.items[item][row[0]] > 0:
            sent.items[item][row] *= 10
            faults.append(Fault(kind, dataset, world.units[unit], month_code(month), item, 10.0))
    return faults


SLIPPING = ("folic_issued", "folic_received", "iron_issued", "iron_closing")


def damaged_supplies(world: World, plan: Plan, true: list[Wide]) -> tuple[list[Wide], list[Fault]]:
    """The supply ledgers as they are sent: some numbers ten times too large."""
    found, faults = [], []
    for at, month in enumerate(int(m) for m in world.months):
        sent = true[at].with_items(**{name: true[at].items[name].copy() for name in SLIPPING})
        item = SLIPPING[month % len(SLIPPING)]
        faults += _slip(world, plan, sent, month, kind="slipped_decimal", item=item, dataset="supplies")
        found.append(sent)
    return found, faults


def fault_table(faults: Iterable[Fault]) -> pa.Table:
    """The list of planted faults: one row each."""
    rows = list(faults)
    fields = ("kind", "dataset", "unit", "period", "item", "size", "note")
    return pa.table({name: pa.array([getattr(fault, name) for fault in rows]) for name in fields})
