"""Spark as the engine: the same steps on a session, over the same Parquet files; no Python runs where rows are.

A step's rows are kept by `localCheckpoint`, which cuts their history off: plans stay as short as the step, however
many there are. Integers that overflow and texts that are no numbers are errors (ANSI), as in DuckDB.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import duckdb
import pyarrow as pa

from tallymark.engine.interface import Stored, Text

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.parquet.mergeSchema": "false",
}
"""What the meaning of a query hangs on, whatever the cluster's own settings are."""

SMALL = 32 << 20
"""Bytes up to which a table is sent to every executor."""


@dataclass(slots=True)
class SparkEngine:
    """A session of its own on a Spark application, and the temporary views made in it."""

    session: Any
    kept: dict[str, str] = field(default_factory=dict)
    dialect: str = "spark"
    packs: bool = False
    climbs: bool = False
    near: duckdb.DuckDBPyConnection | None = None

    def __post_init__(self) -> None:
        self.session = self.session.newSession()
        for name, value in SETTINGS.items():
            self.session.conf.set(name, value)

    def table(self, name: str, query: Text) -> None:
        """Runs a query and keeps its rows under a name."""
        self._keep(name, "TABLE", _anew(self._frame(query).localCheckpoint(eager=True)))

    def step(self, name: str, query: Text) -> None:
        """Names a query: a job of its own costs more than asking it twice."""
        self.view(name, query)

    def view(self, name: str, query: Text) -> None:
        """Names a query, to be run where it is used."""
        self._keep(name, "VIEW", _anew(self._frame(query)))

    def relation(self, name: str, rows: Stored | str) -> None:
        """Names stored rows, read from their files, or what has a name here already."""
        self._keep(
            name,
            "VIEW",
            self.session.table(rows) if isinstance(rows, str) else stored_rows(self.session, rows),
        )

    def load(self, name: str, rows: pa.Table) -> None:
        """Copies an Arrow table in under a name; a small one goes to where it is joined (of copied rows Spark knows no
        size)."""
        frame = self.session.createDataFrame(rows)
        self._keep(name, "TABLE", frame.hint("broadcast") if rows.nbytes < SMALL else frame)

    def lend(self, name: str, rows: pa.Table) -> None:
        """Copies an Arrow table in under a name: no other process reads this one's memory."""
        self.load(name, rows)

    def rows(self, query: Text) -> pa.Table:
        """The rows of a query as one Arrow table."""
        return self._frame(query).toArrow()

    def value(self, query: Text) -> int | None:
        """The single whole number that a query gives."""
        found = self._frame(query).first()
        return None if found is None or found[0] is None else int(found[0])

    def drop(self, names: Iterable[str]) -> None:
        """Forgets tables and views that are not needed any more."""
        for name in names:
            if self.kept.pop(name, None):
                self.session.catalog.dropTempView(name)

    def clear(self) -> None:
        """Forgets everything that was kept, the last first."""
        self.drop(list(self.kept)[::-1])

    def _frame(self, query: Text) -> Any:
        return self.session.sql(query.sql(self.dialect))

    def _keep(self, name: str, kind: str, frame: Any) -> None:
        frame.createOrReplaceTempView(name)
        self.kept[name] = kind


def _anew(frame: Any) -> Any:
    """The same rows, their columns marked as others than those they were made of: Spark loses columns of the same mark
    where what was made of a table is joined with the table twice."""
    return frame.toDF(*frame.columns)


def stored_rows(session: Any, rows: Stored) -> Any:
    """Stored rows as a frame: every file by the table's own schema, so that a column it lacks is NULL.

    Spark in this machine reads files where DuckDB would; a cluster reads them at their addresses.
    """
    from pyspark.sql.pandas.types import from_arrow_schema  # there where a session is

    schema = from_arrow_schema(rows.schema)
    gone = session.createDataFrame(rows.gone) if rows.gone.num_rows else None
    here = str(session.conf.get("spark.master", "")).startswith("local")
    parts = []
    for files in (rows.clean, rows.touched, rows.later):
        if files:
            part = session.read.schema(schema).parquet(*map(_address, rows.near(files) if here else files))
            part = part.where(f"_batch <= {rows.version}") if files is rows.later else part
            hit = gone is not None and files is not rows.clean
            parts.append(part.join(gone, ["_batch", "_row"], "left_anti") if hit else part)
    if not parts:
        return session.createDataFrame([], schema)
    return reduce(lambda one, other: one.unionByName(other), parts).select(*rows.schema.names)


def _address(path: str) -> str:
    """A file's address; Spark would take a local path for one on the cluster's own file system."""
    return path if "://" in path else f"file://{path}"
