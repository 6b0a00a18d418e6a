"""A server of S3 in a process of its own, on a port of this machine, for tests of stores in a bucket.

It is moto's: the requests, signatures, errors and conditions of S3 over HTTP, kept in memory. One request that writes is
answered at a time, as moto looks and writes in two steps where S3 has one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

ROOT = Path(__file__).parents[1]
KEYS = {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "not-a-secret", "AWS_REGION": "us-east-1"}
CARELESS = "careless"
"""A bucket of storage that heeds no conditions, as some still do."""


@contextmanager
def served() -> Iterator[str]:
    """The server's address; it ends with the block."""
    command = [sys.executable, "-m", "tests.storage"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | KEYS
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT, env=environment
    ) as server:
        try:
            assert server.stdout is not None
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.kill()


def main() -> None:
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    moto = DomainDispatcherApplication(create_backend_app)
    writing = Lock()

    def answered(request: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if request["PATH_INFO"].startswith(f"/{CARELESS}/"):
            request.pop("HTTP_IF_NONE_MATCH", None)
        if request["REQUEST_METHOD"] in ("GET", "HEAD"):
            return moto(request, start)
        with writing:
            return moto(request, start)

    server = make_server("127.0.0.1", 0, answered, threaded=True)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
