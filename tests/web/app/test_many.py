"""Many at once, on PostgreSQL and SQLite: nothing lost, nothing doubled, also when the server is killed in the middle."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from bench.cluster import fresh_database
from tests.web.app.conftest import PASSWORD, make_workplace
from tests.web.app.served import served

UNITS = [f"C{number}" for number in range(1, 6)]
PERIODS = [f"{year}-{month:02d}" for year in (2023, 2024) for month in range(1, 9)]
COUNTER = itertools.count()
VALUES = {"visits_reported": "7", "stockout_days": "0", "complaints": "2", "complaints_closed": "1"}


def visitor(address: str, who: str) -> requests.Session:
    session = requests.Session()
    session.get(f"{address}/account/login/", timeout=30)
    said = {"login": who, "password": PASSWORD, "csrfmiddlewaretoken": session.cookies["csrftoken"]}
    answer = session.post(
        f"{address}/account/login/", said, headers={"Referer": address}, timeout=30, allow_redirects=False
    )
    assert answer.status_code == 302, answer.text[:300]
    return session


def send(session: requests.Session, address: str, period: str) -> int:
    """Sends the reports of a period with a key of their own; how many the server has taken."""
    body = {
        "key": f"period-{period}",
        "rows": {unit: {"items": VALUES, "note": "", "number": 0} for unit in UNITS},
    }
    headers = {"X-CSRFToken": session.cookies["csrftoken"], "Referer": address, "Accept": "application/json"}
    answer = session.post(
        f"{address}/reports/monthly/{period}/D/send", json=body, headers=headers, timeout=60
    )
    assert answer.status_code == 200, answer.text[:300]
    return sum(row.get("version") == 1 for row in answer.json()["rows"].values())


def asked(code: str, folder: Path, database: str) -> str:
    """What Python code prints in the app of a workplace, in a process of its own."""
    environment = os.environ | {
        "TALLYMARK_WORKPLACE": str(folder),
        "TALLYMARK_DATABASE": database,
        "DJANGO_SETTINGS_MODULE": "tallymark_web.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def check(folder: Path, database: str) -> dict[str, object]:
    """What the database says afterwards."""
    code = (
        "import django, json; django.setup()\n"
        "from tallymark_web.audit.log import wrong\n"
        "from tallymark_web.reporting.models import Report, Version\n"
        "print(json.dumps({'reports': Report.objects.count(), 'versions': Version.objects.count(), 'wrong': [str(w) for w in wrong()]}))"
    )
    found: dict[str, object] = json.loads(asked(code, folder, database))
    return found


def all_periods(address: str, sessions: list[requests.Session], times: int) -> list[int]:
    """Every period sent `times` times at once by clerks side by side."""
    work = [(sessions[at % len(sessions)], period) for at, period in enumerate(PERIODS * times)]
    locks = {id(session): threading.Lock() for session in sessions}

    def one(job: tuple[requests.Session, str]) -> int:
        with locks[id(job[0])]:
            return send(job[0], address, job[1])

    with ThreadPoolExecutor(len(sessions)) as pool:
        return list(pool.map(one, work))


AFTERWARDS = """
import django; django.setup()
from django.db import DatabaseError
from tallymark_web.audit.log import record, wrong
from tallymark_web.models import Entry, Person
record("somebody", "came back")
Person.objects.create_user(username="fresh", password="x", name="Fresh")
try:
    Entry.objects.update(who="x")
except DatabaseError:
    print("broken" if wrong() else "whole", "refused", sep=", ")
