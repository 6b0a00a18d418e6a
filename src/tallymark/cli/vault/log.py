"""`tallymark vault log`: who opened the vault."""

from __future__ import annotations

import click

from tallymark.cli.command import Command
from tallymark.cli.speak import as_json, in_language, print_json, say, shown_language
from tallymark.cli.vault.access import vault_of
from tallymark.cli.where import store_at


@click.command(cls=Command)
@click.argument("store", type=str)
@as_json
@in_language
def command(store: str, as_json: bool, lang: str | None) -> int:
    """Show who opened the vault of STORE, for what and why, oldest first; an entry that was changed is an error."""
    language = shown_language(lang)
    entries = vault_of(store_at(store)).log.entries()
    if as_json:
        print_json(entries)
        return 0
    for entry in entries:
        say("{number}. {at} {who}: {action} {dataset} for {purpose} — {reason}", language, **entry)
    say("{count} entries, none changed", language, count=len(entries))
    if entries:
        say("last seal: {seal}; written down elsewhere, it shows whether the end was cut off", language,
            seal=entries[-1]["seal"])  # fmt: skip
    return 0
