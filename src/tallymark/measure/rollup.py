"""Rolling up what adds: leaf figures up the dated tree, then over periods, for the total and each breakdown.

Levels go up one at a time, each from the one below, so that a leaf row is read once on its way up. Figures restated
to the boundaries of a day go to all ancestors at once, each with the weight of the unit's share in it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tallymark.engine.compile import matching
from tallymark.engine.duckdb import Engine
from tallymark.engine.sql import DECIMAL, AnyQuery, Query, select, stacked
from tallymark.measure.leaves import pair_table
from tallymark.measure.places import PLACES, STEPS, UNITS, Tree
from tallymark.measure.plan import TOTAL, Planned, Strand
from tallymark.measure.presence import WITHIN

KEYS = ("unit", "slot", "category")


@dataclass(frozen=True, slots=True)
class Flow:
    """A column that adds up: its name and the type its sums are kept in."""

    name: str
    type: str
    weighted: bool = True
    """Whether a share of a unit carries a share of it (counts of reports are carried whole)."""


def flows(strand: Strand, count_type: str) -> tuple[Flow, ...]:
    """The columns of a strand that are rolled up: values that add, and counts of usable reports.

    For events a usable column counts, negatively, the reports in which the figure is not usable.
    """
    found = [Flow(p.value, value_type(strand, p, count_type)) for p in strand.flows]
    found += [Flow(p.usable, count_type, weighted=False) for p in strand.counted if strand.own_usable(p)]
    return tuple(found)


def value_type(strand: Strand, planned: Planned, count_type: str) -> str:
    """The type in which a measure's values are kept."""
    return count_type if planned.measure.aggregate == "count" else DECIMAL


def roll_up(
    engine: Engine, strand: Strand, tree: Tree, count_type: str, *, frequencies: Sequence[str]
) -> None:
    """Makes the views `<prefix>_f<breakdown>`(unit, period, category, columns) of all levels and periods."""
    columns = flows(strand, count_type)
    if tree.restated:
        columns = tuple(replace(column, type=DECIMAL) if column.weighted else column for column in columns)
    depths = _depths(engine, strand)
    steps = steps_over_time(strand, frequencies)
    _load_steps(engine, strand, steps)
    for at in (TOTAL, *(number for number, _ in strand.breakdowns)):
        _cells(engine, strand, at, count_type)
        if tree.restated:
            parts = [_restated(engine, strand, at, columns)]
        else:
            parts = _upward(engine, strand, at, columns, tree, depths)
        _over_time(engine, strand, at, columns, parts, steps)


def _depths(engine: Engine, strand: Strand) -> tuple[int, ...]:
    """Depths at which units have rows of their own."""
    units = select("unit").distinct().from_(f"{strand.prefix}_leaf").subquery("v")
    query = select("u.depth").distinct().from_(units).join(f"{UNITS} AS u", on="u.unit = v.unit")
    return tuple(sorted(engine.rows(query).column(0).to_pylist()))


def _cells(engine: Engine, strand: Strand, at: int, count_type: str) -> None:
    """`<prefix>_c<breakdown>`: leaf figures by one breakdown (or none), with what is usable beside them."""
    leaf, planned = f"{strand.prefix}_leaf", strand.counted
    events = strand.dataset.kind == "events"
    types = {p.value: value_type(strand, p, count_type) for p in planned}
    types |= {matching(p.value): count_type for p in planned if events and strand.own_usable(p)}
    category = f"c{at}" if at else "0"
    keys = ["unit", "slot", f"{category} AS category"]
    alone = [number for number, _ in strand.breakdowns] == ([at] if at else [])
    if alone:
        cells = select(*keys, *types).from_(leaf)
    else:
        sums = [f"CAST(SUM({name}) AS {kind}) AS {name}" for name, kind in types.items()]
        cells = select(*keys, *sums).from_(leaf).group_by("unit", "slot", *([category] if at else []))
    if at:
        cells = cells.where(f"NOT {category} IS NULL")
    usable = []
    for p in planned:
        if strand.own_usable(p):
            word = f"CASE WHEN {p.value} IS NULL THEN 0 ELSE 1 END"
            if events:
                word = f"CASE WHEN {p.value} IS NULL AND {matching(p.value)} > 0 THEN -1 ELSE 0 END"
            usable.append(f"CAST({word} AS {count_type}) AS {p.usable}")
    query = select(*KEYS, *[p.value for p in planned], *usable).from_(cells.subquery("cells"))
    (engine.view if alone else engine.table)(f"{strand.prefix}_c{at}", query)


