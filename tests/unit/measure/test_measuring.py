"""Measuring from a store: corrections, arrival, versions; and what measure leaves behind."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from tests.unit.measure import small
from tests.unit.measure.small import day

from tallymark.engine.duckdb import Engine, connect
from tallymark.measure import measure
from tallymark.model.tables import TABLES
from tallymark.store import Store, open_store
from tallymark.store.batch import Batch

MONTHLY = small.dataset("monthly", "reports", frequency="month", items=("a", "b"), due_days=5)
PEOPLE = small.dataset("people", "stocks", items=("all",))
BIRTHS = small.dataset("births", "events", columns={"sex": "category"}, breakdowns=("sex",))
PLACES = small.units(small.tree("H0", "H1", shires=1))
MEASURES = [
    small.counted("a", MONTHLY, item="a"),
    small.counted("b", MONTHLY, item="b"),
    small.counted("people", PEOPLE, item="all"),
    small.counted("born", BIRTHS),
]
SHARE = small.indicator("share", "a", "b", names="ab", compare=["previous"])
ON_TIME = small.indicator("on_time", "monthly.on_time", "monthly.expected", names=[], factor=100)
PROGRAMME = small.programme(PLACES, [MONTHLY, PEOPLE, BIRTHS], MEASURES, [SHARE, ON_TIME])


def report(unit: str, period: str, item: str, value: float, **more: Any) -> dict[str, Any]:
    return {"unit": unit, "period": period, "item": item, "value": value, **more}


def batch(at: str, *rows: dict[str, Any], dataset: Any = MONTHLY) -> Batch:
    table = small.stored(dataset, rows)
    old = [(row.get("replaces") or (None, None)) for row in rows]
    table = table.drop_columns(["_batch", "_row", "_at"])
    if any(b is not None for b, _ in old):
        columns = ([b for b, _ in old], [r for _, r in old], ["corrected"] * len(rows))
        for name, column in zip(("_old_batch", "_old_row", "_reason"), columns, strict=True):
            table = table.append_column(name, pa.array(column))
    return Batch(
        "test", f"{at}.csv", at, dt.datetime.fromisoformat(at).replace(tzinfo=dt.UTC), {dataset.name: table}
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """H0 and H1 report January in time; H0's `a` is corrected twice afterwards. H1 is late in February."""
    store = open_store(tmp_path / "store")
    store.append(batch("2024-02-03", report("H0", "2024-01", "a", 1.0), report("H0", "2024-01", "b", 4.0)))
    store.append(batch("2024-02-04", report("H1", "2024-01", "a", 2.0), report("H1", "2024-01", "b", 4.0)))
    store.append(batch("2024-02-20", report("H0", "2024-01", "a", 3.0, replaces=(1, 0))))
    store.append(
        batch(
            "2024-03-20",
            report("H1", "2024-02", "a", 5.0),
            report("H0", "2024-01", "a", 2.0, replaces=(3, 0)),
        )
    )
    store.append(
        batch(
            "2024-03-21",
            {"unit": "H0", "date": day("2024-01-01"), "item": "all", "value": 50.0},
            dataset=PEOPLE,
        )
    )
    store.append(
        batch(
            "2024-03-22",
            {"unit": "H0", "date": day("2024-01-01"), "item": "all", "value": 60.0, "replaces": (5, 0)},
            dataset=PEOPLE,
        )
    )
    return store


def run(store: Store, *codes: str, **more: Any) -> Any:
    spans = [small.CALENDAR.parse(code) for code in codes]
    return measure(PROGRAMME, store, periods=spans, engine=Engine(connect(threads=1)), **more)


def test_a_correction_counts_in_the_place_of_what_it_corrects_and_is_marked(store: Store) -> None:
    found = run(store, "2024-01", "2024-02", "2024-Q1")
    a, b = (small.values(found.measures, name, "value", "basis") for name in "ab")
    assert a["H0", "2024-01", "", ""] == (2.0, "corrected")
    assert a["L", "2024-01", "", ""] == (4.0, "corrected")
    assert a["H1", "2024-01", "", ""] == (2.0, "reported")
    assert b["H0", "2024-01", "", ""] == (4.0, "reported")
    assert a["L", "2024-Q1", "", ""] == (9.0, "partial")
    share = small.values(found.indicators, "share", "value", "basis")
    assert share["H0", "2024-01", "", ""] == (0.5, "corrected")
    assert share["H1", "2024-01", "", ""] == (0.5, "reported")


def test_a_corrected_stock_is_marked_wherever_it_stands(store: Store) -> None:
    people = small.values(run(store, "2024-03").measures, "people", "value", "basis", "expected", "usable")
    assert people["H0", "2024-03", "", ""] == (60.0, "corrected", 1, 1)
    assert people["L", "2024-03", "", ""] == (60.0, "partial", 2, 1)


def test_an_earlier_version_knows_no_later_correction(store: Store) -> None:
    found = small.values(run(store, "2024-01", version=2).measures, "a", "value", "basis")
    assert found["H0", "2024-01", "", ""] == (1.0, "reported")


