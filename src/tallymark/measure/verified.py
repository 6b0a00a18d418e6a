"""Values as verification leaves them: what was recounted or estimated stands in for what was reported, marked so."""

from __future__ import annotations

import pyarrow as pa

from tallymark.engine.interface import Engine, columns_of
from tallymark.engine.sql import column, select
from tallymark.measure.places import UNITS
from tallymark.measure.plan import Strand

SCHEMA = pa.schema([
    ("unit", pa.string()), ("period", pa.string()), ("item", pa.string()), ("reported", pa.float64()),
    ("value", pa.float64()), ("basis", pa.string()),
])  # fmt: skip
"""What replaces a reported value; basis: recounted or estimated."""


def with_verdicts(engine: Engine, name: str, reported: str, rows: pa.Table) -> None:
    """Makes the view `name` of reports with values replaced: categories of a value in proportion, a single 0 by the
    value itself."""
    keys = ("unit", "period", "item")
    engine.load(f"{name}_verified", rows)
    alone = select(*keys).from_(reported).group_by(*keys).having("COUNT(*) = 1")
    value = (
        "CAST(CASE WHEN v.value IS NULL THEN r.value WHEN v.reported > 0 THEN r.value * v.value / v.reported "
        "WHEN NOT s.unit IS NULL THEN v.value ELSE r.value END AS DOUBLE) AS value"
    )
    kept = [value if one == "value" else column(one, "r") for one in columns_of(engine, reported)]
    same = {table: " AND ".join(f"{table}.{key} = r.{key}" for key in keys) for table in ("v", "s")}
    query = select(*kept).from_(f"{reported} AS r").join(f"{name}_verified AS v", on=same["v"], kind="LEFT")
    engine.view(name, query.join(alone.subquery("s"), on=f"v.reported = 0 AND {same['s']}", kind="LEFT"))


def mark_verified(engine: Engine, strand: Strand, rows: pa.Table) -> None:
    """Makes `<prefix>_ver`(unit, slot, item, rank) of the values replaced: 2 recounted, 3 estimated."""
    prefix = strand.prefix
    engine.load(f"{prefix}_replaced", rows)
    query = (
        select(
            "u.unit", "k._slot AS slot", "r.item", "CASE r.basis WHEN 'estimated' THEN 3 ELSE 2 END AS rank"
        )
        .from_(f"{prefix}_replaced AS r")
        .join(f"{UNITS} AS u", on="u.code = r.unit")
        .join(f"{prefix}_keys AS k", on="k._key = r.period")
    )
    engine.table(f"{prefix}_ver", query)
    engine.drop([f"{prefix}_replaced"])
