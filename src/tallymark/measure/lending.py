"""Figures that were counted outside SQL as views that DuckDB reads where they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from tallymark.engine.interface import Engine
from tallymark.engine.sql import AnyQuery, select, stacked
from tallymark.measure.adding import Summed
from tallymark.measure.plan import Strand

KEYS = ("unit", "period", "category")


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of figures by name, and what is read of them."""

    counts: Sequence[str]
    sums: Sequence[str]
    read: Mapping[str, str]
    """Name → SQL over the columns."""

    @classmethod
    def of(cls, strand: Strand, counts: Sequence[str], sums: Sequence[Summed]) -> Columns:
        """How the columns of a strand's figures are read."""
        made = {one.name: one for one in sums}
        read = {p.value: made[p.value].sql if p.value in made else p.value for p in strand.counted}
        read |= {p.usable: f"-{made[p.value].rows}" for p in strand.counted if p.value in made}
        return cls(counts, tuple(one.whole for one in sums), read)


@dataclass(frozen=True, slots=True)
class Lent:
    """Figures by unit, period and category, and how their columns are read."""

    table: pa.Table
    columns: Columns


def lend(engine: Engine, name: str, parts: Sequence[Lent]) -> None:
    """Makes the view `name`(unit, period, category, what is read) of figures."""
    queries: list[AnyQuery] = []
    for number, part in enumerate(parts):
        engine.lend(f"{name}_{number}", part.table)
        columns = part.columns
        counts = [f"CAST({one} AS {_kind(part.table, one)}) AS {one}" for one in columns.counts]
        held = select(*KEYS, *columns.sums, *counts).from_(f"{name}_{number}")
        read = [f"{sql} AS {one}" for one, sql in columns.read.items()]
        queries.append(select(*KEYS, *read).from_(held.subquery("held")))
    engine.view(name, stacked(queries))


def _kind(table: pa.Table, name: str) -> str:
    return "BIGINT" if pa.types.is_int64(table.schema.field(name).type) else "INTEGER"
