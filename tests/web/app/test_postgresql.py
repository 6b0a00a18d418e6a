"""The pages on PostgreSQL: the tests of what people do, run again on a database of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from bench.cluster import fresh_database

HERE = Path(__file__).parent
AGAIN = (
    "access", "actions", "api", "appeals", "delivering", "home", "inbox", "never_changed", "people", "registers",
    "releases", "reminders", "reporting", "uploads",
)  # fmt: skip
"""What people do, from the first account to a release; each writes and reads the database."""
SLOW = "behind_one_address"
"""Forty passwords one after the other, the same on any database."""


def test_what_people_do_works_on_postgresql(postgresql: str) -> None:
    database = fresh_database(postgresql.rsplit("/", 1)[0] + "/pages")
    files = [str(HERE / f"test_{name}.py") for name in AGAIN]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-k", f"not {SLOW}", *files],
        env=os.environ | {"TALLYMARK_DATABASE": database},
        cwd=HERE.parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed, done.stdout[-400:]
    assert "skipped" not in done.stdout, done.stdout[-400:]
