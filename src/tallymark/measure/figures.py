"""The wide table of a strand's figures: a row for each unit, period and category, columns a measure.

Columns: unit, period, breakdown, category (numbers; 0 for the total), expected, received, timed, on_time, part (a share
of some unit's figures is in it), fixed (events: 1 when a correction is among them), and for each measure m (value), u
(usable, unless it is all that was received), k (1 when a correction is among them, unless events), for levels x and y
(units that should have, and have, a figure). What was received without rows is 0; what was not received
is NULL.
"""

from __future__ import annotations

from dataclasses import dataclass

from tallymark.engine.interface import Engine
from tallymark.engine.sql import Query, select, stacked, text
from tallymark.measure.picks import EVERY
from tallymark.measure.places import PLACES, WITHIN
from tallymark.measure.plan import TOTAL, Planned, Strand, is_level

SPINE = ("unit", "period", "expected", "received", "timed", "on_time", "part")


@dataclass(frozen=True, slots=True)
class Reads:
    """How a measure's figures are read from the wide table, as SQL."""

    value: str
    usable: str
    expected: str
    received: str
    corrected: str
    missing_units: str
    """Units that should have a figure over units that have one: what an estimate scales by."""


def reads(strand: Strand, planned: Planned) -> Reads:
    """How one measure is read."""
    at = planned.number
    corrected = "fixed" if strand.dataset.kind == "events" else f"k{at}"
    usable = f"u{at}" if strand.own_usable(planned) else "received"
    if strand.dataset.kind == "stocks":
        return Reads(f"m{at}", f"u{at}", f"x{at}", f"u{at}", f"k{at}", _ratio(f"x{at}", f"u{at}"))
    scale = _ratio(f"x{at}", f"y{at}") if is_level(planned.measure) else _ratio("expected", usable)
    return Reads(f"m{at}", usable, "expected", "received", corrected, scale)


def _ratio(above: str, below: str) -> str:
    return f"CAST({above} AS DOUBLE) / NULLIF({below}, 0)"


def spread(engine: Engine, strand: Strand) -> str:
    """Makes `<prefix>_fig`, the wide table; gives its name."""
    prefix = strand.prefix
    _spine(engine, strand)
    _mark_corrected(engine, strand)
    parts = [_figures(engine, strand, TOTAL)]
    parts += [_figures(engine, strand, at) for at, _ in strand.breakdowns]
    engine.step(f"{prefix}_fig", stacked(parts))
    return f"{prefix}_fig"


def _spine(engine: Engine, strand: Strand) -> None:
    """For stocks: how many units should and do have any figure, for every unit and period of the levels' tables."""
    prefix = strand.prefix
    if strand.dataset.kind != "stocks":
        return
    of_any = [f"MAX(CASE WHEN measure = {EVERY} THEN {name} END)" for name in ("units", "with_value")]
    query = (
        select("unit", "period")
        .select(*[f"COALESCE({count}, 0) AS {name}" for count, name in zip(of_any, SPINE[2:4], strict=True)])
        .select("CAST(NULL AS BIGINT) AS timed", "CAST(NULL AS BIGINT) AS on_time", "MAX(part) AS part")
        .from_(f"{prefix}_lx")
        .group_by("unit", "period")
    )
    engine.table(f"{prefix}_pres", query)


def _mark_corrected(engine: Engine, strand: Strand) -> None:
    """`<prefix>_fixed`(unit, period, item, rank) of the figures with corrections (1), recounts (2) or estimates (3) among
    them; stocks have made theirs."""
    prefix = strand.prefix
    made = [
        select("unit", "slot", "item", rank).from_(f"{prefix}_{name}")
        for name, rank in (("fix", "1 AS rank"), ("ver", "rank"))
        if f"{prefix}_{name}" in engine.kept
    ]
    if not made or strand.dataset.kind == "stocks":
        return
    query = (
        select("p.ancestor AS unit", "t.period", "v.item", "v.rank")
        .distinct()
        .from_(stacked(made).subquery("v"))
        .join(f"{prefix}_slots AS s", on="s.slot = v.slot")
        .join(f"{PLACES} AS p", on=WITHIN)
        .join(f"{prefix}_spans AS t", on="t.slot = v.slot")
    )
    engine.step(f"{prefix}_fixed", query)


