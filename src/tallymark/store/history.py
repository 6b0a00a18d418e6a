"""Every version of a row: what was delivered, when, from which place, and what replaced it and why."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from tallymark.room import spill_folder
from tallymark.store.sql import quoted


def history_sql(rows: str, columns: tuple[str, ...], keys: Mapping[str, object]) -> str:
    """SQL over `rows` (all ever committed), `superseded` and `batches`; one `?` for each key in order."""
    where = " AND ".join(f"r.{quoted(key)} IS NOT DISTINCT FROM ?" for key in keys) or "true"
    own = ", ".join(f"r.{quoted(name)}" for name in columns)
    return (
        f"SELECT {own}, b.source, b.file, "
        "s._batch AS superseded_by, s.new_row AS superseded_by_row, s.reason "
        f"FROM {rows} AS r JOIN batches AS b ON b._batch = r._batch "
        "LEFT JOIN superseded AS s ON s.old_batch = r._batch AND s.old_row = r._row "
        f"WHERE {where} ORDER BY r._batch, r._row"
    )


def history(
    rows: str,
    columns: tuple[str, ...],
    *,
    superseded: pa.Table,
    batches: pa.Table,
    keys: Mapping[str, object],
) -> pa.Table:
    """The versions of the rows that `keys` picks, oldest first.

    The dataset's columns, then source, file, superseded_by (batch), superseded_by_row and reason; those three
    are NULL for a row that counts.
    """
    with duckdb.connect(config={"temp_directory": str(spill_folder())}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("superseded", superseded)
        connection.register("batches", batches)
        found = connection.sql(history_sql(rows, columns, keys), params=list(keys.values()))
        return found.to_arrow_table()
