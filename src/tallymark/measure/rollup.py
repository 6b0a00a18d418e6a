"""Rolling up what adds: cells up the dated tree, then over periods.

Levels go up one at a time, each from the one below, so that a leaf row is read once on its way up. Figures restated
to the boundaries of a day go to all ancestors at once, each with the weight of the unit's share in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tallymark.engine.compile import Packed
from tallymark.engine.interface import Engine
from tallymark.engine.sql import DECIMAL, AnyQuery, Query, select, stacked
from tallymark.measure.cells import KEYS, Flow, shared
from tallymark.measure.places import PLACES, STEPS, UNITS, WITHIN, Tree
from tallymark.measure.plan import Strand
from tallymark.measure.spans import Step


@dataclass(frozen=True, slots=True)
class Rolled:
    """What is rolled up: the cells `<prefix>_c<name>`(unit, slot, category, columns), into `<prefix>_f<name>`."""

    name: str
    columns: Sequence[Flow]
    packed: Packed = field(default_factory=Packed)
    """Those of the columns that hold several counts; the view has the counts instead."""


def roll_up(engine: Engine, strand: Strand, tree: Tree, *, steps: Sequence[Step], rolled: Rolled) -> None:
    """Makes the view `<prefix>_f<name>`(unit, period, category, columns) of all levels and periods."""
    if tree.restated:
        parts = [_restated(engine, strand, rolled)]
    else:
        parts = _upward(engine, strand, rolled, tree) if engine.climbs else [_at_once(engine, strand, rolled)]
    if tree.restated:
        columns = [Flow(c.name, DECIMAL if c.shared else c.type) for c in rolled.columns]
        counts = [Flow(name, DECIMAL) for name in rolled.packed.reads]
        rolled = Rolled(rolled.name, [*(c for c in columns if c.name not in rolled.packed.columns), *counts])
    _over_time(engine, strand, rolled, parts, steps)


def _depths(engine: Engine, cells: str) -> tuple[int, ...]:
    """Depths at which units have cells of their own."""
    units = select("unit").distinct().from_(cells).subquery("v")
    query = select("u.depth").distinct().from_(units).join(f"{UNITS} AS u", on="u.unit = v.unit")
    return tuple(sorted(engine.rows(query).column(0).to_pylist()))


def _upward(engine: Engine, strand: Strand, rolled: Rolled, tree: Tree) -> list[str]:
    """Tables of figures by slot, one a level that has any, from the lowest up."""
    made: dict[int, str] = {}
    columns = rolled.columns
    names = [column.name for column in columns]
    cells = f"{strand.prefix}_c{rolled.name}"
    depths = _depths(engine, cells)
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
        made[depth] = f"{strand.prefix}_r{rolled.name}_{depth}"
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


def _restated(engine: Engine, strand: Strand, rolled: Rolled) -> str:
    """A table of figures by slot of all levels, from shares of units."""
    table = f"{strand.prefix}_r{rolled.name}_all"
    plain = [c for c in rolled.columns if c.name not in rolled.packed.columns]
    sums = [
        f"CAST(SUM({c.shared or f'v.{c.name}'}) AS {DECIMAL if c.shared else c.type}) AS {c.name}"
        for c in plain
    ]
    sums += [f"CAST(SUM({shared(name)}) AS {DECIMAL}) AS {name}" for name in rolled.packed.reads]
    cells = f"{strand.prefix}_c{rolled.name}"
    counted = select("*", *(f"{read} AS {name}" for name, read in rolled.packed.reads.items())).from_(cells)
    query = (
        select("p.ancestor AS unit", "v.slot", "v.category", *sums)
        .from_(counted.subquery("v"))
        .join(f"{strand.prefix}_slots AS s", on="s.slot = v.slot")
        .join(f"{PLACES} AS p", on=WITHIN)
        .group_by("p.ancestor", "v.slot", "v.category")
    )
    engine.step(table, query)
    return table


def _at_once(engine: Engine, strand: Strand, rolled: Rolled) -> str:
    """The figures by slot of all levels, from the cells of every unit below."""
    name = f"{strand.prefix}_r{rolled.name}_all"
    sums = [f"CAST(SUM(v.{c.name}) AS {c.type}) AS {c.name}" for c in rolled.columns]
    query = (
        select("p.ancestor AS unit", "v.slot", "v.category", *sums)
        .from_(f"{strand.prefix}_c{rolled.name} AS v")
        .join(f"{strand.prefix}_slots AS s", on="s.slot = v.slot")
        .join(f"{PLACES} AS p", on=WITHIN)
        .group_by("p.ancestor", "v.slot", "v.category")
    )
    engine.step(name, query)
    return name


def _over_time(
    engine: Engine, strand: Strand, rolled: Rolled, parts: Sequence[str], steps: Sequence[Step]
) -> None:
    """The view of figures by period over the tables of figures by slot."""
    prefix, at, columns = strand.prefix, rolled.name, rolled.columns
    names = [column.name for column in columns]
    read = [name for name in names if name not in rolled.packed.columns]
    read += [f"{sql} AS {name}" for name, sql in rolled.packed.reads.items()]
    if not parts:
        nothing = select("unit", "slot AS period", "category", *read).from_(f"{prefix}_c{at}").where("FALSE")
        engine.view(f"{prefix}_f{at}", nothing)
        return
    slots = stacked([select("unit", "slot AS piece", "category", *names).from_(part) for part in parts])
    sums = [f"CAST(SUM({c.name}) AS {c.type}) AS {c.name}" for c in columns]
    if not engine.climbs:
        whole = select("v.unit", "t.period", "v.category", *sums).from_(slots.subquery("v"))
        whole = whole.join(f"{prefix}_spans AS t", on="t.slot = v.piece")
        whole = whole.group_by("v.unit", "t.period", "v.category")
        engine.view(f"{prefix}_f{at}", select("unit", "period", "category", *read).from_(whole.subquery("w")))
        return
    shown = [
        select("v.unit", "t.period", "v.category", *read)
        .from_(slots.subquery("v"))
        .join(f"{prefix}_single AS t", on="t.piece = v.piece")
    ]
    for number, step in enumerate(steps):
        table = f"{prefix}_t{at}_{number}"
        shorter = select("unit", "period AS piece", "category", *names).from_(f"{prefix}_t{at}_{step.source}")
        query = (
            select("v.unit", "t.period", "v.category", *sums)
            .from_((slots if step.source is None else shorter).subquery("v"))
            .join(f"{prefix}_step{number} AS t", on="t.piece = v.piece")
            .group_by("v.unit", "t.period", "v.category")
        )
        engine.table(table, query)
        shown.append(select("unit", "period", "category", *read).from_(table))
    engine.view(f"{prefix}_f{at}", stacked(shown))
