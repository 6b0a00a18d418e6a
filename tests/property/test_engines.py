"""What every engine must do alike: the portability rules, and random programmes to the same bytes."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator
from pathlib import Path
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
from tallymark.programme.written.data import WrittenTable
from tallymark.programme.written.patterns import WrittenMade
from tallymark.sources.receive import receive
from tallymark.store import Store, open_store, stored
from tallymark.verify.patterns.odd import Odd
from tallymark.verify.patterns.records import entered_twice, late_evidence, revised_upwards
from tests.property.test_histogram_twin import declared as visits
from tests.property.test_histogram_twin import delivered
from tests.property.test_measure_twin import PERIODS, declared, given_rows, place
from tests.spark import started
from tests.unit.measure import small
from tests.unit.sources import offices

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


def test_several_stocks_of_one_dataset(spark: Any) -> None:
    """What is joined here was made of each other; Spark lost its columns where there was more than one measure."""
    items = ("all", "women", "under5", "under1", "births", "live")
    people = small.dataset("people", "stocks", items=items)
    programme = small.programme(
        small.units(small.tree("H1", "H2", "H3")),
        [people],
        [small.counted(name, people, item=name) for name in items],
    )
    rows = {
        "people": [
            {"unit": unit, "date": dt.date(2024, 1, 1), "item": name, "value": 5.0 + at}
            for unit in ("H1", "H2")
            for at, name in enumerate(items)
        ]
    }
    one, other = (
        small.run(programme, rows, ["2024", "2025-01"]),
        on_spark(spark, programme, rows, ["2024", "2025-01"]),
    )
    assert one.measures.num_rows
    assert one.measures.equals(other.measures)


RECORDS = offices.dataset(
    "records", "events", date="born_on", key=("id",),
    columns=(
        offices.column("id", required=True), offices.column("unit", "unit", required=True),
        offices.column("born_on", "date", required=True), offices.column("made_on", "date"),
        offices.column("weight_g", "integer"), offices.column("word"),
    ),
)  # fmt: skip
FIGURES = offices.dataset(
    "figures", "reports", frequency="month", items=(offices.item("seen", min=0), offices.item("lost", min=0))
)
SENT = offices.programme(
    RECORDS,
    FIGURES,
    sources={
        "records": offices.source("records", "csv", WrittenTable(dataset="records", unit="unit")),
        "figures": offices.source(
            "figures", "csv",
            WrittenTable(dataset="figures", unit="unit", period="month", items={"seen": "seen", "lost": "lost"}),
        ),
    },
)  # fmt: skip


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Records of two units, some twice and many of one made late; reports of which one unit's corrections always help."""
    folder, r = tmp_path_factory.mktemp("corrected"), random.Random(5)
    store = open_store(folder / "store")

    def sent(name: str, heading: str, lines: list[str], day: int) -> None:
        file = folder / f"{name}-{day}.csv"
        file.write_text("\n".join([heading, *lines]) + "\n", encoding="utf-8")
        receive(SENT, store, name, file, received_at=dt.datetime(2025, 12, day, tzinfo=dt.UTC))

    births, start = [], dt.date(2025, 1, 5)
    for at in range(160):
        born = start + dt.timedelta(days=r.randrange(300))
        late = 90 if at % 2 and r.random() < 0.6 else 5
        births.append(
            f'王{at},U{1 + at % 2},{born},{born + dt.timedelta(days=late)},{r.randrange(2000, 4000)},"it\'s, {at}"'
        )
    births += [f"twice {at}{births[at][births[at].index(',') :]}" for at in (3, 4, 90)]
    sent("records", "id,unit,born_on,made_on,weight_g,word", births, 1)
    months = [(unit, f"2025-{month:02d}") for unit in ("U1", "U2") for month in range(1, 13)]
    figures = {key: (r.randrange(20, 40), r.randrange(5)) for key in months}
    for day in (2, 3):
        told = [f"{unit},{month},{seen},{lost}" for (unit, month), (seen, lost) in figures.items()]
        sent("figures", "unit,month,seen,lost", told, day)
        for unit, month in months[:9] + months[12:21]:
            seen, lost = figures[unit, month]
            better = 1 if unit == "U1" else r.choice((-1, 1))
            figures[unit, month] = (seen + 3 * better, max(lost - better, 0))
    return store