"""


@pytest.fixture
def made(tmp_path: Path) -> Path:
    make_workplace(tmp_path, assessed=False)
    (tmp_path / "demo.json").write_text("{}", encoding="utf-8")
    return tmp_path


def test_postgresql_takes_everything_once(postgresql: str, made: Path) -> None:
    with served(made, database=postgresql, made=True) as address:
        sessions = [visitor(address, "clerk") for _ in range(6)]
        taken = all_periods(address, sessions, times=2)
        assert taken == [len(UNITS)] * len(PERIODS) * 2
        assert visitor(address, "auditor").get(f"{address}/audit", timeout=30).status_code == 200
        assert visitor(address, "statistician").get(f"{address}/reports", timeout=30).status_code == 200
    expected = len(UNITS) * len(PERIODS)
    assert check(made, postgresql) == {"reports": expected, "versions": expected, "wrong": []}


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def database(request: pytest.FixtureRequest) -> str:
    """Each of the two, empty."""
    if request.param == "SQLite":
        return ""
    address: str = request.getfixturevalue("postgresql")
    return fresh_database(f"{address.rsplit('/', 1)[0]}/d{next(COUNTER)}")


def test_killed_in_the_middle_nothing_is_lost_or_doubled(made: Path, database: str) -> None:
    """The server is killed without warning, then everybody sends again what they are not sure of."""
    with served(made, database=database, made=True) as address:
        sessions = [visitor(address, "clerk") for _ in range(3)]
        threading.Timer(0.7, address.kill).start()
        with pytest.raises(requests.RequestException):
            all_periods(address, sessions, times=50)
    halfway = check(made, database)
    assert halfway["wrong"] == []
    with served(made, database=database, made=True) as address:
        taken = all_periods(address, [visitor(address, "clerk") for _ in range(3)], times=1)
        assert taken == [len(UNITS)] * len(PERIODS)
    expected = len(UNITS) * len(PERIODS)
    assert check(made, database) == {"reports": expected, "versions": expected, "wrong": []}


def content(folder: Path, database: str) -> dict[str, str]:
    """Every table with the hash of its rows, asked in a process of its own."""
    code = (
        "import django, hashlib, json; django.setup()\n"
        "from django.apps import apps\n"
        "rows = {m._meta.db_table: repr(list(m.objects.order_by('pk').values_list())) for m in apps.get_models()}\n"
        "print(json.dumps({name: hashlib.sha256(text.encode()).hexdigest() for name, text in rows.items()}))"
    )
    found: dict[str, str] = json.loads(asked(code, folder, database))
    return found


def test_a_backup_comes_back_with_the_same_hashes(
    made: Path, database: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from tallymark.store.runs import folder_hashes

    other = fresh_database(f"{database}again") if database else ""

    def call(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tallymark_web", *map(str, arguments)]
        environment = os.environ | {
            "TALLYMARK_DATABASE": other if place / "again" in arguments else database,
            "DJANGO_SETTINGS_MODULE": "tallymark_web.settings",
        }
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    place = tmp_path_factory.mktemp("backups")
    assert call("setup", made, "--demo").returncode == 0
    partial = made / "store" / "partials" / "ab" / "abc" / "x.arrow"  # comes and goes while others count
    partial.parent.mkdir(parents=True)
    partial.write_bytes(b"counted before")
    done = call("backup", made, place / "one")
    assert done.returncode == 0, done.stderr
    assert call("backup", made, place / "one").returncode == 2  # never over another
    done = call("restore", place / "again", place / "one")
    assert done.returncode == 0, done.stderr
    partial.unlink()
    for part in ("programme", "store"):
        kept = {name: value for name, value in folder_hashes(made / part).items() if name != ".lock"}
        assert folder_hashes(place / "again" / part) == kept
    assert call("audit-check", place / "again").returncode == 0
    there = content(made, database)
    assert len(there) > 20
    assert content(place / "again", other) == there
    # New rows get new numbers, and what was protected still is.
    assert asked(AFTERWARDS, place / "again", other) == "whole, refused\n"
    assert (place / "again" / "web" / "secret-key").read_bytes() == (made / "web" / "secret-key").read_bytes()
    refused = call("restore", place / "again", place / "one")
    assert refused.returncode == 2
    shutil.rmtree(place / "again")
    if database:
        refused = call("restore", place / "again", place / "one")
        assert refused.returncode == 2
        assert "holds tables" in refused.stderr
        assert not (place / "again").exists()
    victim = place / "one" / "programme" / "units.csv"
    victim.write_bytes(victim.read_bytes() + b"\n")
    damaged = call("restore", place / "third", place / "one")
    assert damaged.returncode == 2
    assert "programme/units.csv" in damaged.stderr
