"""Which stored rows no longer count at a version."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.store.sql import literal

Numbers = npt.NDArray[np.int64]
INLINE = 200
"""Up to so many rows are written into the SQL text; more are read from their table."""


@dataclass(frozen=True, slots=True)
class Superseded:
    """Rows of one dataset that were replaced or withdrawn: batch and row number, and SQL that yields both."""

    batch: Numbers
    row: Numbers
    sql: str


def superseded_at(rows: pa.Table, paths: tuple[str, ...], *, dataset: str, version: int) -> Superseded:
    """The dataset's rows among `rows` of `_superseded`, whose files are `paths`."""
    rows = rows.filter(pc.equal(rows.column("dataset"), dataset))
    batch, row = (rows.column(name).to_numpy() for name in ("old_batch", "old_row"))
    if len(batch) <= INLINE:
        listed = ", ".join(f"({b}, {r})" for b, r in zip(batch.tolist(), row.tolist(), strict=True))
        sql = f"(SELECT * FROM (VALUES {listed}) AS listed(_batch, _row))" if listed else ""
    else:
        files = ", ".join(literal(path) for path in paths)
        sql = (
            f"(SELECT old_batch AS _batch, old_row AS _row FROM read_parquet([{files}]) "
            f"WHERE dataset = {literal(dataset)} AND _batch <= {version})"
        )
    return Superseded(batch, row, sql)
