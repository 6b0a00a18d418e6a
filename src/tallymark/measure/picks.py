"""Which dated figures make up a unit's level for a period, and with what share each counts.

Tables made for some measures of a strand together: `<prefix>_dated`(measure, unit, day, c<breakdown>…, value),
`<prefix>_days`(measure, unit, day) and `<prefix>_picks`(measure, unit, period, day, share, month). For reports a day is
the number of the report's slot. A unit's level for a period is the sum of what is picked times the share, which is the
same for all picks; `month` is the one whose tree it follows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tallymark.engine.compile import category
from tallymark.engine.interface import Engine
from tallymark.engine.sql import DECIMAL, Query, column, exact, formula, one_of, select, stacked, text
from tallymark.measure.leaves import with_categories
from tallymark.measure.places import UNITS
from tallymark.measure.plan import Planned, Strand

PERIODS, MARKS = "tm_spells", "tm_marks"
"""Periods with their days and months; the last day of each of a period's months."""

EVERY = -1
"""Stands for “any item” where the figures of a whole stocks dataset are counted (as on the last day)."""

LIVED = "(LEAST(u.last_month, s.last_month) - GREATEST(u.first_month, s.first_month) + 1)"
"""Months of a period `s` at whose end a unit `u` exists."""

SHARE = f"CAST({LIVED} AS DOUBLE) / (s.last_month - s.first_month + 1)"

EXISTS = {
    "last": "u.opened <= s.last_day AND s.last_day < u.closed",
    "first": "u.opened <= s.first_day AND s.first_day < u.closed",
    "average": f"{LIVED} > 0",
    "mid_period": f"{LIVED} > 0",
    "sum": "TRUE",
}
"""Whose figures count: units that exist on that day, or at the end of some month."""

LAST_LIVED = "LEAST(u.last_month, s.last_month)"
MONTH = {
    "last": "s.last_month",
    "first": "s.start_month",
    "average": LAST_LIVED,
    "mid_period": LAST_LIVED,
    "sum": "s.last_month",
}
"""The month whose tree a unit's figure follows."""

DAWN = "CAST('0001-01-01' AS DATE)"
DUSK = "CAST('9999-12-31' AS DATE)"


def by_rule(measures: Sequence[Planned], *, every: bool = False) -> dict[str, list[int]]:
    """`over_time` → numbers of the measures that follow it, with `EVERY` among them where asked."""
    found: dict[str, list[int]] = {}
    for planned in measures:
        found.setdefault(planned.measure.over_time, []).append(planned.number)
    if every:
        found.setdefault("last", []).append(EVERY)
    return found


def pick(engine: Engine, strand: Strand, measures: Sequence[Planned], *, source: str, every: bool) -> None:
    """Makes the tables for some measures; `every`: also for the figures of any item of a stocks dataset."""
    prefix, stocks = strand.prefix, strand.dataset.kind == "stocks"
    if stocks:
        cells = [_stock_cells(strand, source, planned) for planned in [*measures, *([None] if every else [])]]
    else:
        cells = [_slot_cells(strand, planned) for planned in measures]
    engine.table(f"{prefix}_dated", stacked(cells))
    days = [select("measure", "unit", "day").distinct().from_(f"{prefix}_dated")]
    if strand.dataset.kind == "events":
        days = [_usable_slots(strand, planned) for planned in measures]
    engine.step(f"{prefix}_days", stacked(days))
    if stocks:
        _hold(engine, prefix)
    rules = _STOCKS if stocks else _SLOTS
    picked = []
    for rule, numbers in by_rule(measures, every=every).items():
        for query in rules[rule](prefix):
            picked.append(
                query.select(f"{MONTH[rule]} AS month").where(EXISTS[rule], one_of("d.measure", numbers))
            )
    engine.table(f"{prefix}_picks", stacked(picked))


