"""Clerks and readers at once: `python -m bench.web_load DEMO [--sqlite]`, DEMO a folder that `tallymark demo DEMO --no-serve` made.

Starts PostgreSQL with its own settings (every commit on disk) and the app as `deploy/tallymark.service` does, signs everybody in, then: each
clerk opens a village's sheet, saves three drafts and sends it, month after month, some of them twice as after a lost connection; each reader
opens page after page; all with pauses, until time is up. A reviewer then accepts everything, the worker delivers it, and every
submission is looked for: it has to be there once, as it was sent. Written to bench/RESULTS.md and docs/web/load.md.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from bench.cluster import postgresql
from bench.web_office import (
    CLERK,
    PASSWORD,
    READER,
    REVIEWER,
    copied,
    cpu_seconds,
    environment,
    peopled,
    served,
)
from bench.web_report import write

DRAFTS, PAUSE, SECONDS, PROCESSES = 3, 4.0, 90.0, 2
AGAIN = 0.1
"""The share of submissions that are sent twice at once, with the same key."""
PART = ("answered", "given", "paid", "held")
"""Items that count a part of another: smaller, so that checks hold."""
MONTHS = [f"2025-{month:02d}" for month in range(10, 0, -1)]
PAGES = {
    "read: first page": "/",
    "read: scorecard": "/scores",
    "read: a unit": "/scores/unit/T02",
    "read: calendar": "/reports",
    "read: findings": "/findings",
    "read: trends": "/scores/trends/{indicator}",
    "read: a figure explained": "/scores/explain/{indicator}/T02",
}


@dataclass
class Clock:
    """How long every kind of request took, what went wrong, what was sent."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)

    def timed(
        self, kind: str, session: requests.Session, address: str, **options: Any
    ) -> requests.Response | None:
        """A request, timed; None when no answer came."""
        method = "POST" if {"json", "data"} & options.keys() else "GET"
        began = time.monotonic()
        try:
            answer = session.request(method, address, timeout=60, allow_redirects=False, **options)
        except requests.RequestException as error:
            self.wrong.append(f"{kind}: {type(error).__name__}")
            return None
        self.seconds[kind].append(time.monotonic() - began)
        if answer.status_code not in (200, 302):
            self.wrong.append(f"{kind}: {answer.status_code}")
        return answer


def sign_in(clock: Clock, address: str, who: str) -> requests.Session:
    """A session of somebody, signed in by the form."""
    session = requests.Session()
    session.get(f"{address}/account/login/", timeout=60)
    said = {"login": who, "password": PASSWORD, "csrfmiddlewaretoken": session.cookies["csrftoken"]}
    clock.timed("sign in", session, f"{address}/account/login/", data=said, headers={"Referer": address})
    assert "sessionid" in session.cookies, who
    return session


@dataclass(frozen=True)
class Office:
    """Where everybody works and until when."""

    address: str
    clock: Clock
    done: threading.Event
    items: list[str]
    indicator: str

    def pause(self, rolled: random.Random) -> None:
        """Reading and typing."""
        self.done.wait(PAUSE * rolled.uniform(0.5, 1.5))


def clerk(office: Office, session: requests.Session, who: str, village: str) -> None:
    """Enters month after month of one village."""
    rolled, clock = random.Random(who), office.clock
    headers = {
        "X-CSRFToken": session.cookies["csrftoken"],
        "Referer": office.address,
        "Accept": "application/json",
    }
    office.pause(rolled)
    for at in range(1_000):
        period = MONTHS[at % len(MONTHS)]
        place = f"{office.address}/reports/monthly/{period}/{village}"
        page = clock.timed("enter: open the sheet", session, place)
        found = re.search(r'data-number="(\d+)"', page.text) if page is not None else None
        number = int(found.group(1)) if found else 0
        values = {
            name: str(rolled.randrange(5) if name.endswith(PART) else rolled.randrange(5, 30))
            for name in office.items
        }
        row = {"items": values, "note": "", "number": number}
        for _ in range(DRAFTS):
            office.pause(rolled)
            if office.done.is_set():
                return
            saved = clock.timed(
                "enter: draft with checks",
                session,
                f"{place}/typed",
                json={"rows": {village: row}},
                headers=headers,
            )
            if saved is not None and saved.status_code == 200:
                row["number"] = saved.json()["rows"][village].get("number", row["number"])
        key = f"{who}-{at}"
        body = {"key": key, "rows": {village: row}}
        one = {
            "key": f"{key}:{village}",
            "village": village,
            "period": period,
            "values": values,
            "by": who,
            "version": None,
        }
        clock.sent.append(one)
        answers = [clock.timed("enter: send", session, f"{place}/send", json=body, headers=headers)]
        if rolled.random() < AGAIN:
            answers.append(
                clock.timed("enter: send again", session, f"{place}/send", json=body, headers=headers)
            )
        numbers = {answer.json()["rows"][village].get("version") for answer in answers if answer is not None}
        if len(numbers) == 1:
            one["version"] = numbers.pop()
        if one["version"] is None:
            clock.wrong.append(
                f"send {key}: {[answer.text[:80] for answer in answers if answer is not None]}"
            )


def reader(office: Office, session: requests.Session, who: str) -> None:
    """Opens page after page."""
    rolled = random.Random(who)
    pages = list(PAGES.items())
    while not office.done.is_set():
        rolled.shuffle(pages)
        for kind, page in pages:
            office.pause(rolled)
            if office.done.is_set():
                return
            office.clock.timed(kind, session, office.address + page.format(indicator=office.indicator))


