"""Columns by the pages of their Parquet files: the same values as Arrow reads, or left to Arrow."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tallymark.engine.pages import Coded, Opened, Room, coded

ROWS = 3000


def table(r: np.random.Generator) -> pa.Table:
    """Columns of all types, with runs and without, of one value, of many, and of none; NULL nowhere, here and there, only."""
    some = r.random(ROWS) < 0.1
    number = r.integers(-3, 60, ROWS)
    return pa.table(
        {
            "text": pa.array(np.array(["", "a", "很", "long " * 9, "b"])[r.integers(0, 5, ROWS)]),
            "gaps": pa.array(np.array(["x", "y", "z"])[np.sort(r.integers(0, 3, ROWS))], mask=some),
            "runs": pa.array(np.sort(r.integers(0, 40, ROWS)), pa.int32()),
            "long": pa.array(number * 2**40),
            "wide": pa.array(r.integers(0, 700, ROWS), mask=r.random(ROWS) < 0.9),
            "day": pa.array(number, pa.int32()).cast(pa.date32()),
            "part": pa.array(number / 8, mask=some),
            "yes": pa.array(number > 7),
            "maybe": pa.array(number > 7, mask=some),
            "one": pa.array([5] * ROWS),
            "none": pa.nulls(ROWS, pa.string()),
        }
    )


def read(path: Path, room: Room) -> list[dict[str, Coded]]:
    with pq.ParquetFile(path) as file, path.open("rb", buffering=0) as raw:
        opened, found = Opened.of(file, raw.fileno()), []
        for group in range(file.num_row_groups):
            columns = coded(opened, group, file.schema_arrow.names, room)
            found.append({n: Coded(one.places.copy(), one.values, one.gaps) for n, one in columns.items()})
        return found


def as_arrow(one: Coded) -> pa.Array:
    values = pa.array([False, True]) if one.values is None else one.values
    return pa.concat_arrays([values, pa.nulls(1, values.type)]).take(pa.array(one.places))


WAYS: list[dict[str, Any]] = [
    {"compression": "zstd"},
    {"compression": "snappy", "data_page_size": 900, "write_batch_size": 50},
    {"compression": "none", "row_group_size": 701, "version": "1.0"},
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: str(way["compression"]))
def test_places_and_values_are_what_arrow_reads(way: dict[str, Any], tmp_path: Path) -> None:
    given, path, room = table(np.random.default_rng(3)), tmp_path / "t.parquet", Room()
    pq.write_table(given, path, **way)
    groups = read(path, room)
    for name in given.column_names:
        got = pa.chunked_array([as_arrow(group[name]) for group in groups])
        assert got.equals(pa.chunked_array(given[name].combine_chunks())), name
        assert all(group[name].gaps == bool(as_arrow(group[name]).null_count) for group in groups), name


@pytest.mark.parametrize(
    "way", [{"use_dictionary": False}, {"data_page_version": "2.0"}, {"compression": "gzip"},
            {"dictionary_pagesize_limit": 64, "data_page_size": 64, "write_batch_size": 10}],
    ids=str,
)  # fmt: skip
def test_other_pages_are_left_to_arrow(way: dict[str, Any], tmp_path: Path) -> None:
    given, path = table(np.random.default_rng(4)).select(["long", "text", "wide"]), tmp_path / "t.parquet"
    pq.write_table(given, path, **way)
    (group,) = read(path, Room())
    for name, one in group.items():  # a dictionary of few short values may still hold all of its column
        assert as_arrow(one).equals(given[name].combine_chunks())
    assert "long" not in group


def test_damage_is_left_to_arrow_or_yields_rows_of_the_same_number(tmp_path: Path) -> None:
    """Bytes of pages are changed, cut and filled at random: no place is further than NULL's, and nothing is read beyond."""
    given, path, r = table(np.random.default_rng(5)), tmp_path / "t.parquet", random.Random(5)
    pq.write_table(given, path, compression="none", data_page_size=2000)
    whole = path.read_bytes()
    pages = len(whole) - pq.read_metadata(path).serialized_size - 8
    found = 0
    for _ in range(60):
        broken, at = bytearray(whole), r.randrange(4, pages - 40)
        length = r.choice((1, 1, 4, 40))
        broken[at : at + length] = bytes(r.choice((0, 255, r.randrange(256))) for _ in range(length))
        path.write_bytes(broken)
        (group,) = read(path, Room())
        found += len(group)
        for one in group.values():
            assert len(one.places) == ROWS
    assert found < 60 * given.num_columns
