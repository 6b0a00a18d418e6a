"""The wide figures as the result tables of measures and of reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.engine.interface import Engine
from tallymark.engine.sql import AnyQuery, select, stacked
from tallymark.measure.figures import Reads, reads
from tallymark.measure.labels import LABELS, Piece, in_order, labelled, pieces
from tallymark.measure.plan import TOTAL, Strand
from tallymark.measure.tally import Tallied
from tallymark.model.tables import TABLES

Ints = npt.NDArray[np.int64]
ASKED = "q.period = f.period AND q.asked"
KEYS = ("period", "unit", "breakdown", "category")
TYPES = dict.fromkeys(("expected", "received", "usable"), pa.int64())
TYPES |= {"value": pa.float64(), "basis": pa.int8(), "shown": pa.bool_()}
BASES = ("missing", "estimated", "partial", "recounted", "corrected", "reported")


def basis(read: Reads) -> str:
    """SQL of what a measure's value rests on, as a place in BASES."""
    return (
        f"CASE WHEN {read.value} IS NULL THEN 0 WHEN part = 1 OR {read.corrected} = 3 THEN 1 "
        f"WHEN {read.usable} < {read.expected} THEN 2 "
        f"WHEN {read.corrected} = 2 THEN 3 WHEN {read.corrected} = 1 THEN 4 ELSE 5 END"
    )


def measures_table(engine: Engine, tallied: Tallied) -> pa.Table:
    """TABLES["measures"] for the periods asked; categories only where something was received for them."""
    plan, empty = tallied.plan, TABLES["measures"].schema.empty_table()
    wide = [_Wide.of(strand) for strand in plan.strands if strand.measures]
    if not wide:
        return empty
    names = sorted(plan.numbers)
    many = sum(len(one.numbers) * one.many(engine) for one in wide)
    found = []
    for piece in pieces(tallied.labels, plan.timeline.asked, many):
        parts = [one.rows(engine, piece) for one in wide]
        found.append(labelled(tallied.labels, _in_order(parts), "measures", names))
    return pa.concat_tables([empty, *found])


@dataclass(frozen=True, slots=True)
class _Wide:
    """A strand's wide table, and under which of its columns each measure's figures are read: texts that are the same for
    many measures are read once."""

    table: str
    numbers: Sequence[int]
    """Of the measures, in order."""
    read: Sequence[str]
    """What is read of the table, as SQL."""
    columns: Mapping[str, Sequence[int]]
    """Column of the result, or `shown` → for each measure which of them."""

    @classmethod
    def of(cls, strand: Strand) -> _Wide:
        """The wide table of a strand that has measures."""
        places: dict[str, int] = {}
        columns: dict[str, list[int]] = {}
        measures = sorted(strand.measures, key=lambda one: one.number)
        for planned in measures:
            read = reads(strand, planned)
            there = read.received if strand.dataset.kind == "events" else read.usable
            wanted = {"value": read.value, "expected": read.expected, "received": read.received}
            wanted |= {"usable": read.usable, "basis": basis(read)}
            wanted["shown"] = f"breakdown = {TOTAL} OR COALESCE({there} > 0, FALSE)"
            for name, sql in wanted.items():
                columns.setdefault(name, []).append(places.setdefault(sql, len(places)))
        return cls(f"{strand.prefix}_fig", [one.number for one in measures], list(places), columns)

    def many(self, engine: Engine) -> int:
        """How many rows the wide table has."""
        return engine.value(select("COUNT(*)").from_(self.table)) or 0

    def rows(self, engine: Engine, piece: Piece) -> pa.Table:
        """The figures of a piece, a row a measure, by period, unit, measure, breakdown, category."""
        query = select(*(f"f.{name}" for name in KEYS)).from_(f"{self.table} AS f")
        query = query.select(*(f"{sql} AS r{at}" for at, sql in enumerate(self.read)))
        found = engine.rows(query.where(piece.test("f"))).combine_chunks()
        given = {name: found.column(name).to_numpy().astype(np.int64) for name in KEYS}
        order = np.lexsort([given[name] for name in reversed(KEYS)])
        measure, row = molten(given["period"][order], given["unit"][order], len(self.numbers))
        row = order[row]
        made = {name: pa.array(values[row]) for name, values in given.items()}
        made["named"] = pa.array(np.array(self.numbers)[measure])
        made |= {
            name: _each(found, places, TYPES[name], at=(measure, row))
            for name, places in self.columns.items()
        }
        shown = made.pop("shown")
        made["basis"] = pa.array(BASES).take(made["basis"])
        rows = pa.table(made)
        return rows if pc.all(shown).as_py() in (True, None) else rows.filter(shown)


def _each(found: pa.Table, places: Sequence[int], kind: pa.DataType, *, at: tuple[Ints, Ints]) -> pa.Array:
    """Of columns r…, one a measure, what stands at (measure, row), as a type."""
    measure, row = at
    used = sorted(set(places))
    columns = [found.column(f"r{place}").combine_chunks().cast(kind) for place in used]
    if len(used) == 1:
        return columns[0].take(pa.array(row))
    start = np.array([used.index(place) * found.num_rows for place in places])
    return pa.concat_arrays(columns).take(pa.array(start[measure] + row))


def molten(period: Ints, unit: Ints, many: int) -> tuple[Ints, Ints]:
    """A wide table as a long one: for each long row its measure and its wide row. Each unit's period has all rows of the
    first measure, then of the second; the wide rows are in order of period and unit.

    The rows of one unit and period, `size` from `head` on, take the places from many × head on: row r of measure m goes
    to many × head + m × size + (r − head).
    """
    rows = len(unit)
    new = (
        np.flatnonzero(np.r_[True, (np.diff(unit) != 0) | (np.diff(period) != 0)])
        if rows
        else np.zeros(0, int)
    )
    size = np.diff(np.r_[new, rows])
    heads, sizes = np.repeat(new, size), np.repeat(size, size)
    place = ((many - 1) * heads + np.arange(rows)) + np.arange(many)[:, None] * sizes
    long = np.empty(many * rows, np.int64)
    long[place.ravel()] = np.arange(many * rows)
    measure, row = np.divmod(long, max(rows, 1))
    return measure, row


def _in_order(parts: Sequence[pa.Table]) -> pa.Table:
    """Rows of several strands as one table in their order."""
    return parts[0] if len(parts) == 1 else in_order(pa.concat_tables(parts))


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
        select("*").from_(stacked(parts).subquery("figures")).order_by("period", "unit", "named")
    )
    return labelled(labels, rows.combine_chunks(), "reports", names)