def accept_everything(office: Office, session: requests.Session) -> int:
    """A reviewer accepts what waits, page after page, one by one where a check does not hold; how many requests that took."""
    asked = 0
    while True:
        page = session.get(f"{office.address}/reports/review", timeout=60).text
        token = {"csrfmiddlewaretoken": session.cookies["csrftoken"]}
        headers = {"Referer": office.address}
        clean = re.findall(r'name="version" value="(\d+)"', page)
        asked += 1
        if clean:
            said = token | {"version": clean}
            session.post(f"{office.address}/reports/review/accept", said, headers=headers, timeout=120)
            continue
        waiting = set(re.findall(r'href="/reports/(\d+)"', page))
        if not waiting:
            return asked
        for report in waiting:
            shown = session.get(f"{office.address}/reports/{report}", timeout=60).text
            number = re.search(r'name="version" value="(\d+)"', shown)
            assert number, shown[:500]
            said = token | {"act": "accept", "version": number.group(1), "comment": ""}
            session.post(f"{office.address}/reports/{report}/decide", said, headers=headers, timeout=60)


def rush(
    office: Office,
    clerks: dict[str, tuple[str, requests.Session]],
    readers: dict[str, requests.Session],
    seconds: float,
) -> float:
    """Everybody at once, for a while; how long it took in the end."""
    began = time.monotonic()
    with ThreadPoolExecutor(len(clerks) + len(readers)) as pool:
        work = [
            pool.submit(clerk, office, session, who, village) for who, (village, session) in clerks.items()
        ]
        work += [pool.submit(reader, office, session, who) for who, session in readers.items()]
        time.sleep(seconds)
        office.done.set()
        for one in work:
            one.result()
    return time.monotonic() - began


def measured(demo: Path, database: str, *, clerks: int, readers: int, seconds: float) -> dict[str, Any]:
    """One load on one database, and what was found afterwards."""
    with tempfile.TemporaryDirectory(prefix="web-load-") as place:
        folder = Path(place)
        copied(demo, folder)
        villages = peopled(folder, database, clerks=clerks, readers=readers)
        with served(folder, database, processes=PROCESSES) as (address, group):
            known = json.loads(
                subprocess.run(
                    [sys.executable, "-c", KNOWN],
                    env=environment(folder, database),
                    check=True,
                    capture_output=True,
                    text=True,
                ).stdout
            )
            office = Office(address, Clock(), threading.Event(), known["items"], known["indicator"])
            wait(address)
            began = time.monotonic()
            names = [CLERK.format(at) for at in range(clerks)] + [READER.format(at) for at in range(readers)]
            with ThreadPoolExecutor(8) as pool:
                sessions = dict(
                    zip(names, pool.map(lambda who: sign_in(office.clock, address, who), names), strict=True)
                )
            signing = time.monotonic() - began
            used, own = cpu_seconds(group), time.process_time()
            took = rush(
                office,
                {
                    CLERK.format(at): (village, sessions[CLERK.format(at)])
                    for at, village in enumerate(villages)
                },
                {who: sessions[who] for who in names[clerks:]},
                seconds,
            )
            used, own = cpu_seconds(group) - used, time.process_time() - own
            load = os.getloadavg()[0]
            wrong = list(office.clock.wrong)
            accept_everything(office, sign_in(Clock(), address, REVIEWER))
            found = checked(folder, database, office.clock.sent)
    return {
        "database": "PostgreSQL" if database else "SQLite", "clerks": clerks, "readers": readers, "seconds": took,
        "signing": signing, "server": used / took, "own": own / took, "load": load,
        "kinds": {kind: spread(times) for kind, times in sorted(office.clock.seconds.items())},
        "all": spread([one for kind, times in office.clock.seconds.items() if kind != "sign in" for one in times]),
        "errors": len(wrong), "first errors": wrong[:5], "found": found,
    }  # fmt: skip


KNOWN = (
    "import django, json; django.setup()\n"
    "from tallymark_web.workplace import programme\n"
    "p = programme(); print(json.dumps({'items': list(p.datasets['monthly'].items), 'indicator': next(iter(p.indicators))}))"
)


def wait(address: str) -> None:
    """Returns when the server answers."""
    for _ in range(300):
        try:
            requests.get(f"{address}/healthy", timeout=5)
            return
        except requests.RequestException:
            time.sleep(0.2)
    raise AssertionError("the server does not answer")


def checked(folder: Path, database: str, sent: list[dict[str, Any]]) -> dict[str, Any]:
    """What is there, asked in a process of its own, when the worker has delivered everything."""
    file = folder / "sent.json"
    file.write_text(json.dumps(sent), encoding="utf-8")
    command = [sys.executable, "-m", "bench.web_check", str(file)]
    known = environment(folder, database)
    found: dict[str, Any] = {}
    for _ in range(30):
        answer = subprocess.run(command, env=known, check=True, capture_output=True, text=True).stdout
        found = json.loads(answer)
        if not found["not in the store"] and not found["undelivered"]:
            break
        time.sleep(2)
    return found


def spread(times: list[float]) -> dict[str, float]:
    """How many, and the percentiles."""
    ordered = sorted(times)
    return {"n": len(ordered)} | {
        f"p{share}": ordered[min(len(ordered) - 1, int(len(ordered) * share / 100))] for share in (50, 95, 99)
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("demo", type=Path)
    parser.add_argument("--clerks", type=int, default=200)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--sqlite", action="store_true", help="SQLite instead of PostgreSQL")
    parser.add_argument("--dry", action="store_true", help="print, write nothing")
    asked = parser.parse_args()
    with nullcontext("") if asked.sqlite else postgresql() as database:
        found = measured(
            asked.demo, database, clerks=asked.clerks, readers=asked.readers, seconds=asked.seconds
        )
    print(json.dumps(found, indent=1))
    if not asked.dry:
        write(found)


if __name__ == "__main__":
    main()
