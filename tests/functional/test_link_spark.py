"""The same linkage on Spark: the same pairs and the same weights as on DuckDB, with Chinese names in the data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.csv as arrow_csv
import pytest
from tests.functional.conftest import Call
from tests.spark import started

from tallymark.simulate.lists import simulate_lists
from tallymark.verify.linkage import Linked, link

COLUMNS = "{record: record, columns: {mother: mother, mother_id: mother_id, child: child, born: born}}"
DECLARED = f"""
linkages:
  births:
    title: {{en: Births at hospital and registry, zh: 医院与户籍登记的出生}}
    purpose: birth_registration
    pairs_per_record: 3
    lists: {{hospital: {COLUMNS}, registry: {COLUMNS}}}
    fields:
      mother: {{kind: name}}
      mother_id: {{kind: identity}}
      child: {{kind: name, telling: true}}
      born: {{kind: date}}
"""
LINK = ("link", "clinic", "births")
LISTS = ("--list", "hospital=hospital.csv", "--list", "registry=registry.csv")


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    yield from started(tmp_path_factory.mktemp("spark"))


@pytest.fixture
def linked(monkeypatch: pytest.MonkeyPatch) -> list[Linked]:
    """What the command linked, run after run."""
    found: list[Linked] = []

    def kept(*arguments: Any, **named: Any) -> Linked:
        found.append(link(*arguments, **named))
        return found[-1]

    monkeypatch.setattr("tallymark.linking.link", kept)
    return found


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call) -> Path:
    monkeypatch.chdir(tmp_path)
    assert call("new", "clinic").code == 0
    Path("clinic/linkages.yaml").write_text(DECLARED, encoding="utf-8")
    lists = simulate_lists(120, seed=4, error=0.1, duplicates=0.01)
    assert any(name[0] >= "\u4e00" for name in lists.tables["hospital"]["mother"].to_pylist() if name)
    for name, table in lists.tables.items():
        arrow_csv.write_csv(table, f"{name}.csv")
    return tmp_path


def test_spark_and_duckdb_give_the_same(spark: Any, place: Path, call: Call, linked: list[Linked]) -> None:
    said = [call(*LINK, engine, *LISTS, "--engine", engine, "--json") for engine in ("duckdb", "spark")]
    assert [one.code for one in said] == [0, 0], said[1].err
    here, there = linked
    keys = ["list_l", "record_l", "list_r", "record_r"]
    assert len(here.pairs) > 60
    assert here.pairs.select(keys) == there.pairs.select(keys)
    for one, other in zip(here.pairs["weight"].to_pylist(), there.pairs["weight"].to_pylist(), strict=True):
        assert one == pytest.approx(other, abs=1e-9)
    assert here.records == there.records
    assert Path("duckdb/records.csv").read_bytes() == Path("spark/records.csv").read_bytes()
    assert json.loads(said[0].out) == json.loads(said[1].out)


def test_tokens_need_no_engine(place: Path, call: Call) -> None:
    refused = call(*LINK, "tokens", *LISTS, "--engine", "spark", "--tokens")
    assert refused.code == 2
    assert "leave out --engine" in refused.err
    assert len(refused.err.splitlines()) == 1
    assert not Path("tokens").exists()