HEADING = "birth_id,unit,born_on,sex,weight_g,skilled,month,anc1\n"
FIRST = """\
B1,U1,2025-01-14,female,3100,yes,2025-01,4
B2,U1,2025-01-15,male,2900,no,2025-01,4
B3,U2,2025-02-01,male,,yes,2025-01,7
王4,U2,2025-02-02,female,3000,,2025-02,
B5,U2,2025-02-02,female,3000,yes,2025-03,9
B5,U2,2025-02-02,female,3000,yes,2025-03,9
B6,U2,2025-02-03,male,3000,yes,2025-04,1
B6,U2,2025-02-03,male,3050,yes,2025-04,2
"""
LATER = """\
B1,U1,2025-01-14,male,,yes,2025-01,5
B2,U1,2025-01-15,male,2900,no,2025-02,3
B3,U2,2025-02-01,male,2750,yes,2025-01,7
B9,Nowhere,2025-02-01,male,2750,yes,2025-01,7
B10,U1,2025-03-01,female,3200,yes,2025-03,
B10,U1,2025-03-01,female,3200,yes,2025-03,
"""
BOTH = offices.programme(
    sources={
        "both": offices.source(
            "both", "csv",
            WrittenTable(dataset="births", unit="unit", ignore=["anc1", "month"]),
            WrittenTable(
                dataset="monthly", unit="unit", period="month", items={"anc1": "anc1"},
                ignore=["birth_id", "born_on", "sex", "weight_g", "skilled"],
            ),
        ),
        "visits": offices.source("visits", "csv", WrittenTable(dataset="visits", unit="unit")),
    }
)  # fmt: skip
VISITED = (
    "unit,day,kind\nU1,2025-01-14,a\nU1,2025-01-14,a\nU2,2025-01-14,\n",
    "unit,day,kind\nU1,2025-01-14,a\nU1,2025-01-14,b\n",
)


def received(folder: Path, engine: str) -> Store:
    """Two deliveries of births and reports, two of events without a key: new, corrected, twice, in conflict, blank."""
    store = open_store(folder / engine)
    for day, (births, seen) in enumerate(zip((FIRST, LATER), VISITED, strict=True), 1):
        for name, content in (("both", HEADING + births), ("visits", seen)):
            file = folder / f"{name}-{day}.csv"
            file.write_text(content, encoding="utf-8")
            receive(
                BOTH, store, name, file, received_at=dt.datetime(2025, 5, day, tzinfo=dt.UTC), engine=engine
            )
    return store


def test_deliveries_are_judged_alike(spark: Any, tmp_path: Path) -> None:
    """Rows against each other and against the store's: the same receipts, findings, refusals and rows in force."""
    here, there = received(tmp_path, "duckdb"), received(tmp_path, "spark")
    told = [json.loads(text) for text in here.receipts()["receipt"].to_pylist()]
    counts = [one["datasets"][name] for one in told for name in one["datasets"]]
    assert all(
        sum(one[what] for one in counts) for what in ("taken", "corrected", "unchanged", "refused", "blank")
    )
    assert here.receipts().equals(there.receipts())
    for table in ("_findings", "_refused"):
        assert here.system(table).num_rows
        assert here.system(table).equals(there.system(table)), table
    for dataset in ("births", "monthly", "visits"):
        rows = [
            sorted(
                map(
                    repr,
                    duckdb.sql(f"SELECT * EXCLUDE (_row, _at) FROM {store.relation(dataset)}").fetchall(),
                )
            )
            for store in (here, there)
        ]
        assert rows[0] == rows[1]
        assert rows[0]


def odds(engine: Engine, store: Store, version: int) -> list[Odd]:
    period = SENT.calendar.parse("2025")
    when: dict[str, Any] = {"version": version, "engine": engine}
    months = (SENT.calendar.months(period)[0], SENT.calendar.months(period)[-1])
    evidence = WrittenMade(dataset="records", made="made_on", days=30)
    return [
        *revised_upwards(store, FIGURES, {"seen": 1, "lost": -1}, period=period, share=0.05, **when),
        *entered_twice(store, RECORDS, months=months, **when),
        *late_evidence(store, evidence, period=period, months=months, share=0.05, dataset=RECORDS, **when),
        *late_evidence(
            store, WrittenMade(dataset="records", days=30), period=period, months=months, share=0.05,
            dataset=RECORDS, **when,
        ),
    ]  # fmt: skip


def test_patterns_of_records_are_found_alike(engine: Engine, corrected: Store) -> None:
    """Corrections that always help, records entered twice, records made late: with texts, dates and lists in the query."""
    found = odds(engine, corrected, corrected.version)
    assert {odd.kind for odd in found} == {"revised_upwards", "entered_twice", "late_evidence"}
    assert [odd.unit for odd in found if odd.kind == "revised_upwards"] == ["U1"]
    assert found == odds(DuckDB(connect()), corrected, corrected.version)
