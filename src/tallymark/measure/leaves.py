"""The leaves: what each reporting unit gave in each slot of time, all measures of a strand from one scan."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from tallymark.engine.compile import LeafPass, Packed, Rows, Slotting, leaf_pass
from tallymark.engine.interface import Engine
from tallymark.engine.sql import Query, column, one_of, select
from tallymark.measure.grid import NEVER
from tallymark.measure.histogram import Leaves
from tallymark.measure.places import UNITS
from tallymark.measure.plan import Strand

INTEGER_ROWS = 2**31
"""With fewer rows than this, no count can leave 32 bits, and tables take half the memory."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the leaves hold: the type of counts, and which columns hold several."""

    count_type: str
    packed: Packed


def gather(engine: Engine, strand: Strand, *, source: str, many: int) -> Gathered:
    """Makes `<prefix>_held`(unit, slot, c<breakdown>…, n, arrived, measures or packed counts).

    The view `<prefix>_leaf` has a column a measure besides. `arrived` is there where the dataset has a due date.
    many: how many rows there are at most.
    """
    rows = rows_of(strand, source)
    count_type = "INTEGER" if many < INTEGER_ROWS else "BIGINT"
    compiled = leaf_pass(
        rows,
        {planned.value: planned.measure for planned in strand.counted},
        arrivals=strand.dataset.due_days is not None,
        count_type=count_type,
        many=many if engine.packs else None,
    )
    engine.table(f"{strand.prefix}_held", _numbered(strand, compiled))
    reads = [f"{read} AS {name}" for name, read in compiled.packed.reads.items()]
    engine.view(f"{strand.prefix}_leaf", select("*", *reads).from_(f"{strand.prefix}_held"))
    return Gathered(count_type, compiled.packed)


def stand(engine: Engine, strand: Strand, leaves: Leaves) -> Gathered:
    """Makes `<prefix>_held` and `<prefix>_leaf` of leaves that were counted without SQL."""
    figures, many = leaves.figures, leaves.figures.many
    unit, slot, *categories = (figures.on(axis) for axis in range(len(figures.grid.sizes)))
    numbers = np.array([one.number for one in strand.slots])
    columns: dict[str, Any] = {"unit": unit, "slot": numbers[slot]}
    columns |= {f"c{at}": place for (at, _), place in zip(strand.breakdowns, categories, strict=True)}
    columns = {name: pa.array(values.astype(np.int32)) for name, values in columns.items()}
    if leaves.arrived is not None:
        times = pa.array(leaves.arrived, mask=leaves.arrived == NEVER)
        columns["arrived"] = times.cast(pa.timestamp("us", tz="UTC"))
    wide = figures.counts.dtype == np.int64
    counts = figures.counts[:, :many].astype(np.int64 if wide else np.int32)
    columns |= dict(zip(leaves.names, counts, strict=True))
    columns |= {one.whole: column for one, column in zip(leaves.sums, figures.sums[:, :many], strict=True)}
    engine.lend(f"{strand.prefix}_counted", pa.table(columns))
    sums = {one.name: one.sql for one in leaves.sums}
    read = [f"{sums.get(name, name)} AS {name}" for name in columns if not name.endswith("_whole")]
    engine.view(f"{strand.prefix}_held", select(*read).from_(f"{strand.prefix}_counted"))
    engine.view(f"{strand.prefix}_leaf", select("*").from_(f"{strand.prefix}_held"))
    return Gathered("BIGINT" if wide else "INTEGER", Packed())


def rows_of(strand: Strand, source: str) -> Rows:
    """The strand's rows and how they find their slot."""
    if strand.dataset.kind == "events" and strand.frequency == "month":
        slotting = Slotting("_month", among=[slot.number for slot in strand.slots])
    else:
        on = "_day" if strand.dataset.kind == "events" else "period"
        slotting = Slotting(on, table=f"{strand.prefix}_keys")
    return Rows(strand.dataset, source, slotting, strand.breakdowns, strand.untidy)


def count_rows(engine: Engine, strand: Strand, source: str) -> int:
    """How many rows the pass will see, at most; cheap, as it reads one column or none."""
    rows = rows_of(strand, source)
    query = select("COUNT(*)").from_(rows.source)
    if rows.slotting.table is None:
        query = query.where(one_of(column(rows.slotting.column), rows.slotting.among))
    return engine.value(query) or 0


def _numbered(strand: Strand, compiled: LeafPass) -> Query:
    """The grouped rows with unit numbers for codes. Rows of unknown units are left out: they were refused."""
    others = ["slot", "n", *(["arrived"] if strand.dataset.due_days is not None else [])]
    query = select("u.unit", *others, *compiled.columns, *compiled.packed.columns)
    query = query.from_(compiled.query.subquery("v")).join(f"{UNITS} AS u", on="u.code = v.code")
    return with_categories(query, strand)


def with_categories(query: Query, strand: Strand) -> Query:
    """The query over coded rows `v`, with numbers for categories (NULL where a report is not split)."""
    for at, _ in strand.breakdowns:
        query = query.select(f"k{at}.number AS c{at}")
        query = query.join(
            f"{strand.prefix}_k{at} AS k{at}", on=f"k{at}.category IS NOT DISTINCT FROM v.c{at}", kind="LEFT"
        )
    return query


def due_days(strand: Strand) -> list[dt.datetime]:
    """The moment from which on a report is late, for each slot."""
    grace = dt.timedelta(days=1 + (strand.dataset.due_days or 0))
    return [dt.datetime.combine(slot.end, dt.time(), dt.UTC) + grace for slot in strand.slots]


def load_slots(engine: Engine, strand: Strand) -> None:
    """Tables of slots, of the keys by which rows find them, and of the periods that they make up."""
    prefix, slots = strand.prefix, strand.slots
    numbers = pa.array([slot.number for slot in slots], pa.int32())
    engine.lend(
        f"{prefix}_slots",
        pa.table(
            {
                "slot": numbers,
                "month": pa.array([slot.month for slot in slots], pa.int32()),
                "due": pa.array(due_days(strand), pa.timestamp("us", tz="UTC")),
            }
        ),
    )
    engine.lend(f"{prefix}_keys", _keys(strand))
    for name, pairs in (("spans", strand.spans), ("before", strand.before)):
        engine.lend(f"{prefix}_{name}", pair_table(("period", "slot"), pairs))


def _keys(strand: Strand) -> pa.Table:
    """Table(_slot, _key): the days of each slot for events, the codes of reports."""
    if strand.dataset.kind == "reports":
        keys = pa.array([slot.code for slot in strand.slots], pa.string())
        return pa.table({"_slot": pa.array([slot.number for slot in strand.slots], pa.int32()), "_key": keys})
    days = [
        (slot.number, slot.start + dt.timedelta(days=n)) for slot in strand.slots for n in range(slot.days)
    ]
    columns = [
        pa.array([number for number, _ in days], pa.int32()),
        pa.array([day for _, day in days], pa.date32()),
    ]
    return pa.Table.from_arrays(columns, names=["_slot", "_key"])


def pair_table(names: tuple[str, str], pairs: tuple[tuple[int, int], ...]) -> pa.Table:
    """Pairs of whole numbers as a table."""
    columns = [pa.array([pair[at] for pair in pairs], pa.int32()) for at in (0, 1)]
    return pa.Table.from_arrays(columns, names=list(names))
