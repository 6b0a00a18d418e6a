"""The connection: a file that is written again is read again, though footers are remembered."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tallymark.engine.duckdb import connect


def test_a_file_that_took_another_ones_name_is_read_anew(tmp_path: Path) -> None:
    path, asked = tmp_path / "a.parquet", connect()
    for turn in range(30):  # within one second, and as long as others before
        many = 1 + turn % 3
        pq.write_table(pa.table({"a": [turn] * many}), tmp_path / "new")
        os.replace(tmp_path / "new", path)
        found = asked.sql(f"SELECT COUNT(*), MIN(a), MAX(a) FROM read_parquet('{path}')").fetchall()
        assert found == [(many, turn, turn)]
