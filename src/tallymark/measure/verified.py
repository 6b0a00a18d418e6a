"""Values as verification leaves them: what was recounted or estimated stands in for what was reported, marked so."""

from __future__ import annotations

import pyarrow as pa

from tallymark.engine.duckdb import Engine
from tallymark.engine.sql import select
from tallymark.measure.places import UNITS
from tallymark.measure.plan import Strand

SCHEMA = pa.schema([
    ("unit", pa.string()), ("period", pa.string()), ("item", pa.string()), ("reported", pa.float64()),
    ("value", pa.float64()), ("basis", pa.string()),
])  # fmt: skip
"""What replaces a reported value; basis: recounted or estimated."""


def with_verdicts(engine: Engine, name: str, relation: str, rows: pa.Table) -> str:
    """A relation of reports with values replaced: categories of a value in proportion, a single 0 by the value itself."""
    engine.load(name, rows)
    alone = f"SELECT unit, period, item FROM {relation} GROUP BY ALL HAVING COUNT(*) = 1"
    return f"""(
        SELECT r.* REPLACE (CAST(CASE WHEN v.value IS NULL THEN r.value
                                      WHEN v.reported > 0 THEN r.value * v.value / v.reported
                                      WHEN s.unit IS NOT NULL THEN v.value ELSE r.value END AS DOUBLE) AS value)
        FROM {relation} AS r
        LEFT JOIN {name} AS v ON v.unit = r.unit AND v.period = r.period AND v.item = r.item
        LEFT JOIN ({alone}) AS s ON v.reported = 0 AND s.unit = r.unit AND s.period = r.period AND s.item = r.item)"""


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
