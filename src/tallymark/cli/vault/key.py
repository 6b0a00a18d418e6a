"""`tallymark vault key`: a new key."""

from __future__ import annotations

from pathlib import Path

import click

from tallymark.cli.accept import Place
from tallymark.cli.command import Command
from tallymark.cli.speak import as_json, in_language, print_json, say, shown_language
from tallymark.errors import TallymarkError
from tallymark.vault.key import make_key, name_of
from tallymark.vault.places import KEY_FILE, WORDS


@click.command(cls=Command)
@click.argument("file", type=Place())
@as_json
@in_language
def command(file: Path, as_json: bool, lang: str | None) -> int:
    """Write a new key to FILE, which its owner alone can read. Lost keys cannot be made again: keep a copy under lock."""
    language = shown_language(lang)
    if file.exists():
        raise TallymarkError("{path} is there already; choose another file", path=file)
    key = make_key(file, WORDS)
    if as_json:
        print_json({"key": name_of(key), "file": str(file), "variable": KEY_FILE})
        return 0
    say("key {name} is in {file}", language, name=name_of(key), file=file)
    say("set {variable} to it, and keep a copy apart from store and vault", language, variable=KEY_FILE)
    return 0
