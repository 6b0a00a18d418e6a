"""The wide figures as the result tables of measures and of reports."""

from __future__ import annotations

import pyarrow as pa

from tallymark.engine.interface import Engine
from tallymark.engine.sql import AnyQuery, select, stacked
from tallymark.measure.figures import Reads, reads
from tallymark.measure.labels import LABELS, labelled, sliced
from tallymark.measure.plan import TOTAL
from tallymark.measure.tally import Tallied
from tallymark.model.tables import TABLES

ASKED = "q.period = f.period AND q.asked"


def basis(read: Reads) -> str:
    """SQL of what a measure's value rests on."""
    return (
        f"CASE WHEN {read.value} IS NULL THEN 'missing' WHEN part = 1 OR {read.corrected} = 3 THEN 'estimated' "
        f"WHEN {read.usable} < {read.expected} THEN 'partial' "
        f"WHEN {read.corrected} = 2 THEN 'recounted' WHEN {read.corrected} = 1 THEN 'corrected' ELSE 'reported' END"
    )


def measures_table(engine: Engine, tallied: Tallied) -> pa.Table:
    """TABLES["measures"] for the periods asked; categories only where something was received for them."""
    plan, parts = tallied.plan, list[AnyQuery]()
    for strand in plan.strands:
        for planned in strand.measures:
            read = reads(strand, planned)
            there = read.received if strand.dataset.kind == "events" else read.usable
            parts.append(
                select("f.unit", "f.period", f"{planned.number} AS named", "f.breakdown", "f.category")
                .select(f"{read.value} AS value", f"{read.expected} AS expected")
                .select(f"{read.received} AS received", f"{read.usable} AS usable", f"{basis(read)} AS basis")
                .from_(f"{strand.prefix}_fig AS f")
                .join(f"{LABELS} AS q", on=ASKED)
                .where(f"f.breakdown = {TOTAL} OR {there} > 0")
            )
    empty = TABLES["measures"].schema.empty_table()
    if not parts:
        return empty
    figures = select("*").from_(stacked(parts).subquery("figures"))
    figures = figures.order_by("unit", "period", "named", "breakdown", "category")
    names = sorted(plan.numbers)
    rows = sliced(engine, tallied.labels, parts, figures.where)
    return pa.concat_tables([empty, *(labelled(tallied.labels, part, "measures", names) for part in rows)])


def reports_table(engine: Engine, tallied: Tallied) -> pa.Table:
    """TABLES["reports"] for the periods asked: datasets of reports, and of events with a due date."""
    plan, labels = tallied.plan, tallied.labels
    names = sorted({strand.dataset.name for strand in plan.strands})
    parts = list[AnyQuery]()
    for strand in plan.strands:
        timed = strand.dataset.due_days is not None
        if strand.dataset.kind != "reports" and not (strand.dataset.kind == "events" and timed):
            continue
        late = ["COALESCE(f.on_time, 0) AS on_time", "f.timed - COALESCE(f.on_time, 0) AS late"]
        if not timed:
            late = [f"CAST(NULL AS BIGINT) AS {name}" for name in ("on_time", "late")]
        parts.append(
            select("f.unit", "f.period", f"{names.index(strand.dataset.name)} AS named")
            .select("f.expected", "f.received", *late)
            .from_(f"{strand.prefix}_pres AS f")
            .join(f"{LABELS} AS q", on=ASKED)
            .where("f.expected > 0")
        )
    if not parts:
        return TABLES["reports"].schema.empty_table()
    rows = engine.rows(
        select("*").from_(stacked(parts).subquery("figures")).order_by("named", "unit", "period")
    )
    return labelled(labels, rows.combine_chunks(), "reports", names)
