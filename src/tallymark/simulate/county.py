"""The simulated years of a place: the files its offices send, month by month, and the truth beside them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.model.periods import month_code, month_end
from tallymark.simulate import faults as damage
from tallymark.simulate import reports as drawn
from tallymark.simulate.census import write_projection
from tallymark.simulate.files import Outbox, long_table, monthly_table, stock_table
from tallymark.simulate.hearing import Hearing, hearing, hold
from tallymark.simulate.outlines import write_geometry
from tallymark.simulate.place import make_place, write_units
from tallymark.simulate.rates import Rates, load_rates
from tallymark.simulate.registers import AS_OF_DAYS, REGISTERS, Rows
from tallymark.simulate.truth import Truth, TruthWriter
from tallymark.simulate.workbook import write_workbook
from tallymark.simulate.world import World, make_world, quarter_code, statistical_year

PROJECTION = "projection"
"""Folder with a projection of the place's people, for `tallymark project`."""
BIG = 2_000_000
"""From this many events registers come as Parquet, one file a month."""
MOST_IN_WORKBOOKS = 2_000
"""With more villages than this the supply ledgers come as Parquet too."""
SCALING = ("births", "visits", "screenings", "complaints")
QUARTERLY = ("births", "visits", "screenings")
YEARLY = ("survey", "training")
SOURCES = {"births": "births_csv", "monthly": "monthly_csv"}
"""Dataset → the declared source that its files come through; the dataset's own name otherwise."""
SENT_BY_TOWNS = {
    "inspections": ("town_csv", 15),
    "rulings": ("rulings_csv", 20),
    "year_end": ("year_end_csv", 25),
}
"""Dataset → its declared source, and how many days after the period its reports come in."""


def simulate_county(
    out: Path,
    *,
    seed: int,
    towns: int = 14,
    villages: int = 350,
    months: int = 36,
    events: int | None = None,
    faults: bool = True,
    rates: Rates | None = None,
) -> Truth:
    """Write the files that a simulated place's offices send, and the truth; memory holds a month at a time.

    `events` multiplies residents so that about so many rows come into the registers (up to 50 million).
    Writes units.csv, changes.csv, geometry.geojson, deliveries.csv (received_at, source, file), a folder a
    dataset, projection/, and truth/.
    """
    out.mkdir(parents=True, exist_ok=True)
    said = rates or load_rates()
    place = make_place(towns, villages)
    write_units(place, out)
    write_geometry(place, out)
    world = make_world(place, said, seed=seed, months=months)
    if events is not None:
        world = make_world(place, said, seed=seed, months=months, scale=_scale(world, events))
    plan = damage.plan_faults(world) if faults else damage.no_faults()
    making = _Making(
        world, plan, Outbox(out), TruthWriter(out), hearing(world, plan), big=(events or 0) >= BIG
    )
    for at in range(months):
        _month(making, at)
    _whole(making)
    making.faults = hold(making.hearing, making.outbox, making.faults)
    making.truth.finish(world, making.faults)
    making.outbox.list()
    write_projection(world, out / PROJECTION)
    return Truth(out, seed, making.events, tuple(sorted(making.outbox.deliveries)), tuple(making.faults))


def _scale(world: World, events: int) -> float:
    """What residents are multiplied by: registers that grow with residents make up the rest."""
    growing = sum(
        float(expected.sum())
        for name, expected in world.expected.items()
        if name.endswith(("_visits", "_checks")) or name in ("births", "complaints")
    )
    months = len(world.months)
    fixed = len(world.cells) * world.rates.amounts["answers_per_village"] * months / 12
    fixed += float((world.chance["trained"] * world.posts[:, None]).sum())
    return max((events - fixed) / growing, 1e-9)


@dataclass(slots=True)
class _Making:
    world: World
    plan: damage.Plan
    outbox: Outbox
    truth: TruthWriter
    hearing: Hearing
    big: bool
    events: int = 0
    faults: list[damage.Fault] = field(default_factory=list)
    waiting: dict[str, list[pa.Table]] = field(default_factory=dict)
    last_month: drawn.Wide | None = None
    begun: set[str] = field(default_factory=set)

    def codes(self, units: np.ndarray) -> np.ndarray:
        codes: np.ndarray = np.array(self.world.units, dtype=object)[units]
        return codes


def _month(making: _Making, at: int) -> None:
    world, month = making.world, int(making.world.months[at])
    units = world.open_units(month)
    born = np.zeros(len(world.units))
    for dataset, draw in REGISTERS.items():
        rows = draw(world, at)
        making.events += rows.table.num_rows
        counts = rows.counts(len(world.units))
        if rows.table.num_rows or dataset in making.begun:  # before its first row a register says nothing
            making.begun.add(dataset)
            stated = {measure: values[units] for measure, values in counts.items()}
            making.truth.counts(making.codes(units), month_code(month), stated)
        if dataset == "births":
            born = counts["births"]
        _send_register(making, dataset, rows, at)
    _send_monthly(making, drawn.monthly(world, at, born), at)


def _send_register(making: _Making, dataset: str, rows: Rows, at: int) -> None:
    month, table = int(making.world.months[at]), rows.table
    end = month_end(month)
    if dataset == "births":
        table, found = damage.damaged_births(making.world, making.plan, rows, at)
        making.faults += found
    if making.big and dataset in SCALING[:3]:
        making.outbox.table(table, f"{dataset}/{month_code(month)}.parquet", dataset, after=end, days=3)
        return
    making.waiting.setdefault(dataset, []).append(table)
    last = at == len(making.world.months) - 1
    if dataset in QUARTERLY and (month % 3 == 2 or last):
        _flush(making, dataset, quarter_code(month), end=end, days=6)
    elif dataset in YEARLY and (month % 12 == 8 or last):
        _flush(making, dataset, f"SY{statistical_year(month)}", end=end, days=12)
    elif dataset == "complaints" and (month % 12 == 8 or last):
        _flush_complaints(making, f"SY{statistical_year(month)}", end)