def _stock_cells(strand: Strand, source: str, planned: Planned | None) -> Query:
    """Figures of one stock (or of any item) by unit, date and categories."""
    value, added = column("value"), "SUM(r.value)"
    rows = select(f"{column('unit')} AS code", f"{column('date')} AS day").from_(source)
    rows = rows.select(
        *[
            f"{category(strand.dataset, name, tidy=at in strand.untidy)} AS c{at}"
            for at, name in strand.breakdowns
        ]
    )
    if planned is not None:
        measure = planned.measure
        added = "COUNT(*)" if measure.aggregate == "count" else added
        value = formula(measure.of) if measure.of is not None else value
        rows = rows.where(*([f"{column('item')} = {text(measure.item)}"] if measure.item is not None else []))
        rows = rows.where(*([formula(measure.where)] if measure.where is not None else []))
    cells = ["code", "day", *[f"c{at}" for at, _ in strand.breakdowns]]
    coded = (
        select(*cells, f"CAST({added} AS {DECIMAL}) AS value")
        .from_(rows.select(f"{exact(value)} AS value").subquery("r"))
        .where("NOT r.value IS NULL")
        .group_by(*cells)
    )
    query = select(f"{planned.number if planned else EVERY} AS measure", "u.unit", "v.day", "v.value")
    query = query.from_(coded.subquery("v")).join(f"{UNITS} AS u", on="u.code = v.code")
    return with_categories(query, strand)


def _slot_cells(strand: Strand, planned: Planned) -> Query:
    """Figures of one measure by unit, slot and categories."""
    categories = [f"c{at}" for at, _ in strand.breakdowns]
    return (
        select(f"{planned.number} AS measure", "unit", "slot AS day")
        .select(f"CAST({planned.value} AS {DECIMAL}) AS value", *categories)
        .from_(f"{strand.prefix}_leaf")
        .where(f"NOT {planned.value} IS NULL")
    )


def _usable_slots(strand: Strand, planned: Planned) -> Query:
    """Units and slots of events that were received, with rows or without, and are not unusable."""
    query = select(f"{planned.number} AS measure", "v.unit", "v.slot AS day").from_(
        f"{strand.prefix}_seen AS v"
    )
    query = query.where("v.got = 1")
    if not strand.own_usable(planned):
        return query
    unusable = select("unit", "slot").from_(f"{strand.prefix}_c0").where(f"{planned.usable} < 0")
    return query.join(unusable.subquery("x"), on="x.unit = v.unit AND x.slot = v.slot", kind="LEFT").where(
        "x.unit IS NULL"
    )


def _hold(engine: Engine, prefix: str) -> None:
    """`<prefix>_standing`(measure, unit, mark, day, prior): what stands on each day asked for, and its prior."""
    asked = [select("day AS mark").from_(MARKS)]
    asked += [select(f"{name} AS mark").from_(PERIODS) for name in ("first_day", "last_day", "next_day")]
    marks = select("mark").distinct().from_(stacked(asked).subquery("a"))
    over = "OVER (PARTITION BY measure, unit ORDER BY day)"
    spells = (
        select("measure", "unit", "day", f"LAG(day) {over} AS prior", f"LEAD(day) {over} AS following")
        .from_(f"{prefix}_days")
        .subquery("d")
    )
    standing = f"d.day <= m.mark AND m.mark < COALESCE(d.following, {DUSK})"
    query = select("d.measure", "d.unit", "m.mark", "d.day", "d.prior").from_(spells)
    engine.step(f"{prefix}_standing", query.join(marks.subquery("m"), on=standing))


def _standing(day: str) -> Callable[[str], list[Query]]:
    """What stands on one day of each period."""
    return lambda prefix: [
        select("d.measure", "d.unit", "s.period", "d.day", "1e0 AS share")
        .from_(f"{PERIODS} AS s")
        .join(f"{prefix}_standing AS d", on=f"d.mark = s.{day}")
        .join(f"{UNITS} AS u", on="u.unit = d.unit")
    ]


def _stock_average(prefix: str) -> list[Query]:
    over = "OVER (PARTITION BY d.measure, d.unit, s.period)"
    return [
        select("d.measure", "d.unit", "s.period", "d.day", f"{SHARE} / COUNT(*) {over} AS share")
        .from_(f"{PERIODS} AS s")
        .join(f"{MARKS} AS m", on="m.period = s.period")
        .join(f"{prefix}_standing AS d", on="d.mark = m.day")
        .join(f"{UNITS} AS u", on="u.unit = d.unit AND m.month BETWEEN u.first_month AND u.last_month")
    ]


