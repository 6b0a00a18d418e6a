"""`tallymark vault rotate`: another key."""

from __future__ import annotations

from pathlib import Path

import click

from tallymark.cli.accept import Place
from tallymark.cli.command import Command
from tallymark.cli.speak import as_json, in_language, print_json, say, shown_language
from tallymark.cli.there import there
from tallymark.cli.vault.access import access, asked, vault_places
from tallymark.cli.where import store_at
from tallymark.opening import log, must_say
from tallymark.vault import open_vault
from tallymark.vault.key import key_in, name_of
from tallymark.vault.vault import relock


@click.command(cls=Command)
@click.argument("store", type=str)
@click.argument("new_key", type=Place())
@asked
@as_json
@in_language
def command(store: str, new_key: Path, who: str, reason: str, as_json: bool, lang: str | None) -> int:
    """Put the vault of STORE under NEW_KEY, a file made by `tallymark vault key`; the old key opens it no more."""
    language, where = shown_language(lang), vault_places(store_at(store))
    vault, new = open_vault(where), key_in(there(new_key))
    asked_by = access("", who, reason)
    must_say(asked_by)
    log(vault, asked_by, "rotated", "", key=name_of(new))
    relock(vault, new)
    if as_json:
        print_json({"key": name_of(new)})
        return 0
    say("the vault is under key {name}; destroy the old key, and copies of the vault that it opens", language,
        name=name_of(new))  # fmt: skip
    return 0
