"""`tallymark vault`: what identifies people, apart from the store; read for a declared purpose, and written down."""

from __future__ import annotations

import click

from tallymark.cli.commands import Commands
from tallymark.cli.speak import in_language

STEPS = {
    "key": "Make a key, to be kept apart from store and vault.",
    "open": "Read rows in the clear, for a purpose and a reason that are written down.",
    "log": "Show who opened the vault, and that no entry was changed.",
    "rotate": "Put the vault under another key.",
    "destroy": "Take people out of the vault for good.",
}


class Steps(Commands):
    """What can be done with a vault, each a module of this package."""

    known = STEPS
    package = "tallymark.cli.vault"
    heading = "What can be done"


@click.command(cls=Steps, context_settings={"help_option_names": ["-h", "--help"]})
@in_language
def command(lang: str | None) -> None:
    """What identifies people, encrypted apart from the store: opened for declared purposes, and all written down."""
