"""A run killed while it keeps what it counted: the next one is right, and finishes what was begun."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.property.test_partials_twin import agrees, world

ROOT = Path(__file__).parents[2]
SCRIPT = """
import os, random, signal, sys
from pathlib import Path
from tests.property.test_partials_twin import World, agrees, declared
from tallymark.store import open_store

moved, left = os.replace, int(sys.argv[3])
def killed(source, target):
    global left
    if "partials" in str(target):
        left -= 1
        if not left:
            os.truncate(source, int(sys.argv[4]))
            if sys.argv[5] == "moved":
                moved(source, target)
            os.kill(os.getpid(), signal.SIGKILL)
    moved(source, target)
os.replace = killed
made = World(random.Random(1), declared(random.Random(int(sys.argv[2]))), open_store(sys.argv[1]), ["2024", "2024-11"])
agrees(made)
"""


@pytest.mark.parametrize(
    ("after", "bytes_left", "where"), [(1, 100, "aside"), (9, 0, "moved"), (30, 700, "moved")]
)
def test_a_killed_run_leaves_a_store_whose_next_run_is_right(
    after: int, bytes_left: int, where: str, tmp_path: Path
) -> None:
    made = world(random.Random(5), tmp_path / "store")
    made.correct()
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "store"), "5", str(after), str(bytes_left), where]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    made.periods = ["2024", "2024-11"]
    assert agrees(made).used.made
    again = agrees(made)
    assert again.used.found
    assert not again.used.made
