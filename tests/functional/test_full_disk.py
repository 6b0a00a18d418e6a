"""A disk that is full: files cannot grow beyond some kilobytes, as if there were no room for more."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from tests.functional.conftest import CONTRACT, RECEIVED
from tests.functional.test_process import TALLYMARK, environment

from tallymark.store import open_store


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
