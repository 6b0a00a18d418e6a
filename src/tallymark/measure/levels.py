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
from collections.abc import Sequence

import pyarrow as pa

from tallymark.engine.interface import Engine
from tallymark.engine.sql import DECIMAL, AnyQuery, Query, column, one_of, select, stacked, text
from tallymark.measure.cells import shared
from tallymark.measure.picks import EXISTS, MARKS, MONTH, PERIODS, by_rule, pick
from tallymark.measure.places import PLACES, UNITS
from tallymark.measure.plan import TOTAL, Planned, Strand
from tallymark.measure.presence import reporters
from tallymark.model.periods import Period, month_end, month_number
from tallymark.model.units import Units

TOGETHER = 20_000_000
"""Rows (measures × units × periods) up to which measures are computed together."""

PLACED = "p.unit = v.unit AND v.month BETWEEN p.first_month AND p.last_month"


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


def level_up(
    engine: Engine, strand: Strand, *, source: str, units: Units, periods: int, restated: bool
) -> None:
    """Makes `<prefix>_lx` and `<prefix>_lv`, the levels of all units and periods, and for stocks `<prefix>_fixed`.

    lx(measure, unit, period, units, with_value, part): how many reporting units should have a figure, and have one.
    lv(measure, unit, period, breakdown, category, value, with_value): the figures.
    fixed(unit, period, item): where a corrected figure is among them.
    """
    holders = _holders(engine, strand, units, source)
    most = max(1, TOGETHER // max(1, len(units) * periods))
    stocks = strand.dataset.kind == "stocks"
    parts: dict[str, list[AnyQuery]] = {"lx": [], "lv": [], "fixed": []}
    for at, head in enumerate(range(0, max(1, len(strand.levels)), most)):
        batch = strand.levels[head : head + most]
        every = stocks and at == 0
        pick(engine, strand, batch, source=source, every=every)
        queries: dict[str, AnyQuery] = {"lx": _reach(strand, batch, holders, every=every)}
        if batch:
            queries["lv"] = _values(strand, restated=restated)
        if stocks and batch and f"{strand.prefix}_fix" in engine.kept:
            queries["fixed"] = _fixed(strand, batch)
        for name, query in queries.items():
            table = f"{strand.prefix}_{name}_{at}"
            engine.step(table, query)
            parts[name].append(select("*").from_(table))
    for name, tables in parts.items():
        if tables:
            engine.view(f"{strand.prefix}_{name}", stacked(tables))


def _holders(engine: Engine, strand: Strand, units: Units, source: str) -> str:
    """A table of the units that should have figures."""
    name = f"{strand.prefix}_holders"
    engine.load("tm_chosen", pa.table({"code": pa.array(reporters(strand.dataset, units), pa.string())}))
    query = select("u.unit").from_("tm_chosen AS c").join(f"{UNITS} AS u", on="u.code = c.code")
    if strand.dataset.level is None:
        code = column("_unit" if strand.dataset.kind == "events" else "unit")
        ever = select(f"{code} AS code").distinct().from_(source)
        query = query.join(ever.subquery("ever"), on="ever.code = c.code")
    engine.table(name, query)
    engine.drop(["tm_chosen"])
    return name


def _reach(strand: Strand, batch: Sequence[Planned], holders: str, *, every: bool) -> Query:
    """How many units should have each measure's figure and how many have, for all units and periods."""
    parts: list[AnyQuery] = []
    for rule, numbers in by_rule(batch, every=every).items():
        measures = stacked([select(f"{number} AS measure") for number in numbers])
        parts.append(
            select("r.measure", "u.unit", "s.period", "0 AS got", f"{MONTH[rule]} AS month")
            .from_(f"{holders} AS h")
            .join(f"{UNITS} AS u", on="u.unit = h.unit")
            .join(f"{PERIODS} AS s", on=EXISTS[rule])
            .join(measures.subquery("r"), kind="CROSS")
        )
    parts.append(select("measure", "unit", "period", "1 AS got", "month").from_(f"{strand.prefix}_picks"))
    each = (
        select("measure", "unit", "period", "MAX(got) AS got", "MAX(month) AS month")
        .from_(stacked(parts).subquery("every"))
        .group_by("measure", "unit", "period")
    )
    return (
        select("v.measure", "p.ancestor AS unit", "v.period", "COUNT(*) AS units")
        .select("CAST(SUM(v.got) AS BIGINT) AS with_value")
        .select("MAX(CASE WHEN p.weight <> 1 AND v.got = 1 THEN 1 ELSE 0 END) AS part")
        .from_(each.subquery("v"))
        .join(f"{PLACES} AS p", on=PLACED)
        .group_by("v.measure", "p.ancestor", "v.period")
    )


def _values(strand: Strand, *, restated: bool) -> AnyQuery:
    """The measures' figures for all units and periods, in total and by each breakdown."""
    found: list[AnyQuery] = []
    for at in (TOTAL, *(at for at, _ in strand.breakdowns)):
        label = f"d.c{at}" if at else "0"
        keys = ["k.measure", "k.unit", "k.period"]
        leaf = (
            select(*keys, f"{label} AS category", "MAX(k.month) AS month")
            .select(f"CAST(CAST(SUM(d.value) AS DOUBLE) * MAX(k.share) AS {DECIMAL}) AS value")
            .from_(f"{strand.prefix}_picks AS k")
            .join(
                f"{strand.prefix}_dated AS d",
                on="d.measure = k.measure AND d.unit = k.unit AND d.day = k.day",
            )
            .where("k.measure >= 0", *([f"NOT {label} IS NULL"] if at else []))
            .group_by(*keys, *([label] if at else []))
        )
        added = shared("value") if restated else "v.value"
        found.append(
            select("v.measure", "p.ancestor AS unit", "v.period", f"{at} AS breakdown", "v.category")
            .select(f"CAST(SUM({added}) AS {DECIMAL}) AS value", "COUNT(*) AS with_value")
            .from_(leaf.subquery("v"))
            .join(f"{PLACES} AS p", on=PLACED)
            .group_by("v.measure", "p.ancestor", "v.period", "v.category")
        )
    return stacked(found)


def _fixed(strand: Strand, batch: Sequence[Planned]) -> AnyQuery:
    """Units and periods in which a stock rests on a corrected figure (rank 1)."""
    found: list[AnyQuery] = []
    for planned in batch:
        query = (
            select(
                "p.ancestor AS unit", "v.period", f"{text(planned.measure.item or '')} AS item", "1 AS rank"
            )
            .distinct()
            .from_(f"{strand.prefix}_picks AS v")
            .join(f"{strand.prefix}_fix AS f", on="f.unit = v.unit AND f.slot = v.day")
            .join(f"{PLACES} AS p", on=PLACED)
            .where(one_of("v.measure", [planned.number]))
        )
        if planned.measure.item is not None:
            query = query.where(f"f.item = {text(planned.measure.item)}")
        found.append(query)
    return stacked(found)
