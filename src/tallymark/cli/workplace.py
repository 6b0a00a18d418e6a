"""Starting the web app on a workplace: another program, so that the engine never imports what builds on it."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from tallymark.errors import TallymarkError

DEMO_MARK = "demo.json"


def is_workplace(folder: Path) -> bool:
    """Whether a folder holds a programme and a store: what the web app works on."""
    return (folder / "programme" / "programme.yaml").is_file() and (folder / "store" / "store.json").is_file()


def has_web() -> bool:
    """Whether the web app and what it needs are installed."""
    return find_spec("tallymark_web") is not None and find_spec("django") is not None


def serve_workplace(folder: Path, *, port: int, browser: bool, language: str) -> int:
    """Serves the web app on the loopback address until interrupted; its exit code.

    Errors: TallymarkError when it is not installed.
    """
    if not has_web():
        raise TallymarkError(
            "{folder} is a workplace and needs the web app: pip install 'tallymark[web]'", folder=folder
        )
    command = [sys.executable, "-m", "tallymark_web", "--lang", language, "serve", str(folder)]
    command += ["--port", str(port)]
    command += ["--open"] if browser else []
    command += ["--demo"] if (folder / DEMO_MARK).is_file() else []
    running = subprocess.Popen(command)
    try:
        return running.wait()
    except KeyboardInterrupt:
        # Ctrl-C reached it, too: it ends by itself.
        return running.wait()
