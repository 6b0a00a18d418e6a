"""Expressions mean the same in DuckDB and in NumPy, whatever they are and whatever is missing."""

from __future__ import annotations

import datetime as dt
import math
from itertools import pairwise
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tallymark.model.expressions import ExpressionError, parse_expression
from tallymark.model.text import Text
from tests.property import sqlglot_reading
from tests.property.formulas import COLUMNS, FRAGMENTS, NAMES, TYPES, rows, trees


@pytest.fixture(scope="module")
def engine() -> Any:
    return duckdb.connect()


def in_sql(engine: Any, sql: str, table: list[tuple[Any, ...]]) -> list[Any]:
    columns = ", ".join(f'"{name}" {TYPES[kind]}' for name, kind in NAMES.items())
    engine.execute(f"CREATE OR REPLACE TABLE t (row INTEGER, {columns})")
    places = ", ".join("?" * (len(NAMES) + 1))
    engine.executemany(f"INSERT INTO t VALUES ({places})", [(at, *row) for at, row in enumerate(table)])
    return [found for (found,) in engine.execute(f"SELECT {sql} FROM t ORDER BY row").fetchall()]


def in_numpy(expression: Any, table: list[tuple[Any, ...]]) -> list[Any]:
    kinds = list(NAMES.values())
    arrays = {}
    for at, name in enumerate(NAMES):
        column = [row[at] for row in table]
        if kinds[at] in ("number", "boolean"):
            arrays[name] = np.array([math.nan if value is None else float(value) for value in column])
        elif kinds[at] == "date":
            arrays[name] = np.array(column, dtype="datetime64[D]")
        else:
            arrays[name] = np.array(column, dtype=object)
    found = expression.evaluate(arrays)
    return list(np.broadcast_to(found, (len(table),)))


def plain(value: Any) -> Any:
    """A value of either engine, comparable: None for missing, floats, ISO days, texts."""
    if value is None or (isinstance(value, np.datetime64) and np.isnat(value)):
        return None
    if isinstance(value, np.datetime64 | dt.date):
        return str(value)
    if isinstance(value, str):
        return value
    return None if math.isnan(float(value)) else float(value)


def same(left: Any, right: Any) -> bool:
    left, right = plain(left), plain(right)
    if isinstance(left, float) and isinstance(right, float):
        return left == right or math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)
    return left == right


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.sampled_from(["number", "boolean", "text", "date"]).flatmap(trees), table=rows)
def test_duckdb_and_numpy_agree(engine: Any, text: str, table: list[tuple[Any, ...]]) -> None:
    expression = parse_expression(text, NAMES)
    sql = expression.sql(COLUMNS)
    found, twin = in_sql(engine, sql, table), in_numpy(expression, table)
    assert all(map(same, found, twin)), (sql, found, twin)


@settings(max_examples=150, deadline=None)
@given(text=st.sampled_from(["number", "boolean"]).flatmap(trees))
def test_what_is_written_is_read_the_same_again(text: str) -> None:
    once = parse_expression(text, NAMES)
    names = {name: name for name in NAMES}
    again = parse_expression(once.sql(names), NAMES)
    assert again.sql(names) == once.sql(names)


@settings(max_examples=200, deadline=None)
@given(text=st.sampled_from(["number", "boolean", "text", "date"]).flatmap(trees))
def test_sqlglot_reads_the_same_formula(text: str) -> None:
    expression = parse_expression(text, NAMES)
    assert sqlglot_reading.read(text) == expression.tree


@settings(max_examples=200, deadline=None)
@given(text=st.sampled_from(["number", "boolean"]).flatmap(trees))
def test_the_sql_means_the_same_in_every_dialect(text: str) -> None:
    names = {name: name for name in NAMES}
    written = parse_expression(text, NAMES).sql(names)
    tree = sqlglot_reading.read(written)
    assert sqlglot_reading.read(parse_expression(text, NAMES).sql(names, "spark"), "spark") == tree


SAFE_FUNCTIONS = {
    "ABS", "COALESCE", "NULLIF", "GREATEST", "LEAST", "LOWER", "UPPER", "LENGTH", "STARTS_WITH", "YEAR", "QUARTER",
    "MONTH", "DAY", "DATE_DIFF", "CAST", "IN", "AND", "OR", "NOT", "THEN", "WHEN", "ELSE", "BETWEEN", "IS",
}  # fmt: skip


@settings(max_examples=1500, deadline=None)
@given(parts=st.lists(FRAGMENTS, min_size=1, max_size=12))
def test_nothing_but_a_scalar_formula_gets_through(parts: list[str]) -> None:
    _harmless(" ".join(parts))


@settings(max_examples=500, deadline=None)
@given(text=st.text(max_size=40))
def test_any_text_is_a_formula_or_an_error(text: str) -> None:
    _harmless(text)


def _harmless(text: str) -> None:
    try:
        expression = parse_expression(text, NAMES)
    except ExpressionError:
        return
    assert sqlglot_reading.read(text) == expression.tree
    sql = expression.sql(dict.fromkeys(NAMES, "n"))
    bare = _without_strings(sql)
    assert not any(sign in bare for sign in (";", "--", "/*", "$", "?", "[", "{", "::", "->"))
    words = {word.strip(",()") for word in bare.replace("(", " ( ").split()}
    assert not words & {"SELECT", "FROM", "OVER", "FILTER", "UNION", "TABLE", "DROP", "select", "from"}
    assert set(_called(bare)) <= SAFE_FUNCTIONS, sql
    expression.in_words({"a": Text("A", "甲")}, "zh")


def _without_strings(sql: str) -> str:
    out, inside = [], False
    for sign in sql:
        if sign == "'":
            inside = not inside
        elif not inside:
            out.append(sign)
    return "".join(out)


def _called(sql: str) -> list[str]:
    words = sql.replace("(", " ( ").split()
    return [before for before, sign in pairwise(words) if sign == "(" and before.isidentifier()]
