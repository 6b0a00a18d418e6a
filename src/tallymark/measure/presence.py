"""Who had to report and who did: reports due, received and in time for every unit and period.

A report that came from a unit that did not owe one counts as due as well, so that received never exceeds
expected and an extra report cannot hide a missing one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.engine.interface import LENT, Engine, columns_of
from tallymark.engine.sql import Query, quoted, select, stacked
from tallymark.measure.cells import Flow
from tallymark.measure.leaves import pair_table
from tallymark.measure.places import PLACES, UNITS, WITHIN, in_order
from tallymark.measure.plan import Plan, Strand
from tallymark.measure.rollup import Rolled
from tallymark.measure.seen import EVER, MONTHS
from tallymark.model.periods import Calendar, Period, month_end, month_number, month_start
from tallymark.model.units import Units
from tallymark.programme.resolved import Dataset


def reporters(dataset: Dataset, units: Units) -> list[str]:
    """Codes of the units that a dataset's declaration says must report; of all levels when it names none."""
    mask = np.ones(len(units), dtype=np.bool_)
    if dataset.level is not None:
        mask &= np.array(pc.equal(pa.array(units.levels, pa.string()), dataset.level.code))
    if dataset.reporters is not None:
        values = {name: np.array(column, dtype=object) for name, column in units.attributes.items()}
        values |= {"level": np.array(units.levels, dtype=object), "unit": np.array(units.codes, dtype=object)}
        mask &= dataset.reporters.evaluate(values) == 1
    return [units.codes[at] for at in np.flatnonzero(mask)]


def owe(engine: Engine, strand: Strand, units: Units, source: str) -> None:
    """Makes `<prefix>_owes`(unit, first_month, last_month): the units that may report, and when.

    Without a declared level, the units that ever reported to the dataset.
    """
    months, chosen = units.open_months(), pa.array(reporters(strand.dataset, units), pa.string())
    if strand.dataset.level is None:
        reported = engine.rows(ever(engine, strand.dataset, source)).column(0).combine_chunks()
        chosen = chosen.filter(pc.is_in(chosen, value_set=reported.cast(pa.string())))
    codes = months.column("unit")
    mine = pc.is_in(codes, value_set=chosen)
    numbers = pc.index_in(codes.filter(mine), value_set=in_order(units))
    given = {"unit": numbers} | {
        name: months.column(name).filter(mine) for name in ("first_month", "last_month")
    }
    engine.lend(f"{strand.prefix}_owes", pa.table(given))


def ever(engine: Engine, dataset: Dataset, source: str) -> Query:
    """The query for the codes of units that ever reported to a dataset."""
    kept = source + EVER in engine.kept
    unit = quoted("_unit" if dataset.kind == "events" else "unit")
    return select("code" if kept else f"{unit} AS code").distinct().from_(source + EVER if kept else source)


def see(
    engine: Engine, plan: Plan, strand: Strand, *, sources: Mapping[str, str], horizon: dt.date | None
) -> None:
    """Makes `<prefix>_seen`(unit, slot, got, in_time) of every unit and slot that is due or was received, and the same as
    cells `<prefix>_cp` to be rolled up."""
    prefix, dataset = strand.prefix, strand.dataset
    timed = dataset.due_days is not None
    arrived = "arrived" if timed else "CAST(NULL AS TIMESTAMPTZ)"
    parts = [
        select("o.unit", "s.slot", "0 AS got", "CAST(NULL AS TIMESTAMPTZ) AS arrived")
        .from_(f"{prefix}_owes AS o")
        .join(f"{prefix}_slots AS s", on="s.month BETWEEN o.first_month AND o.last_month"),
        select("unit", "slot", "1 AS got", f"{arrived} AS arrived").from_(f"{prefix}_leaf"),
        *more_seen(engine, plan, strand, sources=sources, horizon=horizon),
    ]
    grouped = select("unit", "slot", "MAX(got) AS got", "MIN(arrived) AS arrived").from_(
        stacked(parts).subquery("parts")
    )
    engine.table(
        f"{prefix}_seen",
        select("v.unit", "v.slot", "v.got")
        .select("CASE WHEN v.arrived < s.due THEN 1 WHEN v.arrived >= s.due THEN 0 END AS in_time")
        .from_(grouped.group_by("unit", "slot").subquery("v"))
        .join(f"{prefix}_slots AS s", on="s.slot = v.slot"),
    )
    in_time = ["CASE WHEN in_time IS NULL THEN 0 ELSE 1 END AS timed", "in_time AS on_time"]
    cells = select("unit", "slot", "0 AS category", "1 AS expected", "got AS received", *in_time, "0 AS part")
    engine.view(f"{prefix}_cp", cells.from_(f"{prefix}_seen"))


def more_seen(
    engine: Engine, plan: Plan, strand: Strand, *, sources: Mapping[str, str], horizon: dt.date | None
) -> list[Query]:
    """Units and slots that were received beside those that have rows: (unit, slot, got = 1, arrived)."""
    found = _without_rows(engine, plan, strand, sources, horizon)
    if strand.dataset.due_days is not None and f"{strand.prefix}_fix" in engine.kept:
        fixed = select("unit", "slot", "1 AS got", "first_at AS arrived").from_(f"{strand.prefix}_fix")
        found.append(fixed)
    return found


