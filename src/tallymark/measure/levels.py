"""Levels: stocks, and figures whose longer periods are the last, first, average or mid-period one, not the sum.

Every unit's figure for a period is taken first, then figures are added up the tree, so that children add to the parent.
A figure *stands* from its date until the next one of the same item; all its categories change together.

- `last`, `first`: what stands on the period's last or first day, of the units that exist on that day.
- `average`: mean of what stands at the end of each of the period's months.
- `mid_period`: mean of the levels at the start and end of the period. A level counts as dated at a boundary on either
  of the two days that meet there (31 December or 1 January). Where neither boundary is dated and exactly one figure
  is dated inside, that one is the period's (a mid-year estimate). Otherwise, what stands on the first day and what
  stands after the last; only the latter where nothing stood before. Nothing is interpolated between dates, so that
  a later census does not change earlier figures.

Reports kept as levels stand for their own slot only: a missing report is not filled from an earlier one.
A unit that exists in some of the period's months counts for that share of it in `average` and `mid_period`, so that a
unit and its successors are not both counted in full, and rates are per unit of time lived.
"""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
from sqlglot import exp, select

from tallymark.engine.duckdb import Engine
from tallymark.engine.sql import DECIMAL, column, named, stacked, text
from tallymark.measure.picks import MARKS, PERIODS, exists, pick_slots, pick_stocks
from tallymark.measure.places import PLACES, UNITS
from tallymark.measure.plan import TOTAL, Planned, Strand
from tallymark.measure.presence import reporters
from tallymark.measure.rollup import shared
from tallymark.model.periods import Period, month_end, month_number
from tallymark.model.units import Units

EVERY = -1
"""Stands for “any item” where the figures of a whole stocks dataset are counted."""

MONTH = {"last": "s.last_month", "first": "s.start_month", "sum": "s.last_month"}
"""The month whose tree a period's figure follows; for averages the last one in which the unit exists."""


def load_periods(engine: Engine, periods: tuple[Period, ...]) -> None:
    """Tables of periods and of the days that levels are asked for."""
    rows, marks = [], []
    for at, period in enumerate(periods):
        last = month_number(period.end)
        whole = period.start.day == 1 and period.end == month_end(last)
        first = month_number(period.start) if whole else last
        rows.append(
            {
                "period": at,
                "first_day": period.start,
                "eve": period.start - dt.timedelta(days=1),
                "last_day": period.end,
                "next_day": period.end + dt.timedelta(days=1),
                "first_month": first,
                "last_month": last,
                "start_month": month_number(period.start),
            }
        )
        ends = [month_end(month) for month in range(first, last)] + [period.end]
        marks += [
            {"period": at, "month": month, "day": day}
            for month, day in zip(range(first, last + 1), ends, strict=True)
        ]
    schema = pa.schema(
        [("period", pa.int32())]
        + [(name, pa.date32()) for name in ("first_day", "eve", "last_day", "next_day")]
        + [(name, pa.int32()) for name in ("first_month", "last_month", "start_month")]
    )
    engine.load(PERIODS, pa.Table.from_pylist(rows, schema=schema))
    mark_schema = pa.schema([("period", pa.int32()), ("month", pa.int32()), ("day", pa.date32())])
    engine.load(MARKS, pa.Table.from_pylist(marks, schema=mark_schema))


def level_up(engine: Engine, strand: Strand, *, source: str, units: Units, restated: bool) -> None:
    """Makes `<prefix>_lx` and `<prefix>_lv`, the levels of all units and periods.

    lx(measure, unit, period, units, with_value, part): how many reporting units should have a figure, and have one.
    lv(measure, unit, period, breakdown, category, value, with_value): the figures.
    """
    holders = _holders(engine, strand, units, source)
    reach, values, fixed = list[exp.Query](), list[exp.Query](), list[exp.Query]()
    if strand.dataset.kind == "stocks":
        pick_stocks(engine, strand, source, None)
        reach.append(_reach(engine, strand, EVERY, "last", holders))
    for planned in strand.levels:
        if strand.dataset.kind == "stocks":
            pick_stocks(engine, strand, source, planned)
        else:
            pick_slots(engine, strand, planned)
        reach.append(_reach(engine, strand, planned.number, planned.measure.over_time, holders))
        if strand.dataset.kind == "stocks" and f"{strand.prefix}_fix" in engine.kept:
            name = f"{strand.prefix}_fx{planned.number}"
            engine.table(name, _fixed(strand, planned))
            fixed.append(select("*").from_(name))
        values += _values(engine, strand, planned, restated=restated)
    for name, parts in (("lx", reach), ("lv", values), ("fixed", fixed)):
        if parts:
            engine.table(f"{strand.prefix}_{name}", stacked(parts))


