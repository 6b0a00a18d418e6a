"""Measuring again with verified values: the bytes of a full count, whatever was replaced."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from tests.drawing import drawn
from tests.property.test_measure_twin import PERIODS, declared, given_rows, place
from tests.unit.measure import small

from tallymark.engine.duckdb import Engine
from tallymark.measure.again import measure_verified, touched
from tallymark.measure.measuring import measure
from tallymark.measure.verified import SCHEMA


def replaced(r: random.Random, rows: list[dict[str, Any]]) -> pa.Table:
    """Other values for some of the reports, of every basis; among them zeros and missing ones."""
    sums: dict[tuple[str, str, str], float | None] = {}
    for row in rows:
        key = (row["unit"], row["period"], row["item"])
        sums[key] = (
            None if row["value"] is None or sums.get(key, 0.0) is None else sums.get(key, 0.0) + row["value"]
        )
    found = [
        {"unit": unit, "period": period, "item": item, "reported": value, "value": r.choice([0.0, 3.0, 12.5]),
         "basis": r.choice(["recounted", "estimated"])}
        for (unit, period, item), value in sums.items()
        if r.random() < 0.3
    ]  # fmt: skip
    return pa.Table.from_pylist(found, SCHEMA)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as made:
        made.execute("SET TimeZone = 'UTC'").fetchall()
        yield made


@pytest.mark.parametrize("seed", range(drawn(16)))
def test_it_is_a_full_count_with_these_values(seed: int, connection: duckdb.DuckDBPyConnection) -> None:
    r = random.Random(seed)
    programme = declared(r, place(r))
    rows = given_rows(r, programme)
    relations = {}
    for name, one in programme.datasets.items():
        connection.register(f"given_{name}", small.stored(one, rows.get(name, ())))
        relations[name] = f"given_{name}"
    verified = {name: replaced(r, rows[name]) for name in ("monthly", "quarterly")[: r.randint(1, 2)]}
    asked: dict[str, Any] = {
        "periods": [programme.calendar.parse(code) for code in r.sample(PERIODS, 3)], "engine": Engine(connection)
    }  # fmt: skip
    first = measure(programme, relations, **asked)
    whole = measure(programme, relations, verified=verified, **asked)
    again = measure_verified(programme, relations, first, verified, **asked)
    for name in ("measures", "indicators", "reports"):
        assert getattr(again, name).equals(getattr(whole, name)), name
        assert getattr(again, name).schema == getattr(whole, name).schema
    assert seed or not first.measures.equals(whole.measures)


def test_only_what_these_values_enter_is_counted() -> None:
    """Not what counts as none where no report came in: a verified value is no other report."""
    worlds = (declared(r, place(r)) for r in map(random.Random, range(99)))
    programme = next(one for one in worlds if one.datasets["births"].absence == "monthly")
    assert touched(programme, ["quarterly"]) == {"q", "q_level", "gap"}
    assert "born" not in touched(programme, ["monthly"])
    assert touched(programme, []) == set()


def test_rows_that_come_and_go_stand_in_their_place() -> None:
    from tallymark.measure.again import _in_place
    from tallymark.model.tables import TABLES

    schema = TABLES["reports"].schema

    def rows(*keys: tuple[str, str, str]) -> pa.Table:
        given = [dict(zip(TABLES["reports"].keys, key, strict=True)) for key in keys]
        return pa.Table.from_pylist([{field.name: None for field in schema} | one for one in given], schema)

    def keys(table: pa.Table) -> list[tuple[str, ...]]:
        return list(zip(*(table.column(key).to_pylist() for key in TABLES["reports"].keys), strict=True))

    named = TABLES["reports"].keys.index("dataset")
    every = [tuple(f"{letter}{at}" for at in range(3)) for letter in "abcdef"]
    old = [(*key[:named], ("x", "y")[at % 2], *key[named + 1 :]) for at, key in enumerate(every)]
    new = [(*key[:named], "y", *key[named + 1 :]) for key in every[::2]]
    found = _in_place("reports", rows(*sorted(old)), rows(*sorted(new)), ["y"])
    assert keys(found) == sorted([*(key for key in old if key[named] == "x"), *new])