def _flush(making: _Making, dataset: str, period: str, *, end: dt.date, days: int) -> None:
    table = pa.concat_tables(making.waiting.pop(dataset))
    if table.num_rows:
        source = SOURCES.get(dataset, dataset)
        making.outbox.table(table, f"{dataset}/{period}.csv", source, after=end, days=days)


def _flush_complaints(making: _Making, period: str, end: dt.date) -> None:
    """Send a year's complaints as they stand; those still open are sent again with the next year's."""
    table = pa.concat_tables(making.waiting.pop("complaints"))
    day = pa.scalar(end + dt.timedelta(days=AS_OF_DAYS), pa.date32())
    closed = table["closed_on"].cast(pa.date32())
    still_open = pc.greater(closed, day)
    nothing = pa.scalar(None, pa.date32())
    as_it_stands = _replaced(table, "closed_on", pc.if_else(still_open, nothing, closed))
    outcome = pc.if_else(still_open, pa.scalar("open"), table["outcome"])
    as_it_stands = _replaced(as_it_stands, "outcome", outcome)
    making.outbox.table(as_it_stands, f"complaints/{period}.csv", "complaints", after=end, days=AS_OF_DAYS)
    if end < making.world.last_day:
        making.waiting["complaints"] = [table.filter(still_open)]


def _replaced(table: pa.Table, name: str, column: pa.ChunkedArray) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), name, column)


def _send_monthly(making: _Making, true: drawn.Wide, at: int) -> None:
    world, month = making.world, int(making.world.months[at])
    period, end = month_code(month), month_end(month)
    making.truth.counts(making.codes(true.units), period, true.items)
    sent, late, making.last_month, found = damage.damaged_monthly(
        world, making.plan, true, at, before=making.last_month
    )
    making.faults += found
    making.hearing.month(month, true, making.last_month)
    if len(sent.units):
        table = monthly_table(world, month, sent)
        making.outbox.table(table, f"monthly/{period}.csv", "monthly_csv", after=end, days=3)
    making.waiting.setdefault("monthly", []).append(monthly_table(world, month, late))
    if month % 3 == 2 or at == len(world.months) - 1:
        collected = month_end(month - month % 3 + 2)
        _flush(making, "monthly", f"{quarter_code(month)}-late", end=collected, days=damage.COLLECTED_DAYS)
    slipped = true.where(np.isin(true.units, making.plan.units("slipped_corrected", month)))
    if len(slipped.units):
        table = monthly_table(world, month, slipped)
        making.outbox.table(table, f"monthly/{period}-corrected.csv", "monthly_csv", after=end, days=20)


def _whole(making: _Making) -> None:
    """What is sent for the whole stretch: ledgers, towns' reports, stocks."""
    world, outbox = making.world, making.outbox
    _send_supplies(making)
    towns = tuple(town.code for town in world.place.towns)
    rulings = drawn.rulings(world)
    for report in (*drawn.inspections(world), *rulings, *drawn.year_end(world)):
        making.truth.counts(np.array(towns), report.period, report.items)
    _send_towns(making, towns, [*drawn.inspections(world), *rulings, *drawn.year_end(world)])
    for name, stocks in (("population", drawn.population(world)), ("staffing", drawn.staffing(world))):
        for month, wide in stocks:
            making.truth.counts(making.codes(wide.units), f"{month_code(month)}-01", wide.items)
        outbox.table(stock_table(world, stocks), f"{name}.csv", f"{name}_csv", after=world.last_day, days=2)


def _send_towns(making: _Making, towns: tuple[str, ...], reports: list[drawn.TownReport]) -> None:
    """Inspections come every quarter, rulings and returns once a year."""
    files: dict[tuple[str, str], list[drawn.TownReport]] = {}
    for report in reports:
        label = f"SY{statistical_year(report.last)}" if report.dataset == "rulings" else report.period
        files.setdefault((report.dataset, label), []).append(report)
    for (dataset, label), together in files.items():
        source, days = SENT_BY_TOWNS[dataset]
        table = pa.concat_tables([long_table(towns, report.period, report.items) for report in together])
        last = month_end(together[-1].last)
        making.outbox.table(table, f"{dataset}/{label}.csv", source, after=last, days=days)


def _send_supplies(making: _Making) -> None:
    world, outbox = making.world, making.outbox
    ledgers = drawn.supplies(world)
    for month, ledger in zip((int(m) for m in world.months), ledgers, strict=True):
        making.truth.counts(making.codes(ledger.units), month_code(month), ledger.items)
    if making.plan.months:
        ledgers, found = damage.damaged_supplies(world, making.plan, ledgers)
        making.faults += found
    if len(world.cells) > MOST_IN_WORKBOOKS:
        for month, ledger in zip((int(m) for m in world.months), ledgers, strict=True):
            table = long_table(tuple(making.codes(ledger.units)), month_code(month), ledger.items, text=False)
            outbox.table(
                table, f"supplies/{month_code(month)}.parquet", "supplies", after=month_end(month), days=8
            )
        return
    for town, said in enumerate(world.place.towns):
        path = outbox.place(f"supplies/{said.code}.xlsx", "supply_workbook", after=world.last_day, days=8)
        making.faults += write_workbook(path, world, town, ledgers=ledgers, plan=making.plan)
