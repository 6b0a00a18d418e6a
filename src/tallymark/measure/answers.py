"""The wide figures as the result tables of measures and of reports."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.engine.duckdb import Engine
from tallymark.engine.sql import AnyQuery, select, stacked
from tallymark.measure.figures import Reads, reads
from tallymark.measure.places import UNITS
from tallymark.measure.plan import TOTAL, Plan
from tallymark.model.tables import TABLES

LABELS = "tm_labels"


def load_labels(engine: Engine, plan: Plan) -> None:
    """The table of periods with what is said of them in results: how many make a year, and whether they were asked."""
    periods = plan.timeline.periods
    calendar = plan.programme.calendar
    engine.load(
        LABELS,
        pa.table(
            {
                "period": pa.array(range(len(periods)), pa.int32()),
                "per_year": pa.array([calendar.per_year(p.frequency) for p in periods], pa.float64()),
                "asked": pa.array([at in plan.timeline.asked for at in range(len(periods))], pa.bool_()),
            }
        ),
    )


def basis(reads: Reads) -> str:
    """SQL of what a measure's value rests on."""
    return (
        f"CASE WHEN {reads.value} IS NULL THEN 'missing' WHEN part = 1 THEN 'estimated' "
        f"WHEN {reads.usable} < {reads.expected} THEN 'partial' "
        f"WHEN {reads.corrected} = 1 THEN 'corrected' ELSE 'reported' END"
    )


def measures_table(engine: Engine, plan: Plan) -> pa.Table:
    """TABLES["measures"] for the periods asked; categories only where something was received for them."""
    parts = list[AnyQuery]()
    for strand in plan.strands:
        events = strand.dataset.kind == "events"
        for planned in strand.measures:
            read = reads(strand, planned)
            parts.append(
                select("f.unit", "f.period", f"{planned.number} AS named", "f.breakdown", "f.category")
                .select(f"{read.value} AS value", f"{read.expected} AS expected")
                .select(f"{read.received} AS received", f"{read.usable} AS usable", f"{basis(read)} AS basis")
                .from_(f"{strand.prefix}_fig AS f")
                .join(f"{LABELS} AS q", on="q.period = f.period AND q.asked")
                .where(f"f.breakdown = {TOTAL} OR {read.received if events else read.usable} > 0")
            )
    if not parts:
        return TABLES["measures"].schema.empty_table()
    order = ("unit", "period", "named", "breakdown", "category")
    rows = engine.rows(select("*").from_(stacked(parts).subquery("rows")).order_by(*order))
    return labelled(engine, plan, rows, "measure", sorted(plan.numbers))


def reports_table(engine: Engine, plan: Plan) -> pa.Table:
    """TABLES["reports"] for the periods asked: datasets of reports, and of events with a due date."""
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
            .join(f"{LABELS} AS q", on="q.period = f.period AND q.asked")
            .where("f.expected > 0")
        )
    if not parts:
        return TABLES["reports"].schema.empty_table()
    rows = engine.rows(select("*").from_(stacked(parts).subquery("rows")).order_by("named", "unit", "period"))
    return labelled(engine, plan, rows, "dataset", names)


def labelled(engine: Engine, plan: Plan, rows: pa.Table, table_name: str, names: Sequence[str]) -> pa.Table:
    """Rows of numbers (unit, period, `named`, breakdown) with their codes instead, in the schema of their table."""
    table = TABLES[{"measure": "measures", "dataset": "reports", "indicator": "indicators"}[table_name]]
    units = engine.rows(select("code", "level").from_(UNITS).order_by("unit"))
    unit, period = (np.asarray(rows.column(name)) for name in ("unit", "period"))
    periods = plan.timeline.periods
    known = {
        "unit": _taken(units.column("code").to_pylist(), unit),
        "level": _taken(units.column("level").to_pylist(), unit),
        "period": _taken([p.code for p in periods], period),
        "frequency": _taken([p.frequency for p in periods], period),
        table_name: _taken(list(names), np.asarray(rows.column("named"))),
    }
    if "breakdown" in table.schema.names:
        known["breakdown"] = _taken(list(plan.breakdowns), np.asarray(rows.column("breakdown")))
    columns = [
        known.get(name, rows.column(name) if name in rows.schema.names else None)
        for name in table.schema.names
    ]
    arrays = [
        (column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])).cast(field.type)
        for column, field in zip(columns, table.schema, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=table.schema).combine_chunks()


def _taken(values: Sequence[str], at: npt.NDArray[np.int64]) -> pa.Array:
    return pc.take(pa.array(values, pa.string()), pa.array(at))
