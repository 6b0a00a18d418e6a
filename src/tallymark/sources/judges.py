"""Where delivered rows are set against each other and the store: in this process, or where the store's rows are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import duckdb
import pyarrow as pa

from tallymark.engine.interface import Engine, tuples
from tallymark.engine.sql import translated
from tallymark.programme.resolved import Dataset
from tallymark.sources.spool import Spool
from tallymark.store import Store, stored
from tallymark.store.sql import quoted

DELIVERED, HELD = "delivered_rows", "held_rows"


@dataclass(frozen=True, slots=True)
class Statement:
    """A query in DuckDB's dialect."""

    text: str

    def sql(self, dialect: Any = "duckdb", /) -> str:
        """The text in a dialect."""
        return translated(self.text, dialect)


class Judge(Protocol):
    """Keeps tables, answers queries; texts are in DuckDB's dialect."""

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The delivery's own connection, where what became of its rows ends up."""

    def number(self, name: str, rows: pa.Table) -> None:
        """Names a small table of numbers and codes."""

    def delivered(self, spool: Spool) -> str:
        """A table expression of delivered rows."""

    def held(self, store: Store, dataset: Dataset) -> str:
        """A table expression of the dataset's rows in force."""

    def keep(self, name: str, query: str) -> None:
        """Runs a query and keeps its rows under a name."""

    def view(self, name: str, query: str) -> None:
        """Names a query."""

    def rows(self, query: str) -> Sequence[tuple[Any, ...]]:
        """The rows of a query."""

    def columns(self, relation: str) -> list[str]:
        """The columns of a table expression."""

    def bring(self, name: str) -> None:
        """Brings what has a name to `connection`."""


@dataclass(frozen=True, slots=True)
class Here:
    """Judges on the delivery's own connection."""

    connection: duckdb.DuckDBPyConnection

    def number(self, name: str, rows: pa.Table) -> None:
        """Names a small table."""
        self.connection.register(name, rows)

    def delivered(self, spool: Spool) -> str:
        """Reads the spool where it is."""
        return spool.relation(self.connection)

    def held(self, store: Store, dataset: Dataset) -> str:
        """Reads the store's files."""
        return store.relation(dataset)

    def keep(self, name: str, query: str) -> None:
        """Makes a table."""
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS {query}")

    def view(self, name: str, query: str) -> None:
        """Makes a view."""
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS {query}")

    def rows(self, query: str) -> Sequence[tuple[Any, ...]]:
        """Rows as tuples."""
        return list(self.connection.execute(query).fetchall())

    def columns(self, relation: str) -> list[str]:
        """Names in order."""
        return list(self.connection.sql(f"SELECT * FROM {relation} LIMIT 0").columns)

    def bring(self, name: str) -> None:
        """It is here."""


@dataclass(frozen=True, slots=True)
class There:
    """Judges on another engine: delivered rows go there, and come back with what became of them."""

    engine: Engine
    connection: duckdb.DuckDBPyConnection

    def number(self, name: str, rows: pa.Table) -> None:
        """Copies a small table there."""
        self.engine.load(name, rows)

    def delivered(self, spool: Spool) -> str:
        """Copies the delivery there."""
        rows = self.connection.sql(f"SELECT * FROM {spool.relation(self.connection)}").to_arrow_table()
        self.engine.load(DELIVERED, _plain(rows))
        return DELIVERED

    def held(self, store: Store, dataset: Dataset) -> str:
        """Reads the store's files there."""
        self.engine.relation(HELD, stored(store, dataset))
        return HELD

    def keep(self, name: str, query: str) -> None:
        """Makes a table there."""
        self.engine.table(name, Statement(query))

    def view(self, name: str, query: str) -> None:
        """Names a query there."""
        self.engine.view(name, Statement(query))

    def rows(self, query: str) -> Sequence[tuple[Any, ...]]:
        """Rows as tuples."""
        return tuples(self.engine.rows(Statement(query)))

    def columns(self, relation: str) -> list[str]:
        """Names in order."""
        return list(self.engine.rows(Statement(f"SELECT * FROM {relation} LIMIT 0")).column_names)

    def bring(self, name: str) -> None:
        """Registers the rows, typed as they would be here, and forgets them there."""
        self.connection.register(name, self.engine.rows(Statement(f"SELECT * FROM {name}")))
        self.engine.clear()


def _plain(rows: pa.Table) -> pa.Table:
    """Without dictionaries and columns of no type, which other engines do not take."""
    for at, column in enumerate(rows.schema):
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        kind = pa.string() if pa.types.is_null(kind) else kind
        if kind != column.type:
            rows = rows.set_column(at, column.name, rows.column(at).cast(kind))
    return rows