def _holders(engine: Engine, strand: Strand, units: Units, source: str) -> str:
    """A table of the units that should have figures."""
    name = f"{strand.prefix}_holders"
    engine.load("tm_chosen", pa.table({"code": pa.array(reporters(strand.dataset, units), pa.string())}))
    query = select("u.unit").from_("tm_chosen AS c").join(f"{UNITS} AS u", on="u.code = c.code")
    if strand.dataset.level is None:
        code = column("_unit" if strand.dataset.kind == "events" else "unit")
        ever = select(named(code, "code")).distinct().from_(source)
        query = query.join(ever.subquery("ever"), on="ever.code = c.code")
    engine.table(name, query)
    engine.drop(["tm_chosen"])
    return name


def _reach(engine: Engine, strand: Strand, number_: int, over_time: str, holders: str) -> exp.Query:
    """How many units should have the measure's figure and how many have, for all units and periods."""
    month = MONTH.get(over_time, "LEAST(u.last_month, s.last_month)")
    due = (
        select("u.unit", "s.period", "0 AS got")
        .from_(f"{holders} AS h")
        .join(f"{UNITS} AS u", on="u.unit = h.unit")
        .join(f"{PERIODS} AS s", on=exists(over_time))
    )
    got = select("unit", "period", "1 AS got").from_(f"{strand.prefix}_picks")
    each = select("unit", "period", "MAX(got) AS got").from_(stacked([due, got]).subquery("both"))
    name = f"{strand.prefix}_x{number_ if number_ >= 0 else 'all'}"
    engine.table(
        name,
        select(f"CAST({number_} AS INTEGER) AS measure", "p.ancestor AS unit", "e.period")
        .select("COUNT(*) AS units", "CAST(SUM(e.got) AS BIGINT) AS with_value")
        .select("MAX(CASE WHEN p.weight <> 1 AND e.got = 1 THEN 1 ELSE 0 END) AS part")
        .from_(each.group_by("unit", "period").subquery("e"))
        .join(f"{UNITS} AS u", on="u.unit = e.unit")
        .join(f"{PERIODS} AS s", on="s.period = e.period")
        .join(f"{PLACES} AS p", on=_placed("e.unit", month))
        .group_by("p.ancestor", "e.period"),
    )
    return select("*").from_(name)


def _placed(unit: str, month: str) -> str:
    return f"p.unit = {unit} AND {month} BETWEEN p.first_month AND p.last_month"


def _values(engine: Engine, strand: Strand, planned: Planned, *, restated: bool) -> list[exp.Query]:
    """The measure's figures for all units and periods, in total and by each breakdown."""
    over_time = planned.measure.over_time
    month = MONTH.get(over_time, "LEAST(u.last_month, s.last_month)")
    found = list[exp.Query]()
    for at in (TOTAL, *(at for at, _ in strand.breakdowns)):
        label = f"c{at}" if at else "''"
        leaf = (
            select("k.unit", "k.period", f"{label} AS category")
            .select(f"CAST(CAST(SUM(d.value) AS DOUBLE) * MAX(k.share) AS {DECIMAL}) AS value")
            .from_(f"{strand.prefix}_picks AS k")
            .join(f"{strand.prefix}_dated AS d", on="d.unit = k.unit AND d.day = k.day")
            .group_by("k.unit", "k.period", *([label] if at else []))
        )
        if at:
            leaf = leaf.where(f"NOT {label} IS NULL")
        name = f"{strand.prefix}_v{planned.number}_{at}"
        added = shared("value") if restated else "v.value"
        engine.table(
            name,
            select(f"{planned.number} AS measure", "p.ancestor AS unit", "v.period", f"{at} AS breakdown")
            .select("v.category", f"CAST(SUM({added}) AS {DECIMAL}) AS value", "COUNT(*) AS with_value")
            .from_(leaf.subquery("v"))
            .join(f"{UNITS} AS u", on="u.unit = v.unit")
            .join(f"{PERIODS} AS s", on="s.period = v.period")
            .join(f"{PLACES} AS p", on=_placed("v.unit", month))
            .group_by("p.ancestor", "v.period", "v.category"),
        )
        found.append(select("*").from_(name))
    return found


def _fixed(strand: Strand, planned: Planned) -> exp.Query:
    """Units and periods in which a stock rests on a corrected figure."""
    month = MONTH.get(planned.measure.over_time, "LEAST(u.last_month, s.last_month)")
    query = (
        select("p.ancestor AS unit", "k.period", "v.item")
        .distinct()
        .from_(f"{strand.prefix}_picks AS k")
        .join(f"{strand.prefix}_fix AS v", on="v.unit = k.unit AND v.slot = k.day")
        .join(f"{UNITS} AS u", on="u.unit = k.unit")
        .join(f"{PERIODS} AS s", on="s.period = k.period")
        .join(f"{PLACES} AS p", on=_placed("k.unit", month))
    )
    if planned.measure.item is not None:
        query = query.where(exp.EQ(this=column("item", "v"), expression=text(planned.measure.item)))
    return query
