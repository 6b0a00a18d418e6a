"""The office that is put under load: the demo county as a real installation, an account for each person, the server."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PASSWORD = "one-for-all-of-the-load"
TODAY = "2025-11-03"
CLERK, READER, REVIEWER = "clerk{:03d}", "reader{:03d}", "reviewer"
KEPT = ("programme", "store", "store.vault", "store.key")
ACCOUNTS = """
import datetime as dt, sys
import django; django.setup()
from django.contrib.auth.hashers import make_password
from tallymark_web.people.models import Grant, Person
from tallymark_web.workplace import tree
password, clerks, readers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
day, units = dt.date(2020, 1, 1), tree(dt.date.fromisoformat("2025-11-03"))
top = next(unit for unit, above in units.parent.items() if above is None)
villages = sorted(unit for unit in units.parent if unit not in units.children)
# One hash for all saves minutes here; checking it at the sign-in costs what it costs.
hashed = make_password(password)
wanted = [(f"clerk{n:03d}", "clerk", villages[n]) for n in range(clerks)]
wanted += [(f"reader{n:03d}", "leader", top) for n in range(readers)] + [("reviewer", "reviewer", top)]
for username, role, unit in wanted:
    person = Person.objects.create(username=username, name=username, password=hashed)
    Grant.objects.create(person=person, role=role, unit=unit, first_day=day, given_at=dt.datetime.now(dt.UTC))
print(" ".join(villages[:clerks]))
"""


def environment(folder: Path, database: str) -> dict[str, str]:
    """What an installation says through its environment."""
    return os.environ | {
        "TALLYMARK_WORKPLACE": str(folder),
        "TALLYMARK_DATABASE": database,
        "TALLYMARK_TODAY": TODAY,
        "DJANGO_SETTINGS_MODULE": "tallymark_web.settings",
    }


def copied(demo: Path, folder: Path) -> None:
    """A workplace of its own from what `tallymark demo` made; without the mark of a demo."""
    for name in KEPT:
        there = demo / name
        if there.is_dir():
            shutil.copytree(there, folder / name)
        elif there.exists():
            shutil.copy2(there, folder / name)


def peopled(folder: Path, database: str, *, clerks: int, readers: int) -> list[str]:
    """Makes the database and its accounts; the village of each clerk."""
    known = environment(folder, database)
    subprocess.run([sys.executable, "-m", "tallymark_web", "setup", str(folder)], env=known, check=True)
    command = [sys.executable, "-c", ACCOUNTS, PASSWORD, str(clerks), str(readers)]
    return subprocess.run(command, env=known, check=True, capture_output=True, text=True).stdout.split()


@contextmanager
def served(folder: Path, database: str, *, processes: int) -> Iterator[tuple[str, int]]:
    """The address of the app as `tallymark_web serve` starts it, worker beside, and the group of its processes."""
    command = [
        sys.executable,
        "-m",
        "tallymark_web",
        "serve",
        str(folder),
        "--port",
        "0",
        "--workers",
        str(processes),
    ]
    running = subprocess.Popen(
        command, env=environment(folder, database), stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert running.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", running.stdout.readline())
        assert found, "the server does not start"
        yield found.group(), running.pid
    finally:
        running.send_signal(signal.SIGINT)
        try:
            running.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()


def cpu_seconds(group: int) -> float:
    """CPU seconds that the processes of a group have used so far, by /proc."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")
