"""The web app as it is served: its own process, its own workplace, worker beside, until the tests are over."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.web.app.conftest import make_workplace

TODAY = "2025-10-03"


def _wait(address: str, seconds: float = 60) -> None:
    """Returns when the server answers."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{address}/healthy", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the server does not answer")


class Address(str):
    """Where the app is served, and how to kill it without warning."""

    process: int

    def kill(self) -> None:
        """Kills server and worker."""
        os.killpg(self.process, signal.SIGKILL)


@contextmanager
def served(folder: Path, *, database: str = "", made: bool = False) -> Iterator[Address]:
    """The address at which a workplace made in `folder` is served as a demo."""
    if not made:
        make_workplace(folder)
        (folder / "demo.json").write_text(json.dumps({"made by": "a test"}), encoding="utf-8")
    environment = os.environ | {
        "TALLYMARK_TODAY": TODAY,
        "TALLYMARK_DATABASE": database,
        "TALLYMARK_HOSTS": "",
    }
    command = [sys.executable, "-m", "tallymark_web", "serve", str(folder), "--demo", "--port", "0"]
    running = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert running.stdout is not None
        line = running.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, line
        _wait(found.group())
        address = Address(found.group())
        address.process = running.pid
        yield address
    finally:
        running.send_signal(signal.SIGINT)
        try:
            running.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