def _figures(engine: Engine, strand: Strand, at: int) -> Query:
    """The wide rows of the total or of one breakdown."""
    prefix = strand.prefix
    here = "0 AS category" if at == TOTAL else "c.number AS category"
    query = select(*[f"b.{name}" for name in SPINE[:2]], f"{at} AS breakdown", here).from_(
        f"{prefix}_pres AS b"
    )
    query = query.select(*[f"b.{name}" for name in SPINE[2:]])
    match = "{0}.unit = b.unit AND {0}.period = b.period"
    of_category = match + (" AND {0}.category = c.number" if at else "")
    if at:
        query = query.join(
            f"(SELECT number FROM {prefix}_k{at} WHERE NOT category IS NULL) AS c", kind="CROSS"
        )
    if strand.frequency:
        query = query.join(f"{prefix}_f{at} AS f", on=of_category.format("f"), kind="LEFT")
    for table, alias, members in (("lv", "l", strand.levels), ("dv", "d", strand.distinct)):
        if members:
            wide = _wide(prefix, table, members, at)
            query = query.join(wide.subquery(alias), on=of_category.format(alias), kind="LEFT")
    if strand.levels:
        wide = _wide_reach(prefix, strand)
        query = query.join(wide.subquery("x"), on=match.format("x"), kind="LEFT")
    marked = f"{prefix}_fixed" in engine.kept
    if strand.dataset.kind == "events":
        query = query.select(f"{'COALESCE(k.fixed, 0)' if marked else '0'} AS fixed")
    if marked:
        query = query.join(_wide_fixed(strand).subquery("k"), on=match.format("k"), kind="LEFT")
    for planned in strand.measures:
        query = query.select(*_columns(engine, strand, planned, at))
    return query


def _columns(engine: Engine, strand: Strand, planned: Planned, at: int) -> list[str]:
    number, value, usable = planned.number, *_value_and_usable(strand, planned, at)
    found = [f"CASE WHEN {usable} > 0 THEN CAST({value} AS DOUBLE) END AS m{number}"]
    if strand.own_usable(planned):
        found.append(f"CAST({usable} AS BIGINT) AS u{number}")
    if strand.dataset.kind != "events":
        marked = f"{strand.prefix}_fixed" in engine.kept
        found.append(f"{f'COALESCE(k.k{number}, 0)' if marked else '0'} AS k{number}")
    if is_level(planned.measure):
        found.append(f"COALESCE(x.x{number}, 0) AS x{number}")
        found.append(f"COALESCE({_with_value(strand, number, at)}, 0) AS y{number}")
    return found


def _with_value(strand: Strand, number: int, at: int) -> str:
    """Units that have a figure: of the category for reports and stocks; events have one wherever they have any."""
    return f"x.y{number}" if at == TOTAL or strand.dataset.kind == "events" else f"l.y{number}"


def _value_and_usable(strand: Strand, planned: Planned, at: int) -> tuple[str, str]:
    """SQL of a measure's value (where something is usable) and of how many reports are usable."""
    number, kind = planned.number, strand.dataset.kind
    if kind == "stocks":
        return f"l.m{number}", f"COALESCE({_with_value(strand, number, at)}, 0)"
    if planned.measure.aggregate == "distinct":
        return f"CASE WHEN b.part = 0 THEN COALESCE(d.m{number}, 0) END", "b.received"
    if kind == "reports":
        usable = f"COALESCE(f.u{number}, 0)"
        return (f"l.m{number}" if is_level(planned.measure) else f"f.m{number}"), usable
    usable = f"b.received + COALESCE(f.u{number}, 0)" if strand.own_usable(planned) else "b.received"
    if is_level(planned.measure):
        return f"CASE WHEN x.y{number} > 0 THEN COALESCE(l.m{number}, 0) END", usable
    return f"COALESCE(f.m{number}, 0)", usable


def _wide(prefix: str, table: str, members: tuple[Planned, ...], at: int) -> Query:
    """A long table of figures of one breakdown with a column a measure."""
    query = select("unit", "period", "category").from_(f"{prefix}_{table}").where(f"breakdown = {at}")
    for planned in members:
        columns = {"m": "value", "y": "with_value"} if table == "lv" else {"m": "value"}
        for letter, column in columns.items():
            query = query.select(f"MAX({_of(planned.number, column)}) AS {letter}{planned.number}")
    return query.group_by("unit", "period", "category")


def _wide_reach(prefix: str, strand: Strand) -> Query:
    query = select("unit", "period").from_(f"{prefix}_lx").group_by("unit", "period")
    for planned in strand.levels:
        number = planned.number
        query = query.select(f"MAX({_of(number, 'units')}) AS x{number}")
        query = query.select(f"MAX({_of(number, 'with_value')}) AS y{number}")
    return query


def _of(number: int, column: str) -> str:
    return f"CASE WHEN measure = {number} THEN {column} END"


def _wide_fixed(strand: Strand) -> Query:
    query = select("unit", "period").from_(f"{strand.prefix}_fixed").group_by("unit", "period")
    if strand.dataset.kind == "events":
        return query.select("1 AS fixed")
    for planned in strand.measures:
        item = planned.measure.item
        test = f"item = {text(item)}" if item is not None else "TRUE"
        query = query.select(f"MAX(CASE WHEN {test} THEN rank ELSE 0 END) AS k{planned.number}")
    return query
