"""A PostgreSQL cluster of our own in a temporary folder, reached by a socket alone, gone when it is left."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

BIN = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
"""Where Debian keeps the server's programs; None: there is no PostgreSQL on this machine (apt install postgresql)."""
USER = "tallymark"
FORGETFUL = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
"""For tests of what programs do; never for a figure of speed."""


@contextmanager
def postgresql(name: str = "web", *, durable: bool = True, settings: Sequence[str] = ()) -> Iterator[str]:
    """The address of an empty database in a cluster with PostgreSQL's own settings, but for `durable=False` and `settings`."""
    assert BIN is not None
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    # The server refuses to run as root.
    other = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if other:
        shutil.chown(folder, "postgres", "postgres")

    def call(*command: object) -> None:
        subprocess.run([*map(str, command)], check=True, capture_output=True, cwd=folder)

    own = " ".join(f"-c {setting}" for setting in settings)
    options = f"-c listen_addresses= -k {folder} {'' if durable else FORGETFUL} {own}"
    control = (*other, BIN / "pg_ctl", "-D", folder / "data")
    try:
        call(
            *other,
            BIN / "initdb",
            "-D",
            folder / "data",
            "-A",
            "trust",
            "-U",
            USER,
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        )
        call(*control, "-o", options, "-w", "-l", folder / "log", "start")
        address = f"postgresql://{USER}@{str(folder).replace('/', '%2F')}/{name}"
        fresh_database(address)
        yield address
    finally:
        subprocess.run(
            [*map(str, control), "-m", "immediate", "stop"], check=False, capture_output=True, cwd=folder
        )
        shutil.rmtree(folder, ignore_errors=True)


def fresh_database(address: str) -> str:
    """An empty database at an address of `postgresql`, by its own name; the address again."""
    folder, name = address.split("@")[1].split("/")
    command = [f"{BIN}/createdb", "-h", folder.replace("%2F", "/"), "-U", USER, name]
    subprocess.run(command, check=True, capture_output=True)
    return address
