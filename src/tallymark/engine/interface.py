"""What an engine is: steps of compiled SQL over rows that stay where they are, each kept under a name.

Stages know this and no engine. A query is written once, in DuckDB's dialect; each engine asks it for its own text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

import duckdb
import pyarrow as pa

from tallymark.engine.sql import select

LENT = "LENT"
"""What an Arrow table is that is only read."""


class Text(Protocol):
    """A query that can be written in a dialect."""

    def sql(self, dialect: Any = ..., /) -> str: ...


@dataclass(frozen=True, slots=True)
class Stored:
    """A dataset's rows that count at a version, as each engine reads them: SQL for DuckDB, files for others."""

    written: Callable[[], str]
    """Writes DuckDB's table expression of the same rows; files that lie elsewhere are fetched for it."""
    schema: pa.Schema
    """Columns that are there; one that a file does not have is NULL."""
    clean: tuple[str, ...] = ()
    """Parquet files of which every row counts."""
    touched: tuple[str, ...] = ()
    """Files of which every row counts but those of `gone`."""
    later: tuple[str, ...] = ()
    """The same, with rows of batches after `version`, which do not count."""
    version: int = 0
    gone: pa.Table = field(default_factory=lambda: pa.table({"_batch": [], "_row": []}))
    """Numbers (_batch, _row) of the rows that were superseded."""
    near: Callable[[tuple[str, ...]], tuple[str, ...]] = tuple
    """Paths in this machine of files that may lie elsewhere."""

    @property
    def sql(self) -> str:
        """DuckDB's table expression of the same rows."""
        return self.written()


class Engine(Protocol):
    """Tables and views made step by step; `clear` drops them again."""

    kept: dict[str, str]
    """Name → what it is (a table, a view, rows lent)."""

    dialect: str
    """What it understands."""
    packs: bool
    """Whether several counters in one sum are quicker than a count each."""
    climbs: bool
    """Whether many small steps (a level, a length of period at a time) are quicker than one join with them all."""
    near: duckdb.DuckDBPyConnection | None
    """DuckDB in this process, where compiled loops may count instead of SQL; None elsewhere."""

    def table(self, name: str, query: Text) -> None:
        """Runs a query and keeps its rows under a name."""

    def step(self, name: str, query: Text) -> None:
        """Keeps the rows of a query that little reads, or names it: what is quicker here."""

    def view(self, name: str, query: Text) -> None:
        """Names a query, to be run where it is used."""

    def relation(self, name: str, rows: Stored | str) -> None:
        """Names stored rows, or a table expression."""

    def load(self, name: str, rows: pa.Table) -> None:
        """Copies an Arrow table in under a name."""

    def lend(self, name: str, rows: pa.Table) -> None:
        """Names an Arrow table, to be read where it stands if the engine can."""

    def rows(self, query: Text) -> pa.Table:
        """The rows of a query as one Arrow table."""

    def value(self, query: Text) -> int | None:
        """The single whole number that a query gives."""

    def drop(self, names: Iterable[str]) -> None:
        """Forgets tables and views that are not needed any more."""

    def clear(self) -> None:
        """Forgets everything that was kept, the last first."""


def columns_of(engine: Engine, name: str) -> list[str]:
    """The columns of what is kept under a name."""
    return list(engine.rows(select("*").from_(name).where("FALSE")).column_names)


def tuples(rows: pa.Table) -> list[tuple[Any, ...]]:
    """Rows of a small table as tuples."""
    return list(zip(*(column.to_pylist() for column in rows.columns), strict=True)) if rows.num_rows else []
