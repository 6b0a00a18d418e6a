"""The leaf pass: what is compiled runs, says the same packed or not, and can be said in other dialects."""

from __future__ import annotations

import random
from typing import Any

import duckdb
import pytest
import sqlglot
from tests.unit.measure import small
from tests.unit.measure.small import day

from tallymark.engine.compile import Rows, Slotting, leaf_pass, together
from tallymark.engine.sql import column, double, exact, one_of, select, stacked, text

BIRTHS = small.dataset("births", "events", columns={"age": "integer", "sex": "category"}, breakdowns=("sex",))
LIMITS = (10, 20, 30, 40, 50, 60, 70)
MEASURES = [small.counted(f"under_{limit}", BIRTHS, where=f"age < {limit}") for limit in LIMITS]
ROWS = Rows(BIRTHS, "births", Slotting("_month", among=[2024 * 12]), [(1, "sex")])


def given(number: int) -> list[dict[str, Any]]:
    r = random.Random(number)
    return [
        {
            "unit": r.choice(["H0", "H1"]),
            "day": day("2024-01-09"),
            "age": r.choice([None, r.randrange(80)]),
            "sex": r.choice("fm"),
        }
        for _ in range(number)
    ]


def counts(rows: list[dict[str, Any]], many: int | None) -> list[tuple[Any, ...]]:
    compiled = leaf_pass(ROWS, {f"m{i}": one for i, one in enumerate(MEASURES)}, many=many)
    with duckdb.connect() as connection:
        connection.register("births", small.stored(BIRTHS, rows))
        reads = {name: name for name in compiled.columns} | dict(compiled.packed.reads)
        read = ", ".join(f"{node} AS {name}" for name, node in sorted(reads.items()))
        return connection.execute(
            f"SELECT code, slot, c1, n, {read} FROM ({compiled.query.sql()}) ORDER BY ALL"
        ).fetchall()


@pytest.mark.parametrize("number", [0, 1, 50, 4000])
@pytest.mark.parametrize("room", [1, 100, 2**14])
def test_packed_counters_count_what_plain_ones_do(number: int, room: int) -> None:
    rows = given(number)
    found = counts(rows, number * room)
    assert found == counts(rows, None)
    slow = [
        (
            unit,
            2024 * 12,
            sex,
            len(mine),
            *(sum(a is not None and a < limit for a in mine) for limit in LIMITS),
        )
        for unit in ("H0", "H1")
        for sex in "fm"
        if (mine := [row["age"] for row in rows if (row["unit"], row["sex"]) == (unit, sex)])
    ]
    assert found == slow


@pytest.mark.parametrize(
    ("many", "size"),
    [(None, 1), (0, 8), (1, 8), (63, 8), (8191, 4), (8192, 3), (2**26 - 1, 2), (2**26, 1), (10**12, 1)],
)
def test_a_double_holds_as_many_counters_as_have_room_for_every_row(many: int | None, size: int) -> None:
    assert together(many) == size
    assert many is None or size == 1 or many * sum(2 ** (53 // size * at) for at in range(size)) < 2**53


def test_counters_in_doubles_are_exact_up_to_the_last_row() -> None:
    """Every row meets every condition: all counters are as full as they can be."""
    rows = [{"unit": "H0", "day": day("2024-01-09"), "age": 5, "sex": "f"}] * 8191
    assert counts(rows, len(rows)) == [("H0", 2024 * 12, "f", *[len(rows)] * (1 + len(LIMITS)))]


@pytest.mark.parametrize("many", [None, 1000])
def test_every_pass_can_be_said_in_sparks_dialect(many: int | None) -> None:
    query = leaf_pass(ROWS, {f"m{i}": one for i, one in enumerate(MEASURES)}, many=many).query
    assert sqlglot.parse_one(query.sql(), read="duckdb")
    spark = sqlglot.parse_one(query.sql("spark"), read="spark")
    assert [column.alias_or_name for column in spark.selects][:4] == ["code", "slot", "c1", "n"]


def test_names_and_texts_cannot_leave_their_place() -> None:
    evil = "x' OR 1=1 --\"; DROP TABLE t"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t ({column(evil)} VARCHAR)").fetchall()
        connection.execute(f"INSERT INTO t VALUES ({text(evil)})").fetchall()
        query = select(column(evil, "t")).from_("t").where(f"{column(evil)} = {text(evil)}")
        assert connection.execute(query.sql()).fetchall() == [(evil,)]


def test_queries_read_as_they_are_put_together() -> None:
    query = (
        select("a")
        .from_("t")
        .where("a = 1 OR b = 2", "c = 3")
        .group_by("a")
        .having("COUNT(*) > 1")
        .order_by("a")
    )
    assert query.sql() == (
        "SELECT a FROM t WHERE (a = 1 OR b = 2) AND (c = 3) GROUP BY a HAVING COUNT(*) > 1 ORDER BY a"
    )
    both = stacked([select("1 AS a"), stacked([select("2"), select("3")])])
    assert both.sql() == "SELECT 1 AS a UNION ALL SELECT 2 UNION ALL SELECT 3"
    joined = (
        select("t.a").distinct().from_("t").join("u", on="u.a = t.a", kind="LEFT").join("v", kind="CROSS")
    )
    assert joined.sql() == "SELECT DISTINCT t.a FROM t LEFT JOIN u ON u.a = t.a CROSS JOIN v"
    assert select("a").from_(both.subquery("b")).sql() == f"SELECT a FROM ({both.sql()}) AS b"


def test_whole_numbers_are_ranges_where_they_can_be() -> None:
    assert one_of("m", []) == "FALSE"
    assert one_of("m", [5, 3, 4, 4]) == "m BETWEEN 3 AND 5"
    assert one_of("m", [9, 3]) == "m IN (3, 9)"


@pytest.mark.parametrize("value", [0.1, 100.0, 1e-05, -2.5, 1e300])
def test_doubles_keep_their_value(value: float) -> None:
    with duckdb.connect() as connection:
        assert connection.execute(f"SELECT {double(value)}, typeof({double(value)})").fetchall() == [
            (value, "DOUBLE")
        ]


def test_exact_numbers() -> None:
    with duckdb.connect() as connection:
        found = connection.execute(
            f"SELECT {exact('v')} FROM (VALUES (0.1e0), ('nan'::DOUBLE), ('inf'::DOUBLE), (NULL), (1e26)) t(v)"
        ).fetchall()
    assert [None if v is None else float(v) for (v,) in found] == [0.1, None, None, None, None]
