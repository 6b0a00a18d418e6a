"""Server and worker killed in the middle of deliveries and an assessment: afterwards everything is there once."""

from __future__ import annotations

import itertools
import json
import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from bench.cluster import fresh_database
from tests.web.app.conftest import make_workplace
from tests.web.app.served import Address, served
from tests.web.app.test_many import PERIODS, UNITS, VALUES, all_periods, asked, visitor

COUNTER = itertools.count()
STATE = """
import django, json; django.setup()
from tallymark_web.audit.log import wrong
from tallymark_web.models import Delivery, Entry, Job, Version
from tallymark_web.reporting.stored import values
from tallymark_web.workplace import programme, runs, store
known = programme().datasets["monthly"]
there = values(store(), known, {version.report.period for version in Version.objects.select_related("report")})
files = [row["file"] for row in store().receipts().to_pylist()]
print(json.dumps({
    "jobs": {str(job): job.state for job in Job.objects.all()},
    "attempts": sum(job.attempt for job in Job.objects.all()),
    "log": [str(line) for line in wrong()],
    "versions": Version.objects.count(),
    "accepted": Version.objects.filter(accepted=True).count(),
    "undelivered": Version.objects.filter(accepted=True, delivery__batch=None).count(),
    "deliveries": Delivery.objects.count(),
    "said": Entry.objects.filter(action="reports delivered").count(),
    "batches": sum("web-monthly-" in name for name in files),
    "files": len({name for name in files if "web-monthly-" in name}),
    "values": sorted({json.dumps(row, sort_keys=True) for row in there.values()}),
    "reports": len(there),
    "runs": len(runs()),
}))
"""
SILENCE = """
import datetime as dt
import django; django.setup()
from tallymark_web.models import Job
for job in Job.objects.filter(state="running"):
    Job.objects.filter(pk=job.pk).update(beat_at=job.beat_at - dt.timedelta(minutes=1))
"""
"""The half minute after which a worker is taken for dead, without waiting for it."""


def state(folder: Path, database: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(asked(STATE, folder, database))
    return found


def accept_all(address: str, session: requests.Session) -> None:
    page = session.get(f"{address}/reports/review", timeout=30).text
    said = [("csrfmiddlewaretoken", session.cookies["csrftoken"])]
    said += [("version", number) for number in re.findall(r'name="version" value="(\d+)"', page)]
    assert len(said) > len(UNITS)
    headers = {"Referer": address}
    session.post(f"{address}/reports/review/accept", said, headers=headers, timeout=60)


def assess(address: str, session: requests.Session) -> None:
    session.get(f"{address}/background", timeout=30)
    said = {"contract": "services-2025", "csrfmiddlewaretoken": session.cookies["csrftoken"]}
    answer = session.post(
        f"{address}/background/assess", said, headers={"Referer": address}, timeout=30, allow_redirects=False
    )
    assert answer.status_code == 302


WAITING = r'class="state (queued|running)"'


def background(address: str, session: requests.Session) -> str:
    return session.get(f"{address}/background", timeout=30).text


def at_work(address: str, session: requests.Session) -> None:
    """Returns when a job is being done."""
    wait_for(lambda: 'class="state running"' in background(address, session), every=0.02)


def wait_for(true: Callable[[], bool], *, seconds: float = 180, every: float = 0.2) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it takes too long"
        time.sleep(every)


def worker_of(address: Address) -> int:
    """The process that works in the background."""
    for found in Path("/proc").glob("[0-9]*"):
        try:
            words = (found / "cmdline").read_bytes().split(b"\0")
            parent = int((found / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        if b"worker" in words and parent == address.process:
            return int(found.name)
    return 0


@pytest.mark.parametrize("kind", ["SQLite", "PostgreSQL"])
def test_killed_in_the_middle_of_deliveries_and_runs(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    database = ""
    if kind == "PostgreSQL":
        cluster = request.getfixturevalue("postgresql").rsplit("/", 1)[0]
        database = fresh_database(f"{cluster}/k{next(COUNTER)}")
    folder = make_workplace(tmp_path, assessed=False)
    (folder / "demo.json").write_text("{}", encoding="utf-8")
    with served(folder, database=database, made=True) as address:
        session = visitor(address, "statistician")
        all_periods(address, [visitor(address, "clerk")], times=1)
        accept_all(address, visitor(address, "reviewer"))
        assess(address, session)
        at_work(address, session)
        address.kill()
    asked(SILENCE, folder, database)
    with served(folder, database=database, made=True) as address:
        at_work(address, session)
        address.kill()
    asked(SILENCE, folder, database)
    with served(folder, database=database, made=True) as address:
        wait_for(lambda: not re.search(WAITING, background(address, session)))
    found = state(folder, database)
    assert set(found["jobs"].values()) == {"done"}, found  # type: ignore[attr-defined]
    expected = len(UNITS) * len(PERIODS)
    assert found["log"] == []
    assert (found["versions"], found["accepted"], found["undelivered"]) == (expected, expected, 0)
    assert found["deliveries"] == found["said"] == found["batches"] == found["files"]
    assert found["reports"] == expected
    assert found["values"] == [
        json.dumps({name: float(value) for name, value in VALUES.items()}, sort_keys=True)
    ]
    assert found["runs"] == 1
    assert found["attempts"] > len(found["jobs"])  # type: ignore[arg-type]  # something was killed at work


def test_a_worker_that_dies_alone_is_started_again(tmp_path: Path) -> None:
    with served(tmp_path) as address:
        wait_for(lambda: worker_of(address) != 0)
        first = worker_of(address)
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: worker_of(address) not in (0, first))
        assert requests.get(f"{address}/healthy", timeout=10).status_code == 200