def _upward(
    engine: Engine, strand: Strand, at: int, columns: Sequence[Flow], tree: Tree, depths: Sequence[int]
) -> list[str]:
    """Tables of figures by slot, one a level that has any, from the lowest up."""
    made: dict[int, str] = {}
    names = [column.name for column in columns]
    cells = f"{strand.prefix}_c{at}"
    for depth in reversed(range(tree.depths)):
        parts: list[AnyQuery] = []
        if depth in depths:
            own = select(*[f"v.{name}" for name in (*KEYS, *names)]).from_(f"{cells} AS v")
            if len(depths) > 1:
                own = own.join(f"{UNITS} AS u", on=f"u.unit = v.unit AND u.depth = {depth}")
            parts.append(own)
        below = [low for low in made if (low, depth) in tree.edges]
        parts += [_step(strand, made[low], depth, names) for low in below]
        if not parts:
            continue
        made[depth] = f"{strand.prefix}_r{at}_{depth}"
        if depth in depths and not below:
            engine.view(made[depth], parts[0])
        else:
            sums = [f"CAST(SUM({column.name}) AS {column.type}) AS {column.name}" for column in columns]
            grouped = select(*KEYS, *sums).from_(stacked(parts).subquery("parts")).group_by(*KEYS)
            engine.table(made[depth], grouped)
    return list(made.values())


def _step(strand: Strand, table: str, depth: int, names: Sequence[str]) -> Query:
    """Figures of one level under the units of a higher one to which they go next."""
    return (
        select("p.parent AS unit", "v.slot", "v.category", *[f"v.{name}" for name in names])
        .from_(f"{table} AS v")
        .join(f"{strand.prefix}_slots AS s", on="s.slot = v.slot")
        .join(f"{STEPS} AS p", on=WITHIN)
        .join(f"{UNITS} AS u", on=f"u.unit = p.parent AND u.depth = {depth}")
    )


def _restated(engine: Engine, strand: Strand, at: int, columns: Sequence[Flow]) -> str:
    """A table of figures by slot of all levels, from shares of units."""
    table = f"{strand.prefix}_r{at}_all"
    sums = [
        f"CAST(SUM({shared(column.name) if column.weighted else column.name}) AS "
        f"{column.type}) AS {column.name}"
        for column in columns
    ]
    query = (
        select("p.ancestor AS unit", "v.slot", "v.category", *sums)
        .from_(f"{strand.prefix}_c{at} AS v")
        .join(f"{strand.prefix}_slots AS s", on="s.slot = v.slot")
        .join(f"{PLACES} AS p", on=WITHIN)
        .group_by("p.ancestor", "v.slot", "v.category")
    )
    engine.table(table, query)
    return table


def shared(name: str) -> str:
    """A column `name` of `v` times the weight of its unit's share in a place `p`, exact where it is whole."""
    return (
        f"CASE WHEN p.weight = 1 THEN CAST(v.{name} AS {DECIMAL}) "
        f"ELSE CAST(CAST(v.{name} AS DOUBLE) * p.weight AS {DECIMAL}) END"
    )


