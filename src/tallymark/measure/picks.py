"""Which dated figures make up a unit's level for a period, and with what share each counts.

Tables made: `<prefix>_dated`(unit, day, c<breakdown>…, value), `<prefix>_days`(unit, day) and
`<prefix>_picks`(unit, period, day, share). For reports a day is the number of the report's slot.
A unit's level for a period is the sum of what is picked times the share, which is the same for all picks.
"""

from __future__ import annotations

from sqlglot import exp, select

from tallymark.engine.compile import category
from tallymark.engine.duckdb import Engine
from tallymark.engine.sql import DECIMAL, column, exact, formula, named, stacked, text
from tallymark.measure.places import UNITS
from tallymark.measure.plan import Planned, Strand

PERIODS, MARKS = "tm_spells", "tm_marks"
"""Periods with their days and months; the last day of each of a period's months."""

MONTHS = "(s.last_month - s.first_month + 1)"
LIVED = "(LEAST(u.last_month, s.last_month) - GREATEST(u.first_month, s.first_month) + 1)"
"""Months of a period `s`, and those at whose end a unit `u` exists."""

SHARE = f"CAST({LIVED} AS DOUBLE) / {MONTHS}"

EXISTS = {
    "last": "u.opened <= s.last_day AND s.last_day < u.closed",
    "first": "u.opened <= s.first_day AND s.first_day < u.closed",
    "sum": "TRUE",
}
"""Whose figures count, by `over_time`; for averages those that exist at the end of some month."""


def exists(over_time: str) -> str:
    """A test of a unit `u` and a period `s`: whether the unit's figure counts."""
    return EXISTS.get(over_time, f"{LIVED} > 0")


def pick_stocks(engine: Engine, strand: Strand, source: str, planned: Planned | None) -> None:
    """The tables for a stock, or for the figures of any item (counted as they stand on the last day)."""
    prefix = strand.prefix
    _date_stocks(engine, strand, source, planned)
    engine.table(f"{prefix}_days", select("unit", "day").distinct().from_(f"{prefix}_dated"))
    over_time = planned.measure.over_time if planned else "last"
    if over_time != "sum":
        _hold(engine, prefix)
    engine.table(f"{prefix}_picks", _STOCKS[over_time](prefix).where(exists(over_time)))


def _date_stocks(engine: Engine, strand: Strand, source: str, planned: Planned | None) -> None:
    rows = select(named(column("unit"), "code"), named(column("date"), "day")).from_(source)
    rows = rows.select(*[named(category(strand.dataset, name), f"c{at}") for at, name in strand.breakdowns])
    value, counted = column("value"), False
    if planned is not None:
        measure = planned.measure
        counted = measure.aggregate == "count"
        if measure.item is not None:
            rows = rows.where(exp.EQ(this=column("item"), expression=text(measure.item)))
        if measure.where is not None:
            rows = rows.where(formula(measure.where))
        if measure.of is not None:
            value = formula(measure.of)
    cells = ["u.unit", "r.day", *[f"r.c{at}" for at, _ in strand.breakdowns]]
    added = "COUNT(*)" if counted else "SUM(r.value)"
    engine.table(
        f"{strand.prefix}_dated",
        select(*cells, f"CAST({added} AS {DECIMAL}) AS value")
        .from_(rows.select(named(exact(value), "value")).subquery("r"))
        .join(f"{UNITS} AS u", on="u.code = r.code")
        .where("NOT r.value IS NULL")
        .group_by(*cells),
    )


def _hold(engine: Engine, prefix: str) -> None:
    """`<prefix>_held`(unit, mark, day, prior): which figure stands on each day asked for, and the one before it."""
    asked = stacked(
        [select("day AS mark").from_(MARKS)]
        + [select(f"{name} AS mark").from_(PERIODS) for name in ("first_day", "last_day", "next_day")]
    )
    over = "OVER (PARTITION BY unit ORDER BY day)"
    spells = select("unit", "day", f"LAG(day) {over} AS prior", f"LEAD(day) {over} AS following").from_(
        f"{prefix}_days"
    )
    standing = "d.day <= m.mark AND m.mark < COALESCE(d.following, CAST('9999-12-31' AS DATE))"
    engine.table(
        f"{prefix}_held",
        select("d.unit", "m.mark", "d.day", "d.prior")
        .from_(spells.subquery("d"))
        .join(select("mark").distinct().from_(asked.subquery("a")).subquery("m"), on=standing),
    )


def _standing(prefix: str, day: str) -> exp.Select:
    return (
        select("h.unit", "s.period", "h.day", "1e0 AS share")
        .from_(f"{PERIODS} AS s")
        .join(f"{prefix}_held AS h", on=f"h.mark = s.{day}")
        .join(f"{UNITS} AS u", on="u.unit = h.unit")
    )


def _stock_average(prefix: str) -> exp.Select:
    return (
        select("h.unit", "s.period", "h.day")
        .select(f"{SHARE} / COUNT(*) OVER (PARTITION BY h.unit, s.period) AS share")
        .from_(f"{PERIODS} AS s")
        .join(f"{MARKS} AS m", on="m.period = s.period")
        .join(f"{prefix}_held AS h", on="h.mark = m.day")
        .join(f"{UNITS} AS u", on="u.unit = h.unit AND m.month BETWEEN u.first_month AND u.last_month")
    )