def test_a_corrected_report_is_in_time_when_it_first_was(store: Store) -> None:
    rows = {
        (row["unit"], row["period"]): (row["expected"], row["received"], row["on_time"], row["late"])
        for row in run(store, "2024-01", "2024-02").reports.to_pylist()
    }
    assert rows["H0", "2024-01"] == (1, 1, 1, 0)
    assert rows["H1", "2024-02"] == (1, 1, 0, 1)
    assert rows["H0", "2024-02"] == (1, 0, 0, 0)
    assert rows["L", "2024-01"] == (2, 2, 2, 0)
    share = small.values(
        run(store, "2024-02").indicators, "on_time", "value", "numerator", "basis", "expected"
    )
    assert share["L", "2024-02", "", ""] == (0.0, 0.0, "reported", 2)


def test_the_days_of_grace_end_at_midnight(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    store.append(batch("2024-02-05T23:59:59", report("H0", "2024-01", "a", 1.0)))
    store.append(batch("2024-02-06T00:00:00", report("H1", "2024-01", "a", 1.0)))
    found = {row["unit"]: (row["on_time"], row["late"]) for row in run(store, "2024-01").reports.to_pylist()}
    assert found == {"H0": (1, 0), "H1": (0, 1), "S0": (1, 1), "L": (1, 1)}


def test_a_store_without_data_gives_rows_that_say_so(tmp_path: Path) -> None:
    found = run(open_store(tmp_path / "store"), "2024-01")
    assert small.values(found.measures, "a", "value", "expected", "basis")["L", "2024-01", "", ""] == (
        None,
        2,
        "missing",
    )
    assert {row["received"] for row in found.reports.to_pylist()} == {0}


def test_the_tables_have_their_schemas_and_order_and_nothing_is_left_behind(store: Store) -> None:
    connection = connect(threads=2)
    spans = [small.CALENDAR.parse(code) for code in ("2024-02", "2024-01")]
    found = measure(PROGRAMME, store, periods=spans, engine=Engine(connection))
    for name in ("measures", "indicators", "reports"):
        table = getattr(found, name)
        assert table.schema == TABLES[name].schema
        keys = list(zip(*(table.column(key).to_pylist() for key in TABLES[name].keys), strict=True))
        assert keys == sorted(keys)
        assert len(set(keys)) == len(keys)
    assert connection.execute("SELECT count(*) FROM duckdb_tables()").fetchall() == [(0,)]
    assert connection.execute("SELECT count(*) FROM duckdb_views() WHERE NOT internal").fetchall() == [(0,)]


def test_only_what_is_asked_is_computed_and_it_is_the_same(store: Store) -> None:
    whole, part = run(store, "2024-01"), run(store, "2024-01", only=["share"])
    assert set(part.measures.column("measure").to_pylist()) == {"a", "b"}
    assert small.values(part.indicators, "share") == small.values(whole.indicators, "share")
    assert set(part.indicators.column("indicator").to_pylist()) == {"share"}


def test_without_periods_there_is_nothing_to_measure(store: Store) -> None:
    with pytest.raises(ValueError, match="at least one period"):
        run(store)


def test_numbers_beyond_all_reason_are_not_usable() -> None:
    """Infinite, not a number, or more than 10²⁵: left out, and counted as not usable."""
    rows = [report("H0", "2024-01", "a", value) for value in (float("inf"),)]
    rows += [report("H1", "2024-01", "a", value) for value in (1e30,)]
    found = small.values(
        small.run(PROGRAMME, {"monthly": rows}, ("2024-01",)).measures, "a", "value", "received", "usable"
    )
    assert found["L", "2024-01", "", ""] == (None, 2, 0)


@pytest.mark.parametrize("value", [0.1, 2**52 + 1.0, 123456789012.25, -3.5, 1e-9])
def test_a_single_figure_comes_out_as_it_went_in(value: float) -> None:
    rows = [report("H0", "2024-01", "a", value)]
    found = small.values(small.run(PROGRAMME, {"monthly": rows}, ("2024-01",)).measures, "a")
    assert found["H0", "2024-01", "", ""] == value


def test_tenths_add_up_without_noise() -> None:
    rows = [report(unit, "2024-01", "a", value) for unit, value in (("H0", 0.1), ("H1", 0.2))]
    found = small.values(small.run(PROGRAMME, {"monthly": rows}, ("2024-01",)).measures, "a")
    assert found["L", "2024-01", "", ""] == 0.3


def test_the_optimizer_that_mixes_up_unions_stays_off() -> None:
    """DuckDB 2.0 gave the same day twice here (its common_subplan optimizer)."""
    off = "SELECT current_setting('disabled_optimizers')"
    assert connect().execute(off).fetchall() == [("common_subplan",)]
    own = duckdb.connect()
    measure(small.programme(PLACES, [], []), {}, periods=[small.CALENDAR.parse("2024")], engine=Engine(own))
    assert own.execute(off).fetchall() == [("common_subplan",)]
