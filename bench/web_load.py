"""Clerks and readers at once: `python -m bench.web_load http://127.0.0.1:8765` on a served demo county (its clerk over the whole county).

Every clerk signs in, saves three drafts a pause apart and sends one village's report; every reader opens a page after another, with pauses, until
the clerks are done.
"""

from __future__ import annotations

import json
import statistics
import sys
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import requests

PASSWORD = "try-the-demo-county"
CLERKS, READERS, DRAFTS, PAUSE = 200, 50, 3, 4.0
PAGES = ("/", "/scores", "/scores/unit/T02", "/reports", "/findings")


class Clock:
    """How long every kind of request took."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.wrong: list[str] = []

    def timed(
        self, kind: str, session: requests.Session, method: str, address: str, **options: object
    ) -> requests.Response | None:
        began = time.monotonic()
        try:
            answer = session.request(method, address, timeout=120, **options)  # type: ignore[arg-type]
        except requests.RequestException as error:
            self.wrong.append(f"{kind}: {type(error).__name__}")
            return None
        self.seconds[kind].append(time.monotonic() - began)
        if answer.status_code >= 400:
            self.wrong.append(f"{kind}: {answer.status_code}")
        return answer


def sign_in(clock: Clock, address: str, who: str) -> requests.Session:
    session = requests.Session()
    session.get(f"{address}/account/login/", timeout=120)
    said = {"login": who, "password": PASSWORD, "csrfmiddlewaretoken": session.cookies["csrftoken"]}
    clock.timed(
        "sign in",
        session,
        "POST",
        f"{address}/account/login/",
        data=said,
        headers={"Referer": address},
        allow_redirects=False,
    )
    return session


def clerk(clock: Clock, address: str, session: requests.Session, village: str, items: list[str]) -> None:
    place = f"{address}/reports/monthly/2025-10/{village}"
    headers = {"X-CSRFToken": session.cookies["csrftoken"], "Referer": address, "Accept": "application/json"}
    for draft in range(DRAFTS):
        time.sleep(PAUSE * (0.5 + (hash((village, draft)) % 100) / 100))
        row = {"items": dict.fromkeys(items, str(draft)), "note": "", "number": draft}
        clock.timed(
            "draft with checks",
            session,
            "POST",
            f"{place}/typed",
            json={"rows": {village: row}},
            headers=headers,
        )
    row = {"items": dict.fromkeys(items, "1"), "note": "", "number": DRAFTS}
    body = {"key": f"load-{village}", "rows": {village: row}}
    answer = clock.timed("send", session, "POST", f"{place}/send", json=body, headers=headers)
    if answer is None or answer.status_code != 200 or "version" not in answer.json()["rows"].get(village, {}):
        clock.wrong.append(f"send {village}: {answer.text[:80] if answer is not None else ''}")


def main(address: str, items: list[str]) -> None:
    clock, done = Clock(), threading.Event()
    with ThreadPoolExecutor(8) as pool:
        sessions = list(
            pool.map(lambda who: sign_in(clock, address, who), ["clerk"] * CLERKS + ["leader"] * READERS)
        )
    clerks, readers = sessions[:CLERKS], sessions[CLERKS:]

    def read(session: requests.Session) -> None:
        while not done.is_set():
            for page in PAGES:
                clock.timed("read", session, "GET", address + page)
                time.sleep(PAUSE)

    began = time.monotonic()
    with ThreadPoolExecutor(READERS) as reading, ThreadPoolExecutor(CLERKS) as entering:
        watching = [reading.submit(read, session) for session in readers]
        working = [
            entering.submit(clerk, clock, address, session, f"V{at + 1:03d}", items)
            for at, session in enumerate(clerks)
        ]
        try:
            for work in working:
                work.result()
        finally:
            took = time.monotonic() - began
            done.set()
        for work in watching:
            work.result()
    report = {
        kind: {"n": len(found), "median": round(statistics.median(found), 2), "p95": round(sorted(found)[int(0.95 * len(found))], 2)}
        for kind, found in clock.seconds.items()
    }  # fmt: skip
    entered = CLERKS * (DRAFTS + 1)
    print(
        json.dumps(
            {
                "seconds": round(took, 1),
                "entries per second": round(entered / took, 1),
                "requests": report,
                "wrong": clock.wrong[:10],
                "wrong count": len(clock.wrong),
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2].split(","))
