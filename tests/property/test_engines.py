"""What every engine must do alike: the portability rules, and random programmes to the same bytes."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tallymark.engine.duckdb import Engine as DuckDB
from tallymark.engine.duckdb import connect
from tallymark.engine.interface import Engine, Stored, columns_of, tuples
from tallymark.engine.spark import SparkEngine
from tallymark.engine.sql import among, exact, formula, select, stacked, text
from tallymark.measure import Measured, measure
from tallymark.model.expressions import FUNCTIONS, parse_expression
from tallymark.store import stored
from tests.property.test_histogram_twin import declared as visits
from tests.property.test_histogram_twin import delivered
from tests.property.test_measure_twin import PERIODS, declared, given_rows, place
from tests.spark import started
from tests.unit.measure import small

NOTHING = [None]
NAME = "王秀英’s \\ 'clinic'"


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    yield from started(tmp_path_factory.mktemp("spark"))


@pytest.fixture(params=["duckdb", "spark"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    made: Engine = (
        DuckDB(connect()) if request.param == "duckdb" else SparkEngine(request.getfixturevalue("spark"))
    )
    yield made
    made.clear()


def asked(engine: Engine, sql: str) -> Any:
    """The value of an expression over the table `t`, or over nothing."""
    return engine.rows(select(f"{sql} AS found").from_("t")).column(0)[0].as_py()


@pytest.fixture
def t(engine: Engine) -> Engine:
    columns = {
        "zero": pa.array([0.0]),
        "none": pa.array([None], pa.float64()),
        "nan": pa.array([float("nan")]),
        "big": pa.array([2**31 - 1], pa.int32()),
        "money": pa.array([0.1]),
        "name": pa.array([NAME]),
        "empty": pa.array([""]),
        "day": pa.array([dt.date(2024, 2, 29)]),
        "late": pa.array([dt.datetime(2024, 3, 31, 23, 59, 59, tzinfo=dt.UTC)], pa.timestamp("us", tz="UTC")),
        "yes": pa.array([True]),
        "unsure": pa.array([None], pa.bool_()),
    }
    engine.load("t", pa.table(columns))
    return engine


@pytest.mark.parametrize(
    ("sql", "expected"),
    {
        "a ratio without a denominator is missing": ("1e0 / NULLIF(zero, 0)", None),
        "counts are whole numbers of 64 bits": ("CAST(COUNT(*) AS BIGINT) * 5000000000", 5_000_000_000),
        "whole numbers of 32 bits are widened before they are added": ("CAST(big AS BIGINT) + CAST(big AS BIGINT)", 2**32 - 2),
        "sums over nothing are missing unless said otherwise": ("SUM(CASE WHEN FALSE THEN zero END)", None),
        "and zero when said": ("COALESCE(SUM(CASE WHEN FALSE THEN zero END), 0)", 0.0),
        "unknown is not counted": ("COUNT(CASE WHEN unsure THEN 1 END)", 0),
        "nor is its opposite": ("COUNT(CASE WHEN NOT unsure THEN 1 END)", 0),
        "missing is the same as missing where asked so": ("none IS NOT DISTINCT FROM NULL", True),
        "the least of some skips the missing": ("LEAST(none, 3e0, 2e0)", 2.0),
        "the greatest, too": ("GREATEST(none, 3e0, 2e0)", 3.0),
        "a figure that is no number is not usable": (exact("nan"), None),
        "nor one beyond all measure": (exact("1e30"), None),
        "text is kept as it is": ("name", NAME),
        "a text with quotes and backslashes is found": (f"name = {text(NAME)}", True),
        "empty is not missing": ("empty IS NULL", False),
        "until it is said to be": ("NULLIF(empty, '') IS NULL", True),
        "days are of UTC": ("CAST(MAX(late) AS DATE)", dt.date(2024, 3, 31)),
        "days between": ("DATE_DIFF('day', day, DATE '2024-03-31')", 31),
    }.values(),
)  # fmt: skip
def test_one_text_means_the_same(t: Engine, sql: str, expected: Any) -> None:
    found = asked(t, sql)
    assert (found, type(found)) == (expected, type(expected))


def test_sums_of_money_are_exact_in_any_order(engine: Engine) -> None:
    """Ten thousand tenths and as many of the opposite sign and of great size: floating-point sums would differ."""
    values = [0.1] * 10_000 + [1e9, -1e9, 0.3, 1e-9]
    random.Random(4).shuffle(values)
    engine.load("t", pa.table({"v": values}))
    total = f"CAST(SUM({exact('v')}) AS DECIMAL(38, 9))"
    assert asked(engine, f"CAST({total} AS DOUBLE)") == 1000.300000001


def test_rows_are_sorted_by_code_points_and_missing_comes_last(engine: Engine) -> None:
    words = ["b", None, "Z", "é", "a", "王", "10", "9"]
    engine.load("t", pa.table({"w": pa.array(words, pa.string())}))
    rows = engine.rows(select("w").from_("t").order_by("w")).column(0).to_pylist()
    assert rows == ["10", "9", "Z", "a", "b", "é", "王", None]
    assert engine.value(select("COUNT(*)").from_("t").where(among("w", ["王", "it's"]))) == 1
    assert engine.value(select("COUNT(*)").from_("t").where(among("w", []))) == 0


def test_missing_groups_and_joins(engine: Engine) -> None:
    engine.load("t", pa.table({"k": pa.array(["a", None, None]), "n": [1, 2, 3]}))
    grouped = select("k", "CAST(SUM(n) AS BIGINT) AS n").from_("t").group_by("k")
    assert sorted(tuples(engine.rows(grouped)), key=str) == [("a", 1), (None, 5)]
    joined = select("COUNT(*)").from_("t").join("t AS o", on="o.k IS NOT DISTINCT FROM t.k")
    assert engine.value(joined) == 5


EXPRESSIONS = {
    "abs": ("abs(n)", 3.5), "coalesce": ("coalesce(none, n)", -3.5), "date_diff": ("date_diff('day', day, later)", 31.0),
    "day": ("day(day)", 29.0), "greatest": ("greatest(n, 1)", 1.0), "least": ("least(n, 1)", -3.5), "length": ("length(name)", 3.0),
    "lower": ("lower(word) = 'abc'", 1.0), "month": ("month(day)", 2.0), "nullif": ("nullif(n, n)", None),
    "quarter": ("quarter(day)", 1.0), "starts_with": ("starts_with(name, '王')", 1.0), "upper": ("upper(word) = 'ABC'", 1.0),
    "year": ("year(day)", 2024.0),
}  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_of_expressions(engine: Engine, function: str) -> None:
    rows = {
        "n": pa.array([-3.5]), "none": pa.array(NOTHING, pa.float64()), "day": pa.array([dt.date(2024, 2, 29)]),
        "later": pa.array([dt.date(2024, 3, 31)]), "name": pa.array(["王秀英"]), "word": pa.array(["aBc"]),
    }  # fmt: skip
    engine.load("t", pa.table(rows))
    written, expected = EXPRESSIONS[function]
    found = asked(engine, f"CAST({formula(parse_expression(written, list(rows)))} AS DOUBLE)")
    assert found == expected


def test_steps_are_kept_and_forgotten(engine: Engine) -> None:
    engine.load("t", pa.table({"n": [1, 2, 3]}))
    engine.view("v", select("n").from_("t").where("n > 1"))
    engine.step("s", stacked([select("n").from_("v"), select("n").from_("t")]))
    engine.table("k", select("n", "COUNT(*) AS many").from_("s").group_by("n"))
    engine.drop(["v"]) if engine.dialect == "spark" else None  # a view of DuckDB is asked by name, always
    assert sorted(tuples(engine.rows(select("*").from_("k")))) == [(1, 1), (2, 2), (3, 2)]
    assert columns_of(engine, "k") == ["n", "many"]
    engine.clear()
    assert not engine.kept


@pytest.mark.parametrize("seed", [3, 8, 12])
def test_stored_rows_at_any_version(engine: Engine, seed: int, tmp_path: Any) -> None:
    """Files of which rows were superseded, and of later batches: the rows that DuckDB reads, at every version."""
    r = random.Random(seed)
    programme = visits(r)
    store = delivered(r, programme, tmp_path / "store")
    for version in range(1, store.version + 1):
        rows: Stored = stored(store, programme.datasets["visits"], version)
        engine.relation("visits", rows)
        keys = select("_batch", "_row", "_unit", "_month").from_("visits").order_by("_batch", "_row")
        expected = duckdb.sql(f"SELECT _batch, _row, _unit, _month FROM {rows.sql} ORDER BY 1, 2").fetchall()
        assert tuples(engine.rows(keys)) == expected


def on_spark(session: Any, of: Any, rows: Any, codes: list[str], **more: Any) -> Measured:
    engine = SparkEngine(session)
    for name, one in of.datasets.items():
        frame = engine.session.createDataFrame(small.stored(one, rows.get(name, ())))
        frame.createOrReplaceTempView(f"given_{name}")
    spans = [of.calendar.parse(code) for code in codes]
    relations = {name: f"given_{name}" for name in of.datasets}
    return measure(of, relations, periods=spans, engine=engine, **more)


@pytest.mark.parametrize(("seed", "boundaries"), [(11, None), (29, dt.date(2025, 6, 30))])
def test_random_programmes_give_the_same_bytes(spark: Any, seed: int, boundaries: dt.date | None) -> None:
    r = random.Random(seed)
    programme = declared(r, place(r))
    rows = given_rows(r, programme)
    codes = r.sample(PERIODS, 3)
    one = small.run(programme, rows, codes, boundaries=boundaries)
    other = on_spark(spark, programme, rows, codes, boundaries=boundaries)
    assert one.measures.num_rows
    for name in ("measures", "indicators", "reports"):
        assert getattr(one, name).equals(getattr(other, name)), name
