"""`tallymark new`: a starter programme."""

from __future__ import annotations

from pathlib import Path

import click

from tallymark.cli.speak import in_language, say, shown_language
from tallymark.programme.starter import new


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--code", help="Short name of the programme; the folder's name when left out.")
@click.option("--title", help="Its title.")
@in_language
def command(folder: Path, code: str | None, title: str | None, lang: str | None) -> None:
    """Write a small, working programme into FOLDER, to be changed into yours."""
    new(folder, code or folder.resolve().name, title=title or "")
    say("{folder} is ready. Next: tallymark lint {folder}", shown_language(lang), folder=folder)
