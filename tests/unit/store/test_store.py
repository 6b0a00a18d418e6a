"""The store keeps every row, shows the ones that count at a version, and says what happened to the others."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.store.batches import AT, batch, now, rows, withdrawn

from tallymark.errors import StoreError
from tallymark.store import Batch, Rows, delta, open_store
from tallymark.store import store as store_module


def test_a_new_store_is_empty(tmp_path: Path) -> None:
    store = open_store(tmp_path / "s")
    assert store.version == 0
    assert store.receipts().num_rows == 0
    assert store.findings().num_rows == 0
    assert store.open_columns("reports").names == []
    assert store.history("reports", {"unit": "a"}).num_rows == 0
    with pytest.raises(StoreError, match="nothing was received yet for reports"):
        store.relation("reports")


def test_batches_add_up(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    assert store.append(batch(reports=rows({"b": 1, "a": 2}))) == 1
    assert store.append(batch("b.csv", reports=rows({"c": 3}))) == 2
    assert now(store) == {"a": 2, "b": 1, "c": 3}
    assert now(store, version=1) == {"a": 2, "b": 1}
    assert store.receipts().column("file").to_pylist() == ["a.csv", "b.csv"]
    assert open_store(tmp_path).version == 2


def test_a_correction_keeps_the_old_row(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.append(batch(reports=rows({"a": 1, "b": 2})))
    store.append(batch("b.csv", reports=rows({"b": 5}, {"b": (1, 1)})))
    assert now(store) == {"a": 1, "b": 5}
    assert now(store, version=1) == {"a": 1, "b": 2}
    told = store.history("reports", {"unit": "b"}).to_pylist()
    assert [(row["value"], row["file"], row["superseded_by"], row["reason"]) for row in told] == [
        (2, "a.csv", 2, "corrected"),
        (5, "b.csv", None, None),
    ]
    assert told[0]["superseded_by_row"] == told[1]["_row"]


def test_a_withdrawn_row_counts_no_more(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.append(batch(reports=rows({"a": 1, "b": 2})))
    store.append(Batch("x", "gone.json", "h", AT, withdrawn=withdrawn("reports", (1, 0))))
    assert now(store) == {"b": 2}
    assert store.history("reports", {"unit": "a"}).column("reason").to_pylist() == ["deleted"]


def test_the_relation_is_a_bare_scan_unless_rows_were_superseded(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.append(batch(reports=rows({"a": 1, "b": 2}), others=rows({"a": 1})))
    store.append(batch(reports=rows({"a": 5}, {"a": (1, 0)})))
    assert store.relation("others").startswith("read_parquet([")
    assert store.relation("reports", 1).startswith("read_parquet([")
    assert "ANTI JOIN" in store.relation("reports")


def test_a_file_of_which_no_row_counts_is_not_read(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.append(batch(reports=rows({"a": 1, "b": 2})))
    store.append(batch(reports=rows({"a": 5, "b": 6}, {"a": (1, 0), "b": (1, 1)})))
    assert store.relation("reports").count(".parquet") == 1
    assert now(store) == {"a": 5, "b": 6}


def test_many_superseded_rows_are_read_from_their_table(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    first = {f"u{at:04}": float(at) for at in range(1000)}
    store.append(batch(reports=rows(first)))
    changed = {unit: value + 0.5 for unit, value in list(first.items())[::2]}
    old = {unit: (1, at) for at, unit in enumerate(first)}
    store.append(batch(reports=rows(changed, old), others=rows({"a": 1})))
    store.append(batch(others=rows({"a": 2}, {"a": (2, 0)})))
    assert "_superseded" in store.relation("reports")
    assert now(store) == first | changed
    assert now(store, version=1) == first
    assert now(store, "others") == {"a": 2}


def test_columns_may_be_added_later(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.append(batch(reports=rows({"a": 1})))
    wider = rows({"b": 2}).append_column("sex", pa.array(["female"]))
    store.append(batch(reports=wider))
    store.append(batch(reports=rows({"c": 3})))
    found = duckdb.sql(f"SELECT unit, sex FROM {store.relation('reports')} ORDER BY unit").fetchall()
    assert found == [("a", None), ("b", "female"), ("c", None)]
    assert "sex" in store.open_columns("reports").names


def test_a_column_keeps_its_type(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.append(batch(reports=rows({"a": 1})))
    other = rows({"b": 2}).drop_columns("value").append_column("value", pa.array(["two"]))
    with pytest.raises(StoreError, match=r"column value holds double .* declared as string"):
        store.append(batch(reports=other))
    assert store.version == 1
    assert now(store) == {"a": 1}


def test_rows_may_come_in_batches(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    table = rows({f"u{at:05}": at for at in range(10_000)})
    store.append(batch(reports=Rows(table.schema, iter(table.to_batches(max_chunksize=999)))))
    assert len(now(store)) == 10_000
    numbers = duckdb.sql(f"SELECT _row FROM {store.relation('reports')} ORDER BY 1").fetchall()
    assert [number for (number,) in numbers] == list(range(10_000))


def test_rows_are_kept_in_order_of_month_and_unit(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    table = rows({"b": 1, "a": 2, "c": 3})
    months = pa.array([24301, 24301, 24300], pa.int32())
    store.append(batch(reports=table.set_column(table.schema.get_field_index("_month"), "_month", months)))
    found = duckdb.sql(f"SELECT unit FROM {store.relation('reports')} ORDER BY _row").fetchall()
    assert [unit for (unit,) in found] == ["c", "a", "b"]


def test_small_files_are_merged_and_versions_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delta, "MOST_SMALL", 5)
    store = open_store(tmp_path)
    twin: list[dict[str, float]] = [{}]
    for at in range(20):
        old = {"x": (at, 1)} if at else {}
        store.append(batch(f"{at}.csv", reports=rows({f"u{at:02}": at, "x": at * 10.0}, old)))
        twin.append(twin[-1] | {f"u{at:02}": float(at), "x": at * 10.0})
    assert store.relation("reports").count(".parquet") < 12
    for version in range(1, 21):
        assert now(store, version=version) == twin[version], version
    assert len(store.history("reports", {"unit": "x"})) == 20
    assert store.receipts().num_rows == 20


def test_findings_and_refused_rows_carry_their_batch(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    columns = [f for f in store_module.SYSTEM["_findings"] if f.name != "_batch"]
    finding = pa.Table.from_pylist([{"code": "receive.late", "severity": "note"}], schema=pa.schema(columns))
    refused = pa.table({"dataset": ["r"], "source_row": ["3"], "code": ["c"], "raw": ["{}"], "values": [1]})
    store.append(Batch("m", "a", "h1", AT, {"reports": rows({"a": 1})}))
    store.append(Batch("m", "b", "h2", AT, findings=finding, refused=refused))
    assert store.findings().column("batch").to_pylist() == [2]
    assert store.findings(1).num_rows == 0
    assert store.system("_refused").to_pylist()[0]["_batch"] == 2


@pytest.mark.parametrize("version", [-1, 2])
def test_versions_that_never_were(tmp_path: Path, version: int) -> None:
    store = open_store(tmp_path)
    store.append(batch(reports=rows({"a": 1})))
    with pytest.raises(StoreError, match="there is no version"):
        store.relation("reports", version)


def test_history_of_a_column_that_is_not_there(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.append(batch(reports=rows({"a": 1})))
    with pytest.raises(StoreError, match="reports has no column unti"):
        store.history("reports", {"unti": "a"})


def test_other_folders_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear all")
    with pytest.raises(StoreError, match="not a store"):
        open_store(tmp_path)
    with pytest.raises(StoreError, match="cannot be read or written"):
        open_store(tmp_path / "letter.txt")


def test_stores_of_another_format_and_damaged_ones(tmp_path: Path) -> None:
    open_store(tmp_path)
    marker = tmp_path / "store.json"
    assert json.loads(marker.read_text()) == {"format": 1}
    marker.write_text('{"format": 2}')
    with pytest.raises(StoreError, match="format 2"):
        open_store(tmp_path)
    marker.write_text("{")
    with pytest.raises(StoreError, match="damaged"):
        open_store(tmp_path)


def test_a_damaged_log_is_one_clear_error(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.append(batch(reports=rows({"a": 1})))
    for log in (tmp_path / "tables" / "reports" / "_delta_log").iterdir():
        log.write_text("{not json")
    with pytest.raises(StoreError, match="cannot be read or written"):
        store.relation("reports")


def test_paths_with_quotes_spaces_and_other_scripts(tmp_path: Path) -> None:
    store = open_store(tmp_path / "县's données 100%")
    store.append(batch(reports=rows({"a": 1})))
    store.append(batch(reports=rows({"a": 2}, {"a": (1, 0)})))
    assert now(store) == {"a": 2}
    assert now(store, version=1) == {"a": 1}


def test_folders_that_would_be_read_as_others(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="“%” and two digits"):
        open_store(tmp_path / "per%cent")


def test_damaged_rows_are_one_clear_error(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.append(batch(reports=rows({"a": 1})))
    for file in (tmp_path / "tables").glob("*/*.parquet"):
        file.write_bytes(b"PAR1")
    with pytest.raises(StoreError, match="cannot be read or written"):
        store.history("reports", {"unit": "a"})
    with pytest.raises(StoreError, match="cannot be read or written"):
        store.receipts()


Step = dict[str, tuple[str, float]]
STEPS = st.lists(
    st.dictionaries(
        st.sampled_from("abcde"), st.tuples(st.sampled_from(["set", "drop"]), st.integers(0, 99)), max_size=5
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_every_version_is_what_a_plain_dictionary_would_be(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    store = open_store(tmp_path_factory.mktemp("twin"))
    twin: list[dict[str, float]] = [{}]
    places: dict[str, tuple[int, int]] = {}
    for number, step in enumerate(steps, 1):
        values = {unit: float(value) for unit, (what, value) in sorted(step.items()) if what == "set"}
        dropped = [unit for unit, (what, _) in step.items() if what == "drop" and unit in places]
        table = rows(values, places)
        store.append(
            Batch(
                "m",
                "f",
                str(number),
                AT,
                {"reports": table},
                withdrawn("reports", *(places[u] for u in dropped)),
            )
        )
        twin.append({u: v for u, v in (twin[-1] | values).items() if u not in dropped})
        places = {u: p for u, p in places.items() if u not in dropped}
        places |= {unit: (number, at) for at, unit in enumerate(values)}
    assert store.version == len(steps)
    if any(twin):
        for version, expected in enumerate(twin):
            assert now(store, version=version) == expected
