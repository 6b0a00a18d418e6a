"""What is kept of earlier counting: found by all that it rests on, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pytest

from tallymark.store.partials import Partials, digest

TABLE = pa.table({"a": [1, 2], "b": ["x", "y"]})


def kept(partials: Partials, key: str) -> list[pa.Table]:
    return list(partials.packs(key))


@pytest.mark.parametrize("packed", [False, True])
def test_what_is_kept_is_found_under_its_key_and_no_other(tmp_path: Path, packed: bool) -> None:
    partials = Partials(tmp_path / "p", "1")
    key = partials.key("leaf", 7, ["x", "y"])
    assert kept(partials, key) == []
    partials.keep(key, TABLE, packed=packed)
    assert kept(partials, key) == [TABLE]
    assert kept(partials, partials.key("leaf", 8, ["x", "y"])) == []
    assert partials.key("leaf", 7, ["x"], "y") != key
    assert Partials(tmp_path / "p", "2").key("leaf", 7, ["x", "y"]) != key


def test_tables_with_other_columns_stand_side_by_side_and_the_same_take_each_other_s_place(
    tmp_path: Path,
) -> None:
    partials = Partials(tmp_path)
    partials.keep("key", TABLE)
    partials.keep("key", TABLE.select(["a"]))
    partials.keep("key", TABLE)
    assert sorted(len(one.column_names) for one in kept(partials, "key")) == [1, 2]


@pytest.mark.parametrize("left", [0, 1, 10, 200])
def test_a_damaged_file_is_as_good_as_none_and_goes(tmp_path: Path, left: int) -> None:
    partials = Partials(tmp_path)
    partials.keep("key", TABLE)
    (path,) = tmp_path.glob("*/*/*")
    path.write_bytes(path.read_bytes()[:left])
    assert kept(partials, "key") == []
    assert not path.exists()
    partials.keep("key", TABLE)
    assert kept(partials, "key") == [TABLE]


def test_what_cannot_be_written_is_not_kept_and_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "p").write_text("a file where the folder should be")
    partials = Partials(tmp_path / "p")
    partials.keep("key", TABLE)
    assert kept(partials, "key") == []


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    partials = Partials(tmp_path)
    partials.keep("key", TABLE)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    partials = Partials(tmp_path, room=1)
    size = 0
    for at, key in enumerate(["old", "used", "new"]):
        partials.keep(key, TABLE)
        (path,) = (tmp_path / key[:2] / key).iterdir()
        os.utime(path, (at, at))
        size = path.stat().st_size
    kept(partials, "used")
    Partials(tmp_path, room=2 * size).trim(now=10**9)
    assert [bool(kept(partials, key)) for key in ("old", "used", "new")] == [False, True, True]


def test_what_a_killed_run_left_half_written_goes_in_time(tmp_path: Path) -> None:
    partials = Partials(tmp_path)
    partials.keep("key", TABLE)
    half = tmp_path / "ke" / "key" / ".making-x"
    half.write_bytes(b"half")
    os.utime(half, (1000, 1000))
    partials.trim(now=1001)
    assert half.exists()
    partials.trim(now=10_000)
    assert not half.exists()
    assert kept(partials, "key") == [TABLE]


def test_a_hash_tells_where_parts_end() -> None:
    assert digest("ab", "c") != digest("a", "bc")
    assert digest(["a"], "b") != digest(["a", "b"])
    assert digest(1) == digest(1)
