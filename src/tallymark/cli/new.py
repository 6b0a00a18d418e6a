"""`tallymark new`: a starter programme."""

from __future__ import annotations

from pathlib import Path

import click

from tallymark.cli.accept import Place
from tallymark.cli.command import Command
from tallymark.cli.speak import as_json, in_language, print_json, say, shown_language
from tallymark.programme.starter import new


@click.command(cls=Command)
@click.argument("folder", type=Place())
@click.option("--code", help="Short name of the programme; the folder's name when left out.")
@click.option("--title", help="Its title.")
@as_json
@in_language
def command(folder: Path, code: str | None, title: str | None, as_json: bool, lang: str | None) -> None:
    """Write a small, working programme into FOLDER, to be changed into yours."""
    made = new(folder, code or folder.resolve().name, title=title or "")
    if as_json:
        files = sorted(path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file())
        print_json({"path": str(made), "files": files})
        return
    say("{folder} is ready. Next: tallymark lint {folder}", shown_language(lang), folder=folder)
