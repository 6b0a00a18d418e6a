"""`tallymark vault key`: a new key."""

from __future__ import annotations

from pathlib import Path

import click

from tallymark.cli.accept import Place
from tallymark.cli.command import Command
from tallymark.cli.speak import in_language, say, shown_language
from tallymark.errors import TallymarkError
from tallymark.vault.key import make_key, name_of
from tallymark.vault.places import KEY_FILE, WORDS


@click.command(cls=Command)
@click.argument("file", type=Place())
@in_language
def command(file: Path, lang: str | None) -> int:
    """Write a new key to FILE, which its owner alone can read. Lost keys cannot be made again: keep a copy under lock."""
    language = shown_language(lang)
    if file.exists():
        raise TallymarkError("{path} is there already; choose another file", path=file)
    key = make_key(file, WORDS)
    say("key {name} is in {file}", language, name=name_of(key), file=file)
    say("set {variable} to it, and keep a copy apart from store and vault", language, variable=KEY_FILE)
    return 0
