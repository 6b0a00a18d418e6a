"""Which rows in force replaced earlier ones, and when the first of those came."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.engine.interface import Engine
from tallymark.engine.sql import quoted, select
from tallymark.measure.places import UNITS
from tallymark.measure.plan import Strand
from tallymark.measure.seen import Known, asking, by_month

SCHEMA = pa.schema([("_batch", pa.int64()), ("_row", pa.int64()), ("first_at", pa.timestamp("us", tz="UTC"))])
MONTHLY = pa.schema([("_month", pa.int32()), ("code", pa.string()), SCHEMA.field("first_at")])
_ROWS = 2**40
"""More rows than a batch has: batch and row make one number."""

Ints = npt.NDArray[np.int64]


def corrections(superseded: pa.Table, receipts: pa.Table, dataset: str) -> pa.Table:
    """Table(_batch, _row, first_at): a dataset's rows that replaced others, and when the first of those was received.

    superseded: the store's `_superseded`; receipts: its `_batches`, both at the version read.
    """
    rows = superseded.filter(pc.equal(superseded.column("dataset"), dataset))
    rows = rows.filter(pc.is_valid(rows.column("new_row")))
    if not rows.num_rows:
        return SCHEMA.empty_table()
    batch, row, old_batch, old_row = (
        rows.column(name).to_numpy().astype(np.int64)
        for name in ("_batch", "new_row", "old_batch", "old_row")
    )
    first = _first_batches(batch * _ROWS + row, old_batch * _ROWS + old_row)
    at = pc.index_in(pa.array(first), value_set=receipts.column("_batch").combine_chunks())
    times = receipts.column("at").combine_chunks().take(at).cast(SCHEMA.field("first_at").type)
    return pa.table([pa.array(batch), pa.array(row), times], schema=SCHEMA)


def _first_batches(new: Ints, old: Ints) -> Ints:
    """For each correction the batch at the beginning of its chain of corrections."""
    order = np.argsort(new, kind="stable")
    known = new[order]
    first = old.copy()
    while True:
        at = np.minimum(np.searchsorted(known, first), len(known) - 1)
        corrects = known[at] == first
        if not corrects.any():
            return first // _ROWS
        first[corrects] = old[order[at[corrects]]]


def find_corrected(
    engine: Engine, strand: Strand, *, source: str, rows: pa.Table, known: Known | None = None
) -> None:
    """Makes `<prefix>_fix`(unit, slot or date, item, first_at) of figures that were corrected; nothing without any.

    known: what is kept of events by month.
    """
    if not rows.num_rows:
        return
    prefix, kind = strand.prefix, strand.dataset.kind
    engine.load(f"{prefix}_corrections", rows)
    if known is not None and kind == "events" and strand.frequency == "month":
        _recall_corrected(engine, strand, source, known)
        return
    code = quoted("_unit" if kind == "events" else "unit")
    query = (
        select("u.unit", "c.first_at", *_when_and_what(strand))
        .from_(f"{source} AS r")
        .join(f"{prefix}_corrections AS c", on="c._batch = r._batch AND c._row = r._row")
        .join(f"{UNITS} AS u", on=f"u.code = r.{code}")
    )
    if kind != "stocks" and not (kind == "events" and strand.frequency == "month"):
        on = "_day" if kind == "events" else "period"
        query = query.join(f"{prefix}_keys AS k", on=f"k._key = r.{on}")
    engine.table(f"{prefix}_fix", query)
    engine.drop([f"{prefix}_corrections"])


def _recall_corrected(engine: Engine, strand: Strand, source: str, known: Known) -> None:
    """The same of events by month, of which only months with other rows are looked through."""
    query = (
        select("r._month", "r._unit AS code", "c.first_at")
        .from_(f"{source} AS r")
        .join(f"{strand.prefix}_corrections AS c", on="c._batch = r._batch AND c._row = r._row")
    )
    months = [slot.number for slot in strand.slots]
    kind = ("corrected", strand.dataset.name)
    found = by_month(asking(engine, query), MONTHLY, kind=kind, months=months, known=known)
    engine.drop([f"{strand.prefix}_corrections"])
    engine.load(f"{strand.prefix}_fixes", found)
    fixed = select("u.unit", "r.first_at", "r._month AS slot", "'' AS item").from_(
        f"{strand.prefix}_fixes AS r"
    )
    engine.table(f"{strand.prefix}_fix", fixed.join(f"{UNITS} AS u", on="u.code = r.code"))


def _when_and_what(strand: Strand) -> list[str]:
    if strand.dataset.kind == "stocks":
        return ["r.date AS slot", "r.item AS item"]
    if strand.dataset.kind == "reports":
        return ["k._slot AS slot", "r.item AS item"]
    return ["r._month AS slot" if strand.frequency == "month" else "k._slot AS slot", "'' AS item"]
