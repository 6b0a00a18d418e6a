"""Rows by month and categories, counted by compiled loops: as many of each as SQL counts. And the two small tools with
which counting asks SQL about values and sorts cells."""

from __future__ import annotations

import dataclasses
import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tallymark.engine.compile import category
from tallymark.engine.duckdb import Engine, connect, each
from tallymark.engine.sql import select
from tallymark.measure import tabulating
from tallymark.measure.grid import SPREAD, order_of
from tallymark.measure.tabulating import MANY, tabulated
from tallymark.store import portion, stored
from tallymark.store.touching import content_of, within
from tests.property.test_histogram_twin import declared, delivered

COLUMNS = ("sex", "home", "age", "limit", "who", "seen", "big")


def sorts(r: random.Random, folder: Path) -> tuple[Any, Any]:
    """A dataset by some of its columns, and its store."""
    programme = declared(r)
    store = delivered(r, programme, folder)
    of = programme.datasets["visits"]
    return dataclasses.replace(of, breakdowns=tuple(r.sample(COLUMNS, r.randint(0, 3)))), store


def agrees(dataset: Any, store: Any, version: int, some: list[int]) -> None:
    names = ["_month", *(category(dataset, name, tidy=False) for name in dataset.breakdowns)]
    engine = Engine(connect())
    engine.relation("rows_there", stored(store, dataset, version))
    found = tabulated(engine.connection, dataset, portion(store, dataset, version), some)
    assert found is not None
    engine.lend("found", found)
    among = f"_month IN ({', '.join(map(str, some))})"

    def told(many: str, source: str) -> Counter[Any]:
        query = select(*names, f"CAST({many} AS BIGINT)").from_(source).where(among).group_by(*names)
        *keys, counts = (column.to_pylist() for column in engine.rows(query).columns)
        return Counter(dict(zip(zip(*keys, strict=True), counts, strict=True)))

    assert told(f"SUM({MANY})", "found") == told("COUNT(*)", "rows_there")


@pytest.mark.parametrize("seed", range(24))
def test_there_are_as_many_of_each_as_sql_counts(seed: int, tmp_path: Path) -> None:
    r = random.Random(seed)
    dataset, store = sorts(r, tmp_path / "store")
    version = r.randint(1, store.version)
    months = sorted(content.names) if (content := content_of(store, dataset, version)) else []
    agrees(dataset, store, version, r.sample(months, min(len(months), 2)) or [24300])


@pytest.mark.parametrize("like", COLUMNS)
def test_a_column_that_was_never_delivered_says_nothing(like: str, tmp_path: Path) -> None:
    dataset, store = sorts(random.Random(5), tmp_path / "store")
    columns = {**dataset.columns, "later": dataset.columns[like]}
    dataset = dataclasses.replace(dataset, columns=columns, breakdowns=("sex", "later"))
    content = content_of(store, dataset, None)
    assert content is not None
    agrees(dataset, store, store.version, sorted(content.names))


@pytest.mark.parametrize("seed", range(8))
def test_files_left_closed_hold_none_of_the_months(seed: int, tmp_path: Path) -> None:
    r = random.Random(seed)
    dataset, store = sorts(r, tmp_path / "store")
    whole = portion(store, dataset)
    for month in range(24288, 24318):
        part = within(whole, [month])
        for path in {*whole.clean, *whole.touched}:
            held = set(pq.read_table(path, columns=["_month"]).column(0).to_pylist())
            low, high = min(held), max(held)
            assert (path in {*part.clean, *part.touched}) == (low <= month <= high)
        assert (part.gone, part.rest) == (whole.gone, whole.rest)


def test_too_many_combinations_are_left_to_sql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset, store = sorts(random.Random(1), tmp_path / "store")
    dataset = dataclasses.replace(dataset, breakdowns=("sex", "who"))
    content = content_of(store, dataset, None)
    assert content is not None
    monkeypatch.setattr(tabulating, "MOST", 3)
    assert tabulated(connect(), dataset, portion(store, dataset), sorted(content.names)) is None


def test_what_sql_makes_of_rows_comes_in_their_order() -> None:
    many = 700_000  # several of DuckDB's groups of rows, for several threads
    numbers = np.random.default_rng(3).permutation(many)
    asked = connect()
    found = each(asked, pa.table({"n": numbers}), ["n + 1", "n % 2 = 0"])
    assert (found.column(0).to_numpy() == numbers + 1).all()
    assert (found.column(1).to_numpy() == (numbers % 2 == 0)).all()


@pytest.mark.parametrize("size", [50, 50 * SPREAD, 50 * SPREAD + 1, 10**9])
def test_cells_are_sorted_however_far_apart(size: int) -> None:
    numbers = np.array(random.Random(size).sample(range(size), 50))
    assert (numbers[order_of(numbers, size)] == np.sort(numbers)).all()
