"""DuckDB as the engine: a connection set up for reproducible runs, and the few things done with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from tallymark.engine.interface import LENT, Stored, Text
from tallymark.engine.sql import quoted, select
from tallymark.room import spill_folder

UNSOUND = "common_subplan"
"""Takes different parts of a UNION ALL for the same in DuckDB 1.5 to 2.0 and gives wrong rows (duckdb#25819)."""

NUMBER = "_number"
"""The column that says which row of some is which; no dataset has one of this name."""


def connect(
    memory: str | None = None, threads: int | None = None, *, folder: str | None = None
) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection that keeps its tables in memory and loads nothing from the network.

    memory: limit such as `2GB` (DuckDB's own default when None); what does not fit is spilled to `folder`, by default
    one of its own below `room.spill_base`, gone when the connection is closed.
    """
    connection = duckdb.connect(
        config={"autoinstall_known_extensions": "false", "preserve_insertion_order": "false"}
    )
    settings = {
        "disabled_optimizers": UNSOUND,
        "TimeZone": "UTC",
        "enable_progress_bar": "false",
        "parquet_metadata_cache": "true",  # files never change, and every view of them looks at all their footers
        "memory_limit": memory,
        "threads": threads,
        "temp_directory": folder or str(spill_folder()),
    }
    for name, value in settings.items():
        if value is not None:
            connection.execute("SET {} = '{}'".format(name, str(value).replace("'", "''"))).fetchall()
    return connection


def beside(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Another connection to the same database, to ask small things while the first one is in use."""
    other = connection.cursor()
    other.execute("SET TimeZone = 'UTC'").fetchall()
    return other


def each(connection: duckdb.DuckDBPyConnection, rows: pa.Table, expressions: Sequence[str]) -> pa.Table:
    """What SQL expressions over their columns are for every row, in the order of the rows; a column an expression."""
    columns = [f"{sql} AS _each{at}" for at, sql in enumerate(expressions)]
    query = select(*columns).from_("given").order_by(NUMBER)
    connection.register("given", rows.append_column(NUMBER, pa.array(np.arange(rows.num_rows))))
    try:
        return connection.sql(query.sql()).to_arrow_table().combine_chunks()
    finally:
        connection.unregister("given")


@dataclass(slots=True)
class Engine:
    """A connection and the tables made on it; `clear` drops them again."""

    connection: duckdb.DuckDBPyConnection
    kept: dict[str, str] = field(default_factory=dict)
    """Name → TABLE, VIEW or LENT."""
    dialect: str = "duckdb"
    packs: bool = True
    climbs: bool = True

    near: duckdb.DuckDBPyConnection | None = None

    def __post_init__(self) -> None:
        self.near = self.connection
        self._run(f"SET disabled_optimizers = '{UNSOUND}'")

    def table(self, name: str, query: Text) -> None:
        """Runs a query and keeps its rows under a name."""
        self._keep(name, "TABLE", query.sql(self.dialect))

    step = table

    def view(self, name: str, query: Text) -> None:
        """Names a query, to be run where it is used."""
        self._keep(name, "VIEW", query.sql(self.dialect))

    def relation(self, name: str, rows: Stored | str) -> None:
        """Names stored rows, or a table expression (`read_parquet(…)` or a query in parentheses)."""
        self._keep(name, "VIEW", f"SELECT * FROM {rows if isinstance(rows, str) else rows.sql}")

    def load(self, name: str, rows: pa.Table) -> None:
        """Copies an Arrow table in under a name."""
        self.connection.register("arrow_rows", rows)
        self._keep(name, "TABLE", "SELECT * FROM arrow_rows")
        self.connection.unregister("arrow_rows")

    def lend(self, name: str, rows: pa.Table) -> None:
        """Names an Arrow table, to be read where it stands."""
        self.connection.register(name, rows)
        self.kept[name] = LENT

    def rows(self, query: Text) -> pa.Table:
        """The rows of a query as one Arrow table."""
        return self.connection.sql(query.sql(self.dialect)).to_arrow_table()

    def value(self, query: Text) -> int | None:
        """The single whole number that a query gives."""
        found = self._run(query.sql(self.dialect))
        return None if not found or found[0][0] is None else int(found[0][0])

    def drop(self, names: Iterable[str]) -> None:
        """Forgets tables and views that are not needed any more."""
        for name in names:
            if self.kept.get(name) == LENT:
                self.connection.unregister(name)
                del self.kept[name]
            elif name in self.kept:
                self._run(f"DROP {self.kept.pop(name)} IF EXISTS {quoted(name)}")

    def clear(self) -> None:
        """Forgets everything that was kept, the last first."""
        self.drop(list(self.kept)[::-1])

    def _run(self, text: str) -> list[tuple[Any, ...]]:
        """Runs a statement to its end: an unfinished one blocks the connection."""
        return list(self.connection.execute(text).fetchall())

    def _keep(self, name: str, kind: str, text: str) -> None:
        self._run(f"CREATE OR REPLACE TEMP {kind} {quoted(name)} AS {text}")
        self.kept[name] = kind