def _without_rows(
    engine: Engine, plan: Plan, strand: Strand, sources: Mapping[str, str], horizon: dt.date | None
) -> list[Query]:
    """What the declared meaning of absence adds: units and slots that were received though they have no rows."""
    dataset, prefix = strand.dataset, strand.prefix
    if dataset.kind != "events" or dataset.absence == "missing":
        return []
    if dataset.absence == "zero":
        slots = silent_slots(engine, strand, sources[dataset.name], horizon)
        engine.load(f"{prefix}_zero", pa.table({"slot": pa.array(slots, pa.int32())}))
        return [
            select("o.unit", "s.slot", "1 AS got", "CAST(NULL AS TIMESTAMPTZ) AS arrived")
            .from_(f"{prefix}_owes AS o")
            .join(f"{prefix}_slots AS s", on="s.month BETWEEN o.first_month AND o.last_month")
            .join(f"{prefix}_zero AS z", on="z.slot = s.slot")
        ]
    other = plan.programme.datasets[dataset.absence]
    engine.load(f"{prefix}_cover", _cover(strand, other, plan.programme.calendar))
    return [
        select("u.unit", "c.slot", "1 AS got", "CAST(NULL AS TIMESTAMPTZ) AS arrived")
        .from_(f"{sources[other.name]} AS r")
        .join(f"{prefix}_cover AS c", on="c.code = r.period")
        .join(f"{UNITS} AS u", on="u.code = r.unit")
    ]


def silent_slots(engine: Engine, strand: Strand, source: str, horizon: dt.date | None) -> list[int]:
    """Numbers of the slots for which the silence of a complete register means zero."""
    covered = _covered(engine, source, horizon)
    return [s.number for s in strand.slots if covered and covered[0] <= s.start and s.end <= covered[1]]


def _covered(engine: Engine, source: str, horizon: dt.date | None) -> tuple[dt.date, dt.date] | None:
    """First and last day for which a complete register's silence means zero; None when it has no rows yet.

    From the first month with rows to the horizon; without one, to the last month with rows or the last month that
    was over when the newest rows were received, whichever is later.
    """
    source = source + MONTHS if source + MONTHS in engine.kept else source
    columns = columns_of(engine, source)
    newest = next((f"MAX({name})" for name in ("newest", "_at") if name in columns), "NULL")
    found = engine.rows(
        select("MIN(_month) AS first", "MAX(_month) AS last", f"CAST({newest} AS DATE) AS newest").from_(
            source
        )
    ).to_pylist()[0]
    if found["first"] is None:
        return None
    last = month_end(found["last"])
    if found["newest"] is not None:
        last = max(last, month_end(month_number(found["newest"]) - 1))
    return month_start(found["first"]), horizon or last


def _cover(strand: Strand, other: Dataset, calendar: Calendar) -> pa.Table:
    """Slots of a strand with the code of the other dataset's report that speaks for them."""
    pairs = []
    for slot in strand.slots:
        report: Period = calendar.containing(slot.start, str(other.frequency))
        if report.end >= slot.end:
            pairs.append((slot.number, report.code))
    return pa.table(
        {
            "slot": pa.array([slot for slot, _ in pairs], pa.int32()),
            "code": pa.array([code for _, code in pairs], pa.string()),
        }
    )


PRESENT = Rolled(
    "p",
    [
        *[Flow(name, "INTEGER") for name in ("expected", "received", "timed", "on_time")],
        Flow("part", "INTEGER", "CASE WHEN p.weight <> 1 AND v.received = 1 THEN 1 ELSE 0 END"),
    ],
)
"""What is rolled up of who reported: reports due, received, with a known time of arrival, in time; and how many came
from units of which only a share counts."""


def account(engine: Engine, strand: Strand, periods: tuple[Period, ...]) -> None:
    """Makes `<prefix>_pres`(unit, period, expected, received, timed, on_time, part) for units of every level.

    part: 1 when a share of some unit's figures is in it. Periods that no slot fits in have nothing expected.
    """
    prefix = strand.prefix
    counts = [f"CAST({name} AS BIGINT) AS {name}" for name in ("expected", "received", "timed", "on_time")]
    part = "CASE WHEN part > 0 THEN 1 ELSE 0 END AS part"
    over = select("unit", "period", *counts, part).from_(f"{prefix}_fp")
    filled = {period for period, _ in strand.spans}
    bare = tuple((at, month_number(periods[at].end)) for at in strand.periods if at not in filled)
    if not bare and engine.kept.get(f"{prefix}_fp_0") == LENT:
        engine.view(f"{prefix}_pres", over)  # read where it stands
        return
    engine.load(f"{prefix}_bare", pair_table(("period", "month"), bare))
    none = [f"CAST(0 AS BIGINT) AS {name}" for name in ("expected", "received", "timed")]
    empty = (
        select("p.ancestor AS unit", "s.period", *none, "CAST(NULL AS BIGINT) AS on_time", "0 AS part")
        .distinct()
        .from_(f"{prefix}_owes AS v")
        .join(f"{prefix}_bare AS s", on="s.month BETWEEN v.first_month AND v.last_month")
        .join(f"{PLACES} AS p", on=WITHIN)
    )
    engine.table(f"{prefix}_pres", stacked([over, empty]))
    engine.drop([f"{prefix}_bare"])
