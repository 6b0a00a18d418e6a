"""Serving pages with Granian, with the background worker beside."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import webbrowser
from pathlib import Path

from django.conf import settings
from granian import Granian
from granian.constants import Interfaces

from tallymark.errors import TallymarkError
from tallymark.texts import Message, told
from tallymark_web.people.models import Person
from tallymark_web.people.start_code import start_code

THREADS, SECONDS = 8, 60
PAUSE, LONGEST_JOB_END = 0.5, 60
"""Seconds between looks at the worker, and for it to end."""
LOCAL = ("127.0.0.1", "localhost", "::1")


def serve(*, host: str, port: int, processes: int, browser: bool, lang: str) -> int:
    """Serves until interrupted; the worker ends with it.

    Errors: TallymarkError when the port is taken, or a demo would be served to other machines.
    """
    if settings.INSTALLATION.demo and host not in LOCAL:
        raise TallymarkError(
            "a demo has accounts that everybody knows; it is served at {local} only", local=LOCAL[0]
        )
    port = _free(host, port)
    address = f"http://{host}:{port}/"
    if not Person.objects.exists():
        address += f"start?code={start_code()}"
    place = settings.INSTALLATION.workplace
    serving = Message("Serving {place} at {address} — Ctrl-C to stop", place=place, address=address)
    print(told(serving, lang), flush=True)
    if browser:
        threading.Thread(target=_open_when_up, args=(host, port, address), daemon=True).start()
    done = threading.Event()
    background = threading.Thread(target=_work, args=(place, done))
    background.start()
    try:
        Granian(
            "tallymark_web.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=processes,
            blocking_threads=THREADS,
            respawn_failed_workers=True,
            log_enabled=False,
            websockets=False,
        ).serve()
    finally:
        done.set()
        background.join(timeout=LONGEST_JOB_END)
    return 0


def _work(place: Path, done: threading.Event) -> None:
    """Keeps a worker at work until `done`: one that died is started again, and takes up what it left.

    It is spawned, not forked (`close_fds=False`): a fork waits until its pipe is closed everywhere, and the server, which
    forks at the same time, may hold on to that pipe as long as it lives.
    """
    while not done.is_set():
        worker = subprocess.Popen(
            [sys.executable, "-m", "tallymark_web", "worker", str(place)], env=os.environ, close_fds=False
        )
        while worker.poll() is None and not done.wait(PAUSE):
            pass
        worker.terminate()
        worker.wait(timeout=LONGEST_JOB_END)
        done.wait(PAUSE)


def _open_when_up(host: str, port: int, address: str) -> None:
    """Opens a browser as soon as the server answers."""
    for _ in range(SECONDS * 5):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            if probe.connect_ex((host, port)) == 0:
                webbrowser.open(address)
                return
        time.sleep(0.2)


def _free(host: str, port: int) -> int:
    """The port itself if it can be had; a free one for 0."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise TallymarkError(
                "port {port} cannot be used ({why}); choose another with --port",
                port=port,
                why=error.strerror,
            ) from None
        return int(probe.getsockname()[1])