def _stock_middle(prefix: str) -> list[Query]:
    """Start and end of each period, each with half the share; twice the same figure where only one counts."""
    alone = (
        f"COALESCE(b.day, {DAWN}) < s.eve AND e.day < s.last_day AND e.day > s.first_day "
        f"AND COALESCE(e.prior, {DAWN}) < s.first_day"
    )
    ends = (
        select("e.measure", "e.unit", "s.period", "e.day AS end_day")
        .select(f"CASE WHEN b.day IS NULL OR ({alone}) THEN e.day ELSE b.day END AS start_day")
        .from_(f"{PERIODS} AS s")
        .join(f"{prefix}_standing AS e", on="e.mark = s.next_day")
        .join(
            f"{prefix}_standing AS b",
            on="b.measure = e.measure AND b.unit = e.unit AND b.mark = s.first_day",
            kind="LEFT",
        )
    )
    return _halves(ends)


def _halves(ends: Query) -> list[Query]:
    """Start and end as picks of their own."""
    return [
        select("d.measure", "d.unit", "d.period", f"d.{day} AS day", f"{SHARE} / 2 AS share")
        .from_(ends.subquery("d"))
        .join(f"{PERIODS} AS s", on="s.period = d.period")
        .join(f"{UNITS} AS u", on="u.unit = d.unit")
        for day in ("start_day", "end_day")
    ]


def _stock_sum(prefix: str) -> list[Query]:
    return [
        select("d.measure", "d.unit", "s.period", "d.day", "1e0 AS share")
        .from_(f"{prefix}_days AS d")
        .join(f"{PERIODS} AS s", on="d.day BETWEEN s.first_day AND s.last_day")
        .join(f"{UNITS} AS u", on="u.unit = d.unit")
    ]


def _slots(prefix: str) -> Query:
    """Slots with figures inside each period."""
    return (
        select("d.measure", "d.unit", "s.period")
        .from_(f"{prefix}_days AS d")
        .join(f"{prefix}_spans AS t", on="t.slot = d.day")
        .join(f"{PERIODS} AS s", on="s.period = t.period")
        .join(f"{UNITS} AS u", on="u.unit = d.unit")
    )


def _slot_end(which: str) -> Callable[[str], list[Query]]:
    """The last or first slot with a figure."""
    order = "DESC" if which == "last" else "ASC"
    rank = f"ROW_NUMBER() OVER (PARTITION BY d.measure, d.unit, t.period ORDER BY d.day {order})"

    def picks(prefix: str) -> list[Query]:
        ranked = select("d.measure", "d.unit", "t.period", "d.day", f"{rank} AS place").from_(
            f"{prefix}_days AS d"
        )
        ranked = ranked.join(f"{prefix}_spans AS t", on="t.slot = d.day")
        return [
            select("d.measure", "d.unit", "s.period", "d.day", "1e0 AS share")
            .from_(ranked.subquery("d"))
            .join(f"{PERIODS} AS s", on="s.period = d.period")
            .join(f"{UNITS} AS u", on="u.unit = d.unit")
            .where("d.place = 1")
        ]

    return picks


def _slot_average(prefix: str) -> list[Query]:
    over = "OVER (PARTITION BY d.measure, d.unit, s.period)"
    return [_slots(prefix).select("d.day", f"{SHARE} / COUNT(*) {over} AS share")]


def _slot_middle(prefix: str) -> list[Query]:
    """The slot before the period and its last one where both have figures; else the mean of those inside."""
    last = select("period", "MAX(slot) AS slot").from_(f"{prefix}_spans").group_by("period")
    ends = (
        select("e.measure", "e.unit", "t.period", "e.day AS end_day", "b.day AS start_day")
        .from_(last.subquery("t"))
        .join(f"{prefix}_days AS e", on="e.day = t.slot")
        .join(f"{prefix}_before AS f", on="f.period = t.period")
        .join(f"{prefix}_days AS b", on="b.measure = e.measure AND b.unit = e.unit AND b.day = f.slot")
    )
    same = "known.measure = d.measure AND known.unit = d.unit AND known.period = s.period"
    inside = _slot_average(prefix)[0].join(ends.subquery("known"), on=same, kind="LEFT")
    return [*_halves(ends), inside.where("known.unit IS NULL")]


_STOCKS: dict[str, Callable[[str], list[Query]]] = {
    "last": _standing("last_day"),
    "first": _standing("first_day"),
    "average": _stock_average,
    "mid_period": _stock_middle,
    "sum": _stock_sum,
}
_SLOTS: dict[str, Callable[[str], list[Query]]] = {
    "last": _slot_end("last"),
    "first": _slot_end("first"),
    "average": _slot_average,
    "mid_period": _slot_middle,
}
