"""`python -m tallymark_web`: what `tallymark serve WORKPLACE` starts, and what keeps an installation well."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from tallymark.errors import TallymarkError
from tallymark.texts import told

DEMO_DAY = "2025-11-03"
"""The demo's data end with September 2025; its October reports are due in two days."""


def main(arguments: list[str] | None = None) -> int:
    """Runs a command and gives its exit code: 0 fine, 1 something found wrong, 2 the caller's mistake."""
    asked = _parser().parse_args(arguments)
    os.environ["TALLYMARK_WORKPLACE"] = str(Path(asked.workplace).absolute())
    if getattr(asked, "demo", False):
        os.environ["TALLYMARK_DEMO"] = "yes"
        os.environ.setdefault("TALLYMARK_TODAY", DEMO_DAY)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tallymark_web.settings")
    if asked.command == "restore":
        # The workplace is not there yet: settings are read from the backup, which has the same parts.
        os.environ["TALLYMARK_WORKPLACE"] = str(Path(asked.folder).absolute())
    try:
        command: Callable[[argparse.Namespace], int] = _command(asked.command)
        return command(asked)
    except TallymarkError as error:
        print(f"tallymark: {told(error, asked.lang)}", file=sys.stderr)
        return 2


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    import django  # settings are read here, after the environment says where the workplace is

    django.setup()
    from tallymark_web.commands import COMMANDS

    return COMMANDS[name]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tallymark_web", description=__doc__)
    parser.add_argument("--lang", choices=("en", "zh"), default="en")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, said in (
        ("serve", "make the database ready, then serve pages and work in the background"),
        ("setup", "make the database ready"),
        ("worker", "work in the background only"),
        ("run-job", "do one piece of work: what the worker starts"),
        ("backup", "write everything into a new folder, with a hash of every file"),
        ("restore", "fill a new workplace from a backup"),
        ("remind", "send overdue actions up and write to everybody what is due: once a working day"),
        ("audit-check", "follow the chain of the audit log"),
    ):
        command = commands.add_parser(name, help=said)
        command.add_argument("workplace", help="a folder with programme/ and store/")
        if name in ("serve", "setup"):
            command.add_argument("--demo", action="store_true", help="offer the demo's accounts")
        if name in ("backup", "restore"):
            command.add_argument("folder", help="the backup")
        if name == "run-job":
            command.add_argument("job", type=int)
            command.add_argument("attempt", type=int)
        if name == "serve":
            command.add_argument("--port", type=int, default=8765)
            command.add_argument("--host", default="127.0.0.1")
            command.add_argument("--open", action="store_true", help="open a browser")
            command.add_argument("--workers", type=int, default=1, help="processes that serve pages")
    return parser


if __name__ == "__main__":
    sys.exit(main())
