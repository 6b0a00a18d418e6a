"""Rows on their way from a file to the store: kept in memory while few, on disk when many."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from tallymark.store.delta import storage_errors

IN_MEMORY = 256 << 20


class Spool:
    """Tables of one dataset, in the order they came, to be read by DuckDB as one."""

    def __init__(self, folder: Path, name: str, *, most: int = IN_MEMORY) -> None:
        self._folder, self._name, self._most = folder, name, most
        self._tables: list[pa.Table] = []
        self._bytes = 0
        self._files: list[Path] = []
        self.rows = 0

    def add(self, table: pa.Table) -> None:
        """Takes more rows; writes out those in memory when they have become too many."""
        if not table.num_rows:
            return
        self._tables.append(table)
        self._bytes += table.nbytes
        self.rows += table.num_rows
        if self._bytes > self._most:
            self._write_out()

    def relation(self, connection: duckdb.DuckDBPyConnection) -> str:
        """SQL that reads all rows, on a connection in which the part in memory is registered."""
        parts = []
        if self._files:
            paths = ", ".join("'" + str(path).replace("'", "''") + "'" for path in self._files)
            parts.append(f"SELECT * FROM read_parquet([{paths}])")
        if self._tables:
            connection.register(f"spool_{self._name}", pa.concat_tables(self._tables))
            parts.append(f'SELECT * FROM "spool_{self._name}"')
        return "(" + " UNION ALL BY NAME ".join(parts) + ")"

    def _write_out(self) -> None:
        path = self._folder / f"{self._name}-{len(self._files)}.parquet"
        with storage_errors(str(self._folder)):
            pq.write_table(pa.concat_tables(self._tables), path, compression="lz4", row_group_size=1 << 18)
        self._files.append(path)
        self._tables, self._bytes = [], 0
