"""Cells: leaf figures by one breakdown (or none), with what is usable beside them, and what of them adds up."""

from __future__ import annotations

from dataclasses import dataclass

from tallymark.engine.compile import matching
from tallymark.engine.interface import Engine
from tallymark.engine.sql import DECIMAL, select
from tallymark.measure.leaves import Gathered
from tallymark.measure.plan import Planned, Strand

KEYS = ("unit", "slot", "category")


@dataclass(frozen=True, slots=True)
class Flow:
    """A column that adds up: its name and the type its sums are kept in."""

    name: str
    type: str
    shared: str | None = None
    """What a place `p` with a weight gets of it, as SQL over the cell `v`; all of it where nothing is said."""


def flows(strand: Strand, gathered: Gathered) -> tuple[Flow, ...]:
    """The columns of a strand that are rolled up: values that add, and counts of usable reports.

    For events a usable column counts, negatively, the reports in which the figure is not usable.
    """
    packed, count_type = gathered.packed, gathered.count_type
    found = [Flow(name, "DOUBLE") for name in packed.columns]
    plain = [p for p in strand.flows if p.value not in packed.reads]
    found += [Flow(p.value, value_type(p, count_type), shared(p.value)) for p in plain]
    found += [Flow(p.usable, count_type) for p in strand.counted if strand.own_usable(p)]
    return tuple(found)


def value_type(planned: Planned, count_type: str) -> str:
    """The type in which a measure's values are kept."""
    return count_type if planned.measure.aggregate == "count" else DECIMAL


def shared(name: str) -> str:
    """A column `name` of `v` times the weight of its unit's share in a place `p`, exact where it is whole."""
    return (
        f"CASE WHEN p.weight = 1 THEN CAST(v.{name} AS {DECIMAL}) "
        f"ELSE CAST(CAST(v.{name} AS DOUBLE) * p.weight AS {DECIMAL}) END"
    )


def lay_cells(engine: Engine, strand: Strand, at: int, gathered: Gathered) -> None:
    """`<prefix>_c<breakdown>`: leaf figures by one breakdown (or none), with what is usable beside them."""
    events, count_type = strand.dataset.kind == "events", gathered.count_type
    plain = [p for p in strand.counted if p.value not in gathered.packed.reads]
    types = {p.value: value_type(p, count_type) for p in plain}
    types |= {matching(p.value): count_type for p in plain if events and strand.own_usable(p)}
    types |= dict.fromkeys(gathered.packed.columns, "DOUBLE")
    category = f"c{at}" if at else "0"
    keys = ["unit", "slot", f"{category} AS category"]
    held = f"{strand.prefix}_held"
    alone = [number for number, _ in strand.breakdowns] == ([at] if at else [])
    if alone:
        cells = select(*keys, *types).from_(held)
    else:
        sums = [f"CAST(SUM({name}) AS {kind}) AS {name}" for name, kind in types.items()]
        cells = select(*keys, *sums).from_(held).group_by("unit", "slot", *([category] if at else []))
    if at:
        cells = cells.where(f"NOT {category} IS NULL")
    usable = []
    for p in plain:
        if strand.own_usable(p):
            word = f"CASE WHEN {p.value} IS NULL THEN 0 ELSE 1 END"
            if events:
                word = f"CASE WHEN {p.value} IS NULL AND {matching(p.value)} > 0 THEN -1 ELSE 0 END"
            usable.append(f"CAST({word} AS {count_type}) AS {p.usable}")
    values = [*gathered.packed.columns, *(p.value for p in plain)]
    query = select(*KEYS, *values, *usable).from_(cells.subquery("cells"))
    (engine.view if alone else engine.step)(f"{strand.prefix}_c{at}", query)
