"""A run on Spark: the same figures, texts and ranks as on DuckDB, made again on either, and what is said when it can't."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.functional.conftest import CONTRACT, Call
from tests.spark import started

from tallymark import open_store
from tallymark.store.runs import Run, runs_in

ASSESS = ("assess", "clinic", "store", "--contract", CONTRACT)


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    yield from started(tmp_path_factory.mktemp("spark"))


def runs_by_engine(store: Path) -> dict[str, Run]:
    return {run.manifest["engine"]: run for run in runs_in(store / "runs")}


def test_a_run_is_the_same_on_both_engines(spark: Any, office: Path, call: Call) -> None:
    here = call(*ASSESS)
    there = call(*ASSESS, "--engine", "spark")
    assert here.code == there.code == 0, there.err
    assert there.out.splitlines()[:-1] == here.out.splitlines()[:-1]  # the last line is the run's place
    runs = runs_by_engine(office / "store")
    one, other = runs["duckdb"], runs["spark"]
    assert one.id != other.id
    assert one.table("measures").num_rows > 1000
    for name in one.manifest["tables"]:
        assert one.table(name).equals(other.table(name)), name
    for engine in ("duckdb", "spark"):
        said = call("recompute", other.path, "--engine", engine)
        assert said.code == 0, said.out


def test_another_figure_is_told_whatever_the_engine(spark: Any, office: Path, call: Call) -> None:
    """A run of data that were corrected since is not taken for the same because engines differ."""
    assert call(*ASSESS, "--engine", "spark").code == 0
    run = runs_by_engine(office / "store")["spark"]
    rows = (office / "clinic/data/monthly.csv").read_text(encoding="utf-8").splitlines()
    head, first, *_ = rows
    changed = office / "monthly.csv"
    columns = head.split(",")
    values = first.split(",")
    values[-1] = str(int(values[-1]) + 5)
    changed.write_text("\n".join([",".join(columns), ",".join(values)]) + "\n", encoding="utf-8")
    assert call("receive", "clinic", "store", "monthly", changed, "--received-at", "2025-10-04").code == 0
    assert open_store(office / "store").version == run.manifest["data_version"] + 1
    assert call("recompute", run.path, "--engine", "duckdb").code == 0  # of its own version
    here, there = (call(*ASSESS, "--engine", engine) for engine in ("duckdb", "spark"))
    assert here.code == there.code == 0
    latest = {
        r.manifest["engine"]: r
        for r in runs_in(office / "store/runs")
        if r.manifest["data_version"] == run.manifest["data_version"] + 1
    }
    assert latest["spark"].table("measures") != run.table("measures")
    for name in latest["duckdb"].manifest["tables"]:
        assert latest["duckdb"].table(name).equals(latest["spark"].table(name)), name


def test_a_lost_file_is_said_in_a_line(spark: Any, office: Path, call: Call) -> None:
    for file in (office / "store/tables/visits").glob("*.parquet"):
        file.unlink()
    said = call(*ASSESS, "--engine", "spark")
    assert said.code == 2
    assert "the store's data cannot be read" in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert "Traceback" not in said.err


@pytest.mark.parametrize(("language", "words"), [("en", "pip install 'tallymark[spark]'"), ("zh", "请安装")])
def test_without_pyspark(
    language: str, words: str, office: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "pyspark"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    said = call(*ASSESS, "--engine", "spark", "--lang", language)
    assert said.code == 2
    assert words in said.err
    assert len(said.err.strip().splitlines()) == 1


@pytest.mark.parametrize(("language", "words"), [("en", "needs Java"), ("zh", "需要 Java")])
def test_without_java(
    language: str, words: str, office: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pyspark.sql import SparkSession

    monkeypatch.setattr(SparkSession, "getActiveSession", lambda: None)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.delenv("PYSPARK_GATEWAY_PORT", raising=False)
    said = call(*ASSESS, "--engine", "spark", "--lang", language)
    assert said.code == 2
    assert words in said.err
    assert len(said.err.strip().splitlines()) == 1