def _load_steps(engine: Engine, strand: Strand, steps: Sequence[Step]) -> None:
    """Tables of the steps over time: which shorter parts make up which periods."""
    single = tuple(pair for pair in strand.spans if pair[0] in _single(strand))
    engine.load(f"{strand.prefix}_single", pair_table(("period", "part"), single))
    for at, step in enumerate(steps):
        engine.load(f"{strand.prefix}_step{at}", pair_table(("period", "part"), step.pairs))


def _single(strand: Strand) -> set[int]:
    """Periods of one slot: their figures are the slot's."""
    slots = Counter(period for period, _ in strand.spans)
    return {period for period, number in slots.items() if number == 1}


@dataclass(frozen=True, slots=True)
class Step:
    """How periods of one frequency are made: from slots, or from the periods of an earlier step."""

    source: int | None
    pairs: tuple[tuple[int, int], ...]
    """(period, slot or period that is a part of it)."""


def steps_over_time(strand: Strand, frequencies: Sequence[str]) -> tuple[Step, ...]:
    """Steps from short periods to long ones, each from the longest parts that fill its periods without rest.

    frequencies: of all periods, by number.
    """
    single, slots = _single(strand), defaultdict[int, set[int]](set)
    for period, slot in strand.spans:
        if period not in single:
            slots[period].add(slot)
    groups = defaultdict[str, list[int]](list)
    for period in slots:
        groups[frequencies[period]].append(period)
    steps: list[Step] = []
    members: list[list[int]] = []
    for group in sorted(groups.values(), key=lambda periods: (len(slots[periods[0]]), periods)):
        made = None
        for at in reversed(range(len(steps))):
            made = _parts(group, members[at], slots)
            if made is not None:
                steps.append(Step(at, made))
                break
        if made is None:
            steps.append(
                Step(None, tuple((period, slot) for period in group for slot in sorted(slots[period])))
            )
        members.append(group)
    return tuple(steps)


def _parts(
    periods: Sequence[int], parts: Sequence[int], slots: Mapping[int, set[int]]
) -> tuple[tuple[int, int], ...] | None:
    """Periods with the parts that fill each exactly; None when some are not filled."""
    found = []
    for period in periods:
        inside = [part for part in parts if slots[part] <= slots[period]]
        if sum(len(slots[part]) for part in inside) != len(slots[period]):
            return None
        found += [(period, part) for part in inside]
    return tuple(found)


def _over_time(
    engine: Engine,
    strand: Strand,
    at: int,
    columns: Sequence[Flow],
    parts: Sequence[str],
    steps: Sequence[Step],
) -> None:
    """The view of figures by period over the tables of figures by slot."""
    prefix, names = strand.prefix, [column.name for column in columns]
    if not parts:
        engine.view(f"{prefix}_f{at}", _nothing(strand, at, names))
        return
    slots = stacked([select("unit", "slot AS part", "category", *names).from_(part) for part in parts])
    sums = [f"CAST(SUM({c.name}) AS {c.type}) AS {c.name}" for c in columns]
    shown = [
        select("v.unit", "t.period", "v.category", *[f"v.{name}" for name in names])
        .from_(slots.subquery("v"))
        .join(f"{prefix}_single AS t", on="t.part = v.part")
    ]
    for number, step in enumerate(steps):
        table = f"{prefix}_t{at}_{number}"
        shorter = select("unit", "period AS part", "category", *names).from_(f"{prefix}_t{at}_{step.source}")
        query = (
            select("v.unit", "t.period", "v.category", *sums)
            .from_((slots if step.source is None else shorter).subquery("v"))
            .join(f"{prefix}_step{number} AS t", on="t.part = v.part")
            .group_by("v.unit", "t.period", "v.category")
        )
        engine.table(table, query)
        shown.append(select("unit", "period", "category", *names).from_(table))
    engine.view(f"{prefix}_f{at}", stacked(shown))


def _nothing(strand: Strand, at: int, names: Sequence[str]) -> Query:
    """No rows, with the columns of figures."""
    return select("unit", "slot AS period", "category", *names).from_(f"{strand.prefix}_c{at}").where("FALSE")
