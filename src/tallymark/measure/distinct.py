"""Exact distinct counts: a value that occurs in two children or months counts once in their parent or year.

Values are made unique at the leaves first; every level and period then counts them anew.
"""

from __future__ import annotations

from collections import defaultdict

from tallymark.engine.compile import distinct_pass
from tallymark.engine.interface import Engine
from tallymark.engine.sql import AnyQuery, Query, formula, select, stacked
from tallymark.measure.leaves import rows_of, with_categories
from tallymark.measure.places import PLACES, UNITS, WITHIN
from tallymark.measure.plan import TOTAL, Planned, Strand


def count_distinct(engine: Engine, strand: Strand, *, source: str) -> None:
    """Makes `<prefix>_dv`(measure, unit, period, breakdown, category, value) for a strand's distinct counts.

    Restated figures: only units that go over whole are counted; a share of a distinct count is not known.
    """
    alike: dict[str, list[Planned]] = defaultdict(list)
    for planned in strand.distinct:
        assert planned.measure.of is not None
        alike[planned.measure.of.text].append(planned)
    counted = list[AnyQuery]()
    for number, members in enumerate(alike.values()):
        table = f"{strand.prefix}_dd{number}"
        engine.table(table, _unique(strand, members, source))
        for at in (TOTAL, *(at for at, _ in strand.breakdowns)):
            counted += [_counted(engine, strand, table, planned, at) for planned in members]
        engine.drop([table])
    engine.step(f"{strand.prefix}_dv", stacked(counted))


def _unique(strand: Strand, members: list[Planned], source: str) -> Query:
    of = members[0].measure.of
    assert of is not None
    measures = {planned.value: planned.measure for planned in members}
    unique = distinct_pass(rows_of(strand, source), formula(of), measures)
    query = select("u.unit", "slot", "value", *measures).from_(unique.subquery("v"))
    return with_categories(query.join(f"{UNITS} AS u", on="u.code = v.code"), strand)


def _counted(engine: Engine, strand: Strand, table: str, planned: Planned, at: int) -> Query:
    """One measure counted for all units and periods, in total or by one breakdown."""
    category = f"v.c{at}" if at else "0"
    name = f"{strand.prefix}_d{planned.number}_{at}"
    query = (
        select(f"{planned.number} AS measure", "p.ancestor AS unit", "t.period", f"{at} AS breakdown")
        .select(f"{category} AS category", "COUNT(DISTINCT v.value) AS value")
        .from_(f"{table} AS v")
        .join(f"{strand.prefix}_slots AS s", on="s.slot = v.slot")
        .join(f"{PLACES} AS p", on=f"{WITHIN} AND p.weight = 1")
        .join(f"{strand.prefix}_spans AS t", on="t.slot = v.slot")
        .where(f"v.{planned.value} = 1")
        .group_by("p.ancestor", "t.period", *([category] if at else []))
    )
    engine.step(name, query)
    return select("*").from_(name)
