"""Pages of the office's web app over the run of `bench.warm`, in one warm process: `python -m bench.warm_pages FOLDER`.

Django's own client asks, with a person signed in, so that views, queries, templates and middleware are timed and no network.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PAGES = {
    "a centre's page in the web app": "/scores/unit/C0500",
    "the nation's page in the web app": "/scores/unit/N",
    "the page that explains a centre's figure": "/scores/explain/i03/C0500",
    "the page that explains the nation's figure": "/scores/explain/i03/N",
}


def pages(folder: Path) -> dict[str, tuple[float, float]]:
    """CPU and wall seconds of each page, the least of five, in a process of its own that has an office over the store."""
    office = folder / "office"
    office.mkdir(exist_ok=True)
    for name in ("programme", "store"):
        if not (office / name).exists():
            (office / name).symlink_to((folder / name).resolve())
    env = os.environ | {
        "TALLYMARK_WORKPLACE": str(office),
        "TALLYMARK_TODAY": "2026-02-03",
        "DJANGO_SETTINGS_MODULE": "tallymark_web.settings",
    }
    setup = [sys.executable, "-m", "tallymark_web", "setup", str(office)]
    subprocess.run(setup, env=env, check=True, stdout=subprocess.DEVNULL)
    asked = [sys.executable, "-m", "bench.warm_pages", str(office)]
    done = subprocess.run(asked, env=env, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, tuple[float, float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def _client() -> Any:
    """Somebody who may see every unit, signed in."""
    import django

    django.setup()
    from django.test import Client

    from tallymark_web.people.models import Grant, Person

    person, _ = Person.objects.get_or_create(username="leader", name="Leader")
    since = {"first_day": dt.date(2020, 1, 1), "given_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}
    Grant.objects.get_or_create(person=person, role="leader", unit="N", **since)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def _used() -> dict[str, tuple[float, float]]:
    from bench.contestants import _Absent
    from bench.warm import used

    sys.meta_path.insert(0, _Absent())
    client, found = _client(), {}
    for what, address in PAGES.items():
        cpu, wall, answer = used(lambda address=address: client.get(address))
        assert answer.status_code == 200, (address, answer.status_code)
        if not found:
            found["the first page of all, which opens the run"] = (cpu, wall)
        found[what] = used(lambda address=address: client.get(address), 5)[:2]
    return found


if __name__ == "__main__":
    print(json.dumps(_used()))
