"""A disk that is full: files cannot grow beyond some kilobytes, as if there were no room for more."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from tests.functional.conftest import CONTRACT, RECEIVED, Call
from tests.functional.test_process import TALLYMARK, environment

from tallymark.engine.duckdb import connect
from tallymark.errors import TallymarkError
from tallymark.room import SPILL, is_full, no_room
from tallymark.store import open_store
from tallymark.store.runs import folder_hashes


def without_compiled() -> dict[str, str]:
    """The environment of a process that leaves no compiled modules."""
    return environment(PYTHONDONTWRITEBYTECODE="1", PYTHONPATH=os.pathsep.join(sys.path))


def short_of_room(room: int, *arguments: object) -> subprocess.CompletedProcess[str]:
    """The command as a process in which no file gets larger than `room` bytes.

    It writes no compiled modules: Python would leave them cut off.
    """

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    command = [*TALLYMARK, *map(str, arguments)]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        env=without_compiled(),
        preexec_fn=limited,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("room", [0, 600, 2000])
def test_a_delivery_without_room_leaves_the_store_as_it_was(office: Path, room: int) -> None:
    data = office / "more.csv"
    head, *lines = (office / "clinic" / "data" / "visits.csv").read_text(encoding="utf-8").splitlines()
    data.write_text("\n".join([head, *lines[:200]]) + "\n", encoding="utf-8")
    command = ["receive", "clinic", "store", "visits", data, "--received-at", RECEIVED]
    before = open_store(office / "store").version
    done = short_of_room(room, *command)
    assert done.returncode not in (0, 1)
    assert "Traceback" not in done.stderr
    assert "File too large" in done.stderr or "No usable temporary directory" in done.stderr
    assert done.stderr.count("\n") == 1
    assert open_store(office / "store").version == before
    retried = subprocess.run(
        [*TALLYMARK, *map(str, command)],
        capture_output=True,
        text=True,
        env=without_compiled(),
        timeout=120,
        check=False,
    )
    assert retried.returncode in (0, 1), retried.stderr
    assert open_store(office / "store").version == before + 1


def test_a_run_without_room_is_not_there(office: Path) -> None:
    runs = {path.name for path in (office / "store").rglob("manifest.json")}
    done = short_of_room(2000, "assess", "clinic", "store", "--contract", CONTRACT)
    assert "Traceback" not in done.stderr
    assert done.returncode not in (0, 1)
    assert "File too large" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("tallymark: ")
    assert {path.name for path in (office / "store").rglob("manifest.json")} == runs


TOO_MUCH = (
    "SELECT count(*) FROM (SELECT hash(i) h, 'x' || i s FROM range(1500000) t(i) ORDER BY h, s) WHERE s <> ''"
)
"""Needs some 80 MB."""


def test_what_does_not_fit_goes_to_the_named_folder_and_is_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spill, here = tmp_path / "spill's", tmp_path / "here"
    spill.mkdir()
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv(SPILL, str(spill))
    with connect("36MB", 1) as one, connect("36MB", 1) as other:
        assert one.execute(TOO_MUCH).fetchone() == other.execute(TOO_MUCH).fetchone() == (1500000,)
        assert len([*spill.iterdir()]) == 2
    assert [*spill.iterdir()] == [*here.iterdir()] == []


def test_a_spill_folder_that_is_not_there(office: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SPILL, "/not/here")
    said = call("assess", "clinic", "store", "--contract", CONTRACT)
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "TALLYMARK_SPILL: /not/here is no folder that can be written" in said.err


Disk = Callable[[int], Path]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Mounts a disk of so many kilobytes."""
    if sys.platform != "linux" or os.geteuid():
        pytest.skip("only root can mount a small disk; limits on files stand for it above")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted, before = [], Path.cwd()

    def mount(kilobytes: int) -> Path:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)], check=True)
        mounted.append(folder)
        return folder

    yield mount
    os.chdir(before if folder not in (before, *before.parents) else tmp_path)
    for one in mounted:
        subprocess.run(["umount", str(one)], check=True)


@pytest.fixture
def cramped(office: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The office on a disk that has 8 kilobytes left; `filler` takes up the rest."""
    folder = disk(40_000) / "office"
    shutil.copytree(office, folder)
    monkeypatch.chdir(folder)
    free = shutil.disk_usage(folder).free
    (folder / "filler").write_bytes(bytes(free - 8192))
    return folder


MORE = "visits.csv"
COMMANDS = {
    "receive": ("receive", "clinic", "store", "visits", MORE, "--received-at", RECEIVED),
    "assess": ("assess", "clinic", "store", "--contract", CONTRACT, "--rehearsal"),
    "publish": ("publish", "store", "site"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk_is_one_line_and_nothing_is_changed(cramped: Path, call: Call, command: str) -> None:
    more = cramped.parent.parent / MORE
    head, *lines = (cramped / "clinic" / "data" / MORE).read_text(encoding="utf-8").splitlines()
    more.write_text("\n".join([head, *lines[:300]]) + "\n", encoding="utf-8")
    line = [str(more) if word == MORE else word for word in COMMANDS[command]]
    before = folder_hashes(cramped)
    said = call(*line)
    assert said.code == 2
    assert "no room is left on the disk (" in said.err
    assert "MB free: No space left on device). Make room and try again" in said.err
    assert said.err.splitlines()[-1].startswith("tallymark: ")
    assert "没有任何内容被更改" in call("--lang", "zh", *line).err
    shown = {name: digest for name, digest in folder_hashes(cramped).items() if _is_seen(name)}
    assert shown == {name: digest for name, digest in before.items() if _is_seen(name)}
    (cramped / "filler").unlink()
    assert call(*line).code in (0, 1)


def _is_seen(name: str) -> bool:
    """Whether a file counts: partials are found again by name, data files without a log entry are nobody's."""
    return ("/partials/" not in name and not name.startswith("store/tables")) or "_delta_log" in name


def test_a_disk_too_small_to_spill_to_is_named(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    small = disk(1_500)
    monkeypatch.setenv(SPILL, str(small))
    with connect("36MB", 1) as connection, pytest.raises(duckdb.Error) as caught:
        connection.execute(TOO_MUCH).fetchone()
    assert is_full(caught.value)
    told = str(no_room(TallymarkError, "the store", caught.value))
    assert told.startswith(f"{small}: no room for what does not fit into memory")
    assert SPILL in told
    assert "\n" not in told