def _stock_middle(prefix: str) -> exp.Select:
    """Start and end of each period, each with half the share; twice the same figure where only one counts."""
    alone = (
        "COALESCE(b.day, CAST('0001-01-01' AS DATE)) < s.eve AND e.day < s.last_day AND e.day > s.first_day "
        "AND COALESCE(e.prior, CAST('0001-01-01' AS DATE)) < s.first_day"
    )
    ends = (
        select("e.unit", "s.period", "e.day AS end_day")
        .select(f"CASE WHEN b.day IS NULL OR ({alone}) THEN e.day ELSE b.day END AS start_day")
        .from_(f"{PERIODS} AS s")
        .join(f"{prefix}_held AS e", on="e.mark = s.next_day")
        .join(f"{prefix}_held AS b", on="b.unit = e.unit AND b.mark = s.first_day", join_type="left")
    )
    return _halved(_both(ends))


def _both(ends: exp.Select) -> exp.Query:
    """Start and end as rows of their own."""
    days = ("start_day", "end_day")
    return stacked(
        [select("unit", "period", f"{day} AS day").from_(ends.copy().subquery("ends")) for day in days]
    )


def _halved(both: exp.Query) -> exp.Select:
    return (
        select("k.unit", "k.period", "k.day", f"{SHARE} / 2 AS share")
        .from_(both.subquery("k"))
        .join(f"{PERIODS} AS s", on="s.period = k.period")
        .join(f"{UNITS} AS u", on="u.unit = k.unit")
    )


def _stock_sum(prefix: str) -> exp.Select:
    return (
        select("d.unit", "s.period", "d.day", "1e0 AS share")
        .from_(f"{prefix}_days AS d")
        .join(f"{PERIODS} AS s", on="d.day BETWEEN s.first_day AND s.last_day")
        .join(f"{UNITS} AS u", on="u.unit = d.unit")
    )


_STOCKS = {
    "last": lambda prefix: _standing(prefix, "last_day"),
    "first": lambda prefix: _standing(prefix, "first_day"),
    "average": _stock_average,
    "mid_period": _stock_middle,
    "sum": _stock_sum,
}


def pick_slots(engine: Engine, strand: Strand, planned: Planned) -> None:
    """The tables for a figure of reports or events that is not added over time."""
    prefix, value, kind = strand.prefix, planned.value, strand.dataset.kind
    categories = [f"c{at}" for at, _ in strand.breakdowns]
    engine.table(
        f"{prefix}_dated",
        select("unit", "slot AS day", *categories, f"CAST({value} AS {DECIMAL}) AS value")
        .from_(f"{prefix}_leaf")
        .where(f"NOT {value} IS NULL"),
    )
    days = select("unit", "day").distinct().from_(f"{prefix}_dated")
    if kind == "events":
        days = select("unit", "slot AS day").from_(f"{prefix}_seen").where("got = 1")
        if strand.own_usable(planned):
            unusable = select("unit", "slot").from_(f"{prefix}_c0").where(f"{value} IS NULL")
            query = select("d.unit", "d.day").from_(days.subquery("d"))
            query = query.join(
                unusable.subquery("x"), on="x.unit = d.unit AND x.slot = d.day", join_type="left"
            )
            days = query.where("x.unit IS NULL")
    engine.table(f"{prefix}_days", days)
    engine.table(f"{prefix}_picks", _SLOTS[planned.measure.over_time](prefix))


def _slots(prefix: str, over_time: str) -> exp.Select:
    """Slots with figures inside each period, of the units whose figures count."""
    return (
        select()
        .from_(f"{prefix}_days AS d")
        .join(f"{prefix}_spans AS t", on="t.slot = d.day")
        .join(f"{PERIODS} AS s", on="s.period = t.period")
        .join(f"{UNITS} AS u", on="u.unit = d.unit")
        .where(exists(over_time))
    )


def _slot_end(which: str, over_time: str, prefix: str) -> exp.Select:
    found = _slots(prefix, over_time).select("d.unit", "s.period", f"{which}(d.day) AS day", "1e0 AS share")
    return found.group_by("d.unit", "s.period")


def _slot_average(prefix: str) -> exp.Select:
    over = "OVER (PARTITION BY d.unit, s.period)"
    return _slots(prefix, "average").select(
        "d.unit", "s.period", "d.day", f"{SHARE} / COUNT(*) {over} AS share"
    )


def _slot_middle(prefix: str) -> exp.Select:
    """The slot before the period and its last one where both have figures; else the mean of those inside."""
    last = select("period", "MAX(slot) AS slot").from_(f"{prefix}_spans").group_by("period")
    ends = (
        select("e.unit", "t.period", "e.day AS end_day", "b.day AS start_day")
        .from_(last.subquery("t"))
        .join(f"{prefix}_days AS e", on="e.day = t.slot")
        .join(f"{prefix}_before AS f", on="f.period = t.period")
        .join(f"{prefix}_days AS b", on="b.unit = e.unit AND b.day = f.slot")
    )
    known = ends.copy().subquery("known")
    others = (
        select("k.unit", "k.period", "k.day", "k.share")
        .from_(_slot_average(prefix).subquery("k"))
        .join(known, on="known.unit = k.unit AND known.period = k.period", join_type="left")
        .where("known.unit IS NULL")
    )
    halves = _halved(_both(ends)).where(exists("mid_period"))
    return select("*").from_(stacked([halves, others]).subquery("picked"))


_SLOTS = {
    "last": lambda prefix: _slot_end("MAX", "last", prefix),
    "first": lambda prefix: _slot_end("MIN", "first", prefix),
    "average": _slot_average,
    "mid_period": _slot_middle,
}
