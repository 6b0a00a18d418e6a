"""Pieces of SQL text: literals, identifiers, types."""

from __future__ import annotations

import pyarrow as pa

SQL_TYPES = {
    "string": "VARCHAR",
    "int64": "BIGINT",
    "int32": "INTEGER",
    "double": "DOUBLE",
    "date32[day]": "DATE",
    "bool": "BOOLEAN",
    "timestamp[us, tz=UTC]": "TIMESTAMPTZ",
}


def sql_type(kind: pa.DataType) -> str:
    """DuckDB's name of a stored column's type."""
    return SQL_TYPES[str(kind)]


def quoted(name: str) -> str:
    """An identifier in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text in single quotes."""
    return "'" + text.replace("'", "''") + "'"
