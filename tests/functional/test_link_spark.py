"""The same linkage on Spark: the same pairs and the same weights as on DuckDB, with Chinese names in the data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from tallymark.programme.linkages import Field, Linkage, RecordList
from tallymark.simulate.lists import simulate_lists
from tallymark.verify.linkage import link

KINDS = {"mother": "name", "mother_id": "identity", "child": "name", "born": "date"}


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    place: Path = tmp_path_factory.mktemp("spark")
    settings = {
        "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "1", "spark.default.parallelism": "1",
        "spark.sql.warehouse.dir": str(place), "spark.local.dir": str(place), "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1", "spark.sql.adaptive.enabled": "false",
    }  # fmt: skip
    builder = SparkSession.builder.master("local[1]").appName("tallymark tests")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    session.sparkContext.setCheckpointDir(str(place / "checkpoints"))
    yield session
    session.stop()


def test_spark_and_duckdb_give_the_same_pairs_and_weights(spark: Any) -> None:
    lists = simulate_lists(120, seed=4, error=0.1, duplicates=0.01)
    assert any(name[0] >= "\u4e00" for name in lists.tables["hospital"]["mother"].to_pylist() if name)
    held = tuple(RecordList(name, "record", {field: field for field in KINDS}) for name in lists.tables)
    fields = tuple(Field(name, kind, telling=name == "child") for name, kind in KINDS.items())  # type: ignore[arg-type]
    declared = Linkage("births", "birth_registration", held, fields, pairs_per_record=3)
    here, there = (link(declared, lists.tables, session=session) for session in (None, spark))
    keys = ["list_l", "record_l", "list_r", "record_r"]
    assert len(here.pairs) > 60
    assert here.pairs.select(keys) == there.pairs.select(keys)
    for one, other in zip(here.pairs["weight"].to_pylist(), there.pairs["weight"].to_pylist(), strict=True):
        assert one == pytest.approx(other, abs=1e-9)
    assert here.records == there.records
